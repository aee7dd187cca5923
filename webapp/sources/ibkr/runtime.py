"""What one worker process has: a thread for its connections, the connections, and what it learned of instruments."""

import atexit
import os
import socket
from dataclasses import dataclass, field

from webapp.sources.base import ClientTools
from webapp.sources.ibkr.connection.connection_pool import ConnectionPool, PoolSettings
from webapp.sources.ibkr.connection.loop import LoopThread
from webapp.sources.ibkr.gateway_requests import GatewayRequests
from webapp.sources.ibkr.instruments.instrument_cache import InstrumentCache


@dataclass(slots=True)
class IbkrRuntime:
    """One process's part of the source, for one Redis. ``tools`` keeps the Redis handle that it is known by alive."""

    tools: ClientTools
    pool_settings: PoolSettings
    pid: int = field(default_factory=os.getpid)
    loop: LoopThread = field(init=False)
    pool: ConnectionPool = field(init=False)
    requests: GatewayRequests = field(init=False)
    instruments: InstrumentCache = field(init=False)

    def __post_init__(self) -> None:
        """Make its parts; nothing is begun yet."""
        owner = f"{socket.gethostname()}:{self.pid}"
        self.loop = LoopThread()
        self.pool = ConnectionPool(self.tools.redis, owner, self.tools.now, self.pool_settings)
        self.requests = GatewayRequests(self.loop, self.pool, self.tools)
        self.instruments = InstrumentCache(self.requests, self.tools.redis, self.tools.now)

    def close(self) -> None:
        """Close the connections and give back what they held; quick, and nothing in a forked child."""
        if self.pid != os.getpid() or not self.loop.is_running:
            return
        try:
            self.loop.run(self.pool.close_all, 1.0)
        except TimeoutError:
            return
        self.pool.release_leases()
        self.loop.stop()


_RUNTIMES: dict[tuple[int, int], IbkrRuntime] = {}
"""By process and Redis handle: two clients in one process share their connections, and a forked child has none yet.
What it inherited stays here untouched, so that nothing closes its parent's sockets."""


def get_runtime(tools: ClientTools, pool_settings: PoolSettings) -> IbkrRuntime:
    """Return what this process has, made on first use. No lock is needed, and none can be inherited in a bad state."""
    key = (os.getpid(), id(tools.redis))
    if key not in _RUNTIMES:
        created = IbkrRuntime(tools, pool_settings)
        if _RUNTIMES.setdefault(key, created) is created:
            atexit.register(created.close)
    return _RUNTIMES[key]


def close_runtime(tools: ClientTools) -> None:
    """Close this process's connections; they are opened again when they are needed."""
    runtime = _RUNTIMES.pop((os.getpid(), id(tools.redis)), None)
    if runtime is not None:
        atexit.unregister(runtime.close)
        runtime.close()
