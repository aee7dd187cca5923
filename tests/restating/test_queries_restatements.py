"""Re-basing where the values stand, and the record of it, on both databases."""

import datetime as dt

import pytest

from webapp.database.transactions import reading, writing
from webapp.errors import sentence
from webapp.kernel.bars import Action, Bar
from webapp.kernel.intervals import Interval
from webapp.kernel.restatement_kinds import RestatementKind
from webapp.restating import queries_restatements
from webapp.restating.queries_restatements import NewRestatement
from webapp.restating.rules_basis import Difference
from webapp.series import queries_actions, queries_bars, queries_rebasing, queries_series
from webapp.series.queries_actions import ActionsVersion
from webapp.series.rules_split_basis import Rebasing

pytestmark = pytest.mark.usefixtures("app")
NOON = dt.datetime(2024, 3, 6, 12, tzinfo=dt.UTC)


def put(*bars: Bar) -> int:
    with writing() as connection:
        series_id = queries_series.ensure(connection, "yahoo", "AAPL", Interval.D1, "")
        queries_bars.upsert(connection, series_id, bars)
        queries_bars.upsert(connection, series_id + 1, bars)
    return series_id


def rebased(series_id: int, ratio: float, *, is_volume_too: bool) -> list[Bar]:
    with writing() as connection:
        queries_series.lock_for_write(connection, series_id)
        assert queries_rebasing.rebase_bars(connection, series_id, ratio, is_volume_too=is_volume_too) == 2
    with reading() as connection:
        return queries_bars.read(connection, series_id)


def test_prices_are_divided_volumes_multiplied_and_another_series_is_left_alone() -> None:
    bars: list[Bar] = [(0, 8.0, 16.0, 4.0, 12.0, 101.0, 10.0, 3), (60, 8.0, 8.0, 8.0, 8.0, 0.5, None, None)]
    series_id = put(*bars)
    assert rebased(series_id, 4.0, is_volume_too=True) == [
        (0, 2.0, 4.0, 1.0, 3.0, 404.0, 2.5, 3),
        (60, 2.0, 2.0, 2.0, 2.0, 2.0, None, None),
    ]
    with reading() as connection:
        assert queries_bars.read(connection, series_id + 1) == bars


def test_a_whole_volume_stays_whole_and_a_broken_one_is_only_multiplied() -> None:
    series_id = put((0, 1.0, 1.0, 1.0, 1.0, 1234.0, None, None), (60, 1.0, 1.0, 1.0, 1.0, 0.75, None, None))
    assert [bar[5] for bar in rebased(series_id, 0.1, is_volume_too=True)] == [123.0, pytest.approx(0.075)]
    assert [bar[5] for bar in rebased(series_id, 0.1, is_volume_too=False)] == [123.0, pytest.approx(0.075)]


def test_an_action_keeps_its_first_sighting_and_its_last_telling() -> None:
    series_id = put((0, 1.0, 1.0, 1.0, 1.0, 1.0, None, None))
    later = NOON + dt.timedelta(days=1)
    with writing() as connection:
        row = queries_series.get(connection, series_id)
        assert row
        for at in (NOON, later):
            queries_actions.upsert(connection, row.instrument_id, [Action("dividend", 0, 1.0)], 1, at)
        [stored] = queries_rebasing.read_actions(connection, row.instrument_id)
        assert (stored.action, stored.at) == (Action("dividend", 0, 1.0), later)
        assert queries_actions.version(connection, row.instrument_id) == ActionsVersion(1, 1, later, None)


def test_payouts_are_divided_and_splits_are_not() -> None:
    series_id = put((0, 1.0, 1.0, 1.0, 1.0, 1.0, None, None))
    actions = [Action("capital_gain", 1, 2.0), Action("dividend", 0, 1.0), Action("split", 2, 4.0)]
    later = NOON + dt.timedelta(days=1)
    with writing() as connection:
        row = queries_series.get(connection, series_id)
        assert row
        queries_actions.upsert(connection, row.instrument_id, actions, 1, NOON)
        changed = queries_rebasing.rebase_payouts(
            connection, row.instrument_id, lambda stored: 4.0 - stored.action.time, later
        )
        assert changed == 2
        values = {
            stored.action.kind: (stored.action.value, stored.at)
            for stored in queries_rebasing.read_actions(connection, row.instrument_id)
        }
    assert values == {
        "dividend": (0.25, later),
        "capital_gain": (pytest.approx(2 / 3), later),
        "split": (4.0, NOON),
    }


def test_the_record_is_read_back_newest_first_without_volumes() -> None:
    def new(kind: RestatementKind, **fields: object) -> NewRestatement:
        message = sentence("%(n)d", n=1)
        return NewRestatement(7, 1, kind, 0, 60, 2, message, **fields)  # type: ignore[arg-type]

    difference = Difference(60, (1.0, 2.0, 0.5, 1.5, 100.0), (1.0, 2.0, 0.5, 1.6, 100.0))
    with writing() as connection:
        queries_restatements.add(connection, new(RestatementKind.REBASED, ratio=4.0, split=86_400), NOON)
        queries_restatements.add(connection, new(RestatementKind.VOLUMES), NOON)
        queries_restatements.add(connection, new(RestatementKind.PRICES, differences=[difference]), NOON)
    with reading() as connection:
        page = queries_restatements.page(connection, 7)
        assert [(restatement.kind, restatement.ratio, restatement.has_job) for restatement in page] == [
            ("prices", None, False),
            ("rebased", 4.0, False),
        ]
        assert page[0].differences == (difference,)
        assert queries_restatements.page(connection, 8) == []
        assert queries_rebasing.rebasings(connection, 7) == [Rebasing(NOON, 4.0, 86_400)]
