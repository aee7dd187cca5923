"""What else is kept of a changed history: other values, payouts, and what is read meanwhile."""

import datetime as dt
from dataclasses import replace

import pytest
from sqlalchemy import event

from tests.world import World, good
from webapp.database.transactions import reading
from webapp.extensions import db
from webapp.kernel.bars import Action
from webapp.kernel.intervals import Interval
from webapp.kernel.restatement_kinds import RestatementKind
from webapp.reading.charts import candles
from webapp.series import queries_actions, queries_bars, queries_coverage
from webapp.sources.base import Answer, ChunkRequest

from .changing import JANUARY, TO_FEBRUARY, Stage, minutes, on, on_basis

SPLIT = Action("split", 1_709_769_600, 4.0)  # 2024-03-07


@pytest.fixture
def stage(world: World) -> Stage:
    return Stage(world)


def test_other_prices_are_taken_and_kept_on_record_with_the_old_ones(stage: Stage) -> None:
    stage.collect(**JANUARY)
    last = stage.bars[-1]
    stage.go_to(1.0)

    def corrected(request: ChunkRequest) -> Answer:
        full = good(request)
        return replace(full, bars=[on(bar, 1 / 1.01, 2.0) if bar[0] == last[0] else bar for bar in full.bars])

    stage.world.source.replies[0] = corrected
    job_id = stage.collect(**TO_FEBRUARY)
    [restatement] = stage.restated
    [difference] = restatement.differences
    assert (restatement.kind, restatement.bars, difference.time) == (RestatementKind.PRICES, 1, last[0])
    assert difference.old == last[1:6]
    assert difference.new[3] == pytest.approx(last[4] * 1.01)
    assert next(row for row in stage.bars if row[0] == last[0])[4] == difference.new[3]
    assert "1 stored bars since 2024-01-31 00:00 (UTC) came with other prices" in stage.said(job_id)[0]


def test_another_volume_is_recorded_and_nobody_is_alarmed(stage: Stage) -> None:
    stage.collect(**JANUARY)
    stage.go_to(1.0)

    def settled(request: ChunkRequest) -> Answer:
        full = good(request)
        return replace(full, bars=[on(bar, 1.0, 2.0) for bar in full.bars])

    stage.world.source.replies[0] = settled
    job_id = stage.collect(**TO_FEBRUARY)
    assert stage.restated == []
    assert "another volume" in stage.said(job_id)[0]


def test_of_many_differences_a_hundred_are_kept_and_all_are_counted(stage: Stage) -> None:
    stage.collect(start=dt.date(2023, 1, 1), end=dt.date(2023, 12, 31))
    stage.go_to(1.0)
    stage.world.source.replies[0] = lambda request: replace(
        good(request), bars=[on(bar, 1 / 1.001, 1.0) for bar in good(request).bars]
    )
    stage.collect(start=dt.date(2023, 1, 1), end=dt.date(2023, 12, 31), refresh=True)
    [restatement] = stage.restated
    assert (restatement.bars, len(restatement.differences)) == (365, 100)


def test_a_split_that_no_bar_can_show_is_carried_out_on_the_word_of_its_action(stage: Stage) -> None:
    stage.collect(**minutes(10, 12))
    stage.go_to(4.0, SPLIT, days=60)  # Yahoo keeps minutes for a month
    april = {"interval": Interval.M1, "start": dt.date(2024, 4, 15), "end": dt.date(2024, 4, 16)}
    stage.world.source.replies = [lambda request: replace(on_basis(4.0)(request), actions=[SPLIT])] * 5
    job_id = stage.collect(**april)
    assert stage.is_on(4.0)
    assert "none of them any more" in stage.said(job_id)[0]


def test_payouts_told_before_the_split_are_divided_once(stage: Stage) -> None:
    dividend = Action("dividend", int(dt.datetime(2024, 1, 10, tzinfo=dt.UTC).timestamp()), 2.0)
    stage.world.source.replies = [on_basis(1.0, [dividend])]
    stage.collect(**JANUARY)
    stage.go_to(4.0, SPLIT, days=4)
    stage.collect(start=dt.date(2024, 1, 25), end=dt.date(2024, 3, 8))
    with reading() as connection:
        values = {action.kind: action.value for action in queries_actions.read(connection, 1)}
    assert values == {"dividend": 0.5, "split": 4.0}
    assert [restatement.kind for restatement in stage.restated] == [RestatementKind.REBASED, RestatementKind.PAYOUTS]
    stage.go_to(4.0, SPLIT)
    stage.collect(start=dt.date(2024, 2, 1), end=dt.date(2024, 3, 9))
    with reading() as connection:
        assert queries_actions.read(connection, 1)[0].value == 0.5


def test_the_page_reads_on_todays_basis_before_the_series_is_updated(stage: Stage) -> None:
    stage.collect(**minutes(20, 21))
    waiting = stage.series_id
    stage.collect(**JANUARY)
    stage.go_to(4.0, SPLIT, days=4)
    stage.collect(start=dt.date(2024, 1, 25), end=dt.date(2024, 3, 8))
    with reading() as connection:
        stored = queries_bars.read(connection, waiting)
    assert candles(waiting, max_points=100_000).close == pytest.approx([bar[4] / 4 for bar in stored])
    assert candles(waiting, adjust="none", max_points=100_000).close == pytest.approx([bar[4] for bar in stored])


def test_an_empty_answer_takes_nothing_from_what_is_covered(stage: Stage) -> None:
    stage.collect(**JANUARY)
    with reading() as connection:
        before = queries_coverage.read(connection, stage.series_id)
    stage.world.source.replies = [lambda request: replace(good(request), bars=[])]
    stage.collect(**JANUARY, refresh=True)
    with reading() as connection:
        assert queries_coverage.read(connection, stage.series_id) == before


def test_a_chunk_of_new_bars_reads_no_stored_ones(stage: Stage) -> None:
    stage.collect(**minutes(10, 11))
    read: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        read.append(statement)

    stage.world.source.replies = [good]

    event.listen(db.engine, "before_cursor_execute", note)
    stage.collect(**minutes(13, 13))
    event.remove(db.engine, "before_cursor_execute", note)
    assert not [
        statement
        for statement in read
        if "FROM bar WHERE series_id" in statement and "ORDER BY time" in statement and "LIMIT" not in statement
    ]
