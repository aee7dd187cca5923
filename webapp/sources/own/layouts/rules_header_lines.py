"""Which lines of a table are its header, and what its columns are called by them."""

from collections.abc import Sequence
from itertools import takewhile

from webapp.sources.own.layouts.rules_headers import read_header
from webapp.sources.own.layouts.rules_layout_guess import order_of
from webapp.sources.own.rules_numbers import is_blank, number

_MOST_LINES = 4
_EVIDENCE = 5

Row = Sequence[str]


def header_of(rows: Sequence[Row]) -> Sequence[Row]:
    """Return the first rows of a table that name its columns; nothing for a table without a header.

    pandas writes columns of several levels one below the other, and the index's name on a line of its own.
    """
    top = rows[:_MOST_LINES]
    index_line = next((place for place, row in enumerate(top) if place and _names_index(row)), None)
    if index_line is not None and not any(map(_has_date, top[:index_line])):
        return rows[: index_line + 1]
    if not top or any(map(is_value, top[0])):
        return rows[:1] if top and _is_above_values(rows) else []
    below = list(takewhile(lambda row: _continues(top[0], row), top[1:]))
    return rows[: len(below) + 1] if len(below) + 1 < len(rows) else rows[:1]


def names_of(header: Sequence[Row], count: int) -> tuple[str, ...]:
    """Return the names of so many columns, each a number where the header does not say any."""
    index_name = header[-1][0].strip() if len(header) > 1 and _names_index(header[-1]) else None
    levels = header[:-1] if index_name is not None else header
    names = [_joined(levels, place) for place in range(count)]
    if index_name is not None:
        names[0] = index_name
    elif len(names[0].split()) > 1 and len(levels) > 1 and "time" not in read_header(names[:1]).columns:
        names[0] = ""  # pandas: the names of the levels stand above an index without a name
    return tuple(name or f"{place}" for place, name in enumerate(names, 1))


def _continues(first: Row, row: Row) -> bool:
    """Tell whether a row goes on with a header: as wide, and words in several of its columns."""
    words = [cell for cell in row if not is_blank(cell)]
    return len(row) == len(first) and len(words) > 1 and not any(map(is_value, words))


def _joined(levels: Sequence[Row], place: int) -> str:
    cells = [row[place].strip() for row in levels if len(row) > place]
    return " ".join(dict.fromkeys(cell for cell in cells if cell))


def _names_index(row: Row) -> bool:
    """Tell whether a row says nothing but the name of its first column."""
    return len(row) > 1 and not is_blank(row[0]) and not is_value(row[0]) and not any(cell.strip() for cell in row[1:])


def _is_above_values(rows: Sequence[Row]) -> bool:
    """Tell whether a row with numbers in it is a header all the same: no date, and words where values stand below."""
    first, below = rows[0], rows[1 : _EVIDENCE + 1]
    if any(map(_has_date, rows[:1])) or not below:
        return False
    words = [place for place, cell in enumerate(first) if not is_blank(cell) and not is_value(cell)]
    return any(all(len(row) > place and is_value(row[place]) for row in below) for place in words)


def _has_date(row: Row) -> bool:
    return any(order_of([cell]) != (None, False) for cell in row)


def is_value(cell: str) -> bool:
    """Tell whether a cell holds a date or a number."""
    if order_of([cell]) != (None, False):
        return True
    for decimal in ".,":
        try:
            number(cell, decimal)
        except ValueError:
            continue
        return True
    return False
