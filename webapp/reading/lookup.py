"""Finding a series by what people call it."""

from dataclasses import dataclass

from sqlalchemy import Connection

from webapp.database.transactions import reading
from webapp.errors import NotFoundError, sentence
from webapp.kernel.bars import Action
from webapp.kernel.intervals import Interval
from webapp.kernel.plans import Verdict
from webapp.kernel.requests import CollectRequest
from webapp.reading.rules_derivation import makes
from webapp.series import queries_actions, queries_coverage
from webapp.series import queries_series as series
from webapp.series.queries_series import SeriesRow
from webapp.sources.choices import grammar_of, is_imported, variant_of
from webapp.sources.registry import offer


def find_series(symbol: str, source: str, interval: Interval, options: dict[str, str]) -> SeriesRow:
    """Return the series of a symbol at a source; ``options`` are those it was collected with.

    :raises InvalidRequestError: with the field ``source`` for an unknown one, or that of an option that is wrong.
    :raises NotFoundError: when nothing of the kind was ever collected.
    """
    name = _series_name(symbol, source, interval, options)
    with reading() as connection:
        row = name.find(connection, interval)
    if row is None:
        raise _missing(name)
    return row


@dataclass(frozen=True, slots=True)
class FoundBars:
    """Where bars of an interval come from: a series, and the interval that its bars are to be merged to, if any."""

    series: SeriesRow
    step: Interval | None = None


def find_bars(symbol: str, source: str, interval: Interval, options: dict[str, str]) -> FoundBars:
    """Return the series of a symbol that holds bars of an interval, or the one that they can be made of.

    A stored series wins, unless it is empty. Otherwise it is the largest that makes the interval; for intervals below
    a day one is preferred whose bars begin with the session, since those of a file keep a grid of their own. Whichever
    it is, the bars stand where the source's own would.

    :raises InvalidRequestError: as ``find_series``.
    :raises NotFoundError: when neither was ever collected.
    """
    name = _series_name(symbol, source, interval, options)
    with reading() as connection:
        own = name.find(connection, interval)
        if own is not None and own.rows:
            return FoundBars(own)
        is_averaged = variant_of(source, name.variant).is_averaged
        smaller = [step for step in reversed(Interval) if interval in makes(step) and not is_averaged]
        stored = [row for step in smaller if (row := name.find(connection, step)) and row.rows]
    if stored:
        return FoundBars(next((row for row in stored if _is_aligned(row, interval)), stored[0]), interval)
    if own is None:
        raise _missing(name)
    return FoundBars(own)


def _is_aligned(row: SeriesRow, interval: Interval) -> bool:
    is_by_rule = interval.is_dated or not is_imported(row.source)
    return is_by_rule or (row.facts.session_open or 0) % row.interval.seconds == 0


@dataclass(frozen=True, slots=True)
class _SeriesName:
    """A series by what people call it, and as its source names it."""

    typed: str
    source: str
    symbol: str
    variant: str
    interval: Interval

    def find(self, connection: Connection, interval: Interval) -> SeriesRow | None:
        return series.find(connection, self.source, self.symbol, interval, self.variant)


def _series_name(symbol: str, source: str, interval: Interval, options: dict[str, str]) -> _SeriesName:
    serving = offer(source)
    written = grammar_of(source).normalize(symbol)
    named = serving.normalized(CollectRequest(source, (written,), interval, options=options))
    return _SeriesName(symbol, source, named.symbols[0], serving.variant(named.options), interval)


def _missing(name: _SeriesName) -> NotFoundError:
    return NotFoundError(
        sentence(
            "There are no %(interval)s bars of %(symbol)s from %(source)s. Collect them first.",
            interval=name.interval.value,
            symbol=name.typed[:40],
            source=name.source,
        )
    )


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


def stored_series(search: str, limit: int) -> list[SeriesRow]:
    """Return series that hold bars and contain ``search`` in symbol or name, by symbol."""
    with reading() as connection:
        return series.page(connection, search, limit=limit)


def known_actions(symbol: str, source: str, options: dict[str, str]) -> list[Action]:
    """Return dividends, splits and capital gains of a symbol at a source, by ex-date.

    :raises InvalidRequestError: as ``find_series``.
    :raises NotFoundError: when nothing of the symbol was ever collected.
    """
    name = _series_name(symbol, source, Interval.D1, options)
    with reading() as connection:
        actions = queries_actions.of_instrument(connection, source, name.symbol)
    if actions is None:
        raise _missing(name)
    return actions
