"""What the verbs of ``JobManager`` take: the words of each choice as types, and how arguments become values.

Type checkers know the words; at run time any text may come, and what is no such word is refused with a sentence. Names
of sources are texts, since packages may bring more of them.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from webapp.errors import InvalidRequestError, Sentence, sentence
from webapp.kernel.request_fields import FieldKind, FieldProblems, RequestField, parse_flag, parse_text

# fmt: off
IntervalName = Literal[
    "1s", "5s", "10s", "15s", "30s", "1m", "2m", "3m", "5m", "10m", "15m", "20m", "30m",
    "1h", "2h", "3h", "4h", "8h", "1d", "1wk", "1mo",
]
ColumnName = Literal[
    "open", "high", "low", "close", "volume", "wap", "count", "partial", "dividends", "splits", "capital_gains",
]
# fmt: on
AdjustName = Literal["none", "splits", "all"]
PriorityName = Literal["high", "normal", "low"]
FrameKind = Literal["pandas", "polars", "arrow"]
OnFailure = Literal["raise", "keep"]
Moment = str | dt.date | dt.datetime
"""A date is a whole day of the exchange; a date-time is an instant, UTC unless it says otherwise."""

_ACTIONS, _ZONE = RequestField("actions", FieldKind.FLAG), RequestField("zone")
PRICES: tuple[ColumnName, ...] = ("open", "high", "low", "close", "volume")
AVERAGES: tuple[ColumnName, ...] = ("wap", "count")
ACTIONS: tuple[ColumnName, ...] = ("dividends", "splits", "capital_gains")


@dataclass(frozen=True, slots=True)
class FrameShape:
    """How bars are laid out. ``field`` makes a wide frame of one column of each symbol.

    ``columns`` are chosen ones in their order, None for all there are; ``zone`` is that of the index.
    """

    field: str | None = None
    columns: tuple[str, ...] | None = None
    actions: bool = False
    zone: str = "UTC"
    kind: FrameKind = "pandas"
    keeps_partial: bool = False
    """Whether what several symbols have is returned, although some of them cannot be had."""

    @property
    def has_actions(self) -> bool:
        """Whether dividends, splits and capital gains are needed."""
        return self.actions or bool(set(ACTIONS) & {self.field, *(self.columns or ())})

    @property
    def stored(self) -> tuple[str, ...] | None:
        """The stored columns that are needed, in their own order; None for all that there are."""
        if self.field is None and self.columns is None:
            return None
        needed = {self.field, *(self.columns or ())}
        return tuple(name for name in (*PRICES, *AVERAGES) if name in needed)


def shape_of(
    *,
    field: object,
    columns: object,
    actions: object,
    zone: object,
    as_: object,
    partial: object,
) -> FrameShape:
    """Return how bars are to be laid out.

    :raises InvalidRequestError: with a sentence for each argument that is no such word.
    """
    names = None if columns is None else _names(columns)
    words = [("field", [] if field is None else [field], ColumnName), ("columns", names or (), ColumnName)]
    words += [("as_", [as_], FrameKind), ("partial", [partial], OnFailure)]
    problems = {name: problem for name, said, choice in words if (problem := _problem(said, get_args(choice)))}
    read = FieldProblems()
    is_with_actions = read.read(lambda: parse_flag(_ACTIONS, actions))
    zone_name = read.read(lambda: parse_text(_ZONE, zone))
    problems |= read.fields
    if field is not None and names is not None:
        problems["columns"] = sentence("Give either a field, for a wide frame, or columns; not both.")
    elif names is not None and (not names or len(set(names)) < len(names)):
        problems["columns"] = sentence("Give each column once, and at least one.")
    if problems:
        raise InvalidRequestError(problems)
    kind: FrameKind = "polars" if as_ == "polars" else "arrow" if as_ == "arrow" else "pandas"
    wide = None if field is None else str(field)
    return FrameShape(wide, names, bool(is_with_actions), zone_name or "UTC", kind, partial == "keep")


def _names(columns: object) -> tuple[str, ...]:
    """Return the names of columns; of what is no list of them, the one thing that it is, which is no such word."""
    is_several = isinstance(columns, Iterable) and not isinstance(columns, str | bytes)
    return tuple(columns) if is_several and isinstance(columns, Iterable) else (columns,)  # type: ignore[return-value]


def _problem(said: Sequence[object], words: tuple[str, ...]) -> Sentence | None:
    unknown = next((word for word in said if word not in words), None)
    if unknown is None:
        return None
    return sentence(
        "“%(word)s” cannot be given here. Use one of: %(words)s.", word=str(unknown)[:40], words=", ".join(words)
    )
