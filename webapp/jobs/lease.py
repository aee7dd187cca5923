"""A worker's sign of life for the job it holds, from a thread of its own, so that a slow source does not look dead."""

import contextvars
import datetime as dt
import logging
import threading
import time
from types import TracebackType
from typing import Self

from sqlalchemy.exc import SQLAlchemyError

from webapp.context import Context
from webapp.database.transactions import writing
from webapp.errors import LeaseLostError
from webapp.jobs import queries_claims, watchdog
from webapp.jobs.claims import Claim
from webapp.kernel.job_states import Intent

log = logging.getLogger(__name__)


class Heartbeat:
    """Renews a lease every quarter of its length, and at least every two seconds.

    ``is_lost`` becomes true when the job is no longer ours, and also when no renewal could be written for so long that
    another worker may have taken it (self-fencing). Monotonic and wall clock both count: the monotonic one stands
    still while the machine sleeps.
    """

    def __init__(self, context: Context, claim: Claim) -> None:
        self._context = context
        self._claim = claim
        self._lease = context.rules.lease
        self._started = time.monotonic()
        self._stop = threading.Event()
        self._renewed_at = (time.monotonic(), time.time())
        self._lost = False
        self._is_wanted = True
        surroundings = contextvars.copy_context()
        self._thread = threading.Thread(target=lambda: surroundings.run(self._run), name="heartbeat", daemon=True)

    def __enter__(self) -> Self:
        """Begin to renew the lease."""
        watchdog.register(self._claim)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop renewing it."""
        watchdog.unregister(self._claim)
        self._stop.set()
        self._thread.join(timeout=5)

    @property
    def is_lost(self) -> bool:
        """Whether nothing more may be done under this claim.

        After a silence as long as the lease (a sleep of the machine, a locked database) the job is asked whose it is.
        """
        monotonic, wall = self._renewed_at
        silent = max(time.monotonic() - monotonic, time.time() - wall)
        if not self._lost and silent > self._lease:
            self._renew()
            return self._lost or self._renewed_at == (monotonic, wall)
        return self._lost

    @property
    def is_interrupted(self) -> bool:
        """Whether it is time to look at the job's row: it may be lost, or was not wanted to run at the last renewal.

        What is wanted stands in the row alone; this says only that there is something to read.
        """
        return self.is_lost or not self._is_wanted

    def sleep(self, seconds: float) -> None:
        """Wait, but no longer than it takes to learn of an interruption."""
        until = time.monotonic() + seconds
        while not self.is_interrupted and (rest := until - time.monotonic()) > 0:
            self._stop.wait(min(rest, 0.25))

    def _run(self) -> None:
        while not self._stop.wait(min(self._lease / 4, 2.0)):
            if time.monotonic() - self._started > self._context.rules.time_limit:
                watchdog.end_process(self._context, self._claim)
            self._renew()
            if self._lost:
                return

    def _renew(self) -> None:
        try:
            with writing() as connection:
                lease = dt.timedelta(seconds=self._lease)
                intent = queries_claims.renew_lease(connection, self._claim, self._context.now(), lease)
            self._is_wanted = intent is Intent.RUN
            self._renewed_at = (time.monotonic(), time.time())
        except LeaseLostError:
            self._lost = True
        except SQLAlchemyError:
            log.warning("the heartbeat of job %s could not be written", self._claim.job_id, exc_info=True)
