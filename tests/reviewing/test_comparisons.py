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
    bars = daily()[:5]
    first, second = put(YAHOO, bars), put(IBKR, bars)
    bids = put(replace(IBKR, variant="BID"), bars)
    put(replace(IBKR, symbol="MSFT.STK.SMART.EUR"), bars)
    put(replace(IBKR, interval=Interval.W1), bars)
    with reading() as connection:
        rows = [queries_series.get(connection, series_id) for series_id in (first, second)]
        both = pairs(queries_alike_series.read(connection, Interval.D1))
    ids = [[counterpart.id for counterpart in counterparts(row)] for row in rows if row]
    assert ids == [[second, bids], [first]], "the usual variant first"
    assert [(series.id, counterpart.id) for series, counterpart in both] == [(first, second), (first, bids)]


def test_a_file_of_one_s_own_is_a_pair_with_each_source_that_has_the_same_and_volatilities_are_none() -> None:
    bars = daily()[:5]
    ids = [put(series, bars) for series in (replace(YAHOO, source="own"), IBKR, YAHOO)]
    put(replace(IBKR, variant="HISTORICAL_VOLATILITY"), bars)
    own, ibkr, yahoo = ids
    with reading() as connection:
        both = pairs(queries_alike_series.read(connection, Interval.D1))
    assert [(first.id, second.id) for first, second in both] == [(yahoo, ibkr), (yahoo, own), (ibkr, own)]


def test_a_split_that_one_has_not_applied_is_said_with_its_day_and_ratio() -> None:
    first, second = disagreeing()
    compared = compare(first, second)
    result = compared.result
    [factor] = result.factors
    assert (factor.ratio, factor.is_split, factor.is_from_start, factor.after) == (4.0, True, True, SPLIT_DAY)
    [behind] = compared.behind
    assert behind
    assert (behind.is_second, behind.split) == (True, Action(SPLIT, SPLIT_DAY, 4.0))
    bars = daily()
    assert [disagreement.time for disagreement in result.disagreements] == [bars[900][0]]
    assert result.disagreements[0].rest == pytest.approx(0.02)
    assert (result.only_first, result.only_second) == ((bars[950][0],), ())
    assert result.both == len(bars) - 1 == result.agreeing + result.factor_days + 1
    assert result.volumes
    assert result.volumes.median == pytest.approx(0.9)
    assert compared.splits is None, "IBKR tells no splits at all"


def test_seen_from_the_other_side_it_is_the_same() -> None:
    first, second = disagreeing()
    compared = compare(second, first)
    assert [factor.ratio for factor in compared.result.factors] == [0.25]
    assert [factor and factor.is_second for factor in compared.behind] == [False]
    assert len(compared.result.only_second) == 1


def test_a_tolerance_decides_what_disagrees() -> None:
    first, second = disagreeing()
    assert compare(first, second, 0.03).result.disagreements == ()
    for wrong in (0.0, -1.0, 0.6, float("nan")):
        with pytest.raises(InvalidRequestError) as caught:
            compare(first, second, wrong)
        assert list(caught.value.fields) == ["tolerance"]


def test_both_are_read_on_the_same_basis(world: World) -> None:
    """A split after both were written is applied on reading to Yahoo's bars, for Yahoo tells it, and to no others."""
    bars = daily()
    later = (int(NOW.timestamp()) // DAY + 1) * DAY
    first, second = put(YAHOO, bars, Action(SPLIT, later, 2.0)), put(IBKR, bars)
    assert compare(first, second).result.factors == (), "it is only announced"
    world.clock.at = NOW + dt.timedelta(days=3)
    [factor] = compare(first, second).result.factors
    assert (factor.ratio, factor.is_from_start, factor.after) == (2.0, True, None)


def test_a_factor_in_the_middle_survives_single_wrong_days_and_a_small_one_is_not_a_split() -> None:
    bars = daily()
    theirs = [times(bar, 1.37) if 300 <= place < 500 else bar for place, bar in enumerate(bars)]
    theirs[400] = bars[400]
    compared = compare(put(YAHOO, bars), put(IBKR, theirs))
    [factor] = compared.result.factors
    assert (factor.first, factor.last, factor.after) == (bars[300][0], bars[499][0], bars[500][0])
    assert factor.ratio == pytest.approx(1.37)
    assert (factor.days, factor.is_split, compared.behind) == (199, False, (None,))
    assert [disagreement.time for disagreement in compared.result.disagreements] == [bars[400][0]]


def test_prices_of_a_few_cents_make_no_factors_and_dividends_make_one_a_quarter() -> None:
    bars = [times(bar, 0.005) for bar in daily()]
    rounded = [(*bar[:4], round(bar[4], 2), *bar[5:]) for bar in bars]
    assert compare(put(YAHOO, bars), put(IBKR, rounded)).result.factors == ()
    taken_out = [times(bar, 0.99 ** max(0, 15 - place // 65)) for place, bar in enumerate(bars)]
    result = compare(put(YAHOO, bars), put(replace(IBKR, variant="ADJUSTED_LAST"), taken_out)).result
    assert len(result.factors) == 15
    assert (result.disagreements, result.agreeing) == ((), len(bars) - 15 * 65)


def test_splits_that_both_tell_are_compared() -> None:
    bars = daily()
    first = put(YAHOO, bars, Action(SPLIT, SPLIT_DAY, 4.0), Action(SPLIT, bars[5][0], 2.0))
    microsoft = replace(YAHOO, symbol="MSFT.MX")
    second = put(microsoft, bars, Action(SPLIT, SPLIT_DAY, 3.0), Action(SPLIT, bars[5][0], 2.0))
    compared = compare(first, second)
    assert compared.splits
    assert [(split.time, split.first, split.second) for split in compared.splits] == [(SPLIT_DAY, 4.0, 3.0)]


def test_what_has_no_time_in_common_has_nothing_to_compare() -> None:
    bars = daily()
    compared = compare(put(YAHOO, bars[:100]), put(IBKR, bars[200:]))
    assert (compared.result.start, compared.result.both, compared.result.points) == (None, 0, ())
    assert (compared.result.outside_first, compared.result.outside_second) == (100, len(bars) - 200)


def test_days_without_a_price_and_few_days_do_no_harm() -> None:
    bars = daily()[:4]
    theirs = [times(bars[0], 0.0), *bars[1:]]
    result = compare(put(YAHOO, bars), put(IBKR, theirs)).result
    assert (result.both, result.unpriced, result.agreeing, result.factors) == (4, 1, 3, ())


def test_only_alike_series_are_compared() -> None:
    first = put(YAHOO, daily())
    hourly = put(replace(IBKR, interval=Interval.H1, facts=AT_IBKR), daily()[:3])
    with pytest.raises(InvalidRequestError, match="Only daily series"):
        compare(first, hourly)
    with pytest.raises(NotFoundError):
        compare(first, 999)


def test_the_same_bars_agree_and_a_series_is_not_compared_with_itself(world: World) -> None:
    first = put(YAHOO, daily())
    result = compare(first, put(IBKR, daily())).result
    assert result.agreeing == result.both == len(daily())
    with pytest.raises(InvalidRequestError, match="one and the same series"):
        compare(first, first)
