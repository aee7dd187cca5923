"""The laws of answers: each true answer passes, and each way to break one is noticed."""

import dataclasses
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.kernel.bars import DIVIDEND, SPLIT, Action, Bar
from webapp.kernel.instruments import InstrumentFacts
from webapp.kernel.intervals import DAY, MINUTE, Interval, next_start, period_start
from webapp.kernel.job_states import ErrorKind
from webapp.kernel.spans import Span
from webapp.sources.base import Answer, ChunkRequest, SourceError

START = 19_723 * DAY  # Monday, 2024-01-01
NOW = float(START + 4000 * DAY)
ZONES = ("America/New_York", "Asia/Tokyo", "UTC", None)
PRICES = st.floats(allow_nan=False, allow_infinity=False, width=32) | st.integers(-(10**9), 10**9)
NO_NUMBERS: st.SearchStrategy[object] = st.one_of(
    st.sampled_from([math.nan, math.inf, -math.inf, 10**400, -(2**63) - 1]), st.text(max_size=3), st.booleans()
)


def starts(interval: Interval, first: int, steps: list[int]) -> list[int]:
    """Starts on the interval's grid, so many steps apart."""
    times = [period_start(START + first * DAY, interval) if interval.is_dated else START + first * MINUTE]
    for step in steps:
        time = times[-1]
        for _ in range(step):
            time = next_start(time, interval) if interval.is_dated else time + interval.seconds
        times.append(time)
    return times


@st.composite
def true_answers(draw: st.DrawFn) -> tuple[Answer, ChunkRequest]:
    """An answer with at least one bar, to what was asked; some give average and count."""
    interval = draw(st.sampled_from(Interval))
    times = starts(interval, draw(st.integers(0, 60)), draw(st.lists(st.integers(1, 5), max_size=20)))
    optional = draw(st.sampled_from([(None, None), (1.5, 3), (None, 7)]))
    bars: list[Any] = [(time, *(draw(PRICES) for _ in range(5)), *optional) for time in times]
    end = times[-1] + draw(st.integers(1, 10)) * 31 * DAY
    span = Span(times[0] - draw(st.integers(0, 3)) * DAY, end)
    facts = InstrumentFacts(timezone=draw(st.sampled_from(ZONES)), name="X", session_open=34_200)
    actions = draw(st.sampled_from([(), (Action(DIVIDEND, START, 0.25), Action(SPLIT, START - 9 * DAY, 4))]))
    answer = Answer(bars, actions, facts, draw(st.integers(times[-1] + 1, end)))
    return answer, ChunkRequest("X", interval, span)


def refusal(answer: Answer, request: ChunkRequest, now: float = NOW) -> str:
    with pytest.raises(SourceError) as caught:
        answer.checked(request, now)
    assert caught.value.kind is ErrorKind.NONSENSE
    assert str(caught.value).startswith("The source answered nonsense: ")
    assert caught.value.hint
    return str(caught.value)


def days(count: int, interval: Interval = Interval.D1) -> tuple[Answer, ChunkRequest]:
    """A plain answer of so many bars from the first of 2024 on, and its request."""
    times = starts(interval, 0, [1] * (count - 1))
    span = Span(START, times[-1] + interval.seconds)
    bars: list[Bar] = [(time, 1.0, 2.0, 0.5, 1.5, 10.0, None, None) for time in times]
    return Answer(bars, (), InstrumentFacts(timezone="America/New_York"), span.end), ChunkRequest("X", interval, span)


@given(true_answers())
def test_a_true_answer_is_returned_as_it_is(truth: tuple[Answer, ChunkRequest]) -> None:
    answer, request = truth
    assert answer.checked(request, NOW) is answer
    empty = dataclasses.replace(answer, bars=[])
    assert empty.checked(request, NOW) is empty


@given(true_answers(), st.data())
def test_a_value_that_is_no_number_is_refused_wherever_it_stands(
    truth: tuple[Answer, ChunkRequest], data: st.DataObject
) -> None:
    answer, request = truth
    place, column = data.draw(st.integers(0, len(answer.bars) - 1)), data.draw(st.integers(0, 7))
    nothing = st.none() if column < 6 else st.just("3")
    bad = data.draw(nothing | NO_NUMBERS)
    row = answer.bars[place]
    bars: list[Any] = [*answer.bars[:place], (*row[:column], bad, *row[column + 1 :]), *answer.bars[place + 1 :]]
    words = refusal(dataclasses.replace(answer, bars=bars), request)
    assert "time of a bar" in words or "cannot be the" in words or "lies outside" in words or "comes twice" in words


@given(true_answers(), st.data())
def test_bars_out_of_order_twice_or_outside_are_refused(
    truth: tuple[Answer, ChunkRequest], data: st.DataObject
) -> None:
    answer, request = truth
    place = data.draw(st.integers(0, len(answer.bars) - 1))
    twice = [*answer.bars[: place + 1], answer.bars[place], *answer.bars[place + 1 :]]
    assert "comes twice" in refusal(dataclasses.replace(answer, bars=twice), request)
    late = dataclasses.replace(request, span=Span(answer.bars[0][0] + 1, request.span.end))
    early = dataclasses.replace(request, span=Span(request.span.start, answer.bars[-1][0]))
    assert "lies outside the span" in refusal(answer, late)
    assert "lies outside the span" in refusal(answer, early)
    if len(answer.bars) > 1:
        assert "comes twice" in refusal(dataclasses.replace(answer, bars=answer.bars[::-1]), request)


@given(true_answers(), st.integers(1, 10**9))
def test_no_answer_vouches_for_more_than_was_asked_or_less_than_it_has(
    truth: tuple[Answer, ChunkRequest], beyond: int
) -> None:
    answer, request = truth
    wide = dataclasses.replace(answer, known_until=request.span.end + beyond)
    assert "more than it was asked for" in refusal(wide, request)
    narrow = dataclasses.replace(answer, known_until=answer.bars[-1][0])
    assert "does not vouch for" in refusal(narrow, request)
    outside = dataclasses.replace(answer, known_spans=[Span(request.span.start, request.span.end + beyond)])
    assert "more than it was asked for" in refusal(outside, request)


@pytest.mark.parametrize("interval", [Interval.D1, Interval.W1, Interval.MO1])
@given(shift=st.integers(1, DAY - 1))
def test_a_dated_bar_begins_at_midnight(interval: Interval, shift: int) -> None:
    answer, request = days(3, interval)
    shifted = [(bar[0] + shift, *bar[1:]) for bar in answer.bars]
    wide = dataclasses.replace(request, span=Span(START, START + 400 * DAY))
    assert f"no {interval} bar begins at 2024-01-01" in refusal(
        dataclasses.replace(answer, bars=shifted, known_until=START + 200 * DAY), wide
    )


@pytest.mark.parametrize("interval", [Interval.W1, Interval.MO1])
def test_a_week_begins_on_monday_and_a_month_on_its_first(interval: Interval) -> None:
    answer, request = days(3, interval)
    tuesdays = [(bar[0] + DAY, *bar[1:]) for bar in answer.bars]
    words = refusal(dataclasses.replace(answer, bars=tuesdays), request)
    assert f"no {interval} bar begins at 2024-01-02" in words


@pytest.mark.parametrize(
    ("interval", "shift"), [(Interval.M5, 17), (Interval.S5, 1), (Interval.H1, 1), (Interval.S30, 15)]
)
def test_a_bar_within_the_day_begins_on_its_grid(interval: Interval, shift: int) -> None:
    answer, request = days(5, interval)
    *bars, last = answer.bars
    assert f"no {interval} bar begins at" in refusal(
        dataclasses.replace(answer, bars=[*bars, (last[0] + shift, *last[1:])]), request
    )


def test_bars_of_a_smaller_interval_are_refused_and_sessions_that_open_between_are_not() -> None:
    minutes, _ = days(12 * 60, Interval.M1)
    request = ChunkRequest("X", Interval.M5, Span(START, START + DAY))
    smaller = dataclasses.replace(minutes, known_until=START + DAY)
    assert "more closely than 5m" in refusal(smaller, request)
    own = dataclasses.replace(smaller, known_spans=[request.span])
    assert own.checked(request, NOW) is own  # a file keeps the grid of whoever wrote it
    openings = [
        START + MINUTE * minute for minute in (8 * 60, 9 * 60, 9 * 60 + 30, 10 * 60 + 30, 15 * 60 + 30, 16 * 60)
    ]
    bars: list[Bar] = [(time, 1.0, 1.0, 1.0, 1.0, 1.0, None, None) for time in openings]
    hours = Answer(bars, (), InstrumentFacts(timezone="America/New_York"), START + DAY)
    assert hours.checked(dataclasses.replace(request, interval=Interval.H1), NOW) is hours


def test_what_is_not_over_yet_is_refused() -> None:
    answer, request = days(10, Interval.M1)
    assert answer.checked(request, START + 600) is answer
    assert "is not over yet" in refusal(answer, request, START + 599)
    none = dataclasses.replace(answer, bars=[])
    assert "vouches for a time that is not over yet" in refusal(none, request, START + 599)
    day, asked = days(1)
    new_york = 5 * 3600
    assert day.checked(asked, START + new_york) is day  # the day has begun there; when it closes, its source knows
    assert "is not over yet" in refusal(day, asked, START + new_york - 1)


@pytest.mark.parametrize("zone", ["Mars/Olympus", "America", "", "/etc/passwd", "../x", 5, "\0"])
def test_a_zone_that_is_none_is_refused(zone: Any) -> None:  # noqa: ANN401 -- what a source may say
    answer, request = days(1)
    spoilt = dataclasses.replace(answer, facts=InstrumentFacts(timezone=zone))
    if zone == "":
        assert spoilt.checked(request, NOW) is spoilt  # the same as not to say it
        return
    assert "time zone" in refusal(spoilt, request) or zone == 5


@pytest.mark.parametrize(
    "fact",
    [{"first_trade": math.nan}, {"currency": "US dollars"}, {"name": 3}, {"session_open": 1.5}, {"last_trade": 10**30}],
)
def test_a_fact_that_no_column_takes_is_refused(fact: dict[str, Any]) -> None:
    answer, request = days(1)
    words = refusal(dataclasses.replace(answer, facts=InstrumentFacts(**fact)), request)
    assert f"cannot be the instrument's {next(iter(fact))}" in words


@pytest.mark.parametrize(
    "action",
    [
        Action("bonus", START, 1.0),
        Action(DIVIDEND, START + 1, 1.0),
        Action(DIVIDEND, 10**30 * DAY, 1.0),
        Action(DIVIDEND, START, math.nan),
        Action(SPLIT, START, 0.0),
        Action(SPLIT, START, -2.0),
    ],
)
def test_an_action_that_cannot_be_is_refused(action: Action) -> None:
    answer, request = days(1)
    assert "no action such as" in refusal(dataclasses.replace(answer, actions=[action]), request)


def test_spans_that_are_known_stand_in_order_and_hold_something() -> None:
    answer, request = days(10)
    halves = [Span(START, START + DAY), Span(START + 4 * DAY, START + 6 * DAY)]
    assert dataclasses.replace(answer, known_spans=halves).checked(request, NOW)
    assert "are not in order" in refusal(dataclasses.replace(answer, known_spans=halves[::-1]), request)
    refusal(dataclasses.replace(answer, known_spans=[Span(START, START)]), request)


@pytest.mark.parametrize(
    "bars", [[1], [()], ["abcdefgh"], [(START, 1.0)], [[START, 1.0, 1.0, 1.0, 1.0, 1.0, None, None]]]
)
def test_what_is_no_bar_is_refused(bars: list[Any]) -> None:
    answer, request = days(1)
    assert "does not have the 8 values" in refusal(dataclasses.replace(answer, bars=bars), request)
