"""The connections of one process: one to each gateway, opened when it is first needed and closed when it is not.

A process is told by its id, so that a forked child opens its own. What it inherited it neither uses nor closes: the
socket is its parent's. All of a ``Lines`` object but its making happens in the thread of the event loop.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from redis import Redis
from redis.exceptions import RedisError

from webapp.domain.gateways import Gateway
from webapp.domain.jobs import ErrorKind
from webapp.sources.base import SourceError
from webapp.sources.ibkr.connection import client_ids, connection_status
from webapp.sources.ibkr.connection.connecting import opened, state_of, with_wait
from webapp.sources.ibkr.connection.tws_connection import Link
from webapp.sources.ibkr.messages.wire_errors import WireError

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Habits:
    """How connections are kept, in seconds."""

    idle: float = 300.0
    """A connection that was not used for so long is closed."""
    proof: float = 10.0
    """One that was not used for so long must answer what time it is before it is used."""
    proof_patience: float = 3.0
    beat: float = 10.0
    """How often the sidebar's line and the client id's lease are renewed."""
    opening: float = 8.0
    first_pause: float = 1.0
    """How long a gateway that could not be reached is left alone; doubled each time."""
    longest_pause: float = 30.0


@dataclass(slots=True)
class Line:
    """What a process has at one gateway."""

    gateway: Gateway
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    link: Link | None = None
    lease: client_ids.ClientId | None = None
    failures: int = 0
    failure: SourceError | None = None
    closed_until: float = 0.0
    was_lost: bool = False
    """Whether the gateway was away since the last connection was opened."""


class Lines:
    """All connections of a process. ``owner`` names it to people."""

    def __init__(self, redis: Redis, owner: str, now: Callable[[], float], habits: Habits) -> None:
        self.habits = habits
        self._redis = redis
        self._owner = owner
        self._now = now
        self._lines: dict[tuple[str, int], Line] = {}
        self._beat: asyncio.Task[None] | None = None

    async def link(self, gateway: Gateway, *, is_test: bool = False) -> Link:
        """Return a connection that works, opened now if need be.

        :param is_test: a person asks: try, even if the last failure was a moment ago, and see that it answers.
        :raises SourceError: when there is none to be had.
        """
        line = self._lines.setdefault((gateway.host, gateway.port), Line(gateway))
        async with line.lock:
            line.gateway = gateway
            if line.link is not None:
                if line.link.is_open and await self._is_well(line.link, is_test=is_test):
                    return line.link
                line.was_lost = True
                await self._close(line)
            if not is_test:
                _let_rest(line)
            return await self._open(line)

    async def close_all(self) -> None:
        """Close all connections, without Redis; see ``tidy``."""
        if self._beat is not None:
            self._beat.cancel()
        for line in self._lines.values():
            if line.link is not None:
                line.link.close()
        await asyncio.sleep(0)  # lets the sockets say goodbye

    def tidy(self) -> None:
        """Give back what the lines hold in Redis; callable from any thread, after ``close_all``."""
        for line in self._lines.values():
            try:
                self._let_go(line)
            except SourceError as err:
                log.info("%s", err)

    async def _is_well(self, link: Link, *, is_test: bool) -> bool:
        """Tell whether a connection can be used: one that was idle, or is suspect, or is tested, must answer."""
        is_busy = bool(link.open_requests) or time.monotonic() - link.used < self.habits.proof
        if link.condition.is_cut or (is_busy and not link.is_suspect and not is_test):
            return True
        try:
            await link.time(self.habits.proof_patience)
        except WireError as err:
            log.warning("the connection to %s is dead: %s", link.gateway.host, err)
            return False
        return True

    async def _open(self, line: Line) -> Link:
        try:
            lease = await asyncio.to_thread(self._leased, line.gateway) if line.lease is None else line.lease
            line.lease = lease
            line.link = await opened(line.gateway, lease, self.habits.opening)
        except SourceError as err:
            if not isinstance(err.__cause__, RedisError):
                await self._failed(line, err)
            raise
        if line.was_lost:
            line.link.condition.restore()
        line.failures, line.failure, line.was_lost = 0, None, False
        log.info("connected to %s:%s as client %s", line.gateway.host, line.gateway.port, lease.number)
        await self._in_redis(partial(self._show, line))
        await self._in_redis(partial(connection_status.clear_failure, self._redis, line.gateway.name))
        if self._beat is None or self._beat.done():
            self._beat = asyncio.create_task(self._keep())
        return line.link

    async def _failed(self, line: Line, error: SourceError) -> None:
        """Note a failure, so that the gateway is left alone for a while and people see why."""
        pause = min(self.habits.first_pause * 2.0**line.failures, self.habits.longest_pause)
        line.failures = min(line.failures + 1, 16)
        line.was_lost = True
        line.failure, line.closed_until = error, time.monotonic() + pause
        error.retry_after = max(pause, error.retry_after or 0.0)
        log.warning("%s:%s: %s", line.gateway.host, line.gateway.port, error)
        await self._in_redis(
            partial(connection_status.write_failure, self._redis, line.gateway.name, error.message, self._now())
        )
        lease, line.lease = line.lease, None
        if lease is not None:
            await self._in_redis(lease.give_back)

    async def _close(self, line: Line) -> None:
        """Drop a connection that is of no use any more."""
        if line.link is not None:
            line.link.close()
        await self._in_redis(partial(self._let_go, line))

    def _let_go(self, line: Line) -> None:
        lease, line.lease, line.link = line.lease, None, None
        if lease is not None:
            connection_status.remove(self._redis, self._owner, line.gateway.name)
            lease.give_back()

    async def _keep(self) -> None:
        """Renew what Redis knows of the connections, and close what is idle or dead."""
        while True:
            await asyncio.sleep(self.habits.beat)
            for line in list(self._lines.values()):
                async with line.lock:
                    await self._look_after(line)

    async def _look_after(self, line: Line) -> None:
        if line.link is None:
            return
        is_idle = not line.link.open_requests and time.monotonic() - line.link.used > self.habits.idle
        if is_idle or not line.link.is_open:
            log.info("closing the connection to %s: %s", line.gateway.host, "idle" if is_idle else "it broke off")
            line.was_lost = not line.link.is_open
            await self._close(line)
            return
        await self._in_redis(partial(self._show, line))

    def _show(self, line: Line) -> None:
        if line.link is not None and line.lease is not None:
            connection_status.write(self._redis, state_of(line.link, self._owner))
            line.lease.renew()

    def _leased(self, gateway: Gateway) -> client_ids.ClientId:
        return client_ids.lease(self._redis, f"{gateway.host}:{gateway.port}", gateway.client_id, self._owner)

    async def _in_redis(self, work: Callable[[], object]) -> None:
        """Do something in Redis that may fail: what it tells is for people, or comes back by itself."""
        try:
            await asyncio.to_thread(work)
        except (SourceError, RuntimeError) as err:  # RuntimeError: the interpreter is about to end
            log.info("%s", err)


def _let_rest(line: Line) -> None:
    """Answer at once for a gateway that could not be reached a moment ago.

    :raises SourceError: the same as then, with the time that is left.
    """
    left = line.closed_until - time.monotonic()
    if line.failure is not None and line.failure.kind is ErrorKind.GATEWAY_DOWN and left > 0:
        raise with_wait(line.failure, max(1.0, left))
