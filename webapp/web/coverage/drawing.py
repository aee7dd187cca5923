"""Where the cells of a heatmap stand, and what gaps look like in a list: numbers for a template that does none.

Days stand in columns of weeks, Monday on top; weeks in one row; months in one row of wide cells.
"""

import datetime as dt
from collections import Counter
from dataclasses import dataclass

from flask_babel import format_date, gettext

from webapp.coverage.gaps import Cell, CoverageReport, FoundGap, cells
from webapp.coverage.rules_expected import CellState
from webapp.errors import Sentence, sentence
from webapp.kernel.intervals import DAY, WEEK, Interval, period_start
from webapp.web.formats import count_sessions, day, number, say

STATES: dict[CellState, Sentence] = {
    CellState.HAVE: sentence("complete"),
    CellState.THIN: sentence("answered, with fewer bars"),
    CellState.EMPTY: sentence("confirmed empty"),
    CellState.PARTLY: sentence("in part"),
    CellState.DOUBTED: sentence("in doubt"),
    CellState.MISSING: sentence("missing"),
    CellState.FAILED: sentence("failed"),
    CellState.NOT_YET: sentence("not over yet"),
    CellState.NOT_ASKED: sentence("never asked for"),
}
YEARS_A_PAGE = {True: 5, False: 2}
"""How many years are drawn at once, of bars of a day and longer, and of shorter ones."""
_WITH_BARS = (CellState.HAVE, CellState.THIN, CellState.PARTLY)
_PITCH, _SIZE, _MONTH_PITCH = 13, 11, 57
_LEFT, _TOP = 34, 18
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class DrawnCell:
    """A cell with its upper left corner, and what is shown of it in words."""

    cell: Cell
    x: int
    y: int
    title: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A text or a dot with its place."""

    text: str
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class CalendarDrawing:
    """A year: its size, cells, days without trading, and names of months and weekdays."""

    year: int
    width: int
    height: int
    cell_width: int
    cell_height: int
    cells: tuple[DrawnCell, ...]
    closed: tuple[DrawnCell, ...]
    marks: tuple[Mark, ...]
    counts: tuple[tuple[CellState, int], ...]


@dataclass(frozen=True, slots=True)
class GapLine:
    """A gap as a list shows it: first and last bar that is due, how long, and what becomes of it."""

    first: int
    last: int
    seconds: int
    counted: str
    found_gap: FoundGap


def draw(report: CoverageReport, year: int) -> CalendarDrawing:
    """Return a year of a series, drawn."""
    interval = report.row.interval
    there = cells(report, year)
    closed = [] if interval in (Interval.W1, Interval.MO1) else _closed_days(there, year)
    rows = 1 if interval in (Interval.W1, Interval.MO1) else 5 if _has_no_weekends(there) else 7
    pitch = _MONTH_PITCH if interval is Interval.MO1 else _PITCH
    columns = 12 if interval is Interval.MO1 else 54
    counts = Counter(cell.state for cell in there)
    return CalendarDrawing(
        year=year,
        width=_LEFT + columns * pitch,
        height=_TOP + rows * _PITCH,
        cell_width=pitch - _PITCH + _SIZE,
        cell_height=_SIZE,
        cells=tuple(_placed(cell, interval, year, _title(cell)) for cell in there),
        closed=tuple(_placed(cell, interval, year, f"{day(cell.label)}: {gettext('closed')}") for cell in closed),
        marks=tuple(_marks(interval, year, rows)),
        counts=tuple((state, counts[state]) for state in STATES if counts[state]),
    )


def gap_lines(report: CoverageReport) -> list[GapLine]:
    """Return the gaps of a series, newest first."""
    interval = report.row.interval
    lines = []
    for gap in report.gaps:
        span = gap.gap.span
        last = period_start(span.end - 1, interval) if interval.is_dated else span.end - interval.seconds
        count = count_sessions(gap.gap.sessions, interval)
        lines.append(GapLine(span.start, max(span.start, last), span.seconds, count, gap))
    return lines


def _has_no_weekends(there: list[Cell]) -> bool:
    return all(_date(cell.label).weekday() < _SATURDAY for cell in there)


def _closed_days(there: list[Cell], year: int) -> list[Cell]:
    """Return the weekdays of a year on which nothing trades, as far as the calendar reaches."""
    labels = {cell.label for cell in there}
    if not labels:
        return []
    days = range(_new_year(year), max(labels), DAY)
    return [
        Cell(day, CellState.NOT_ASKED, 0, 0, is_short=False)
        for day in days
        if day not in labels and _date(day).weekday() < _SATURDAY
    ]


def _title(cell: Cell) -> str:
    """Write the date, what is known, and how many bars there are where bars matter."""
    parts = [f"{day(cell.label)}: {say(STATES[cell.state])}"]
    if cell.rows or cell.state in _WITH_BARS:
        parts.append(gettext("%(rows)s of %(bars)s bars", rows=number(cell.rows), bars=number(cell.bars)))
    if cell.is_short:
        parts.append(gettext("half day"))
    return ", ".join(parts)


def _placed(cell: Cell, interval: Interval, year: int, title: str) -> DrawnCell:
    if interval is Interval.MO1:
        return DrawnCell(cell, _LEFT + (_date(cell.label).month - 1) * _MONTH_PITCH, _TOP, title)
    row = 0 if interval is Interval.W1 else _date(cell.label).weekday()
    return DrawnCell(cell, _column_x(cell.label, year), _TOP + row * _PITCH, title)


def _column_x(label: int, year: int) -> int:
    week = (period_start(label, Interval.W1) - period_start(_new_year(year), Interval.W1)) // WEEK
    return _LEFT + week * _PITCH


def _marks(interval: Interval, year: int, rows: int) -> list[Mark]:
    """Return the names of months above, and of every other weekday at the left."""
    marks = []
    for month in range(1, 13):
        first = dt.datetime(year, month, 1, tzinfo=dt.UTC)
        x = _LEFT + (month - 1) * _MONTH_PITCH if interval is Interval.MO1 else _column_x(int(first.timestamp()), year)
        marks.append(Mark(format_date(first.date(), "LLL"), x, _TOP - 6))
    if rows > 1:
        monday = dt.date(2024, 1, 1)
        for row in (0, 2, 4):
            text = format_date(monday + dt.timedelta(days=row), "ccc")
            marks.append(Mark(text, 0, _TOP + row * _PITCH + 9))
    return marks


def _new_year(year: int) -> int:
    return int(dt.datetime(year, 1, 1, tzinfo=dt.UTC).timestamp())


def _date(label: int) -> dt.date:
    return dt.datetime.fromtimestamp(label, dt.UTC).date()
