"""Wrong figures of the offline market over the whole product: stored, listed, and resolved in each of three ways."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from tests.plant import Plant, succeeded
from webapp.context import context
from webapp.database.transactions import reading
from webapp.flagging import queries_flags
from webapp.flagging.queries_flags import FlagRow
from webapp.flagging.rules_suspicion import SuspicionRule
from webapp.kernel.bars import Bar
from webapp.kernel.flag_states import FlagState
from webapp.kernel.spans import Span
from webapp.reviewing import review
from webapp.reviewing.review import Decision

EVER = Span(0, 2**62)
HUNDREDFOLD, NEGATIVE, CONTRADICTORY = "2025-03-05", "2025-03-12", "2025-03-19"


def label(day: str) -> int:
    return int(dt.datetime.fromisoformat(day).replace(tzinfo=dt.UTC).timestamp())


def flagged(made: Plant, series_id: int) -> dict[int, FlagRow]:
    with made.app.app_context(), reading() as connection:
        return queries_flags.read(connection, series_id, EVER)


def decide(made: Plant, series_id: int, day: str, decision: Decision) -> FlagRow:
    with made.app.app_context():
        return review.decide(context(), (series_id, label(day)), decision, "test")


def test_wrong_figures_are_stored_listed_and_resolved(make_plant: Callable[..., Plant]) -> None:
    made = make_plant()
    made.worker()
    made.clock()
    year: dict[str, Any] = {"start": dt.date(2025, 1, 2), "end": dt.date(2025, 6, 30)}
    [right] = made.submit("GOOGL", **year)
    for day, kind in ((HUNDREDFOLD, "x100"), (NEGATIVE, "negative"), (CONTRADICTORY, "high_below_low")):
        made.market.distort("MSFT", day, kind)
    [job_id] = made.submit("MSFT", **year)
    assert succeeded(made.wait(right, job_id))
    assert flagged(made, made.job(right).series_id) == {}
    series_id = made.job(job_id).series_id
    found = flagged(made, series_id)
    stored = {bar[0]: bar for bar in made.bars(job_id)}
    assert {time: flag.rules[0] for time, flag in found.items()} == {
        label(HUNDREDFOLD): SuspicionRule.SPIKE,
        label(NEGATIVE): SuspicionRule.NOT_POSITIVE,
        label(CONTRADICTORY): SuspicionRule.INCONSISTENT,
    }
    assert [stored[time] for time in found] == [flag.bar for flag in found.values()]

    made.market.clear()
    decide(made, series_id, NEGATIVE, Decision.ACCEPT)
    decide(made, series_id, CONTRADICTORY, Decision.EXCLUDE)
    asked = decide(made, series_id, HUNDREDFOLD, Decision.ASK)
    assert asked.asked_job
    assert succeeded(made.wait(asked.asked_job))
    states = {time: flag.state for time, flag in flagged(made, series_id).items()}
    assert states == {
        label(HUNDREDFOLD): FlagState.SETTLED,
        label(NEGATIVE): FlagState.ACCEPTED,
        label(CONTRADICTORY): FlagState.EXCLUDED,
    }
    now = {bar[0]: bar for bar in made.bars(job_id)}
    assert label(CONTRADICTORY) not in now
    assert closes(now) == closes(stored) | {label(HUNDREDFOLD): round(stored[label(HUNDREDFOLD)][4] / 100, 3)}


def closes(several: dict[int, Bar]) -> dict[int, float]:
    """Closes by day, to a tenth of a cent, without the excluded day."""
    return {time: round(bar[4], 3) for time, bar in several.items() if time != label(CONTRADICTORY)}
