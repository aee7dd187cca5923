"""Sources: what each serves and takes, from its manifest."""

from marshmallow import Schema, fields

from webapp.api.endpoints import Answers, Endpoints
from webapp.api.problems import say
from webapp.context import context
from webapp.errors import Sentence
from webapp.kernel.request_fields import FieldKind
from webapp.sources import choices
from webapp.sources.choices import SourceChoice
from webapp.sources.manifest import Option
from webapp.sources.option_fields import SOURCE_OPTIONS

endpoints = Endpoints("sources", __name__, "The sources, and what each serves.")
_KINDS = {FieldKind.FLAG: "flag", FieldKind.SWITCH: "switch", FieldKind.CHOICE: "choice"}


class ServedInterval(Schema):
    """An interval that a source serves now; ``limit`` says how far it does not reach back, null when it does."""

    interval = fields.String(required=True)
    limit = fields.String(required=True, allow_none=True)


class SourceOption(Schema):
    """An option that a request to the source may have.

    ``kind`` is ``flag`` (true, or not said), ``switch`` (true, false, or not said), ``choice`` (one of ``values``) or
    ``text``. ``is_stored``: it tells one stored series from another.
    """

    name = fields.String(required=True)
    kind = fields.String(required=True, metadata={"enum": ["text", *_KINDS.values()]})
    description = fields.String(required=True)
    values = fields.List(fields.String(), required=True)
    examples = fields.List(fields.String(), required=True)
    is_stored = fields.Boolean(required=True)


class Source(Schema):
    """A source. Of one that is not ``is_collected`` no bars can be asked: they come from a person's files."""

    name = fields.String(required=True)
    label = fields.String(required=True)
    is_collected = fields.Boolean(required=True)
    has_search = fields.Boolean(required=True)
    has_gateways = fields.Boolean(required=True)
    symbols = fields.List(fields.String(), required=True, metadata={"description": "Examples of its symbols."})
    intervals = fields.List(fields.Nested(ServedInterval), required=True)
    options = fields.List(fields.Nested(SourceOption), required=True)


class Sources(Schema):
    """All sources, in the order in which forms offer them."""

    sources = fields.List(fields.Nested(Source), required=True)


@endpoints.get("/sources", Answers(Sources))
def index() -> dict[str, object]:
    """List the sources, with the intervals that each serves now and the options that it takes."""
    collected = {choice.name: choice for choice in choices.choices(context().now().timestamp())}
    return {"sources": [_shown(name, label, collected.get(name)) for name, label in choices.labels().items()]}


def _shown(name: str, label: str, choice: SourceChoice | None) -> dict[str, object]:
    return {
        "name": name,
        "label": label,
        "is_collected": choice is not None,
        "has_search": choices.has_search(name),
        "has_gateways": choices.has_gateways(name),
        "symbols": choices.grammar_of(name).examples,
        "intervals": [
            {"interval": served.interval.value, "limit": _limit(served.limit)}
            for served in (choice.intervals if choice else ())
        ],
        "options": [_option(option) for option in SOURCE_OPTIONS[name].values()],
    }


def _limit(limit: Sentence | None) -> str | None:
    return None if limit is None else say(limit)


def _option(option: Option) -> dict[str, object]:
    field = option.field
    return {
        "name": field.name,
        "kind": _KINDS.get(field.kind, "text"),
        "description": " ".join(filter(None, (field.help, field.note))),
        "values": field.values,
        "examples": field.examples,
        "is_stored": option.is_stored,
    }
