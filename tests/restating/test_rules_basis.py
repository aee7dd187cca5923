"""What bars that were asked for twice tell, with ratios and roundings of every kind."""

import datetime as dt
import random
from zoneinfo import ZoneInfo

import pytest

from webapp.kernel.bars import Action, Bar
from webapp.kernel.intervals import DAY
from webapp.restating.rules_basis import Basis, compare, decide_basis, differences, pairs, snap_ratio
from webapp.series.rules_split_basis import BasisMove, Rebasing, StoredAction, factor, pending

RATIOS = [4.0, 2.0, 1.5, 7.0, 20.0, 0.1, 0.25, 1.1, 50.0, 1 / 3]
NEW_YORK = ZoneInfo("America/New_York")


def history(seed: int, count: int, start: float = 100.0) -> list[Bar]:
    """A walk of daily bars in cents, as one trades."""
    order = random.Random(seed)  # noqa: S311 -- test data
    bars: list[Bar] = []
    close = start
    for day in range(count):
        first = round(close * order.uniform(0.97, 1.03), 2)
        close = round(first * order.uniform(0.97, 1.03), 2)
        high, low = max(first, close) + 0.5, min(first, close) - 0.5
        bars.append((day * DAY, first, high, low, close, float(order.randrange(1000, 9000)), None, None))
    return bars


def moved(bars: list[Bar], ratio: float, decimals: int = 10, volume: float | None = None) -> list[Bar]:
    """The same bars on a basis that is ``ratio`` times smaller, prices rounded."""
    times = ratio if volume is None else volume
    return [priced(before, 1 / ratio, before[5] * times, decimals) for before in bars]


def priced(original: Bar, factor: float, volume: float, decimals: int = 10) -> Bar:
    first, high, low, close = (round(price * factor, decimals) for price in original[1:5])
    return (original[0], first, high, low, close, volume, None, None)


def bar(time: int, close: float, volume: float = 100.0) -> Bar:
    return (time, close, close, close, close, volume, None, None)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("ratio", RATIOS)
@pytest.mark.parametrize("decimals", [10, 4, 2])
def test_one_factor_is_found_through_any_rounding(seed: int, ratio: float, decimals: int) -> None:
    old = history(seed, 5 + seed)
    comparison = compare(pairs(old, moved(old, ratio, decimals)))
    assert comparison.ratio == pytest.approx(ratio, rel=1e-3)
    assert snap_ratio(comparison.ratio or 0, [ratio]) == ratio
    assert comparison.is_volume_too
    assert comparison.shared == tuple(stored[0] for stored in old)


@pytest.mark.parametrize("ratio", [4.0, 1.5, 0.1, 0.25])
def test_a_ratio_of_small_whole_numbers_is_meant_exactly(ratio: float) -> None:
    old = history(1, 20)
    ratio_seen = compare(pairs(old, moved(old, ratio, 4))).ratio
    assert ratio_seen is not None
    assert snap_ratio(ratio_seen) == ratio


def test_an_odd_ratio_stays_as_it_was_measured() -> None:
    assert snap_ratio(1.2813) == 1.2813
    assert snap_ratio(1.2813, [4.0]) == 1.2813


@pytest.mark.parametrize("count", [1, 2])
def test_one_or_two_bars_prove_nothing_but_look_like_something(count: int) -> None:
    old = history(1, count)
    comparison = compare(pairs(old, moved(old, 4.0)))
    assert comparison.ratio is None
    assert comparison.median_ratio == pytest.approx(4.0)


def test_the_same_prices_and_small_corrections_are_the_same_basis() -> None:
    old = history(1, 5)
    assert compare(pairs(old, old)).ratio == 1.0
    corrected = [*old[:-1], priced(old[-1], 1.03, 7.0)]
    assert compare(pairs(old, corrected)).ratio == 1.0
    assert compare(pairs(old, moved(old, 1.002))).ratio == 1.0


def test_a_dividends_small_factor_is_seen_where_prices_are_adjusted_for_them() -> None:
    old = history(1, 5)
    assert compare(pairs(old, moved(old, 1.002)), 5e-4).ratio == pytest.approx(1.002)


def test_an_outlier_does_not_hide_the_factor_and_is_a_difference_after_it() -> None:
    old = history(1, 6)
    new = moved(old, 4.0)
    new[5] = priced(new[5], 1.5, new[5][5])
    comparison = compare(pairs(old, new))
    assert comparison.ratio == pytest.approx(4.0)
    [difference] = differences(pairs(old, new), 4.0, is_volume_too=True)
    assert (difference.time, difference.is_price) == (new[5][0], True)
    assert difference.old[3] == pytest.approx(old[5][4] / 4)


@pytest.mark.parametrize("seed", range(10))
def test_prices_that_differ_without_one_factor_prove_nothing(seed: int) -> None:
    order = random.Random(seed)  # noqa: S311 -- test data
    old = history(seed, 5)
    new = [bar(stored[0], stored[4] * order.choice([2.0, 3.0, 5.0]) * order.uniform(0.8, 1.2)) for stored in old]
    assert compare(pairs(old, new)).ratio is None


def test_volumes_that_did_not_move_are_left_alone() -> None:
    old = history(1, 5)
    comparison = compare(pairs(old, moved(old, 4.0, volume=1.0)))
    assert comparison.ratio == pytest.approx(4.0)
    assert not comparison.is_volume_too


def test_prices_that_are_not_positive_have_no_ratio() -> None:
    bars = [bar(day * DAY, close) for day, close in enumerate((0.0, -37.6, 0.0, 10.0))]
    assert compare(pairs(bars, bars)).ratio is None
    assert compare([]).median_ratio is None


def test_float32_noise_is_no_difference_and_a_volume_alone_is_no_price() -> None:
    old = history(1, 3)
    noisy = [priced(stored, 1 + 6e-8, stored[5]) for stored in old]
    assert differences(pairs(old, noisy), 1.0, is_volume_too=False) == []
    later = [*old[:2], priced(old[2], 1.0, old[2][5] + 1)]
    [difference] = differences(pairs(old, later), 1.0, is_volume_too=False)
    assert not difference.is_price


@pytest.mark.parametrize(
    ("ratios", "basis"),
    [
        ([None], Basis.UNPROVEN),
        ([1.0], Basis.SAME),
        ([None, 1.0], Basis.SAME),
        ([4.0], Basis.UNCONFIRMED),
        ([None, 4.0], Basis.UNCONFIRMED),
        ([4.0, None, None], Basis.UNCONFIRMED),
        ([4.0, 4.0002], Basis.MOVED),
        ([None, 4.0, 4.0], Basis.MOVED),
        ([4.0, 1.0], Basis.CONTRADICTED),
        ([1.0, 4.0], Basis.CONTRADICTED),
    ],
)
def test_nothing_is_believed_on_the_word_of_one_answer(ratios: list[float | None], basis: Basis) -> None:
    assert decide_basis(ratios)[0] is basis


SPLIT = Action("split", 20_000 * DAY, 4.0)
MIDNIGHT = dt.datetime.fromtimestamp(20_000 * DAY, dt.UTC) + dt.timedelta(hours=4)  # 2024-10-04, New York in summer
HOUR = dt.timedelta(hours=1)


def test_a_split_is_pending_for_bars_that_were_written_before_its_day() -> None:
    assert pending([SPLIT], MIDNIGHT - HOUR, (), NEW_YORK) == [SPLIT]
    assert pending([SPLIT], MIDNIGHT + HOUR, (), NEW_YORK) == []
    assert pending([SPLIT], None, (), NEW_YORK) == []
    assert pending([Action("dividend", SPLIT.time, 4.0)], MIDNIGHT - HOUR, (), NEW_YORK) == []


def test_a_split_that_was_carried_out_in_the_evening_before_is_not_pending() -> None:
    written = MIDNIGHT - 2 * HOUR
    assert pending([SPLIT], written, [Rebasing(written, 4.0, None)], NEW_YORK) == []
    assert pending([SPLIT], written, [Rebasing(written, 4.0, SPLIT.time)], NEW_YORK) == []
    assert pending([SPLIT], written, [Rebasing(written, 2.0, None)], NEW_YORK) == [SPLIT]
    assert pending([SPLIT], written, [Rebasing(written - 48 * HOUR, 4.0, None)], NEW_YORK) == [SPLIT]


def payout(at: dt.datetime, ex_date: int = SPLIT.time - 30 * DAY) -> StoredAction:
    return StoredAction(Action("dividend", ex_date, 1.0), at)


def test_a_payout_told_before_a_new_split_is_divided_once() -> None:
    fresh = BasisMove(None, None, (SPLIT,))
    assert factor(payout(MIDNIGHT - HOUR), fresh, NEW_YORK) == 4.0
    assert factor(payout(MIDNIGHT + HOUR), fresh, NEW_YORK) == 1.0
    assert factor(payout(MIDNIGHT - HOUR, SPLIT.time), fresh, NEW_YORK) == 1.0
    assert factor(payout(MIDNIGHT - HOUR), BasisMove(None, None, ()), NEW_YORK) == 1.0


def test_what_the_bars_show_decides_for_payouts_told_before_they_were_written() -> None:
    written = MIDNIGHT - HOUR
    assert factor(payout(written), BasisMove(4.0, written, (SPLIT,)), NEW_YORK) == 4.0
    assert factor(payout(written), BasisMove(4.0, written, ()), NEW_YORK) == 4.0
    assert factor(payout(written), BasisMove(1.0, written, (SPLIT,)), NEW_YORK) == 1.0  # told, but not carried out yet
    assert factor(payout(written + HOUR / 2), BasisMove(4.0, written, (SPLIT,)), NEW_YORK) == 4.0
    assert factor(payout(MIDNIGHT + HOUR), BasisMove(4.0, written, (SPLIT,)), NEW_YORK) == 1.0
