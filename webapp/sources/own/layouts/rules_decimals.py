"""Which mark a file's decimals follow, by evidence: ``141,060`` is 141.06 beside ``-0,27%``."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

from webapp.sources.own.rules_numbers import number, ungrouped

_MARKS = {".": ",", ",": "."}
_NUMBER = re.compile(r"[+-]?\d*(?:[.,]\d+)*[%KMB]?", re.IGNORECASE)
_GROUP = 3
_LEAP = 50
"""Neighbouring prices of one file are no more times apart than this, unless they are read wrongly: by a thousand."""


def decimal_of(prices: Sequence[str], others: Iterable[str], delimiter: str, *, has_plain_dates: bool) -> str | None:
    """Return the decimal mark of a file's prices; None where both readings are possible.

    :param prices: as they stand in the file, line by line.
    :param others: what stands in columns that hold neither prices nor times.
    :param has_plain_dates: whether dates are written as programs write them, year first or in seconds.
    """
    bare = [ungrouped(price) for price in prices]
    if mark := _most_common(map(proved_mark, bare)):
        return mark
    marks = {letter for price in bare for letter in price if letter in _MARKS}
    plausible = [mark for mark in _MARKS if not marks or not _leaps(bare, mark)]
    if marks and len(plausible) == 1:
        return plausible[0]
    if mark := _most_common(map(proved_mark, map(ungrouped, others))):
        return mark
    if marks == {","}:
        return "," if delimiter == ";" else None
    return None if marks and delimiter == ";" and not has_plain_dates else "."


def proved_mark(text: str) -> str | None:
    """Return the decimal mark without which a number cannot be read; None for one that can be read in two ways."""
    if not _NUMBER.fullmatch(text):
        return None
    digits = text.strip("+-%KMBkmb")
    marks = [letter for letter in digits if letter in _MARKS]
    if not marks:
        return None
    first, *groups = re.split(r"[.,]", digits)
    if len(set(marks)) > 1:
        return marks[-1] if marks.index(marks[-1]) == len(marks) - 1 else None
    if len(marks) > 1:
        return _MARKS[marks[0]] if all(len(group) == _GROUP for group in groups) else None
    is_grouped = len(groups[0]) == _GROUP and 0 < len(first) <= _GROUP and not first.startswith("0")
    return None if is_grouped else marks[0]


def _most_common(marks: Iterable[str | None]) -> str | None:
    counted = Counter(mark for mark in marks if mark)
    return max(counted, key=counted.__getitem__) if counted else None


def _leaps(prices: Iterable[str], decimal: str) -> bool:
    """Tell whether prices leap when they are read so: from 999 to 1.001, where 1,001 was meant."""
    values = list(_values(prices, decimal))
    return any(max(pair) > _LEAP * min(pair) for pair in pairwise(values))


def _values(prices: Iterable[str], decimal: str) -> Iterable[float]:
    for price in prices:
        try:
            value = number(price, decimal)
        except ValueError:
            continue
        if value > 0:
            yield value
