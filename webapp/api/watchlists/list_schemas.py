"""What the API takes and answers about watchlists."""

from marshmallow import Schema, fields, validate

from webapp.api.fields import Instant, Number, Text, body_field
from webapp.database.types import LARGEST_ID
from webapp.kernel.collect_fields import COLLECT_FIELDS
from webapp.sources import option_fields
from webapp.watchlists.rules_list_names import LONGEST_NAME
from webapp.watchlists.rules_written_lists import LARGEST_TEXT
from webapp.watchlists.watchlist import LONGEST_ENTRY_NOTE, LONGEST_SECTION, LONGEST_TITLE, MOST_ENTRIES

_LONGEST_SYMBOL = 80
_USUAL_SOURCE = COLLECT_FIELDS["source"].default
_OPTIONS = {
    "description": f"The options that its series has besides. {option_fields.described()}",
    "examples": option_fields.examples(),
}
_VALUE = {"type": ["string", "boolean"]}
_MEANS = {
    "description": "What doubtful texts mean: the symbol, or - to leave it out, by the text.",
    "examples": [{"EURONEXT:MC": "MC.PA"}],
}


def _name(*, is_required: bool) -> Text:
    described = {"description": "Letters, digits, hyphens and underscores.", "examples": ["tech"]}
    return Text(LONGEST_NAME, required=is_required, metadata=described)


class ListEntry(Schema):
    """An instrument; where ``symbol`` has an exchange's code before it (``NASDAQ:AAPL``), it is looked up."""

    source = body_field(COLLECT_FIELDS["source"])
    symbol = Text(_LONGEST_SYMBOL, required=True, metadata={"examples": ["AAPL"]})
    options = fields.Dict(keys=Text(32), values=fields.Raw(metadata=_VALUE), metadata=_OPTIONS)
    section = Text(LONGEST_SECTION, metadata={"description": "The heading that it stands under."})
    note = Text(LONGEST_ENTRY_NOTE)


class ListedInstrument(Schema):
    """An entry, by its source and its symbol as the list has it."""

    source = Text(16, required=True)
    symbol = Text(_LONGEST_SYMBOL, required=True)


class ListBody(Schema):
    """A new list: ``entries``, or a ``text`` as people paste it and programs save it, with symbols of ``source``."""

    name = _name(is_required=True)
    title = Text(LONGEST_TITLE)
    note = fields.String(metadata={"maxLength": 1000})
    entries = fields.List(
        fields.Nested(ListEntry), validate=validate.Length(max=MOST_ENTRIES), metadata={"maxItems": MOST_ENTRIES}
    )
    text = fields.String(metadata={"maxLength": LARGEST_TEXT, "examples": ["###Chips,NASDAQ:AMD,NASDAQ:NVDA"]})
    source = Text(16, metadata={"description": "Whose symbols the text has.", "examples": [_USUAL_SOURCE]})
    means = fields.Dict(keys=Text(_LONGEST_SYMBOL), values=Text(_LONGEST_SYMBOL), metadata=_MEANS)


class ListChange(Schema):
    """What is to be another; what is not named stays.

    ``entries`` takes the place of all there are; ``remove`` and then ``add`` change some. With the ``revision`` that
    was seen, a list that somebody has changed meanwhile is left as it is (409).
    """

    revision = Number(1, LARGEST_ID)
    name = _name(is_required=False)
    title = Text(LONGEST_TITLE)
    note = fields.String(metadata={"maxLength": 1000})
    entries = fields.List(
        fields.Nested(ListEntry), validate=validate.Length(max=MOST_ENTRIES), metadata={"maxItems": MOST_ENTRIES}
    )
    add = fields.List(
        fields.Nested(ListEntry), validate=validate.Length(max=MOST_ENTRIES), metadata={"maxItems": MOST_ENTRIES}
    )
    remove = fields.List(fields.Nested(ListedInstrument), metadata={"maxItems": MOST_ENTRIES})
    means = fields.Dict(keys=Text(_LONGEST_SYMBOL), values=Text(_LONGEST_SYMBOL), metadata=_MEANS)


class KeptEntry(Schema):
    """An entry as it is kept: its symbol is the instrument's one name at its source."""

    source = fields.String(required=True)
    symbol = fields.String(required=True)
    options = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    section = fields.String(required=True)
    note = fields.String(required=True)


class ListSummary(Schema):
    """A list without its entries: ``sources`` says how many are of each. ``revision`` counts its changes."""

    name = fields.String(required=True)
    title = fields.String(required=True)
    note = fields.String(required=True)
    revision = fields.Integer(required=True)
    changed_at = Instant()
    total = fields.Integer(required=True)
    sources = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)


class Lists(Schema):
    """All lists, by name."""

    lists = fields.List(fields.Nested(ListSummary), required=True)


class List(ListSummary):
    """A list with its entries, in their order."""

    entries = fields.List(fields.Nested(KeptEntry), required=True)
