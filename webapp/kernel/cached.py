"""What is slow to ask for, remembered for a moment, so that a source of answers that hangs slows one caller only."""

import datetime as dt
from collections.abc import Callable
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
