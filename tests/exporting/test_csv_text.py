"""The quick way to write CSV gives the text that ``repr`` gives, number by number."""

import datetime as dt
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.exporting.csv_text import Stamps, long_lines, short_lines
from webapp.kernel.bars import Bar
from webapp.kernel.intervals import DAY

ANY = st.floats(allow_nan=False)
USUAL = (
    st.floats(min_value=1e-6, max_value=1e7)
    | st.decimals(0, 9999, places=2).map(float)
    | st.floats(width=32).filter(math.isfinite)
)
VOLUME = st.integers(0, 2**70).map(float) | st.integers(0, 10**6).map(float) | ANY
TIMES = st.lists(st.integers(-(10**9), 4 * 10**9), min_size=1, max_size=12, unique=True).map(sorted)
OFTEN = st.sampled_from([USUAL, USUAL, ANY])


def obvious(bar: Bar, *, is_dated: bool, has_wap: bool) -> str:
    moment = dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=bar[0])
    time = moment.strftime("%Y-%m-%d") if is_dated else moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    volume = str(int(bar[5])) if bar[5].is_integer() else repr(bar[5])
    cells = [time, *(repr(price) for price in bar[1:5]), volume]
    if has_wap:
        cells += ["" if value is None else repr(value) for value in bar[6:]]
    return ",".join(cells) + "\n"


@st.composite
def pages(draw: st.DrawFn) -> list[Bar]:
    prices = draw(OFTEN)
    waps = st.none() | prices
    counts = st.none() | st.integers(0, 2**31)
    bars: list[Bar] = []
    for time in draw(TIMES):
        four = [draw(prices) for _ in range(4)]
        bars.append((time, four[0], four[1], four[2], four[3], draw(VOLUME), draw(waps), draw(counts)))
    return bars


@given(page=pages())
def test_a_short_page_is_the_obvious_text(page: list[Bar]) -> None:
    written = short_lines([bar[:6] for bar in page], Stamps(is_dated=False))
    assert written.decode() == "".join(obvious(bar, is_dated=False, has_wap=False) for bar in page)


@given(page=pages())
def test_a_page_with_averages_is_the_obvious_text(page: list[Bar]) -> None:
    written = long_lines(page, Stamps(is_dated=False))
    assert written.decode() == "".join(obvious(bar, is_dated=False, has_wap=True) for bar in page)


@given(page=pages())
def test_a_dated_page_is_the_obvious_text(page: list[Bar]) -> None:
    dated: list[Bar] = [(number * DAY, *bar[1:]) for number, bar in enumerate(page, -3)]
    written = long_lines(dated, Stamps(is_dated=True))
    assert written.decode() == "".join(obvious(bar, is_dated=True, has_wap=True) for bar in dated)


@pytest.mark.parametrize("price", [1e-5, 9.99e-5, 1e-4, 1e16, 9999999999999998.0, -0.0, -1e-5, -12.5, 5e-324, math.inf])
@pytest.mark.parametrize("volume", [0.0, -0.0, 0.5, 1e15, 1e16, 2.0**63, 2.0**64, 1e300, math.inf, 1e-5])
def test_numbers_at_the_edges_are_written_as_ever(price: float, volume: float) -> None:
    page: list[Bar] = [(60, 1.0, price, 1.0, price, volume, price, None), (120, 1.0, 2.0, 0.5, 1.5, 7.0, None, 3)]
    expected = ["".join(obvious(bar, is_dated=False, has_wap=wide) for bar in page) for wide in (False, True)]
    stamps = Stamps(is_dated=False)
    assert short_lines([bar[:6] for bar in page], stamps).decode() == expected[0]
    assert long_lines(page, stamps).decode() == expected[1]
