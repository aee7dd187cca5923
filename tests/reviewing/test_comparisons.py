"""Two sources' daily series of one share: which belong together, and what they say about each other."""

import datetime as dt
from dataclasses import replace

import pytest

from tests.web.factories import NOW
from tests.web.pairs import AT_IBKR, IBKR, SPLIT_DAY, YAHOO, daily, disagreeing, put, times
from tests.world import World
from webapp.database.transactions import reading
from webapp.errors import InvalidRequestError, NotFoundError
from webapp.kernel.bars import SPLIT, Action
from webapp.kernel.intervals import DAY, Interval
from webapp.reviewing.comparisons import compare, counterparts, pairs
from webapp.series import queries_alike_series, queries_series

pytestmark = pytest.mark.usefixtures("world")


def test_series_of_one_instrument_are_found_from_either_side_and_as_a_pair() -> None:
    several = daily()[:5]
    first, second = put(YAHOO, several), put(IBKR, several)
    bids = put(replace(IBKR, variant="BID"), several)
    put(replace(IBKR, symbol="MSFT.STK.SMART.EUR"), several)
    put(replace(IBKR, interval=Interval.W1), several)
    with reading() as connection:
        rows = [queries_series.get(connection, one) for one in (first, second)]
        found = pairs(queries_alike_series.read(connection, Interval.D1))
    seen = [[other.id for other in counterparts(row)] for row in rows if row]
    assert seen == [[second, bids], [first]], "the usual variant first"
    assert [(one.id, other.id) for one, other in found] == [(first, second), (first, bids)]


def test_a_split_that_one_has_not_applied_is_said_with_its_day_and_ratio() -> None:
    first, second = disagreeing()
    compared = compare(first, second)
    found = compared.found
    [factor] = found.factors
    assert (factor.ratio, factor.is_split, factor.is_from_start, factor.after) == (4.0, True, True, SPLIT_DAY)
    [behind] = compared.behind
    assert behind
    assert (behind.is_second, behind.split) == (True, Action(SPLIT, SPLIT_DAY, 4.0))
    several = daily()
    assert [one.time for one in found.disagreements] == [several[900][0]]
    assert found.disagreements[0].rest == pytest.approx(0.02)
    assert (found.only_first, found.only_second) == ((several[950][0],), ())
    assert found.both == len(several) - 1 == found.agreeing + found.factor_days + 1
    assert found.volumes
    assert found.volumes.median == pytest.approx(0.9)
    assert compared.splits is None, "IBKR tells no splits at all"


def test_seen_from_the_other_side_it_is_the_same() -> None:
    first, second = disagreeing()
    compared = compare(second, first)
    assert [one.ratio for one in compared.found.factors] == [0.25]
    assert [one and one.is_second for one in compared.behind] == [False]
    assert len(compared.found.only_second) == 1


def test_a_tolerance_decides_what_disagrees() -> None:
    first, second = disagreeing()
    assert compare(first, second, 0.03).found.disagreements == ()
    for wrong in (0.0, -1.0, 0.6, float("nan")):
        with pytest.raises(InvalidRequestError) as caught:
            compare(first, second, wrong)
        assert list(caught.value.fields) == ["tolerance"]


def test_both_are_read_on_the_same_basis(world: World) -> None:
    """A split after both were written is applied on reading to Yahoo's bars, for Yahoo tells it, and to no others."""
    several = daily()
    later = (int(NOW.timestamp()) // DAY + 1) * DAY
    first, second = put(YAHOO, several, Action(SPLIT, later, 2.0)), put(IBKR, several)
    assert compare(first, second).found.factors == (), "it is only announced"
    world.clock.at = NOW + dt.timedelta(days=3)
    [factor] = compare(first, second).found.factors
    assert (factor.ratio, factor.is_from_start, factor.after) == (2.0, True, None)


def test_a_factor_in_the_middle_survives_single_wrong_days_and_a_small_one_is_not_a_split() -> None:
    several = daily()
    theirs = [times(bar, 1.37) if 300 <= place < 500 else bar for place, bar in enumerate(several)]
    theirs[400] = several[400]
    compared = compare(put(YAHOO, several), put(IBKR, theirs))
    [factor] = compared.found.factors
    assert (factor.first, factor.last, factor.after) == (several[300][0], several[499][0], several[500][0])
    assert factor.ratio == pytest.approx(1.37)
    assert (factor.days, factor.is_split, compared.behind) == (199, False, (None,))
    assert [one.time for one in compared.found.disagreements] == [several[400][0]]


def test_prices_of_a_few_cents_make_no_factors_and_dividends_make_one_a_quarter() -> None:
    several = [times(bar, 0.005) for bar in daily()]
    rounded = [(*bar[:4], round(bar[4], 2), *bar[5:]) for bar in several]
    assert compare(put(YAHOO, several), put(IBKR, rounded)).found.factors == ()
    taken_out = [times(bar, 0.99 ** max(0, 15 - place // 65)) for place, bar in enumerate(several)]
    found = compare(put(YAHOO, several), put(replace(IBKR, variant="ADJUSTED_LAST"), taken_out)).found
    assert len(found.factors) == 15
    assert (found.disagreements, found.agreeing) == ((), len(several) - 15 * 65)


def test_splits_that_both_tell_are_compared() -> None:
    several = daily()
    first = put(YAHOO, several, Action(SPLIT, SPLIT_DAY, 4.0), Action(SPLIT, several[5][0], 2.0))
    other = replace(YAHOO, symbol="MSFT.MX")
    second = put(other, several, Action(SPLIT, SPLIT_DAY, 3.0), Action(SPLIT, several[5][0], 2.0))
    compared = compare(first, second)
    assert compared.splits
    assert [(one.time, one.first, one.second) for one in compared.splits] == [(SPLIT_DAY, 4.0, 3.0)]


def test_what_has_no_time_in_common_has_nothing_to_compare() -> None:
    several = daily()
    compared = compare(put(YAHOO, several[:100]), put(IBKR, several[200:]))
    assert (compared.found.start, compared.found.both, compared.found.points) == (None, 0, ())
    assert (compared.found.outside_first, compared.found.outside_second) == (100, len(several) - 200)


def test_days_without_a_price_and_few_days_do_no_harm() -> None:
    several = daily()[:4]
    theirs = [times(several[0], 0.0), *several[1:]]
    found = compare(put(YAHOO, several), put(IBKR, theirs)).found
    assert (found.both, found.unpriced, found.agreeing, found.factors) == (4, 1, 3, ())


def test_only_alike_series_are_compared() -> None:
    first = put(YAHOO, daily())
    hourly = put(replace(IBKR, interval=Interval.H1, facts=AT_IBKR), daily()[:3])
    with pytest.raises(InvalidRequestError, match="Only daily series"):
        compare(first, hourly)
    with pytest.raises(NotFoundError):
        compare(first, 999)


def test_the_same_bars_agree_and_a_series_is_not_compared_with_itself(world: World) -> None:
    first = put(YAHOO, daily())
    found = compare(first, put(IBKR, daily())).found
    assert found.agreeing == found.both == len(daily())
    with pytest.raises(InvalidRequestError, match="one and the same series"):
        compare(first, first)
