"""What a source is.

Two halves, because the web must know what a source serves without loading its client library:

* an ``Offer`` is pure: it says what the source serves and cuts spans into chunks, without any network;
* a ``Client`` talks to the source. Only a worker opens one, and it raises ``SourceError`` and nothing else.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from redis import Redis

from webapp.domain.bars import Action, Bar
from webapp.domain.instruments import InstrumentFacts
from webapp.domain.intervals import Interval
from webapp.domain.jobs import ErrorKind
from webapp.domain.plans import Refusal
from webapp.domain.spans import Span
from webapp.errors import MoissonError, Sentence


class SourceError(MoissonError):
    """A source did not answer what was asked: the kind decides what follows, the message is for a person.

    ``retry_after`` is in seconds, when the source (or our own pacing) says how long to wait; ``hint`` says what a
    person can do.
    """

    def __init__(
        self, kind: ErrorKind, message: Sentence, retry_after: float | None = None, hint: Sentence | None = None
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.retry_after = retry_after
        self.hint = hint


@dataclass(frozen=True, slots=True)
class ChunkRequest:
    """One request to a source: bars of ``symbol`` that start in ``span`` (labels of dates for dated intervals)."""

    symbol: str
    interval: Interval
    span: Span
    options: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a source truly answered for a chunk.

    ``bars`` are ascending, unique, closed and inside the span. ``known_until`` ends what the answer vouches for: the
    chunk's end, or the first bar that is not closed yet. ``doubts`` counts rows that the source left blank and gaps it
    should not have: an answer worth asking once more for. ``note`` explains an empty answer, or one that ends long
    before its span.
    """

    bars: Sequence[Bar]
    actions: Sequence[Action]
    facts: InstrumentFacts
    known_until: int
    doubts: int = 0
    note: Sentence | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """An instrument that a search found."""

    symbol: str
    name: str
    exchange: str
    kind: str


class Offer(Protocol):
    """What a source serves; no network."""

    @property
    def name(self) -> str:
        """The source's name in forms, commands and the database."""
        ...

    @property
    def label(self) -> str:
        """The source's name as people write it."""
        ...

    @property
    def intervals(self) -> tuple[Interval, ...]:
        """The intervals it serves."""
        ...

    @property
    def settling(self) -> int:
        """Seconds after a bar's end during which the source may still change it."""
        ...

    def symbols_problem(self, symbols: Sequence[str]) -> Sentence | None:
        """Say what is wrong with the symbols, or None."""
        ...

    def span_problem(self, interval: Interval, span: Span, now: float) -> Sentence | None:
        """Say why nothing of the span can be served and what can be, or None when some of it can."""
        ...

    def servable(self, interval: Interval, span: Span, now: float) -> tuple[Span, tuple[Refusal, ...]]:
        """Split a span into what can be served and what cannot, with the reason."""
        ...

    def cut(self, interval: Interval, span: Span) -> list[Span]:
        """Cut a servable span into chunks, one request each."""
        ...

    def variant(self, options: dict[str, str]) -> str:
        """Name the series' variant that the options select; the empty string is the usual one."""
        ...


class Client(Protocol):
    """A connection to a source, for one worker process."""

    def fetch(self, request: ChunkRequest) -> Answer:
        """Ask for one chunk.

        :raises SourceError: for everything but a true answer.
        """
        ...

    def search(self, text: str) -> list[Found]:
        """Find instruments by name or symbol.

        :raises SourceError: for everything but a true answer.
        """
        ...


@dataclass(frozen=True, slots=True)
class ClientTools:
    """What a client is handed: shared budgets live in Redis, caches in a folder of the process's own."""

    redis: Redis
    folder: Path
    now: Callable[[], float]
    settings: dict[str, str | float | None]
    """The source's own settings, by name in lower case (``proxy``, ``ca_bundle``, ``requests_per_second`` …)."""
