"""Turns in the pace that all workers share, around every request to a service."""

import email.utils
import logging
import time
from collections.abc import Callable

from webapp.sources.base import ClientTools, SourceError
from webapp.sources.kit.errors import ServiceErrors
from webapp.sources.pace import Pace, Turn

log = logging.getLogger(__name__)


def open_pace(tools: ClientTools, source: str, rate: float = 1.0) -> Pace:
    """Return the shared pace of a source by its settings; ``rate`` (requests a second) where they say nothing."""
    settings = tools.settings
    rate = float(settings.get("requests_per_second") or rate)
    return Pace(tools.redis, source, 1 / rate, float(settings.get("cooldown_seconds") or 60.0))


def parse_retry_after(text: str | None, now: float) -> float | None:
    """Return the seconds that a ``Retry-After`` asks for, as seconds or as an HTTP date; None when it says nothing.

    :param now: epoch seconds.
    """
    text = (text or "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(text).timestamp() - now)
    except (ValueError, OverflowError):
        return None


class Turns:
    """The turns of one service: waits for them, and makes all workers pause when the service asks for it."""

    def __init__(
        self,
        pace: Pace,
        errors: ServiceErrors,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._pace = pace
        self._errors = errors
        self._sleep = sleep
        self._now = now

    def wait(self) -> Turn:
        """Wait for the next turn.

        :raises SourceError: while a cool-down lasts, or when the turn is far off.
        """
        turn = self._pace.take()
        if turn.is_cooling_down:
            raise self._errors.too_many_requests(turn.wait)
        if turn.is_refused:
            raise self._errors.no_turn(turn.wait)
        if turn.wait > 0:
            self._sleep(turn.wait)
            if cooling := self._pace.cooling():  # somebody else was refused while we waited for our turn
                raise self._errors.too_many_requests(cooling)
        return turn

    def cool_down(self, retry_after: str | None = None) -> SourceError:
        """Begin a cool-down for all workers, as long as the header asks at least; return the error to raise."""
        return self._errors.too_many_requests(self._pace.cool_down(parse_retry_after(retry_after, self._now())))

    def note_success(self, turn: Turn) -> None:
        """Note that the service answers again; a good answer is not lost because Redis is away just then."""
        if not turn.is_trial:
            return
        try:
            self._pace.succeeded()
        except SourceError as err:
            log.warning("not noted that the source answers again: %s", err)
