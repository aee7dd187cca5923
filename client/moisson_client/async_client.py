"""The client for programs with an event loop: each verb is awaited."""

from collections.abc import Awaitable, Callable
from functools import wraps
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

import anyio
import anyio.to_thread
import httpx

from moisson_client.calls import Call, Flow, Lost, Pause, Reply, Step
from moisson_client.connection import connection, lost, reply_of
from moisson_client.retries import Retries
from moisson_client.verbs import Verbs

P = ParamSpec("P")
T = TypeVar("T")


def _awaited(verb: Callable[Concatenate[Verbs, P], Flow[T]]) -> Callable[Concatenate["AsyncClient", P], Awaitable[T]]:
    """Return a verb as a method whose result is awaited; overloads stay what they are."""

    @wraps(verb)
    async def run(self: "AsyncClient", /, *arguments: P.args, **named: P.kwargs) -> T:
        return await self.run(verb(self.verbs, *arguments, **named))

    return run


class AsyncClient:
    """What ``Client`` is, for asyncio and Trio: the same arguments and verbs, and each verb is awaited.

    Frames are made in a thread, so that a long one does not stop the event loop::

        async with AsyncClient("http://127.0.0.1:8000") as moisson:
            frame = await moisson.bars("AAPL", adjust="all")
    """

    def __init__(
        self,
        url: str | None = None,
        token: str | None = None,
        *,
        timeout: float = 30.0,
        retries: Retries | None = None,
        language: str = "en",
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._connection = connection(url, token, timeout, language)
        options: dict[str, Any] = self._connection.options
        self._http = httpx.AsyncClient(**options, transport=transport)
        self.verbs = Verbs(retries)

    def __repr__(self) -> str:
        """Say which server it is; never the token."""
        return f"{type(self).__name__}({self._connection.url!r})"

    async def __aenter__(self) -> Self:
        """Return itself."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, err: BaseException | None, at: TracebackType | None
    ) -> None:
        """Close the connections."""
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def run(self, flow: Flow[T]) -> T:
        """Do the steps of a verb, one after the other, and return its result."""
        outcome: object = None
        try:
            while True:
                try:
                    step = flow.send(outcome)
                except StopIteration as end:
                    result: T = end.value
                    return result
                outcome = await self._do(step)
        finally:
            flow.close()

    async def _do(self, step: Step) -> object:
        if isinstance(step, Call):
            return await self._send(step)
        if isinstance(step, Pause):
            await anyio.sleep(step.seconds)
            return None
        return await anyio.to_thread.run_sync(step.do)

    async def _send(self, call: Call) -> Reply | Lost:
        request: dict[str, Any] = self._connection.request(call)
        try:
            return reply_of(await self._http.request(**request))
        except (httpx.TransportError, httpx.DecodingError) as err:
            return lost(self._connection.url, err)

    get_statistics = _awaited(Verbs.get_statistics)
    get_active_jobs = _awaited(Verbs.get_active_jobs)
    get_recent_jobs = _awaited(Verbs.get_recent_jobs)
    submit = _awaited(Verbs.submit)
    clone = _awaited(Verbs.clone)
    cancel = _awaited(Verbs.cancel)
    pause = _awaited(Verbs.pause)
    resume = _awaited(Verbs.resume)
    retry = _awaited(Verbs.retry)
    prioritize = _awaited(Verbs.prioritize)
    wait = _awaited(Verbs.wait)
    bars = _awaited(Verbs.bars)
    get = _awaited(Verbs.get)
    series = _awaited(Verbs.series)
    coverage = _awaited(Verbs.coverage)
    gaps = _awaited(Verbs.gaps)
    actions = _awaited(Verbs.actions)
    calendars = _awaited(Verbs.calendars)
    sessions = _awaited(Verbs.sessions)
