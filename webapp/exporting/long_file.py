"""Bars of several series as one long table, streamed: CSV, Parquet, Arrow, or a JSON object a line.

The column ``symbol`` comes first and says of which series a bar is; series follow one another, each ascending. A
column that only some of them have is there for all: empty for the others, and false for ``partial``.
"""

import datetime as dt
from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

import orjson

from webapp.errors import InvalidRequestError, sentence
from webapp.exporting import csv_text
from webapp.exporting.arrow import Table, TableFile
from webapp.exporting.counts import span_of
from webapp.exporting.csv_text import csv_cell, moments
from webapp.exporting.files import Tally, facts_of
from webapp.exporting.rules_exports import UTC, ExportRequest
from webapp.exporting.zones import ZonedLines, zone_for
from webapp.kernel.bars import Bar, ShortBar
from webapp.reading.bars import StoredBars, open_bars
from webapp.reading.lookup import FoundBars

JSON_LINES = "jsonl"
"""A format of long files alone: the bars of the API, a line each."""
_PAGE_ROWS = {"csv": 2_000, "parquet": 50_000, "arrow": 10_000, JSON_LINES: 2_000}
_NOTHING: frozenset[int] = frozenset()
_Page = list[Bar] | list[ShortBar]


@dataclass(frozen=True, slots=True)
class LongPart:
    """A series on its way into a long file, and what of it was written so far."""

    bars: StoredBars
    zone: ZoneInfo
    tally: Tally = field(default_factory=Tally)


@dataclass(frozen=True, slots=True)
class LongFile:
    """A long file on its way: its ``chunks`` may be read after the application context has gone."""

    parts: tuple[LongPart, ...]
    chunks: Iterator[bytes]

    @property
    def rows(self) -> int:
        """How many bars were written so far."""
        return sum(part.tally.rows for part in self.parts)


@dataclass(frozen=True, slots=True)
class _Columns:
    """The columns that not every long file has."""

    has_symbol: bool
    has_wap: bool
    has_partial: bool


def open_long(matches: Sequence[FoundBars], request: ExportRequest, *, has_symbol: bool = True) -> LongFile:
    """Return the bars of series as one file, in the order given.

    :param matches: the series, each with the larger interval that its bars are merged into, if any. What they become is
        of one interval.
    :param request: what is asked of each of them; ``fmt`` may be ``JSON_LINES`` as well.
    :param has_symbol: False only for a single series.
    :raises InvalidRequestError: with the field that is wrong: ``zone`` as well when a Parquet or Arrow file is to have
        the times of exchanges that keep different ones.
    :raises NotFoundError: when one of the series is not there.
    """
    parts = tuple(_open(match, request) for match in matches)
    columns = _Columns(
        has_symbol=has_symbol,
        has_wap=any(part.bars.has_wap for part in parts),
        has_partial=any(part.bars.partial is not None for part in parts),
    )
    if request.fmt == "csv":
        return LongFile(parts, _csv(parts, columns))
    if request.fmt == JSON_LINES:
        return LongFile(parts, _json_lines(parts, columns))
    return LongFile(parts, _table(parts, columns, request))


def _open(match: FoundBars, request: ExportRequest) -> LongPart:
    row = match.series
    span = span_of(row, request)
    stored = open_bars(row.id, request.adjust, span, match.step, complete_only=request.complete_only)
    return LongPart(stored, zone_for(request.zone, row))


def _pages(part: LongPart, columns: _Columns, fmt: str) -> Iterator[_Page]:
    if columns.has_wap:
        yield from part.tally.over(part.bars.adjusted(_PAGE_ROWS[fmt]))
    else:
        yield from part.tally.over(part.bars.adjusted_short(_PAGE_ROWS[fmt]))


def _partial(part: LongPart) -> Container[int]:
    return _NOTHING if part.bars.partial is None else part.bars.partial


# --- CSV ---


def _csv(parts: Sequence[LongPart], columns: _Columns) -> Iterator[bytes]:
    head = csv_text.header(has_wap=columns.has_wap, has_partial=columns.has_partial)
    yield b"symbol," + head if columns.has_symbol else head
    for part in parts:
        is_dated = part.bars.interval.is_dated
        stamps = csv_text.Stamps(is_dated=is_dated)
        zoned = None if is_dated or part.zone.key == UTC else ZonedLines(part.zone)
        start = csv_cell(part.bars.series.symbol) + b"," if columns.has_symbol else b""
        for page in _pages(part, columns, "csv"):
            times = [bar[0] for bar in page]
            lines = csv_text.lines_of(page, stamps)
            lines = zoned.of(lines, times) if zoned else lines
            lines = csv_text.mark_partial(lines, times, _partial(part)) if columns.has_partial else lines
            yield start + lines[:-1].replace(b"\n", b"\n" + start) + b"\n" if start else lines


# --- JSON lines ---


def _json_lines(parts: Sequence[LongPart], columns: _Columns) -> Iterator[bytes]:
    names = ("time", "open", "high", "low", "close", "volume", *(("wap", "count") if columns.has_wap else ()))
    for part in parts:
        moment, partial = _moment(part), _partial(part)
        symbol = {"symbol": part.bars.series.symbol} if columns.has_symbol else {}
        for page in _pages(part, columns, JSON_LINES):
            yield b"".join(
                orjson.dumps(
                    symbol
                    | dict(zip(names, (moment(bar[0]), *bar[1:]), strict=True))
                    | ({"partial": bar[0] in partial} if columns.has_partial else {}),
                    option=orjson.OPT_APPEND_NEWLINE,
                )
                for bar in page
            )


def _moment(part: LongPart) -> Callable[[int], str]:
    is_dated = part.bars.interval.is_dated
    if is_dated or part.zone.key == UTC:
        return moments(is_dated=is_dated)
    return lambda time: dt.datetime.fromtimestamp(time, part.zone).isoformat()


# --- Parquet, Arrow ---


def _table(parts: Sequence[LongPart], columns: _Columns, request: ExportRequest) -> Iterator[bytes]:
    """Return the file's chunks; what cannot be written is refused now, and not when the first is read."""
    zones = {part.zone.key for part in parts}
    is_dated = all(part.bars.interval.is_dated for part in parts)
    if len(zones) > 1 and not is_dated:
        message = sentence(
            "The exchanges of these symbols keep different times (%(zones)s), and a column of this format has one "
            "zone. Name it, or take CSV.",
            zones=", ".join(sorted(zones)),
        )
        raise InvalidRequestError({"zone": message})
    table = Table(
        _common_facts(parts, request.adjust),
        is_dated=is_dated,
        has_wap=columns.has_wap,
        zone=min(zones, default=UTC),
        partial=_NOTHING if columns.has_partial else None,
        has_symbol=columns.has_symbol,
    )
    return _table_chunks(parts, columns, TableFile(table, request.fmt), request.fmt)


def _table_chunks(parts: Sequence[LongPart], columns: _Columns, file: TableFile, fmt: str) -> Iterator[bytes]:
    """Yield the file; short series share a group of rows, since each costs some hundred bytes and a reader's time."""
    batches, rows = [], 0
    for part in parts:
        for page in _pages(part, columns, fmt):
            batches.append(file.batch(page, _partial(part), part.bars.series.symbol))
            rows += len(page)
            if rows >= _PAGE_ROWS[fmt]:
                yield file.write(batches)
                batches, rows = [], 0
    yield file.write(batches)
    yield file.close()


def _common_facts(parts: Sequence[LongPart], adjust: str) -> dict[str, str]:
    """Return what is so of all series."""
    facts = [facts_of(part.bars.series, part.bars.interval, adjust) for part in parts]
    common = set.intersection(*({*each.items()} for each in facts)) if facts else set()
    return dict(sorted(common))
