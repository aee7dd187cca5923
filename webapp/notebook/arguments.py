"""What the verbs of ``JobManager`` take: the words of each choice as types, and how arguments become values.

Type checkers know the words; at run time any text may come, and what is no such word is refused with a sentence. Names
of sources are texts, since packages may bring more of them.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from webapp.errors import InvalidRequestError, Sentence, sentence
from webapp.kernel.request_fields import moment_of

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
    field: str | None,
    columns: Iterable[str] | None,
    actions: bool,
    zone: str,
    as_: str,
    partial: str,
) -> FrameShape:
    """Return how bars are to be laid out.

    :raises InvalidRequestError: with a sentence for each argument that is no such word.
    """
    names = (columns,) if isinstance(columns, str) else None if columns is None else tuple(columns)
    words = [("field", [] if field is None else [field], ColumnName), ("columns", names or (), ColumnName)]
    words += [("as_", [as_], FrameKind), ("partial", [partial], OnFailure)]
    problems = {name: problem for name, said, choice in words if (problem := _problem(said, get_args(choice)))}
    if field is not None and names is not None:
        problems["columns"] = sentence("Give either a field, for a wide frame, or columns; not both.")
    elif names is not None and (not names or len(set(names)) < len(names)):
        problems["columns"] = sentence("Give each column once, and at least one.")
    if problems:
        raise InvalidRequestError(problems)
    kind: FrameKind = "polars" if as_ == "polars" else "arrow" if as_ == "arrow" else "pandas"
    return FrameShape(field, names, actions, zone, kind, partial == "keep")


def _problem(said: Sequence[object], words: tuple[str, ...]) -> Sentence | None:
    unknown = next((word for word in said if word not in words), None)
    if unknown is None:
        return None
    return sentence(
        "“%(word)s” cannot be given here. Use one of: %(words)s.", word=str(unknown)[:40], words=", ".join(words)
    )


def parse_symbols(symbols: object) -> str | list[str]:
    """Return one symbol's text as it is, or several as a list.

    :raises InvalidRequestError: with the field ``symbols`` for what is neither.
    """
    if isinstance(symbols, str):
        return symbols
    names = [] if isinstance(symbols, bytes) or not isinstance(symbols, Iterable) else list(symbols)
    if not names or not all(isinstance(symbol, str) and symbol.strip() for symbol in names):
        message = sentence("Give a symbol as a text, or several as a list of texts, for example AAPL, MSFT.")
        raise InvalidRequestError({"symbols": message})
    return [str(symbol) for symbol in names]


def parse_moment(field: str, value: Moment | None) -> dt.date | None:
    """Return what an argument says of a time.

    :raises InvalidRequestError: with the name of the argument.
    """
    return moment_of(field, value) if isinstance(value, str) else value
