"""An offer that is made of a few values; a source with more to say derives from it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from webapp.errors import InvalidRequestError, Sentence, sentence
from webapp.kernel.intervals import DAY, Interval, period_start
from webapp.kernel.plans import Refusal
from webapp.kernel.requests import CollectRequest
from webapp.kernel.spans import Span, cut
from webapp.kernel.symbols import USUAL_GRAMMAR, Grammar
from webapp.sources.base import Pacing, SeriesQuery
from webapp.sources.kit.labels import format_label

_LONGEST_CHUNK = 50 * 366 * DAY


@dataclass(frozen=True, eq=False)
class StaticOffer:
    """See ``webapp.sources.base.Offer``.

    ``kept_days`` are the intervals served, with how many days back each is kept (None: since the listing);
    ``longest_chunks`` how many seconds one request may span, where that is less than fifty years.
    """

    name: str
    label: str
    kept_days: Mapping[Interval, int | None]
    finality_delay: int = 0
    longest_chunks: Mapping[Interval, int] = field(default_factory=dict)
    newest_first: bool = False
    grammar: Grammar = USUAL_GRAMMAR

    @property
    def example(self) -> str:
        """A symbol that most people know."""
        return self.grammar.examples[0]

    @property
    def intervals(self) -> tuple[Interval, ...]:
        """The intervals it serves."""
        return tuple(self.kept_days)

    def normalized(self, request: CollectRequest) -> CollectRequest:
        """Return the request as it is: a symbol is the instrument's name.

        :raises InvalidRequestError: with what is wrong with the symbols.
        """
        if problem := self.grammar.find_problem(request.symbols):
            raise InvalidRequestError({"symbols": problem})
        return request

    def reach(self, interval: Interval, now: float) -> int | None:
        """Return the earliest instant served (epoch seconds, 00:00 UTC of a day), or None for "since the listing"."""
        days = self.kept_days.get(interval)
        return None if days is None else period_start(int(now) - (days - 1) * DAY, Interval.D1)

    def span_problem(self, query: SeriesQuery, span: Span, now: float) -> Sentence | None:
        """Say why nothing of the span can be served and what can be, or None when some of it can."""
        servable, _ = self.split_servable(query, span, now)
        return None if servable else self.too_old(query.interval, now)

    def split_servable(self, query: SeriesQuery, span: Span, now: float) -> tuple[Span, tuple[Refusal, ...]]:
        """Split a span into what can be served and what cannot, with the reason."""
        earliest = self.reach(query.interval, now)
        if earliest is None or span.start >= earliest:
            return span, ()
        refused = Span(span.start, min(earliest, span.end))
        return Span(max(span.start, earliest), span.end), (Refusal(refused, self.too_old(query.interval, now)),)

    def cut(self, query: SeriesQuery, span: Span) -> list[Span]:
        """Cut a servable span into chunks, one request each, oldest first."""
        return cut(span, self.longest_chunks.get(query.interval, _LONGEST_CHUNK))

    def variant(self, options: dict[str, str]) -> str:  # noqa: ARG002 -- no option tells series apart
        """Name the usual variant: there is no other."""
        return ""

    def options_of(self, variant: str) -> dict[str, str]:  # noqa: ARG002 -- there is one variant
        """Return no options: none selects a variant."""
        return {}

    def seconds(self, query: SeriesQuery, requests: int, pace: Pacing) -> float:  # noqa: ARG002 -- all requests cost alike
        """Return about how many seconds so many requests take: they are evenly spaced."""
        return requests / pace["requests_per_second"]

    def too_old(self, interval: Interval, now: float) -> Sentence:
        """Say since when an interval is served that is not kept for ever."""
        return sentence(
            "%(source)s keeps %(interval)s bars for %(days)d days only: it can serve them since %(day)s. "
            "For older data choose a larger interval.",
            source=self.label,
            interval=interval.value,
            days=self.kept_days.get(interval) or 0,
            day=format_label(self.reach(interval, now) or 0),
        )
