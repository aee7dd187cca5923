"""The client for scripts and notebooks: each verb returns when it is done."""

import time
from collections.abc import Callable
from functools import wraps
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

import httpx
import pyarrow as pa

from moisson_client.arrow_streams import read_table
from moisson_client.bar_frames import no_table
from moisson_client.calls import ARROW, Call, Flow, Lost, Pause, Reply, Step
from moisson_client.connection import connection, lost, reply_of
from moisson_client.retries import Retries
from moisson_client.verbs import Verbs

P = ParamSpec("P")
T = TypeVar("T")


def _blocking(verb: Callable[Concatenate[Verbs, P], Flow[T]]) -> Callable[Concatenate["Client", P], T]:
    """Return a verb as a method that returns its result; overloads stay what they are."""

    @wraps(verb)
    def run(self: "Client", /, *arguments: P.args, **named: P.kwargs) -> T:
        return self.run(verb(self.verbs, *arguments, **named))

    return run


class Client:
    """A Moisson somewhere else: its verbs are those of ``JobManager`` on the server itself.

    ``url`` is the server's address and ``token`` one of its bearer tokens; without them ``MOISSON_URL`` and
    ``MOISSON_TOKEN`` say both. After ``timeout`` seconds without a sign of life a request counts as lost; it is sent
    again with growing pauses (``retries``) wherever that does nothing twice. ``language`` is that of the server's
    sentences. ``transport`` is httpx's, for a proxy or certificates of one's own. Threads may share a client.

    It keeps connections open; close it, or use it as a context manager::

        with Client("http://127.0.0.1:8000") as moisson:
            frame = moisson.bars("AAPL", adjust="all")
    """

    def __init__(
        self,
        url: str | None = None,
        token: str | None = None,
        *,
        timeout: float = 30.0,
        retries: Retries | None = None,
        language: str = "en",
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._connection = connection(url, token, timeout, language)
        options: dict[str, Any] = self._connection.options
        self._http = httpx.Client(**options, transport=transport)
        self.verbs = Verbs(retries)

    def __repr__(self) -> str:
        """Say which server it is; never the token."""
        return f"{type(self).__name__}({self._connection.url!r})"

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, err: BaseException | None, at: TracebackType | None) -> None:
        """Close the connections."""
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def run(self, flow: Flow[T]) -> T:
        """Do the steps of a verb, one after the other, and return its result."""
        outcome: object = None
        try:
            while True:
                try:
                    step = flow.send(outcome)
                except StopIteration as end:
                    result: T = end.value
                    return result
                outcome = self._do(step)
        finally:
            flow.close()

    def _do(self, step: Step) -> object:
        if isinstance(step, Call):
            return self._send(step)
        if isinstance(step, Pause):
            time.sleep(step.seconds)
            return None
        return step.do()

    def _send(self, call: Call) -> Reply | Lost:
        request: dict[str, Any] = self._connection.request(call)
        try:
            with self._http.stream(**request) as response:
                if response.is_success and response.headers.get("Content-Type") == ARROW:
                    return Reply(response.status_code, table=read_table(response.iter_bytes()))
                response.read()
                return reply_of(response)
        except (httpx.TransportError, httpx.DecodingError) as err:
            return lost(self._connection.url, err)
        except pa.ArrowInvalid as err:
            raise no_table() from err

    get_statistics = _blocking(Verbs.get_statistics)
    get_active_jobs = _blocking(Verbs.get_active_jobs)
    get_recent_jobs = _blocking(Verbs.get_recent_jobs)
    submit = _blocking(Verbs.submit)
    clone = _blocking(Verbs.clone)
    cancel = _blocking(Verbs.cancel)
    pause = _blocking(Verbs.pause)
    resume = _blocking(Verbs.resume)
    retry = _blocking(Verbs.retry)
    prioritize = _blocking(Verbs.prioritize)
    wait = _blocking(Verbs.wait)
    bars = _blocking(Verbs.bars)
    get = _blocking(Verbs.get)
    series = _blocking(Verbs.series)
    coverage = _blocking(Verbs.coverage)
    gaps = _blocking(Verbs.gaps)
    actions = _blocking(Verbs.actions)
    calendars = _blocking(Verbs.calendars)
    sessions = _blocking(Verbs.sessions)
