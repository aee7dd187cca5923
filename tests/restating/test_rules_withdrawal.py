"""What a source's days say of its actions: silence, prices that contradict, and prices that none explains."""

import datetime as dt
import math
from dataclasses import replace

import pytest

from webapp.errors import Sentence
from webapp.kernel.adjusted_closes import ActionList, AdjustedClose, Quarter
from webapp.kernel.bars import CAPITAL_GAIN, DIVIDEND, SPLIT, Action
from webapp.kernel.intervals import DAY
from webapp.kernel.spans import Span
from webapp.restating.rules_list_doubts import find_action_doubts
from webapp.restating.rules_payout_steps import MOST_DISCREPANCIES, find_discrepancies
from webapp.restating.rules_withdrawal import (
    CONTRADICTED,
    SECOND_SILENCE,
    STILL_CONTAINED,
    NextMove,
    PriceVerdict,
    decide_move,
    find_undone,
    find_untold,
    is_undone,
)
from webapp.series.queries_actions import RecordedAction
from webapp.series.rules_split_basis import Rebasing

NOON = dt.datetime(2026, 3, 6, 12, tzinfo=dt.UTC)
YESTERDAY = NOON - dt.timedelta(days=1)


def days(*parts: float, close: float = 100.0) -> list[AdjustedClose]:
    """Days at one price, each of which leaves a part of it; the first leaves whatever it does."""
    return [AdjustedClose(number * DAY, close, close * math.prod(parts[number + 1 :])) for number in range(len(parts))]


def record(kind: str, day: int, value: float = 1.0, **told: dt.datetime | Sentence | None) -> RecordedAction:
    plain = RecordedAction(Action(kind, day * DAY, value), NOON, None, None, None, None, None)
    return replace(plain, **told)  # type: ignore[arg-type]


def verdicts(closes: list[AdjustedClose], *recorded: RecordedAction, told: tuple[Action, ...] = ()) -> list[str]:
    return [untold.verdict.value for untold in find_untold(recorded, told, closes)]


def test_silence_of_a_day_says_something_and_silence_beyond_the_days_nothing() -> None:
    closes = days(1, 1, 1)
    assert verdicts(closes, record(SPLIT, 1), record(SPLIT, 5), record(SPLIT, -1)) == ["nothing"]
    assert verdicts(closes, record(SPLIT, 1), told=(Action(SPLIT, DAY, 3.0),)) == []
    assert verdicts([], record(SPLIT, 1)) == []


def test_what_was_withdrawn_is_not_missed() -> None:
    assert verdicts(days(1, 1), record(DIVIDEND, 1, withdrawn_at=NOON)) == []


@pytest.mark.parametrize(
    ("part", "verdict"), [(1.0, "contradicted"), (0.99, "contained"), (0.95, "nothing"), (0.990001, "contained")]
)
def test_prices_tell_whether_they_contain_a_payout(part: float, verdict: str) -> None:
    assert verdicts(days(1, part, 1), record(DIVIDEND, 1)) == [verdict]


def test_of_two_payouts_of_a_day_the_one_that_is_not_told_is_weighed() -> None:
    gain = record(CAPITAL_GAIN, 1, 4.0)
    assert verdicts(days(1, 0.96, 1), record(DIVIDEND, 1), gain, told=(gain.action,)) == ["contradicted"]
    assert verdicts(days(1, 0.95, 1), record(DIVIDEND, 1), gain, told=(gain.action,)) == ["contained"]


def test_a_payout_of_the_first_day_or_too_small_to_be_seen_is_not_weighed() -> None:
    assert verdicts(days(1, 1), record(DIVIDEND, 0)) == ["nothing"]
    assert verdicts(days(1, 1), record(DIVIDEND, 1, 0.02)) == ["nothing"]


@pytest.mark.parametrize(
    ("verdict", "since", "reason", "move"),
    [
        (PriceVerdict.NOTHING, None, None, (NextMove.NOTE, None)),
        (PriceVerdict.NOTHING, NOON - dt.timedelta(hours=11), None, (NextMove.NOTE, None)),
        (PriceVerdict.NOTHING, YESTERDAY, None, (NextMove.WITHDRAW, SECOND_SILENCE)),
        (PriceVerdict.NOTHING, YESTERDAY, STILL_CONTAINED, (NextMove.KEEP, STILL_CONTAINED)),
        (PriceVerdict.CONTAINED, YESTERDAY, None, (NextMove.KEEP, STILL_CONTAINED)),
        (PriceVerdict.CONTRADICTED, None, None, (NextMove.WITHDRAW, CONTRADICTED)),
        (PriceVerdict.CONTRADICTED, YESTERDAY, STILL_CONTAINED, (NextMove.WITHDRAW, CONTRADICTED)),
    ],
)
def test_what_follows_from_silence(
    verdict: PriceVerdict, since: dt.datetime | None, reason: Sentence | None, move: tuple[NextMove, Sentence | None]
) -> None:
    [untold] = find_untold([record(SPLIT, 1, no_longer_told_at=since, reason=reason)], [], days(1, 1))
    assert decide_move(replace(untold, verdict=verdict), NOON) == move


def test_prices_that_moved_back_by_a_split_have_undone_it() -> None:
    split = Action(SPLIT, DAY, 2.0)
    assert is_undone(split, 0.5)
    assert is_undone(split, 0.50001)
    assert not is_undone(split, 2.0)
    assert not is_undone(replace(split, kind=DIVIDEND), 0.5)
    assert not is_undone(replace(split, value=1.0), 1.0)
    [untold] = find_untold([record(SPLIT, 1, 2.0)], [], days(1, 1), undone=[split])
    assert untold.verdict is PriceVerdict.CONTRADICTED


def test_only_a_rebasing_without_a_split_of_its_own_undoes_one_that_was_told_before() -> None:
    recorded = [record(SPLIT, 1, 2.0)]
    later, earlier = NOON + dt.timedelta(hours=1), YESTERDAY
    assert find_undone(recorded, [Rebasing(later, 0.5, None)]) == (recorded[0].action,)
    assert (
        find_undone(recorded, [Rebasing(earlier, 0.5, None), Rebasing(later, 0.5, 7), Rebasing(later, 2, None)]) == ()
    )


def test_days_that_agree_with_our_actions_are_no_finding() -> None:
    closes = days(1, 0.99, 1, 0.95)
    actions = [Action(DIVIDEND, DAY, 1.0), Action(DIVIDEND, 3 * DAY, 2.0), Action(CAPITAL_GAIN, 3 * DAY, 3.0)]
    assert find_discrepancies(closes, [*actions, Action(SPLIT, 2 * DAY, 4.0)]) == []


def test_what_none_explains_is_a_finding_with_its_days_and_its_size() -> None:
    [lacking] = find_discrepancies(days(1, 1, 0.99, 1), [])
    assert (lacking.span.start, lacking.span.end) == (DAY, 2 * DAY)
    assert lacking.size == pytest.approx(-0.01)
    [excess] = find_discrepancies(days(1, 1, 1, 1), [Action(DIVIDEND, 2 * DAY, 1.0)])
    assert excess.size == pytest.approx(1 / 0.99 - 1)


def test_a_payout_of_a_day_without_a_bar_belongs_to_the_next_bar() -> None:
    closes = days(1, 0.99, 1)
    assert find_discrepancies([closes[0], closes[2]], [Action(DIVIDEND, DAY, 1.0)]) == []


def test_very_many_findings_of_one_answer_become_one() -> None:
    number = MOST_DISCREPANCIES + 1
    [finding] = find_discrepancies(days(*[0.99] * (number + 1)), [])
    assert finding.size == pytest.approx(0.99**number - 1)
    assert (finding.span.start, finding.span.end) == (0, number * DAY)
    assert len(find_discrepancies(days(*[0.99] * number), [])) == number - 1


def doubts(recorded: RecordedAction, *listed: Action) -> list[tuple[float, ...]]:
    reach = (Quarter(1.0, 1.0, AdjustedClose(0, 1.0, 1.0)),)
    found = list(find_action_doubts([recorded], ActionList(listed, reach), NOON))
    assert all(doubt.span == Span(recorded.action.time, recorded.action.time + DAY) for doubt in found)
    return [doubt.compared for doubt in found]


def test_a_list_puts_in_doubt_what_it_had_before_and_has_no_more() -> None:
    assert doubts(record(DIVIDEND, 1, listed_at=YESTERDAY)) == [(1.0, 0.0)]
    assert doubts(record(DIVIDEND, 1)) == []
    assert doubts(record(DIVIDEND, 1, listed_at=YESTERDAY, withdrawn_at=NOON)) == []


def test_a_list_puts_a_split_of_its_time_in_doubt_as_long_as_it_lacks_it_since_no_adjusted_close_shows_one() -> None:
    assert doubts(record(SPLIT, 1, 2.0)) == [(2.0, 0.0)]
    assert doubts(record(SPLIT, 1, 2.0, no_longer_told_at=NOON)) == [(2.0, 1.0)]
    assert doubts(record(SPLIT, -1)) == []
    assert doubts(record(SPLIT, 1, withdrawn_at=NOON)) == []


def test_a_list_that_tells_what_was_withdrawn_puts_it_in_doubt_as_long_as_it_does() -> None:
    withdrawn = record(SPLIT, 1, no_longer_told_at=YESTERDAY, withdrawn_at=YESTERDAY)
    assert doubts(withdrawn, withdrawn.action) == doubts(replace(withdrawn, listed_at=YESTERDAY), withdrawn.action)
    assert doubts(withdrawn, withdrawn.action) == [(0.0, 1.0)]


def test_what_is_no_longer_told_is_looked_at_again_on_another_day() -> None:
    assert doubts(record(DIVIDEND, 1, no_longer_told_at=YESTERDAY)) == [()]
    assert doubts(record(DIVIDEND, 1, no_longer_told_at=NOON)) == []
    assert doubts(record(DIVIDEND, 1, no_longer_told_at=YESTERDAY, reason=STILL_CONTAINED)) == []


def test_another_value_is_in_doubt_with_both() -> None:
    ours = record(DIVIDEND, 1, 1.0, listed_at=YESTERDAY)
    assert doubts(ours, Action(DIVIDEND, DAY, 1.2)) == [(1.0, 1.2)]
    assert doubts(ours, Action(DIVIDEND, DAY, 1.0005)) == []


def test_nothing_is_said_of_a_payout_in_another_currency_than_the_prices() -> None:
    foreign = [Action(DIVIDEND, 2 * DAY, 1.0, "USD")]
    assert find_discrepancies(days(1, 1, 0.97, 1), foreign, "KRW") == []
    assert len(find_discrepancies(days(1, 1, 0.97, 1), foreign, "USD")) == 1
    assert len(find_discrepancies(days(1, 1, 0.97, 1), [Action(DIVIDEND, 2 * DAY, 1.0)], "KRW")) == 1
