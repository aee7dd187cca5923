"""What a verb asks of whoever runs it: send a request, pause, or do some work. Nothing here opens a connection.

A verb is a generator (a ``Flow``) that yields steps and is sent their outcomes, so that one text serves the blocking
client and the asynchronous one, and a test can play the server without any.
"""

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pyarrow as pa

ARROW = "application/vnd.apache.arrow.stream"
JSON = "application/json"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Call:
    """A request. ``patience`` are seconds that the server may let it wait on purpose, beyond the usual time-out."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    body: Mapping[str, object] | None = None
    key: str | None = None
    """The idempotency key of a POST that the server does once, however often it arrives."""
    accept: str = JSON
    patience: float = 0.0
    is_reading: bool = False
    """Whether a POST changes nothing, and has a body only because a query would be too long."""

    @property
    def is_repeatable(self) -> bool:
        """Whether it may be sent again although it may have arrived."""
        return self.method == "GET" or self.is_reading or self.key is not None


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server answered; the names of ``headers`` are in lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes = b""
    table: pa.Table | None = None
    """What an Arrow stream held, where it was read while it came; its bytes are not kept then."""


@dataclass(frozen=True, slots=True)
class Lost:
    """No whole answer came. ``was_sent`` tells whether the request may have arrived all the same."""

    why: str
    was_sent: bool


@dataclass(frozen=True, slots=True)
class Pause:
    """Wait for so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Work:
    """Do what takes the processor a while; an asynchronous client does it beside its event loop."""

    do: Callable[[], object]


Step = Call | Pause | Work
Flow = Generator[Step, Any, T]


def sent(call: Call) -> Flow[Reply | Lost]:
    """Send a request once."""
    outcome: Reply | Lost = yield call
    return outcome


def worked(do: Callable[[], T]) -> Flow[T]:
    """Return what a function returns."""
    outcome: T = yield Work(do)
    return outcome
