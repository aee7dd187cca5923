"""Dates as people's files write them: numbers in one of three orders, or with the month in letters."""

import datetime as dt
import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from webapp.sources.own.rules_imported import DateOrder

_DATE = re.compile(r"(\d{1,4})[-/.](\d{1,2})[-/.](\d{1,4})")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_CENTURIES = (1900, 2000)
_PIVOT = 70  # as POSIX reads years of two digits, near enough
_PLACES = {DateOrder.YEAR_FIRST: (0, 1, 2), DateOrder.DAY_FIRST: (2, 1, 0), DateOrder.MONTH_FIRST: (2, 0, 1)}
_MONTHS = (
    "january jan janvier janv januar enero ene",
    "february feb fevrier fevr fev februar febrero",
    "march mar mars marz maerz mrz marzo",
    "april apr avril avr abril abr",
    "may mai mayo",
    "june jun juin juni junio",
    "july jul juillet juil juli julio",
    "august aug aout aou agosto ago",
    "september sept sep septembre septiembre",
    "october oct octobre oktober okt octubre",
    "november nov novembre noviembre",
    "december dec decembre dezember dez diciembre dic",
)
"""The months in the languages of the pages and of the headers that are read, without accents."""
MONTH_NUMBERS = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()}
_MONTH = "(" + "|".join(sorted(MONTH_NUMBERS, key=len, reverse=True)) + r")\.?"
_DAY = r"(\d{1,2})(?:st|nd|rd|th|er|\.)?"
_YEAR = r"(\d{4}|\d{2})(?!\d)"
_WEEKDAY = r"(?:[a-z]{2,9}\.?,?\s+)?"
_APART = r"[\s/.,-]*(?:de\s+)?"
_IN_WORDS = (
    (re.compile(_WEEKDAY + _DAY + _APART + _MONTH + _APART + _YEAR), (3, 2, 1)),
    (re.compile(_WEEKDAY + _MONTH + r"[\s-]*" + _DAY + r"(?:,\s*|[\s-]+)" + _YEAR), (3, 1, 2)),
    (re.compile(r"(\d{4})" + _APART + _MONTH + _APART + r"(\d{1,2})(?!\d)"), (1, 2, 3)),
)
"""``29 Dec 2023``, ``Dec 29, 2023``, ``2023-Dec-29``; the places of year, month and day."""


def numbers_of(day: str) -> tuple[str, str, str] | None:
    """Return the three numbers of a date as they stand there, None for what is no date."""
    match = _DATE.fullmatch(day) or _COMPACT.fullmatch(day)
    return (match[1], match[2], match[3]) if match else None


def date_in_words(text: str) -> tuple[str, str] | None:
    """Return a date whose month stands in letters, as ``2023-12-29``, and what follows it; None without one.

    Such a date can be read in one way only, whatever the order of the others.
    """
    if not any(map(str.isalpha, text)):
        return None
    plain = "".join(_without_accents(text))
    for pattern, (year, month, day) in _IN_WORDS:
        if match := pattern.match(plain):
            full_year = _full_year(match[year])
            rest = text[match.end() :] if len(plain) == len(text) else plain[match.end() :]
            return f"{full_year:04}-{MONTH_NUMBERS[match[month]]:02}-{int(match[day]):02}", rest.lstrip(" ,T")
    return None


def _without_accents(text: str) -> Iterator[str]:
    for letter in unicodedata.normalize("NFKD", text):
        if not unicodedata.combining(letter):
            yield letter.lower()


@lru_cache(maxsize=4096)
def days_of(text: str, order: DateOrder) -> int | None:
    """Return the days since 1970 of a date, None for what is none in this order."""
    numbers = numbers_of(text)
    if numbers is None:
        return None
    places = _PLACES.get(DateOrder.YEAR_FIRST if len(numbers[0]) == len("2024") else order)
    if places is None:
        return None
    year, month, day = (int(numbers[place]) for place in places)
    if len(numbers[places[0]]) <= len("24"):
        year = _full_year(numbers[places[0]])
    try:
        return dt.date(year, month, day).toordinal() - dt.date(1970, 1, 1).toordinal()
    except ValueError:
        return None


def _full_year(text: str) -> int:
    if len(text) > len("24"):
        return int(text)
    return int(text) + _CENTURIES[int(text) < _PIVOT]
