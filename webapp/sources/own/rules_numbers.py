"""Numbers as people's files write them: with a point or a comma, with separators of thousands, with K, M or B."""

import math
import re
from functools import lru_cache

from webapp.sources.own.rules_imported import Cell

_SPACES = str.maketrans("", "", " \u00a0\u202f'’")
_CURRENCIES = "$€£¥"
_GROUPED = {
    ".": re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?"),
    ",": re.compile(r"[+-]?\d{1,3}(\.\d{3})+(,\d*)?"),
}
_PLAIN = re.compile(r"-?[0-9]+(?:\.[0-9]*)?")
_MARKS = {".": ",", ",": "."}
_MULTIPLES = {"K": 1e3, "M": 1e6, "B": 1e9}


def number(cell: Cell, decimal: str) -> float:
    """Return a finite number.

    :param decimal: ``.`` or ``,``; the other one may part thousands, in groups of three only.
    :raises ValueError: for anything else, the empty text among it.
    """
    if isinstance(cell, str):
        return _finite(float(cell)) if decimal == "." and _PLAIN.fullmatch(cell) else _of_text(cell, decimal)
    if cell is None or isinstance(cell, bool):
        raise ValueError(cell)
    return _finite(float(cell))


def volume(cell: Cell, decimal: str) -> float:
    """Return a number that may end with K, M or B (thousands, millions, thousand millions); nothing counts as zero.

    :raises ValueError: as ``number``.
    """
    if is_blank(cell):
        return 0.0
    if isinstance(cell, str) and (multiple := _MULTIPLES.get(cell.strip()[-1:].upper())):
        return _finite(number(cell.strip()[:-1], decimal) * multiple)
    return number(cell, decimal)


def is_blank(cell: Cell) -> bool:
    """Tell whether nothing stands there, in one of the ways in which files say so."""
    if isinstance(cell, str):
        return cell.strip().lower() in {"", "-", "nan", "null", "none", "n/a", "na"}
    return cell is None or (isinstance(cell, float) and math.isnan(cell))


def ungrouped(text: str) -> str:
    """Return a number's text without the spaces and apostrophes that part its thousands, and without its currency."""
    return text.translate(_SPACES).strip(_CURRENCIES)


@lru_cache(maxsize=65_536)
def _of_text(text: str, decimal: str) -> float:
    bare = ungrouped(text)
    if not bare.isascii() or "_" in bare:
        raise ValueError(text)
    if _GROUPED[decimal].fullmatch(bare):
        bare = bare.replace(_MARKS[decimal], "")
    elif _MARKS[decimal] in bare:
        raise ValueError(text)
    return _finite(float(bare.replace(",", ".")))


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise ValueError(value)
    return value
