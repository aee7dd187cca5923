"""One's own file of bars: how it is laid out, and how a person says that it is to be read."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from webapp.errors import MoissonError, Sentence, sentence
from webapp.kernel.intervals import Interval

Cell = str | float | int | None
"""What stands in a column of a line: text, or the number that a typed file holds. Times are text in either."""

PRICES = ("open", "high", "low", "close")
TICKER = "ticker"
ROLES = ("time", "clock", *PRICES, "volume", "wap", "count", TICKER)
"""What a column may hold; ``clock`` is the time of day where it stands apart from the date.

``ticker`` names the symbol of each line, in a file of several.
"""
MOST_SERIES = 200
"""How many symbols of one file become series."""
NEEDED = ("time", *PRICES)


class FileKind(StrEnum):
    """What a file is, by what it begins with and never by its name."""

    CSV = "csv"
    PARQUET = "parquet"
    ARROW = "arrow"


class DateOrder(StrEnum):
    """How dates are written."""

    YEAR_FIRST = "ymd"
    DAY_FIRST = "dmy"
    MONTH_FIRST = "mdy"
    NAMED = "named"
    """With the month in letters: in whatever order the three stand, it can be read in one way only."""
    SECONDS = "s"
    MILLISECONDS = "ms"
    MICROSECONDS = "us"
    NANOSECONDS = "ns"


class Names(StrEnum):
    """Which end of a bar its time names."""

    START = "start"
    END = "end"


class BadLines(StrEnum):
    """What is done about lines that cannot be read."""

    STOP = "stop"
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file is laid out. ``encoding`` and ``delimiter`` are empty for typed files.

    ``begins`` is the line (counted from 1) that the table begins on, with its header where it has one: a title may
    stand before it. A header may have several lines (``header_lines``); a column's name then says all of them.
    """

    kind: FileKind
    names: tuple[str, ...]
    encoding: str = ""
    delimiter: str = ""
    has_header: bool = True
    begins: int = 1
    header_lines: int = 1


@dataclass(frozen=True, slots=True)
class Reading:
    """How lines become bars. ``columns`` maps roles to places in a line; ``zone`` is a name of the IANA's.

    It is empty when nobody has said it: then every time must say its own offset or zone.
    """

    columns: Mapping[str, int]
    order: DateOrder
    zone: str
    names: Names
    interval: Interval
    decimal: str


@dataclass(frozen=True, slots=True)
class Fault:
    """A line (counted from 1) that makes no bar, and why."""

    line: int
    why: Sentence


class UnreadableLineError(MoissonError):
    """A line makes no bar; the message says why."""


class UnreadableFileError(MoissonError):
    """A file cannot be read as a table, or not as was said; the message says what to do.

    ``field`` is what a person has to say otherwise, or ``file``.
    """

    def __init__(self, message: Sentence, field: str = "file") -> None:
        super().__init__(message)
        self.field = field


def unfinished() -> Sentence:
    """Say that a bar has not ended yet."""
    return sentence("This bar is not finished yet, so it is left out.")


def repeated(line: int) -> Sentence:
    """Say that an earlier line has the same time."""
    return sentence("Line %(line)d has the same time; the first of the two counts.", line=line)
