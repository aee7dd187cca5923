"""What a file's columns most likely are. A person sees the guess and may change it; what is not sure is asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import filterfalse

from webapp.kernel.intervals import Interval
from webapp.sources.own.layouts.rules_bar_length import starts, usual_step
from webapp.sources.own.layouts.rules_decimals import decimal_of
from webapp.sources.own.layouts.rules_headers import Header, read_header
from webapp.sources.own.rules_clocks import clock_of
from webapp.sources.own.rules_dates import date_in_words, numbers_of
from webapp.sources.own.rules_imported import PRICES, Cell, DateOrder, UnreadableLineError
from webapp.sources.own.rules_numbers import is_blank, number
from webapp.sources.own.rules_times import parts

_ORDERS_BY_DIGITS = {
    **dict.fromkeys((8, 14), DateOrder.YEAR_FIRST),
    **dict.fromkeys((9, 10), DateOrder.SECONDS),
    **dict.fromkeys((12, 13), DateOrder.MILLISECONDS),
    **dict.fromkeys((15, 16), DateOrder.MICROSECONDS),
    **dict.fromkeys((18, 19), DateOrder.NANOSECONDS),
}
"""What a number of so many digits is: 9 of seconds reach back to 1973."""
_WITNESSES = 2_000
"""So many lines tell by their other columns how numbers are written."""
_EVIDENCE = 20
"""So many lines tell what a column without a name holds."""
_TWELVE = 12


@dataclass(frozen=True, slots=True)
class Guess:
    """What was guessed; None where a person must say it. ``ambiguous`` tells that dates can be read in two ways.

    ``doubts`` are the roles that more than one column may have.
    """

    columns: Mapping[str, int]
    order: DateOrder | None
    interval: Interval | None
    decimal: str | None
    ambiguous: bool
    doubts: frozenset[str] = frozenset()


def guess(names: Sequence[str], rows: Sequence[Sequence[Cell]], delimiter: str, *, has_header: bool = True) -> Guess:
    """Return what columns, dates, interval and numbers look like in some lines.

    Where there is a header, what it does not name is asked: only a file without one is read by where columns stand.
    """
    header = _by_header(names, rows) if has_header else Header(_by_place(rows))
    columns = header.columns
    times = [row[columns["time"]] for row in rows if len(row) > columns["time"]] if "time" in columns else []
    order, ambiguous = order_of(times)
    decimal = _decimal(columns, rows, delimiter, order)
    interval = usual_step(starts(columns, rows, order or DateOrder.DAY_FIRST)) if times else None
    return Guess(columns, order, interval, decimal, ambiguous, header.doubts)


def _by_header(names: Sequence[str], rows: Sequence[Sequence[Cell]]) -> Header:
    """Return the columns that a header names; a time without any name is the one column without it that holds dates."""
    header = read_header(names)
    columns = dict(header.columns)
    clock = columns.get("clock")
    if clock is not None and any(_is_date(row[clock]) for row in rows[:_EVIDENCE] if len(row) > clock):
        columns |= {"time": columns.pop("clock")}  # a whole time stands where only its hours were looked for
    if "time" not in columns and "time" not in header.doubts:
        unnamed = [place for place, name in enumerate(names) if name in {str(place + 1), f"Unnamed: {place}"}]
        dates = [place for place in unnamed if _holds_dates(rows, place)]
        columns |= {"time": dates[0]} if len(dates) == 1 else {}
    return Header(columns, header.doubts)


def _holds_dates(rows: Sequence[Sequence[Cell]], place: int) -> bool:
    cells = [row[place] for row in rows[:_EVIDENCE] if len(row) > place]
    return bool(cells) and all(map(_is_date, cells))


def _by_place(rows: Sequence[Sequence[Cell]]) -> dict[str, int]:
    """Return columns by where they stand: a date, perhaps a time of day, then numbers in the usual order."""
    if not rows:
        return {}
    row = rows[0]
    columns_by_role: dict[str, int] = {}
    for place, cell in enumerate(row):
        if "time" not in columns_by_role and _is_date(cell):
            columns_by_role["time"] = place
        elif "time" in columns_by_role and "clock" not in columns_by_role and _is_clock(cell):
            columns_by_role["clock"] = place
    numeric = [place for place, cell in enumerate(row) if place not in columns_by_role.values() and _is_number(cell)]
    columns_by_role |= dict(zip((*PRICES, "volume"), numeric, strict=False))
    return columns_by_role if "time" in columns_by_role else {}


def _is_date(cell: Cell) -> bool:
    return order_of([cell]) != (None, False)


def _is_clock(cell: Cell) -> bool:
    if not isinstance(cell, str) or ":" not in cell:
        return False
    try:
        clock_of(cell.strip())
    except UnreadableLineError:
        return False
    return True


def _is_number(cell: Cell) -> bool:
    for decimal in ".,":
        try:
            number(cell, decimal)
        except (ValueError, TypeError):
            continue
        return True
    return False


def order_of(cells: Sequence[Cell]) -> tuple[DateOrder | None, bool]:
    """Return how dates are written, and whether that is None because both the day and the month may come first."""
    firsts: set[int] = set()
    seconds: set[int] = set()
    for cell in filterfalse(is_blank, cells):
        if (order := _certain_order(cell)) is not None:
            return order, False
        if numbers := numbers_of(parts(cell)[0]):
            firsts.add(int(numbers[0]))
            seconds.add(int(numbers[1]))
    if not firsts:
        return None, False
    day_first, month_first = max(firsts) > _TWELVE, max(seconds) > _TWELVE
    if day_first == month_first:
        return None, not day_first
    return (DateOrder.DAY_FIRST if day_first else DateOrder.MONTH_FIRST), False


def _certain_order(cell: Cell) -> DateOrder | None:
    """Return how a time is written that says it by itself; None for one of which others must tell, and for none."""
    text = str(cell).strip()
    if (order := _of_digits(text.removesuffix(".0"))) is not None:
        return order
    numbers = numbers_of(parts(cell)[0])
    if numbers is None or len(numbers[0]) <= len("24"):
        return None
    return DateOrder.NAMED if date_in_words(text) else DateOrder.YEAR_FIRST


def _of_digits(text: str) -> DateOrder | None:
    return _ORDERS_BY_DIGITS.get(len(text)) if text.isascii() and text.isdigit() else None


def _decimal(
    columns: Mapping[str, int], rows: Sequence[Sequence[Cell]], delimiter: str, order: DateOrder | None
) -> str | None:
    """Return the decimal mark of the prices, None where two readings are possible."""
    priced = [columns[name] for name in PRICES if name in columns]
    placed = {*priced, columns.get("time"), columns.get("clock")}
    prices = [str(row[place]) for row in rows for place in priced if len(row) > place]
    others = (str(cell) for row in rows[:_WITNESSES] for place, cell in enumerate(row) if place not in placed)
    has_plain_dates = order not in (DateOrder.DAY_FIRST, DateOrder.MONTH_FIRST, None)
    return decimal_of(prices, others, delimiter, has_plain_dates=has_plain_dates)
