"""What a source is.

Two halves, because the web must know what a source serves without loading its client library:

* an ``Offer`` is pure: it says what the source serves and cuts spans into chunks, without any network;
* a ``Client`` talks to the source. Only a worker opens one, and it raises ``SourceError`` and nothing else.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from redis import Redis

from webapp.errors import MoissonError, Sentence, sentence
from webapp.kernel.adjusted_closes import ActionList, AdjustedClose
from webapp.kernel.bars import Action, Bar
from webapp.kernel.gateways import Gateway, GatewayReport
from webapp.kernel.instruments import InstrumentFacts
from webapp.kernel.intervals import DAY, Interval
from webapp.kernel.job_states import ErrorKind
from webapp.kernel.plans import Refusal
from webapp.kernel.requests import CollectRequest
from webapp.kernel.spans import Span
from webapp.sources.rules_answers import (
    AnswerBounds,
    find_actions_fault,
    find_adjusted_closes_fault,
    find_bars_fault,
    find_coverage_fault,
    find_facts_fault,
    find_horizon,
    format_time,
)


class SourceError(MoissonError):
    """A source did not answer what was asked: the kind decides what follows, the message is for a person.

    ``retry_after`` is in seconds, when the source (or our own pacing) says how long to wait; ``hint`` says what a
    person can do; ``choices`` are the instruments that may have been meant.
    """

    def __init__(
        self,
        kind: ErrorKind,
        message: Sentence,
        retry_after: float | None = None,
        hint: Sentence | None = None,
        choices: Sequence["SearchHit"] = (),
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.retry_after = retry_after
        self.hint = hint
        self.choices = tuple(choices)


@dataclass(frozen=True, slots=True)
class ChunkRequest:
    """One request to a source: bars of ``symbol`` that start in ``span`` (labels of dates for dated intervals)."""

    symbol: str
    interval: Interval
    span: Span
    options: dict[str, str] = field(default_factory=dict)
    gateway: Gateway | None = None
    """The gateway to ask, for a source that has gateways."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a source truly answered for a chunk.

    ``bars`` are ascending, unique, closed and inside the span. ``known_until`` ends what the answer vouches for: the
    chunk's end, or the first bar that is not closed yet. ``blank_rows`` counts rows that the source left blank, in
    whole or in part, and gaps it should not have: an answer worth asking once more for, if there are many. ``note``
    explains an empty answer, or one that ends long before its span. Believe it once it is ``checked``.
    """

    bars: Sequence[Bar]
    actions: Sequence[Action]
    facts: InstrumentFacts
    known_until: int
    blank_rows: int = 0
    note: Sentence | None = None
    known_spans: Sequence[Span] | None = None
    """Of an answer that tells only what is there, and not what is not: the spans that are known by it, ascending."""
    holes: Sequence[Span] = ()
    """Spans before ``known_until`` whose rows came blank, in whole or in part: not known by this answer; ascending."""
    incomplete: frozenset[int] = frozenset()
    """The starts of bars of which a part was left blank, and says what the rest of the bar says."""
    left_out: Sentence | None = None
    """What of it cannot be, so that it stands neither in ``bars`` nor in ``actions``; said in the job's log."""
    adjusted_closes: Sequence[AdjustedClose] = ()
    """Of an answer of days that was asked with all events: the days of which it tells every action, ascending."""

    def checked(self, request: ChunkRequest, now: float) -> "Answer":
        """Return the answer itself, once it is known to keep the laws of answers (docs/data.md#answers).

        :param now: epoch seconds.
        :raises SourceError: of the kind ``NONSENSE``, with the first law that it breaks; nothing of it may be stored.
        """
        fault = self._find_fault(request, now)
        if fault is None:
            return self
        last_day = DAY if request.interval.is_dated else 0  # a date is a whole day: people read the last one of a chunk
        hint = sentence(
            "Nothing of the chunk from %(start)s to %(end)s was stored. If asking again brings the same, the source "
            "has changed or the program that reads it is wrong: please report it.",
            start=format_time(request.span.start, request.interval),
            end=format_time(request.span.end - last_day, request.interval),
        )
        raise SourceError(ErrorKind.NONSENSE, fault, hint=hint)

    def _find_fault(self, request: ChunkRequest, now: float) -> Sentence | None:
        fault = find_facts_fault(self.facts)
        if fault is not None:
            return fault
        horizon = find_horizon(request.interval, self.facts, now)
        bounds = AnswerBounds(request.interval, request.span, horizon, has_own_grid=self.known_spans is not None)
        return (
            find_bars_fault(self.bars, bounds)
            or find_coverage_fault(self.known_until, (self.known_spans, self.holes), self.bars, bounds)
            or find_actions_fault(self.actions)
            or find_adjusted_closes_fault(self.adjusted_closes)
        )


@dataclass(frozen=True, slots=True)
class SearchHit:
    """An instrument that a search found."""

    symbol: str
    name: str
    exchange: str
    kind: str


@dataclass(frozen=True, slots=True)
class SeriesQuery:
    """One series of a source, with what is known of its instrument: what an offer is asked about."""

    symbol: str
    interval: Interval
    options: Mapping[str, str] = field(default_factory=dict)
    facts: InstrumentFacts = field(default_factory=InstrumentFacts)


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
    def finality_delay(self) -> int:
        """Seconds after a bar's end during which the source may still change it."""
        ...

    @property
    def example(self) -> str:
        """A symbol that most people know, of the usual kind of instrument."""
        ...

    @property
    def newest_first(self) -> bool:
        """Whether a collection begins with the newest chunk and goes back."""
        ...

    def normalized(self, request: CollectRequest) -> CollectRequest:
        """Return the request with each symbol as the instrument's one name here, and the options that a series has.

        :raises InvalidRequestError: with a sentence for each field that is wrong.
        """
        ...

    def span_problem(self, query: SeriesQuery, span: Span, now: float) -> Sentence | None:
        """Say why nothing of the span can be served and what can be, or None when some of it can."""
        ...

    def split_servable(self, query: SeriesQuery, span: Span, now: float) -> tuple[Span, tuple[Refusal, ...]]:
        """Split a span into what can be served and what cannot, with the reason."""
        ...

    def cut(self, query: SeriesQuery, span: Span) -> list[Span]:
        """Cut a servable span into chunks, one request each, oldest first."""
        ...

    def seconds(self, query: SeriesQuery, requests: int, pace: "Pacing") -> float:
        """Return about how many seconds so many requests take at the configured pace, all else idle."""
        ...

    def variant(self, options: dict[str, str]) -> str:
        """Name the series' variant that the options select; the empty string is the usual one."""
        ...

    def options_of(self, variant: str) -> dict[str, str]:
        """Return the options that select a variant."""
        ...


Pacing = Mapping[str, float]
"""A source's rates and limits, by the names of its settings."""


class Client(Protocol):
    """A connection to a source, for one worker process."""

    def fetch(self, request: ChunkRequest) -> Answer:
        """Ask for one chunk.

        :raises SourceError: for everything but a true answer.
        """
        ...

    def search(self, text: str, gateway: Gateway | None = None) -> list[SearchHit]:
        """Find instruments by name or symbol.

        :raises SourceError: for everything but a true answer.
        """
        ...

    def close(self) -> None:
        """Give back what the client holds elsewhere; it may be used again."""
        ...


class ActionListClient(Client, Protocol):
    """A client of a source that tells all actions of an instrument at once."""

    def list_actions(self, symbol: str) -> ActionList:
        """Ask, with one request, for all actions of an instrument and what its adjusted prices say of them.

        :raises SourceError: for everything but a true answer.
        """
        ...


class GatewayClient(Client, Protocol):
    """A client of a source that is reached through gateways."""

    def check(self, gateway: Gateway) -> GatewayReport:
        """Connect, ask for the time, and tell what is there.

        :raises SourceError: when nobody answers there as a gateway does.
        """
        ...


@dataclass(frozen=True, slots=True)
class ClientTools:
    """What a client is handed: shared budgets live in Redis, caches in a folder of the process's own."""

    redis: Redis
    folder: Path
    now: Callable[[], float]
    settings: Mapping[str, str | float | None]
    """The source's own settings, by name in lower case (``proxy``, ``ca_bundle``, ``requests_per_second`` …)."""
    last_used: Callable[[], float | None] = lambda: None
    """When the source was last asked by any worker (epoch seconds), None for never."""
    note_use: Callable[[], None] = lambda: None
    """Notes durably that the source is about to be asked; both are called by the thread that works on the job."""
