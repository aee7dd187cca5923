"""What many requests lack, planned at once for schedules: a few queries for a thousand series, jobs where they help."""

from collections import defaultdict
from collections.abc import Callable, Sequence

from sqlalchemy import Connection

from webapp.collecting.plan import StoredState, needs_of
from webapp.collecting.submit import PlannedJob
from webapp.collecting.validation import ValidRequest
from webapp.database.transactions import reading
from webapp.kernel.instruments import InstrumentFacts
from webapp.kernel.intervals import Interval
from webapp.kernel.spans import Span
from webapp.series import queries_coverage, queries_series
from webapp.series.queries_series import SeriesRow

_SeriesName = tuple[str, str, Interval, str]
"""Source, symbol, interval and variant."""


class StoredSeries:
    """What is stored of all series that requests name, read at once."""

    def __init__(self, connection: Connection, requests: Sequence[ValidRequest]) -> None:
        symbols: dict[str, dict[str, None]] = defaultdict(dict)
        for request in requests:
            symbols[request.source].update(dict.fromkeys(request.symbols))
        self._facts: dict[tuple[str, str], InstrumentFacts] = {}
        self._rows: dict[_SeriesName, SeriesRow] = {}
        for source, names in symbols.items():
            listed = list(names)
            facts = queries_series.facts_of_symbols(connection, source, listed)
            self._facts |= {(source, symbol): its_facts for symbol, its_facts in facts.items()}
            for row in queries_series.of_symbols(connection, source, listed):
                self._rows[source, row.symbol, row.interval, row.variant] = row
        self._coverage = queries_coverage.read_many(connection, [row.id for row in self._rows.values()])

    def state(self, request: ValidRequest, symbol: str) -> StoredState:
        """Return what is stored of one of a request's series."""
        row = self._rows.get((request.source, symbol, request.interval, request.variant_of(symbol)))
        facts = self._facts.get((request.source, symbol), InstrumentFacts())
        return StoredState(row, facts, self._coverage.get(row.id, []) if row else [])


Expects = Callable[[Connection, ValidRequest, str, Sequence[Span]], bool]
"""Tells whether any bar is expected in spans of one of a request's series."""


def plan_missing(requests: Sequence[ValidRequest], expects: Expects) -> list[list[PlannedJob]]:
    """Return for each request the jobs of those symbols that lack something; none where nothing is missing.

    What lies between two sessions is unknown to coverage, too: for a weekend alone nobody is asked.
    """
    with reading() as connection:
        stored = StoredSeries(connection, requests)
        return [_plan_request(connection, request, stored, expects) for request in requests]


def _plan_request(
    connection: Connection, request: ValidRequest, stored: StoredSeries, expects: Expects
) -> list[PlannedJob]:
    jobs: list[PlannedJob] = []
    for symbol in request.symbols:
        needs = needs_of(connection, request, symbol, stored.state(request, symbol))
        if needs.chunks and expects(connection, request, symbol, needs.holes):
            jobs.append(PlannedJob(request, symbol, needs.span, len(needs.chunks)))
    return jobs
