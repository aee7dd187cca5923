"""Larger bars made of smaller ones."""

from hypothesis import given
from hypothesis import strategies as st

from webapp.kernel.bars import Bar, aggregate


def a_bar(time: int, base: float) -> Bar:
    return (time, base, base + 2, base - 1, base + 1, base * 10, None, None)


bars = st.dictionaries(st.integers(0, 200), st.floats(1, 1000), max_size=40).map(
    lambda found: [a_bar(time, found[time]) for time in sorted(found)]
)


@given(bars, st.integers(1, 50))
def test_a_merged_bar_is_what_its_parts_amount_to(parts: list[Bar], step: int) -> None:
    merged = aggregate(parts, lambda time: time - time % step)
    assert [bar[0] for bar in merged] == sorted({bar[0] // step * step for bar in parts})
    for start, open_, high, low, close, volume, wap, count in merged:
        own = [bar for bar in parts if start <= bar[0] < start + step]
        assert (open_, close) == (own[0][1], own[-1][4])
        assert (high, low) == (max(bar[2] for bar in own), min(bar[3] for bar in own))
        assert abs(volume - sum(bar[5] for bar in own)) < 1e-6
        assert (wap, count) == (None, None)


def test_averages_are_weighted_by_volume_and_counts_are_summed() -> None:
    parts: list[Bar] = [(0, 1.0, 2.0, 0.5, 1.5, 10.0, 1.0, 3), (1, 1.5, 2.0, 1.0, 1.75, 30.0, 2.0, 4)]
    assert aggregate(parts, lambda _: 0) == [(0, 1.0, 2.0, 0.5, 1.75, 40.0, 1.75, 7)]


def test_what_one_part_does_not_tell_the_whole_does_not_tell() -> None:
    parts: list[Bar] = [(0, 1.0, 1.0, 1.0, 1.0, 10.0, None, None), (1, 1.0, 1.0, 1.0, 1.0, 30.0, 2.0, 4)]
    assert aggregate(parts, lambda _: 0)[0][6:] == (None, None)


def test_without_volume_the_last_average_stands() -> None:
    parts: list[Bar] = [(0, 1.0, 1.0, 1.0, 1.0, 0.0, 1.0, 0), (1, 1.0, 1.0, 1.0, 1.0, 0.0, 2.0, 0)]
    assert aggregate(parts, lambda _: 0)[0][6:] == (2.0, 0)
