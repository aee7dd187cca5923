"""What was made a moment ago and is not made again: kept for a while, or known by its fingerprint to whoever has it.

What is slow to ask for is remembered for a moment, so that a source of answers that hangs slows one caller only.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from enum import Enum
from threading import Lock
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Cached(Generic[Value]):
    """The latest answer to one question, asked by one thread at a time.

    While an answer is fresh it is given again. When it is stale, one thread loads the next one and the others go on
    with the stale one; only while there is none at all do they wait for the first.

    :param fresh: seconds for which an answer is given again.
    :param failed: seconds for which it is given again that there was no answer (longer: asking in vain takes long).
    """

    def __init__(self, fresh: float, failed: float) -> None:
        self._fresh = fresh
        self._failed = failed
        self._loading = Lock()
        self._latest: tuple[dt.datetime, Value | None] | None = None

    def get(self, now: Callable[[], dt.datetime], load: Callable[[], Value | None]) -> Value | None:
        """Return the latest answer, None when there was none.

        :param load: asks; returns None when nobody answers, and raises nothing that is to be remembered.
        """
        latest = self._latest
        if latest is not None and self._is_fresh(latest, now()):
            return latest[1]
        if not self._loading.acquire(blocking=latest is None):
            return latest[1] if latest else None
        try:
            newer = self._latest
            if newer is None or not self._is_fresh(newer, now()):
                value = load()
                newer = self._latest = (now(), value)
            return newer[1]
        finally:
            self._loading.release()

    def _is_fresh(self, answer: tuple[dt.datetime, Value | None], now: dt.datetime) -> bool:
        at, value = answer
        return 0 <= (now - at).total_seconds() < (self._failed if value is None else self._fresh)


def fingerprint(**values: object) -> str:
    """Return a short hash of values by their names: plain ones, dataclasses, times, sets, and mappings of these."""
    text = json.dumps(values, default=_plain, separators=(",", ":"))
    return hashlib.blake2s(text.encode(), digest_size=8).hexdigest()


def _plain(value: object) -> object:
    """Return what JSON has no word for as what it has."""
    if is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    if isinstance(value, dt.datetime):
        return value.timestamp()
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, AbstractSet):
        return sorted(value)
    if isinstance(value, Enum):
        return value.name
    raise TypeError(f"{type(value).__name__} is no part of a fingerprint")
