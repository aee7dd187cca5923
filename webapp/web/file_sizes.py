"""Sizes of files, as people read them."""

from babel.numbers import format_decimal
from babel.units import format_unit

from webapp.web.formats import language

_UNITS = ("byte", "kilobyte", "megabyte", "gigabyte", "terabyte")
_STEP = 1000
_WHOLE_FROM = 10


def file_size(count: int) -> str:
    """Write a number of bytes with the unit that suits it, in powers of a thousand: “12 MB”, « 12 Mo »."""
    size, place = float(count), 0
    while size >= _STEP and place < len(_UNITS) - 1:
        size, place = size / _STEP, place + 1
    rounded = round(size) if size >= _WHOLE_FROM or not place else round(size, 1)
    text = format_decimal(rounded, locale=language())
    return format_unit(text, f"digital-{_UNITS[place]}", length="short", locale=language())
