"""Times of day as people's files write them, and what stands beside them: an offset from UTC, or a time zone."""

import re
from functools import lru_cache
from zoneinfo import ZoneInfo

from webapp.errors import sentence
from webapp.kernel.intervals import HOUR, MINUTE
from webapp.sources.own.rules_imported import UnreadableLineError

_CLOCK = re.compile(
    r"(\d{1,2})(?:(h)|:)?(?:(\d{2})(?::?(\d{2})(?:[.,](\d+))?)?)?(?:[\s-]*([AP])\.?M\b\.?)?\s*(\S.*)?", re.IGNORECASE
)
_OFFSET = re.compile(r"(?:GMT|UTC?)?\s*([+-])(\d{1,2}?)(?::?(\d{2}))?", re.IGNORECASE)
_BRACKETS = re.compile(r"\s*[(\[].*[)\]]$")
_NAME = re.compile(r"[A-Za-z]+(?:[/_+-]?[A-Za-z0-9]+)*")
_NOON = 12
_MIDNIGHT = 24
_HOURS = {"EDT": -4, "CET": 1, "CEST": 2, "MET": 1, "MEZ": 1, "MESZ": 2, "PST": -8, "PDT": -7, "JST": 9, "HKT": 8}
"""Letters that stand for one offset the world over; ``CST`` and ``BST`` do not."""

Clock = tuple[int, int | str | None]
"""Seconds since midnight, with the offset from UTC in seconds, the time zone, or None where neither is written."""


def clock_of(text: str) -> Clock:
    """Return what a time of day says.

    :raises UnreadableLineError: when it is no time of day, or no whole second.
    """
    parsed = _parse(text) if text else (0, None)
    if parsed is None:
        raise UnreadableLineError(sentence("“%(text)s” is not a time of day.", text=text[:40]))
    return parsed


@lru_cache(maxsize=100_000)
def _parse(text: str) -> Clock | None:
    match = _CLOCK.fullmatch(text)
    if match is None or (match[5] or "").strip("0"):
        return None
    if match[3] is None and not match[2] and not match[6]:
        return None  # an hour alone may be anything
    hours, minutes, seconds = int(match[1]), int(match[3] or 0), int(match[4] or 0)
    if match[6]:
        hours = hours % _NOON + (_NOON if match[6].upper() == "P" else 0)
    if hours > _MIDNIGHT or minutes >= MINUTE or seconds >= MINUTE:
        return None
    elapsed = hours * HOUR + minutes * MINUTE + seconds
    if match[7] is None:
        return elapsed, None
    place = _place(match[7])
    return None if place is None else (elapsed, place)


def _place(text: str) -> int | str | None:
    """Return the offset or the time zone that a text names; None for anything else."""
    bare = _BRACKETS.sub("", text).strip() or text.strip("()[]")
    if bare.upper() in {"Z", "UTC", "GMT", "UT"}:
        return 0
    if offset := _OFFSET.fullmatch(bare):
        seconds = int(offset[2]) * HOUR + int(offset[3] or 0) * MINUTE
        return -seconds if offset[1] == "-" else seconds
    if bare.upper() in _HOURS:
        return _HOURS[bare.upper()] * HOUR
    return bare if _is_zone(bare) else None


@lru_cache(maxsize=1024)
def _is_zone(name: str) -> bool:
    if not _NAME.fullmatch(name):
        return False
    try:
        ZoneInfo(name)
    except (OSError, ValueError, LookupError):
        return False
    return True
