import datetime as dt
from dataclasses import replace

import pytest

from webapp.catalogue import queries_catalogue
from webapp.catalogue.queries_catalogue import Completeness, Filter, Freshness, Sorting
from webapp.coverage import queries_completeness
from webapp.coverage.queries_completeness import Figures
from webapp.database.transactions import reading, writing
from webapp.flagging import queries_flags
from webapp.flagging.queries_flags import NewFlag
from webapp.flagging.rules_suspicion import SuspicionRule
from webapp.jobs import queries_batches, queries_claims
from webapp.jobs.claims import Release
from webapp.jobs.queries_batches import NewJob
from webapp.kernel.instruments import InstrumentFacts
from webapp.kernel.intervals import DAY, Interval
from webapp.kernel.job_states import JobState, Priority
from webapp.kernel.spans import Span
from webapp.series import queries_bars, queries_series

NOW = dt.datetime(2024, 3, 6, 12, 0, tzinfo=dt.UTC)
AT = int(NOW.timestamp())
ANY = Filter(NOW)

pytestmark = pytest.mark.usefixtures("app")


def put(symbol: str, rows: int, *, interval: Interval = Interval.D1, facts: InstrumentFacts | None = None) -> int:
    """A series with so many bars, the last one yesterday."""
    with writing() as connection:
        series_id = queries_series.ensure(connection, "yahoo", symbol, interval, "")
        row = queries_series.get(connection, series_id)
        assert row
        queries_series.update_facts(connection, row.instrument_id, facts or InstrumentFacts(), NOW)
        queries_series.extend_range(connection, series_id, rows, AT - rows * DAY, AT - DAY, NOW)
    return series_id


def tell(series_id: int, *, missing: int | None = 0, closings: tuple[int, ...] = (AT + DAY,), candles: int = 0) -> None:
    sessions = None if missing is None else 100
    with writing() as connection:
        queries_completeness.save(
            connection, Figures(series_id, NOW, NOW + dt.timedelta(days=1), sessions, missing, [*closings], candles)
        )


def shown(criteria: Filter = ANY, sorting: Sorting = Sorting.SYMBOL, *, descending: bool = False) -> list[str]:
    with reading() as connection:
        page = queries_catalogue.page(connection, criteria, sorting, descending=descending, limit=50, offset=0)
    return [entry.series.symbol for entry in page]


def test_a_series_that_holds_no_bars_is_not_listed() -> None:
    put("A", 3)
    with writing() as connection:
        queries_series.ensure(connection, "yahoo", "B", Interval.D1, "")
    assert shown() == ["A"]


def test_it_is_searched_and_filtered() -> None:
    tell(put("AAPL", 3, facts=InstrumentFacts(name="Apple Inc.", kind="EQUITY")), missing=2)
    tell(put("BTC-USD", 3, interval=Interval.H1, facts=InstrumentFacts(name="Bitcoin 100%", kind="CRYPTOCURRENCY")))
    put("^GSPC", 3)
    assert shown(replace(ANY, search="apple")) == ["AAPL"]
    assert shown(replace(ANY, search="100%")) == ["BTC-USD"]
    assert shown(replace(ANY, search="_")) == []
    assert shown(replace(ANY, interval=Interval.H1)) == ["BTC-USD"]
    assert shown(replace(ANY, kind="EQUITY")) == ["AAPL"]
    assert shown(replace(ANY, source="ibkr")) == []
    assert shown(replace(ANY, completeness=Completeness.GAPS)) == ["AAPL"]
    assert shown(replace(ANY, completeness=Completeness.COMPLETE)) == ["BTC-USD"]
    assert shown(replace(ANY, completeness=Completeness.UNKNOWN)) == ["^GSPC"]


def test_how_far_behind_a_series_is_follows_from_the_time_of_day() -> None:
    tell(put("A", 3), closings=(AT + 10, AT + 20, AT + 30))
    for seconds, freshness in ((0, Freshness.CURRENT), (10, Freshness.ONE_BEHIND), (20, Freshness.BEHIND)):
        later = Filter(NOW + dt.timedelta(seconds=seconds))
        matching = [state for state in Freshness if shown(replace(later, freshness=state))]
        assert matching == [freshness]


def test_it_is_sorted_both_ways_with_the_unknown_last() -> None:
    tell(put("A", 5, interval=Interval.W1), missing=3, closings=(AT - 5,))
    tell(put("b", 9, interval=Interval.M1), missing=1, closings=(AT + 5,), candles=1)
    put("C", 7, interval=Interval.D1)
    assert shown() == ["A", "b", "C"]
    assert shown(descending=True) == ["C", "b", "A"]
    assert shown(sorting=Sorting.ROWS, descending=True) == ["b", "C", "A"]
    assert shown(sorting=Sorting.BYTES) == ["A", "C", "b"]
    assert shown(sorting=Sorting.INTERVAL) == ["b", "C", "A"]
    assert shown(sorting=Sorting.FIRST) == ["b", "C", "A"]
    assert shown(sorting=Sorting.COMPLETENESS) == ["A", "b", "C"]
    assert shown(sorting=Sorting.COMPLETENESS, descending=True) == ["b", "A", "C"]
    assert shown(sorting=Sorting.FRESHNESS) == ["A", "b", "C"]


def test_a_line_tells_the_last_job_and_the_bars_to_review() -> None:
    series_id = put("A", 3)
    with writing() as connection:
        batch = queries_batches.new_batch(connection, "test", NOW)
        for start in (1, 2):
            new = NewJob(series_id, Span(start, 10), {}, refresh=False, priority=Priority.NORMAL, chunks_total=1)
            job_id, _ = queries_batches.insert_job(connection, batch, new, NOW)
        claim = queries_claims.claim(connection, job_id, "worker", NOW, dt.timedelta(minutes=1))
        assert claim
        queries_claims.release(connection, claim, Release(JobState.FAILED), NOW + dt.timedelta(seconds=5))
        wrong = (AT, 1.0, 1.0, 1.0, -1.0, 0.0, None, None)
        queries_bars.upsert(connection, series_id, [wrong])
        queries_flags.raise_flags(connection, series_id, [NewFlag(wrong, (SuspicionRule.NOT_POSITIVE,), job_id)], NOW)
        entry = queries_catalogue.entries(connection, [series_id])[0]
        assert queries_catalogue.active_jobs(connection, [series_id]) == {series_id: job_id - 1}
    assert entry.last_job
    assert (entry.last_job.id, entry.last_job.state) == (job_id, JobState.FAILED)
    assert entry.last_job.at == NOW + dt.timedelta(seconds=5)
    assert entry.flags == 1
    assert entry.figures is None


def test_the_sums_are_those_of_all_that_match() -> None:
    tell(put("A", 5), candles=2)
    put("B", 7)
    with reading() as connection:
        everything = queries_catalogue.totals(connection, ANY)
        totals = queries_catalogue.totals(connection, replace(ANY, search="A"))
        nothing = queries_catalogue.totals(connection, replace(ANY, search="C"))
        bar, candle = queries_catalogue.BYTES_A_ROW[connection.dialect.name]
        assert queries_catalogue.ids(connection, ANY, 1) == queries_catalogue.ids(
            connection, replace(ANY, search="A"), 9
        )
    assert (everything.series, everything.rows, everything.size) == (2, 12, 12 * bar + 2 * candle)
    assert (totals.series, totals.rows) == (1, 5)
    assert (nothing.series, nothing.rows, nothing.size) == (0, 0, 0)


def test_what_was_never_counted_is_due_then_what_has_changed_or_is_old() -> None:
    never, changed, old, fresh = (put(symbol, 3) for symbol in "ABCD")
    quiet = NOW + dt.timedelta(minutes=5)
    with writing() as connection:
        for series_id, counted, again in (
            (changed, NOW - dt.timedelta(minutes=1), NOW + dt.timedelta(days=1)),
            (old, NOW + dt.timedelta(minutes=1), NOW + dt.timedelta(minutes=2)),
            (fresh, NOW + dt.timedelta(minutes=1), NOW + dt.timedelta(days=1)),
        ):
            queries_completeness.save(connection, Figures(series_id, counted, again, 1, 0, [], 0))
    with reading() as connection:
        assert queries_completeness.due(connection, quiet, quiet, 9) == [never, changed, old]
        assert queries_completeness.due(connection, quiet, NOW, 9) == [
            never,
            old,
        ]  # one that is still written to is left alone
