"""The connections of one process: one to each gateway, opened when it is first needed and closed when it is not.

A process is told by its id, so that a forked child opens its own. What it inherited it neither uses nor closes: the
socket is its parent's. All of a ``ConnectionPool`` but its making happens in the thread of the event loop.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from redis import Redis
from redis.exceptions import RedisError

from webapp.kernel.gateways import Gateway
from webapp.kernel.job_states import ErrorKind
from webapp.sources.base import SourceError
from webapp.sources.ibkr.connection import client_ids, connection_status
from webapp.sources.ibkr.connection.connecting import connect, status_of, with_wait
from webapp.sources.ibkr.connection.tws_connection import TwsConnection
from webapp.sources.ibkr.messages.wire_errors import WireError

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PoolSettings:
    """How connections are kept, in seconds."""

    idle: float = 300.0
    """A connection that was not used for so long is closed."""
    proof: float = 10.0
    """One that was not used for so long must answer what time it is before it is used."""
    proof_patience: float = 3.0
    beat: float = 10.0
    """How often the sidebar's status and the client id's lease are renewed."""
    opening: float = 8.0
    first_pause: float = 1.0
    """How long a gateway that could not be reached is left alone; doubled each time."""
    longest_pause: float = 30.0


@dataclass(slots=True)
class PooledConnection:
    """What a process has at one gateway."""

    gateway: Gateway
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    connection: TwsConnection | None = None
    lease: client_ids.ClientId | None = None
    failures: int = 0
    failure: SourceError | None = None
    closed_until: float = 0.0
    was_lost: bool = False
    """Whether the gateway was away since the last connection was opened."""


class ConnectionPool:
    """All connections of a process. ``owner`` names it to people."""

    def __init__(self, redis: Redis, owner: str, now: Callable[[], float], settings: PoolSettings) -> None:
        self.settings = settings
        self._redis = redis
        self._owner = owner
        self._now = now
        self._pooled: dict[tuple[str, int], PooledConnection] = {}
        self._maintenance: asyncio.Task[None] | None = None

    async def get_connection(self, gateway: Gateway, *, is_test: bool = False) -> TwsConnection:
        """Return a connection that works, opened now if need be.

        :param is_test: a person asks: try, even if the last failure was a moment ago, and see that it answers.
        :raises SourceError: when there is none to be had.
        """
        pooled = self._pooled.setdefault((gateway.host, gateway.port), PooledConnection(gateway))
        async with pooled.lock:
            pooled.gateway = gateway
            if pooled.connection is not None:
                if pooled.connection.is_open and await self._is_healthy(pooled.connection, is_test=is_test):
                    return pooled.connection
                pooled.was_lost = True
                await self._close(pooled)
            if not is_test:
                _raise_if_backing_off(pooled)
            return await self._open(pooled)

    async def close_all(self) -> None:
        """Close all connections, without Redis; see ``release_leases``."""
        if self._maintenance is not None:
            self._maintenance.cancel()
        for pooled in self._pooled.values():
            if pooled.connection is not None:
                pooled.connection.close()
        await asyncio.sleep(0)  # lets the sockets say goodbye

    def release_leases(self) -> None:
        """Release what the connections hold in Redis; callable from any thread, after ``close_all``."""
        for pooled in self._pooled.values():
            try:
                self._release(pooled)
            except SourceError as err:
                log.info("%s", err)

    async def _is_healthy(self, connection: TwsConnection, *, is_test: bool) -> bool:
        """Tell whether a connection can be used: one that was idle, or is suspect, or is tested, must answer."""
        is_busy = bool(connection.open_requests) or time.monotonic() - connection.used < self.settings.proof
        if connection.condition.is_cut or (is_busy and not connection.is_suspect and not is_test):
            return True
        try:
            await connection.time(self.settings.proof_patience)
        except WireError as err:
            log.warning("the connection to %s is dead: %s", connection.gateway.host, err)
            return False
        return True

    async def _open(self, pooled: PooledConnection) -> TwsConnection:
        try:
            lease = pooled.lease
            if lease is None:
                lease = pooled.lease = await asyncio.to_thread(self._lease_client_id, pooled.gateway)
            pooled.connection = await connect(pooled.gateway, lease, self.settings.opening)
        except SourceError as err:
            if not isinstance(err.__cause__, RedisError):
                await self._record_failure(pooled, err)
            raise
        if pooled.was_lost:
            pooled.connection.condition.restore()
        pooled.failures, pooled.failure, pooled.was_lost = 0, None, False
        log.info("connected to %s:%s as client %s", pooled.gateway.host, pooled.gateway.port, lease.number)
        await self._in_redis(partial(self._publish_status, pooled))
        await self._in_redis(partial(connection_status.clear_failure, self._redis, pooled.gateway.name))
        if self._maintenance is None or self._maintenance.done():
            self._maintenance = asyncio.create_task(self._maintenance_loop())
        return pooled.connection

    async def _record_failure(self, pooled: PooledConnection, error: SourceError) -> None:
        """Note a failure, so that the gateway is left alone for a while and people see why."""
        pause = min(self.settings.first_pause * 2.0**pooled.failures, self.settings.longest_pause)
        pooled.failures = min(pooled.failures + 1, 16)
        pooled.was_lost = True
        pooled.failure, pooled.closed_until = error, time.monotonic() + pause
        error.retry_after = max(pause, error.retry_after or 0.0)
        log.warning("%s:%s: %s", pooled.gateway.host, pooled.gateway.port, error)
        await self._in_redis(
            partial(connection_status.write_failure, self._redis, pooled.gateway.name, error.message, self._now())
        )
        lease, pooled.lease = pooled.lease, None
        if lease is not None:
            await self._in_redis(lease.release)

    async def _close(self, pooled: PooledConnection) -> None:
        """Drop a connection that is of no use any more."""
        if pooled.connection is not None:
            pooled.connection.close()
        await self._in_redis(partial(self._release, pooled))

    def _release(self, pooled: PooledConnection) -> None:
        lease, pooled.lease, pooled.connection = pooled.lease, None, None
        if lease is not None:
            connection_status.withdraw(self._redis, self._owner, pooled.gateway.name)
            lease.release()

    async def _maintenance_loop(self) -> None:
        """Renew what Redis knows of the connections, and close what is idle or dead."""
        while True:
            await asyncio.sleep(self.settings.beat)
            for pooled in list(self._pooled.values()):
                async with pooled.lock:
                    await self._maintain(pooled)

    async def _maintain(self, pooled: PooledConnection) -> None:
        if pooled.connection is None:
            return
        is_idle = not pooled.connection.open_requests and time.monotonic() - pooled.connection.used > self.settings.idle
        if is_idle or not pooled.connection.is_open:
            log.info("closing the connection to %s: %s", pooled.gateway.host, "idle" if is_idle else "it broke off")
            pooled.was_lost = not pooled.connection.is_open
            await self._close(pooled)
            return
        await self._in_redis(partial(self._publish_status, pooled))

    def _publish_status(self, pooled: PooledConnection) -> None:
        if pooled.connection is not None and pooled.lease is not None:
            connection_status.publish(self._redis, status_of(pooled.connection, self._owner))
            pooled.lease.renew()

    def _lease_client_id(self, gateway: Gateway) -> client_ids.ClientId:
        return client_ids.lease(self._redis, f"{gateway.host}:{gateway.port}", gateway.client_id, self._owner)

    async def _in_redis(self, work: Callable[[], object]) -> None:
        """Do something in Redis that may fail: what it tells is for people, or comes back by itself."""
        try:
            await asyncio.to_thread(work)
        except (SourceError, RuntimeError) as err:  # RuntimeError: the interpreter is about to end
            log.info("%s", err)


def _raise_if_backing_off(pooled: PooledConnection) -> None:
    """Answer at once for a gateway that could not be reached a moment ago.

    :raises SourceError: the same as then, with the time that is left.
    """
    remaining = pooled.closed_until - time.monotonic()
    if pooled.failure is not None and pooled.failure.kind is ErrorKind.GATEWAY_DOWN and remaining > 0:
        raise with_wait(pooled.failure, max(1.0, remaining))
