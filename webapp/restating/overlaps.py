"""Which stored bars a chunk is to ask for again: the last few before it, so that a changed history shows itself."""

from collections.abc import Collection

from sqlalchemy import Connection

from webapp.kernel.intervals import bar_end
from webapp.kernel.plans import OVERLAP_BARS, with_overlap
from webapp.kernel.spans import Span
from webapp.series import queries_bars
from webapp.sources.base import Offer, SeriesQuery


class Overlaps:
    """What chunks of a series ask for again.

    :param ends: where chunks begin that are to overlap: the ends of what is known.
    :param starts: where chunks of the same job began, which no other may.
    """

    def __init__(self, connection: Connection, series_id: int, ends: Collection[int], starts: Collection[int]) -> None:
        self.connection, self.series_id, self.ends, self.starts = connection, series_id, ends, starts

    def widen(self, chunks: list[Span], limits: "RequestLimits") -> list[Span]:
        """Return the chunks, those that begin at an end widened over the last stored bars before.

        Five bars, wherever they lie: the last session's, when a night or a weekend is between. Where they do not fit
        into one request with the chunk, it is widened over the five bars' length of time only.
        """
        return [self._widen_chunk(chunk, limits) if chunk.start in self.ends else chunk for chunk in chunks]

    def _widen_chunk(self, chunk: Span, limits: "RequestLimits") -> Span:
        times = queries_bars.last_times(self.connection, self.series_id, chunk.start, OVERLAP_BARS)
        wide = [Span(time, chunk.end) for time in reversed(times) if time not in self.starts][:1]
        if wide and limits.fits_one_request(wide[0]):
            return wide[0]
        [plain] = with_overlap([chunk], {chunk.start}, limits.query.interval)
        return chunk if plain.start in self.starts else plain


class RequestLimits:
    """What a source serves in one request."""

    def __init__(self, serving: Offer, query: SeriesQuery, now: float) -> None:
        self.serving, self.query, self.now = serving, query, now

    def fits_one_request(self, span: Span) -> bool:
        """Tell whether all of the span can be had, and at once."""
        servable, _ = self.serving.split_servable(self.query, span, self.now)
        return servable == span and self.serving.cut(self.query, span) == [span]

    def span_of(self, times: list[int], counts: tuple[int, ...]) -> Span | None:
        """Return the span of the first so many of ``times`` that one request serves, None without any."""
        for count in counts:
            some = times[:count]
            span = Span(min(some), bar_end(max(some), self.query.interval))
            if self.fits_one_request(span):
                return span
        return None
