"""What is said of frames: how bars are laid out, and what is collected before."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields

from webapp.api.fields import Number, Text, enumerated
from webapp.api.schemas import OPTIONS_DESCRIBED, CollectBody
from webapp.context import context
from webapp.database.types import LARGEST_ID
from webapp.errors import InvalidRequestError, sentence
from webapp.exporting.rules_exports import UTC
from webapp.framing.bars_parsing import parse_bars_request, parse_get_request
from webapp.framing.bars_request import BarsRequest
from webapp.kernel.intervals import Interval
from webapp.kernel.requests import CollectRequest
from webapp.kernel.symbols import MOST_SYMBOLS
from webapp.reading.rules_adjustment import Adjust
from webapp.reading.series_names import DEFAULT_SOURCE

_LONGEST_ZONE = 64


def _flag(about: str) -> fields.Boolean:
    metadata = {"description": about, "examples": [True]}
    return fields.Boolean(truthy={True}, falsy={False}, load_default=False, metadata=metadata)


class ShapeBody(Schema):
    """How bars are laid out.

    ``field`` makes a wide frame of that column: a column a symbol, and a row for each session. ``columns`` are chosen
    ones in their order; ``actions`` adds dividends, splits and capital gains. ``zone`` is that of times, by its name or
    ``exchange``. ``partial`` says what becomes of several symbols of which some cannot be had: ``raise`` or ``keep``.
    ``as_`` is what a script makes of the table; it is looked at and changes nothing.
    """

    adjust = Text(
        16,
        "What is done to prices.",
        Adjust.ALL.value,
        load_default=Adjust.SPLITS.value,
        metadata={"enum": [adjust.value for adjust in Adjust]},
    )
    complete_only = _flag("Whether partial bars are left out.")
    field = Text(32, "The column of a wide frame.", "close", allow_none=True, load_default=None)
    columns = fields.List(
        Text(32),
        allow_none=True,
        load_default=None,
        metadata={"description": "Which columns, in this order.", "examples": [["open", "close"]]},
    )
    actions = _flag("Whether dividends, splits and capital gains are columns beside the others.")
    zone = Text(_LONGEST_ZONE, "The time zone of times.", "Europe/Paris", load_default=UTC)
    on_failure = Text(
        16,
        "What becomes of the others when a symbol cannot be had.",
        "keep",
        data_key="partial",
        load_default="raise",
        metadata={"enum": ["raise", "keep"]},
    )
    as_ = Text(
        16,
        "What a script makes of the table.",
        "arrow",
        load_default="arrow",
        metadata={"enum": ["pandas", "polars", "arrow"]},
    )


class FrameBody(ShapeBody):
    """Which bars of which series, by what people call them: either ``symbol``, or ``symbols`` for a frame of several.

    Dates are days of the exchange, inclusive; a date-time is an instant, exclusive as an end.
    """

    symbol = Text(64, "One symbol, for a frame of its own.", "AAPL")
    symbols = fields.List(
        Text(),
        metadata={"description": "Symbols.", "maxItems": MOST_SYMBOLS, "examples": [["AAPL", "MSFT"]]},
    )
    source = Text(16, "Their source.", DEFAULT_SOURCE, allow_none=True, load_default=None)
    interval = Text(
        8, "The length of a bar.", "1d", load_default=Interval.D1.value, metadata=enumerated(list(Interval))
    )
    start = Text(40, "The first day or instant.", "2024-03-01", allow_none=True)
    end = Text(40, "The last day, included; an instant is not.", "2024-03-28", allow_none=True)
    options = fields.Dict(
        keys=Text(32), values=fields.Raw(metadata={"type": ["string", "boolean"]}), metadata=OPTIONS_DESCRIBED
    )


class CollectionBody(ShapeBody, CollectBody):
    """What to collect, where it is not there yet, and how its bars are to be laid out then."""


class CollectedBody(CollectionBody):
    """The same, once it is there."""

    batch = Number(1, LARGEST_ID, "The batch that was answered, if any.", 7, allow_none=True, load_default=None)
    is_single = _flag("Whether one symbol makes a frame of its own.")


class CollectionStarted(Schema):
    """The batch to wait for; null where nothing is missing."""

    batch_id = fields.Integer(required=True, allow_none=True)


def bars_request_of(body: Mapping[str, Any]) -> tuple[str | list[str], BarsRequest]:
    """Return the symbol, or several, and which bars are to be read.

    :raises InvalidRequestError: with a sentence for each argument that is not understood.
    """
    if ("symbol" in body) == ("symbols" in body):
        raise InvalidRequestError({"symbols": sentence("Give either a symbol, or symbols for a frame of several.")})
    named = {"symbol": body.get("symbol", body.get("symbols")), "options": body.get("options")}
    series = {name: body[name] for name in ("source", "interval")} | named
    return parse_bars_request(_chosen(body), _layout(body), series)


def collection_of(body: Mapping[str, Any]) -> tuple[CollectRequest, BarsRequest]:
    """Return what is to be collected, and how it is to be read afterwards.

    :raises InvalidRequestError: with the arguments that are not understood.
    """
    return parse_get_request(body, _chosen(body), _layout(body), context().now())


def _chosen(body: Mapping[str, Any]) -> dict[str, object]:
    return {name: body.get(name) for name in ("adjust", "start", "end", "complete_only")}


def _layout(body: Mapping[str, Any]) -> dict[str, object]:
    words = {name: body[name] for name in ("field", "columns", "actions", "zone", "as_")}
    return words | {"partial": body["on_failure"]}
