"""Finding a series by what people call it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from sqlalchemy import Connection

from webapp.coverage.answered import is_answered
from webapp.database.transactions import reading
from webapp.jobs.records import instant, span_record
from webapp.kernel.bars import Action
from webapp.kernel.intervals import Interval
from webapp.kernel.plans import Verdict
from webapp.kernel.spans import Span
from webapp.reading.rules_derivation import makes
from webapp.reading.series_names import (
    DEFAULT_SOURCE,
    SeriesName,
    ambiguous_source,
    missing_series,
    name_at,
    possible_names,
)
from webapp.series import queries_actions, queries_coverage
from webapp.series import queries_series as series
from webapp.series.queries_series import SeriesFilter, SeriesRow
from webapp.sources.choices import is_imported, variant_of

FindSeries = Callable[[SeriesName, Interval], SeriesRow | None]
"""Returns the series of a name with bars of an interval; None without one of which anything was told."""


def find_series(symbol: str, source: str | None, interval: Interval, options: dict[str, str]) -> SeriesRow:
    """Return the series of a symbol; ``options`` are those it was collected with.

    :param source: None for wherever it is stored.
    :raises InvalidRequestError: with the field ``source`` for an unknown one, or when several have the symbol and
        none is said, or with that of an option that is wrong.
    :raises NotFoundError: when nothing of the kind was ever told; it says what the last job met that asked for it.
    """
    names = possible_names(symbol, source, interval, options)
    with reading() as connection:
        rows = {name: row for name in names if (row := _answered(connection, name, interval))}
    return rows[_only(names, {name: row.rows for name, row in rows.items()})]


def _answered(connection: Connection, name: SeriesName, interval: Interval) -> SeriesRow | None:
    row = name.find(connection, interval)
    return row if row and is_answered(connection, row) else None


def _only(names: tuple[SeriesName, ...], rows: Mapping[SeriesName, int]) -> SeriesName:
    """Return the name that is meant of those that were answered (with their numbers of bars): one with bars, if any.

    :raises InvalidRequestError: when several may be meant.
    :raises NotFoundError: when none was.
    """
    stored = tuple(name for name in rows if rows[name]) or tuple(rows)
    if not stored:
        raise missing_series(names)
    if len(stored) > 1 and stored[0].source != DEFAULT_SOURCE:
        raise ambiguous_source(stored)
    return stored[0]


@dataclass(frozen=True, slots=True)
class FoundBars:
    """Where bars of an interval come from: a series, and the interval that its bars are to be merged to, if any."""

    series: SeriesRow
    step: Interval | None = None


def find_bars(symbol: str, source: str | None, interval: Interval, options: dict[str, str]) -> FoundBars:
    """Return the series of a symbol that holds bars of an interval, or the one that they can be made of.

    A stored series wins, unless it is empty. Otherwise it is the largest that makes the interval; for intervals below
    a day one is preferred whose bars begin with the session, since those of a file keep a grid of their own. Whichever
    it is, the bars stand where the source's own would.

    :raises InvalidRequestError: as ``find_series``.
    :raises NotFoundError: when of neither anything was ever told, as ``find_series``.
    """
    names = possible_names(symbol, source, interval, options)
    with reading() as connection:
        matches = {
            name: match
            for name in names
            if (match := bars_of(name, interval, lambda each, step: _answered(connection, each, step)))
        }
    return matches[_only(names, {name: match.series.rows for name, match in matches.items()})]


def bars_of(name: SeriesName, interval: Interval, find: FindSeries) -> FoundBars | None:
    """Return what holds the bars of a name, or what they can be made of; None when of neither anything was ever told.

    :param find: returns the series of a name with bars of an interval, if anything was told of it.
    """
    own = find(name, interval)
    if own is not None and own.rows:
        return FoundBars(own)
    stored = [row for step in _smaller(interval) if (row := find(name, step)) and row.rows]
    if stored and not variant_of(name.source, name.variant).is_averaged:
        return FoundBars(next((row for row in stored if _is_aligned(row, interval)), stored[0]), interval)
    return FoundBars(own) if own else None


@cache
def _smaller(interval: Interval) -> tuple[Interval, ...]:
    """Return the intervals whose bars make those of another one, the largest first."""
    return tuple(step for step in reversed(Interval) if interval in makes(step))


def _is_aligned(row: SeriesRow, interval: Interval) -> bool:
    is_by_rule = interval.is_dated or not is_imported(row.source)
    return is_by_rule or (row.facts.session_open or 0) % row.interval.seconds == 0


@dataclass(frozen=True, slots=True)
class KnownSpan:
    """A span (epoch seconds) with what is known of it: ``have``, ``empty``, ``doubted`` or ``unknown``.

    ``next_look`` is when what is doubted is asked for again.
    """

    start: int
    end: int
    verdict: str
    next_look: int | None = None


def known_spans(row: SeriesRow) -> list[KnownSpan]:
    """Return what is known of a series from the first span to the last, gaps between them included, oldest first."""
    with reading() as connection:
        covered = queries_coverage.read(connection, row.id)
    spans: list[KnownSpan] = []
    for part in covered:
        if spans and spans[-1].end < part.span.start:
            spans.append(KnownSpan(spans[-1].end, part.span.start, "unknown"))
        next_look = part.next_look if part.verdict is Verdict.DOUBTED else None
        spans.append(KnownSpan(part.span.start, part.span.end, part.verdict.value, next_look))
    return spans


def known_span_record(span: KnownSpan) -> dict[str, object]:
    """Return what is known of a span as JSON can hold it, for ``--json`` and the API."""
    return {
        **span_record(Span(span.start, span.end)),
        "verdict": span.verdict,
        "next_look": None if span.next_look is None else instant(span.next_look),
    }


def stored_series(search: str, limit: int) -> list[SeriesRow]:
    """Return series that hold bars and contain ``search`` in symbol or name, by symbol."""
    with reading() as connection:
        return series.page(connection, SeriesFilter(search), limit=limit)


def known_actions(symbol: str, source: str, options: dict[str, str]) -> list[Action]:
    """Return dividends, splits and capital gains of a symbol at a source, by ex-date.

    :raises InvalidRequestError: as ``find_series``.
    :raises NotFoundError: when nothing of the symbol was ever told, as ``find_series``.
    """
    name = name_at(symbol, source, Interval.D1, options)
    with reading() as connection:
        actions = queries_actions.of_instrument(connection, source, name.symbol)
        rows = series.of_instrument(connection, source, name.symbol)
        is_known = bool(actions) or any(is_answered(connection, row) for row in rows)
    if actions is None or not is_known:
        raise missing_series((name,), rows)
    return actions
