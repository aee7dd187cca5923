"""Finding a series by what people call it."""

from dataclasses import dataclass

from webapp.domain.intervals import Interval
from webapp.domain.requests import CollectRequest
from webapp.errors import NotFoundError, sentence
from webapp.sources.registry import offer
from webapp.store import coverage, series
from webapp.store.series import SeriesRow
from webapp.store.transactions import reading


def find_series(symbol: str, source: str, interval: Interval, options: dict[str, str]) -> SeriesRow:
    """Return the series of a symbol at a source; ``options`` are those it was collected with.

    :raises InvalidRequestError: with the field ``source`` for an unknown one, or that of an option that is wrong.
    :raises NotFoundError: when nothing of the kind was ever collected.
    """
    serving = offer(source)
    named = serving.normalized(CollectRequest(source, (symbol.strip().upper(),), interval, options=options))
    with reading() as connection:
        row = series.find(connection, source, named.symbols[0], interval, serving.variant(named.options))
    if row is None:
        raise NotFoundError(
            sentence(
                "There are no %(interval)s bars of %(symbol)s from %(source)s. Collect them first.",
                interval=interval.value,
                symbol=symbol[:40],
                source=source,
            )
        )
    return row


@dataclass(frozen=True, slots=True)
class KnownSpan:
    """A span (epoch seconds) with what is known of it: ``have``, ``empty`` or ``unknown``."""

    start: int
    end: int
    verdict: str


def known_spans(row: SeriesRow) -> list[KnownSpan]:
    """Return what is known of a series from the first span to the last, gaps between them included, oldest first."""
    with reading() as connection:
        covered = coverage.read(connection, row.id)
    spans: list[KnownSpan] = []
    for one in covered:
        if spans and spans[-1].end < one.span.start:
            spans.append(KnownSpan(spans[-1].end, one.span.start, "unknown"))
        spans.append(KnownSpan(one.span.start, one.span.end, one.verdict.value))
    return spans


def stored_series(search: str, limit: int) -> list[SeriesRow]:
    """Return series that hold bars and contain ``search`` in symbol or name, by symbol."""
    with reading() as connection:
        return series.page(connection, search, limit=limit)
