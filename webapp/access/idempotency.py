"""Doing once what is asked twice: a client that got no answer sends its request again, under the same key."""

import datetime as dt
import time
from collections.abc import Callable
from dataclasses import dataclass

from webapp.access import queries_idempotency
from webapp.access.queries_idempotency import Asking, KeptAnswer
from webapp.context import Context
from webapp.database.transactions import reading, writing
from webapp.errors import ConflictError, InvalidRequestError, sentence

KEPT_FOR = dt.timedelta(hours=24)
_ABANDONED_AFTER = dt.timedelta(minutes=1)
"""How long a request may be worked on; gunicorn ends a worker that takes longer."""
_PATIENCE = 2.0
_LOOKS_EVERY = 0.05


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer to a request, and whether it is that of an earlier one."""

    answer: KeptAnswer
    is_repeated: bool


def once(context: Context, asking: Asking, act: Callable[[], KeptAnswer]) -> Outcome:
    """Do what is asked, or return the answer that the same request got within the last 24 hours.

    Of two requests at the same time one acts (a unique index decides) and the other waits for its answer. What fails
    frees the key, so that a corrected request may use it again.

    :raises InvalidRequestError: when the key was used for another request.
    :raises ConflictError: when the first request is not answered within two seconds.
    """
    key_id = None
    until = time.monotonic() + _PATIENCE
    while key_id is None:
        now = context.now()
        with writing() as connection:
            key_id = queries_idempotency.claim(
                connection, asking, now, expires=now + KEPT_FOR, abandoned=now - _ABANDONED_AFTER
            )
        if key_id is None and (earlier := _answer_of(asking, until)):
            return Outcome(earlier, is_repeated=True)
    try:
        answer = act()
    except Exception:
        with writing() as connection:
            queries_idempotency.release(connection, key_id)
        raise
    with writing() as connection:
        queries_idempotency.keep(connection, key_id, answer)
    return Outcome(answer, is_repeated=False)


def _answer_of(asking: Asking, until: float) -> KeptAnswer | None:
    """Wait for the answer to the first request; None when its key has become free."""
    while True:
        with reading() as connection:
            row = queries_idempotency.find(connection, asking)
        if row is None:
            return None
        if row.digest != asking.digest:
            message = sentence("This key was used for another request. Use a new key for a new request.")
            raise InvalidRequestError({"Idempotency-Key": message})
        if row.answer:
            return row.answer
        if time.monotonic() > until:
            raise ConflictError(
                sentence("The first request with this key is still being worked on. Ask again in a moment.")
            )
        time.sleep(_LOOKS_EVERY)
