"""What the source of a series can be asked for again, and why not, in the words of the source."""

from webapp.errors import Sentence, sentence
from webapp.kernel.spans import Span
from webapp.series.queries_series import SeriesRow
from webapp.sources.base import SeriesQuery
from webapp.sources.registry import offer


def servable_part(row: SeriesRow, span: Span, now: float) -> Span | Sentence:
    """Return the part of a span that the source of a series can be asked for, or why it can be asked for none of it.

    :param now: epoch seconds; what sources serve moves with it.
    """
    serving = offer(row.source)
    query = SeriesQuery(row.symbol, row.interval, serving.options_of(row.variant), row.facts)
    servable, refusals = serving.split_servable(query, span, now)
    if servable:
        return servable
    return refusals[0].reason if refusals else sentence("%(source)s has nothing for that span.", source=serving.label)
