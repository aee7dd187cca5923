"""Flags of suspicious bars, and bars that leave their series and come back, on both databases."""

import datetime as dt
from dataclasses import replace

import pytest

from webapp.database.transactions import reading, writing
from webapp.flagging import queries_flagged_bars, queries_flags
from webapp.flagging.queries_flags import FlagFilter, NewFlag
from webapp.flagging.rules_suspicion import UNDECIDED, SuspicionRule
from webapp.kernel.bars import Bar
from webapp.kernel.flag_states import FlagState
from webapp.kernel.intervals import DAY, MINUTE, Interval
from webapp.kernel.spans import Span
from webapp.series import queries_bars, queries_rollups, queries_series

pytestmark = pytest.mark.usefixtures("app")
NOON = dt.datetime(2024, 3, 6, 12, tzinfo=dt.UTC)
EVER = Span(-(2**62), 2**62)


def bar(time: int, close: float = 100.0) -> Bar:
    return (time, close, close + 1, close - 1, close, 5.0, 100.5, 7)


def make_series(symbol: str = "AAPL", *bars: Bar, source: str = "yahoo", interval: Interval = Interval.M1) -> int:
    with writing() as connection:
        series_id = queries_series.ensure(connection, source, symbol, interval, "")
        if bars:
            added = queries_bars.upsert(connection, series_id, bars)
            queries_series.extend_range(connection, series_id, added, bars[0][0], bars[-1][0], NOON)
    return series_id


def flag(series_id: int, *bars: Bar, rule: SuspicionRule = SuspicionRule.LEAP, now: dt.datetime = NOON) -> None:
    with writing() as connection:
        queries_flags.raise_flags(connection, series_id, [NewFlag(bar, (rule,), 3) for bar in bars], now)


def test_a_flag_is_raised_with_all_values_and_raised_again_with_others() -> None:
    series_id = make_series()
    flag(series_id, bar(60), bar(120))
    with writing() as connection:
        raised = queries_flags.get(connection, series_id, 60)
        assert raised
        assert (raised.bar, raised.rules, raised.state, raised.job_id) == (
            bar(60),
            (SuspicionRule.LEAP,),
            FlagState.OPEN,
            3,
        )
        assert queries_flags.move(connection, raised, UNDECIDED, state="accepted", decided_by="web", decided_at=NOON)
    flag(series_id, bar(60, 200.0), rule=SuspicionRule.SPIKE, now=NOON + dt.timedelta(hours=1))
    with reading() as connection:
        again, beside = queries_flags.read(connection, series_id, EVER).values()
    assert (again.bar, again.rules, again.state) == (bar(60, 200.0), (SuspicionRule.SPIKE,), FlagState.OPEN)
    assert (again.decided_by, again.decided_at) == (None, None)
    assert beside.bar == bar(120)


def test_a_flag_moves_only_from_the_states_and_values_that_were_looked_at() -> None:
    series_id = make_series()
    flag(series_id, bar(60))
    with writing() as connection:
        flagged = queries_flags.get(connection, series_id, 60)
        assert flagged
        assert not queries_flags.move(connection, flagged, [FlagState.EXCLUDED], state="accepted")
    flag(series_id, bar(60, 300.0), now=NOON + dt.timedelta(seconds=1))
    with writing() as connection:
        assert not queries_flags.move(connection, flagged, [FlagState.OPEN], state="accepted")
        now = queries_flags.get(connection, series_id, 60)
        assert now
        assert now.state is FlagState.OPEN


def test_flags_are_listed_newest_first_by_what_is_asked() -> None:
    apple, microsoft = make_series("AAPL", bar(60)), make_series("MSFT", bar(60), source="ibkr")
    flag(apple, bar(60), bar(120))
    flag(microsoft, bar(60), rule=SuspicionRule.NOT_POSITIVE, now=NOON + dt.timedelta(hours=1))

    def times(**criteria: object) -> list[tuple[str, int]]:
        with reading() as connection:
            query = FlagFilter(**criteria)  # type: ignore[arg-type]
            page = queries_flags.page(connection, query, limit=10)
            assert queries_flags.count(connection, query) == len(page)
        return [(listed.symbol, listed.flag.time) for listed in page]

    assert times() == [("MSFT", 60), ("AAPL", 120), ("AAPL", 60)]
    assert times(rule=SuspicionRule.NOT_POSITIVE) == times(source="ibkr") == times(symbol="ms") == [("MSFT", 60)]
    assert times(series_id=apple) == times(rule=SuspicionRule.LEAP) == [("AAPL", 120), ("AAPL", 60)]
    assert times(states=[FlagState.EXCLUDED]) == times(symbol="%") == []
    with reading() as connection:
        assert (queries_flags.undecided(connection, 100), queries_flags.undecided(connection, 2)) == (3, 2)
        assert len(queries_flags.page(connection, FlagFilter(), limit=1, offset=1)) == 1


def test_a_split_brings_flagged_values_to_its_basis() -> None:
    series_id = make_series()
    flag(series_id, bar(60, 400.0))
    with writing() as connection:
        queries_flags.rebase(connection, series_id, 4.0, is_volume_too=True)
        rebased = queries_flags.get(connection, series_id, 60)
    assert rebased
    assert rebased.bar == (60, 100.0, 100.25, 99.75, 100.0, 20.0, 25.125, 7)


def test_a_bar_that_leaves_and_comes_back_leaves_the_series_as_it_was() -> None:
    bars = [bar(0), bar(DAY), bar(2 * DAY)]
    series_id = make_series("AAPL", *bars)
    with writing() as connection:
        before = queries_series.get(connection, series_id)
        queries_rollups.clear_stale(connection, series_id)
        queries_flagged_bars.take_out(connection, series_id, 2 * DAY)
        queries_flagged_bars.take_out(connection, series_id, 0)
        less = queries_series.get(connection, series_id)
        assert less
        assert (less.rows, less.first_bar, less.last_bar) == (1, DAY, DAY)
        assert less.updated_at == NOON + dt.timedelta(microseconds=2)
        assert [mark.start for mark in queries_rollups.stale_spans(connection, series_id)] == [0, 2 * DAY]
        assert queries_bars.read(connection, series_id) == [bar(DAY)]
        queries_flagged_bars.put_back(connection, series_id, bars[0])
        queries_flagged_bars.put_back(connection, series_id, bars[2])
        assert queries_bars.read(connection, series_id) == bars
        now = queries_series.get(connection, series_id)
        assert now
        assert replace(now, updated_at=NOON) == before


def test_the_last_bar_of_a_series_may_leave() -> None:
    series_id = make_series("AAPL", bar(60))
    with writing() as connection:
        queries_flagged_bars.take_out(connection, series_id, 60)
        queries_flagged_bars.take_out(connection, series_id, 60)
        empty = queries_series.get(connection, series_id)
    assert empty
    assert (empty.rows, empty.first_bar, empty.last_bar) == (0, None, None)


def test_closes_are_found_where_there_is_a_bar() -> None:
    theirs = make_series("AAPL", bar(60, 90.0), source="ibkr")
    with reading() as connection:
        assert queries_flagged_bars.closes(connection, [theirs], 60) == {theirs: 90.0}
        assert queries_flagged_bars.closes(connection, [theirs], 120) == {}


def test_the_bars_around_are_the_nearest_ones_ascending() -> None:
    series_id = make_series("AAPL", *(bar(place * MINUTE) for place in range(6)))
    with reading() as connection:
        before = queries_flagged_bars.before(connection, series_id, 3 * MINUTE, 2)
        after = queries_flagged_bars.after(connection, series_id, 3 * MINUTE, 5)
    assert [stored[0] for stored in before] == [MINUTE, 2 * MINUTE]
    assert [stored[0] for stored in after] == [4 * MINUTE, 5 * MINUTE]
