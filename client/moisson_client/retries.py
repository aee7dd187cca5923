"""Asking again: after a lost connection, and when the server says that it is busy or away for a moment."""

import datetime as dt
import random
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from moisson_client.answers import error_of
from moisson_client.calls import Call, Flow, Lost, Pause, Reply, sent

_BUSY = (429, 503)
_CONFLICT = 409
_FAILED = 400


def _some(most: float) -> float:
    return random.uniform(most / 2, most)  # noqa: S311 -- spreads clients over time; no secret


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@dataclass(frozen=True, slots=True)
class Retries:
    """How often a request is sent again, and how long to pause before: twice as long each time.

    What the server says (``Retry-After``) goes before; where that is longer than ``patience`` seconds, its error is
    raised at once instead.
    """

    most: int = 5
    first: float = 0.25
    longest: float = 8.0
    patience: float = 120.0
    spread: Callable[[float], float] = _some
    now: Callable[[], dt.datetime] = _now

    def answered(self, call: Call) -> Flow[Reply]:
        """Send a request until it is answered for good, and return an answer that is none of an error.

        Only what may arrive twice is sent again once it may have arrived; what never left is always.

        :raises MoissonError: with the server's sentence, or one that says why there is no answer.
        """
        sending = 0
        while True:
            outcome = yield from sent(call)
            if isinstance(outcome, Reply) and outcome.status < _FAILED:
                return outcome
            pause = self._pause(call, outcome, sending) if sending < self.most else None
            if pause is None:
                raise error_of(outcome)
            sending += 1
            yield Pause(pause)

    def _pause(self, call: Call, outcome: Reply | Lost, sending: int) -> float | None:
        """Return the seconds until a request is to be sent again, or None when it is not to be."""
        usual = self.spread(min(self.longest, self.first * 2**sending))
        if isinstance(outcome, Lost):
            return usual if call.is_repeatable or not outcome.was_sent else None
        if not call.is_repeatable:
            return None
        if outcome.status == _CONFLICT and call.key and sending:
            return usual  # the first of them is still being worked on
        if outcome.status not in _BUSY:
            return None
        asked = self._retry_after(outcome.headers.get("retry-after", ""))
        if asked is None:
            return usual
        return asked if asked <= self.patience else None

    def _retry_after(self, text: str) -> float | None:
        """Return the seconds that a header of that name says, as a number or as a date; None for anything else."""
        if text.strip().isdigit():
            return float(text)
        try:
            until = parsedate_to_datetime(text)
        except ValueError:
            return None
        if until.tzinfo is None:
            until = until.replace(tzinfo=dt.UTC)
        return max(0.0, (until - self.now()).total_seconds())
