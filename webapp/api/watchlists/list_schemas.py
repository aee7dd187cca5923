"""What the API takes and answers about watchlists."""

from typing import Any

from marshmallow import Schema, fields, validate

from webapp.api.fields import Described, Instant, Number, Text, described
from webapp.database.types import LARGEST_ID
from webapp.kernel.collect_fields import COLLECT_FIELDS
from webapp.sources import option_fields
from webapp.watchlists.rules_list_names import LONGEST_NAME
from webapp.watchlists.rules_written_lists import LARGEST_TEXT
from webapp.watchlists.watchlist import (
    LONGEST_ENTRY_NOTE,
    LONGEST_LIST_NOTE,
    LONGEST_SECTION,
    LONGEST_TITLE,
    MOST_ENTRIES,
)

_LONGEST_SYMBOL = 80
_USUAL_SOURCE = COLLECT_FIELDS["source"].default
_OPTIONS = {
    "description": f"The options that its series has besides. {option_fields.described()}",
    "examples": option_fields.examples(),
    "type": "object",
}


def _name(*, is_required: bool) -> Text:
    about = "What @name names: letters, digits, hyphens and underscores."
    return Text(LONGEST_NAME, about, "tech", required=is_required)


def _title() -> Text:
    return Text(LONGEST_TITLE, "What pages call it.", "Technology")


def _note() -> fields.String:
    return fields.String(metadata={"maxLength": LONGEST_LIST_NOTE, **described("What it is for.", "To watch in 2027")})


def _source() -> Text:
    return Text(16, "Whose symbol it is.", _USUAL_SOURCE, required=True)


def _symbol() -> Text:
    return Text(_LONGEST_SYMBOL, "The instrument at its source.", "AAPL", required=True)


def _entries(about: str) -> fields.Field[Any]:
    example = [{"source": _USUAL_SOURCE, "symbol": "AAPL"}]
    metadata = {"maxItems": MOST_ENTRIES, **described(about, example)}
    return fields.List(fields.Nested(ListEntry), validate=validate.Length(max=MOST_ENTRIES), metadata=metadata)


def _means() -> fields.Dict:
    about = "What doubtful texts mean: the symbol, or - to leave it out, by the text."
    metadata = described(about, {"EURONEXT:MC": "MC.PA"})
    return fields.Dict(keys=Text(_LONGEST_SYMBOL), values=Text(_LONGEST_SYMBOL), metadata=metadata)


class ListEntry(Schema):
    """An instrument; where ``symbol`` has an exchange's code before it (``NASDAQ:AAPL``), it is looked up."""

    source = _source()
    symbol = _symbol()
    options = Described(metadata=_OPTIONS)
    section = Text(LONGEST_SECTION, "The heading that it stands under.", "Chips")
    note = Text(LONGEST_ENTRY_NOTE, "A note beside it.", "cheap")


class ListedInstrument(Schema):
    """An entry, by its source and its symbol as the list has it."""

    source = _source()
    symbol = _symbol()


class ListBody(Schema):
    """A new list: ``entries``, or a ``text`` as people paste it and programs save it, with symbols of ``source``."""

    name = _name(is_required=True)
    title = _title()
    note = _note()
    entries = _entries("What stands in it.")
    text = fields.String(
        metadata={
            "maxLength": LARGEST_TEXT,
            **described("Symbols, a list of TradingView, or a table.", "###Chips,NASDAQ:AMD,NASDAQ:NVDA"),
        }
    )
    source = Text(16, "Whose symbols the text has.", _USUAL_SOURCE)
    means = _means()


class ListChange(Schema):
    """What is to be another; what is not named stays.

    ``entries`` takes the place of all there are; ``remove`` and then ``add`` change some. With the ``revision`` that
    was seen, a list that somebody has changed meanwhile is left as it is (409).
    """

    revision = Number(1, LARGEST_ID, "The one that was seen.", 1)
    name = _name(is_required=False)
    title = _title()
    note = _note()
    entries = _entries("All that is to stand in it.")
    add = _entries("What is to be added.")
    remove = fields.List(
        fields.Nested(ListedInstrument),
        metadata={
            "maxItems": MOST_ENTRIES,
            **described("What is to be taken out.", [{"source": _USUAL_SOURCE, "symbol": "AAPL"}]),
        },
    )
    means = _means()


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
