"""What can be had of one's own data: what stands in an uploaded file, once, and nothing by asking."""

from webapp.errors import InvalidRequestError, Sentence, sentence
from webapp.kernel.intervals import Interval
from webapp.kernel.plans import Refusal
from webapp.kernel.requests import CollectRequest
from webapp.kernel.spans import Span, cut
from webapp.kernel.symbols import Grammar
from webapp.sources.base import Pacing, SeriesQuery

GRAMMAR = Grammar(examples=("MYDATA", "AAPL", "MC.PA"))
"""How people may call what they import: as quote pages write symbols, so that it is compared with other sources."""
UPLOAD = "upload"
"""The option of a job that names the file it reads."""
_CHUNK_BARS = 40_000
"""How long a chunk is, in bars without a pause; hours without trade leave a fifth of it or so."""
_SECONDS_A_CHUNK = 0.3


class OwnOffer:
    """See ``webapp.sources.base.Offer``."""

    name = "own"
    label = "Import"  # the same word in all languages of the pages
    intervals = tuple(Interval)
    finality_delay = 0
    newest_first = False
    example = "MYDATA"

    def normalized(self, request: CollectRequest) -> CollectRequest:
        """Return the request as it is: the instrument has the name that a person gave it.

        :raises InvalidRequestError: with what is wrong with the symbols.
        """
        if problem := GRAMMAR.find_problem(request.symbols):
            raise InvalidRequestError({"symbols": problem})
        return request

    def span_problem(self, query: SeriesQuery, span: Span, now: float) -> Sentence | None:  # noqa: ARG002 -- of any span
        """Say that nothing can be asked for, unless a file is named."""
        return None if UPLOAD in query.options else _imported()

    def split_servable(self, query: SeriesQuery, span: Span, now: float) -> tuple[Span, tuple[Refusal, ...]]:  # noqa: ARG002
        """Return the whole span when a file is named, and nothing of it otherwise."""
        if UPLOAD in query.options:
            return span, ()
        return Span(span.start, span.start), (Refusal(span, _imported()),)

    def cut(self, query: SeriesQuery, span: Span) -> list[Span]:
        """Cut a span so that no chunk holds more bars than a short transaction takes."""
        return cut(span, _CHUNK_BARS * query.interval.seconds)

    def variant(self, options: dict[str, str]) -> str:  # noqa: ARG002 -- there is one
        """Return the only variant."""
        return ""

    def options_of(self, variant: str) -> dict[str, str]:  # noqa: ARG002 -- there is one
        """Return no option: which file a series came from is its jobs' affair."""
        return {}

    def seconds(self, query: SeriesQuery, requests: int, pace: Pacing) -> float:  # noqa: ARG002 -- all chunks cost alike
        """Return about how many seconds so many chunks take."""
        return requests * _SECONDS_A_CHUNK


def _imported() -> Sentence:
    return sentence("You imported these data yourself, so there is nobody to ask for more. Import a newer file.")
