"""What a source answers and nobody believes: asked again until it was said often enough, or a person says so.

See docs/data.md#nothing-and-failed. The clock of the world stands at Wednesday 6 March 2024, 12:00 UTC.
"""

import dataclasses
import datetime as dt
from collections.abc import Collection
from typing import Any

import pytest

from tests.world import FACTS, NOON, Reply, World, bar, days, good
from webapp.collecting.doubts import confirm
from webapp.collecting.missing import fill_gaps, updates
from webapp.coverage import completeness, gaps
from webapp.coverage.rules_expected import CellState
from webapp.database.transactions import reading
from webapp.flagging import queries_flags
from webapp.flagging.rules_suspicion import SuspicionRule
from webapp.jobs.queries_jobs import JobRow
from webapp.kernel.flag_states import FlagState
from webapp.kernel.instruments import InstrumentFacts
from webapp.kernel.intervals import DAY, HOUR, Interval
from webapp.kernel.job_states import JobState
from webapp.kernel.plans import LOOK_DELAYS, LOOKS, Covered, Verdict
from webapp.kernel.spans import EVER, Span
from webapp.series import queries_bars, queries_coverage, queries_series
from webapp.series.queries_series import SeriesRow
from webapp.sources.base import Answer, ChunkRequest

JANUARY = {"start": dt.date(2024, 1, 1), "end": dt.date(2024, 1, 31)}
SPAN = days(dt.date(2024, 1, 1), dt.date(2024, 1, 31))


def day(number: int) -> int:
    return SPAN.start + (number - 1) * DAY


def weekdays(request: ChunkRequest, without: Collection[int] = ()) -> list[int]:
    """The weekdays of a request's span, holidays too, less some days of January."""
    times = range(request.span.start, min(request.span.end, int(NOON.timestamp()) // DAY * DAY), DAY)
    return [time for time in times if (time // DAY + 3) % 7 < 5 and time not in {day(number) for number in without}]


def blank(*numbers: int, incomplete: Collection[int] = ()) -> Reply:
    """A source that leaves days of January blank, and some of them only in part."""

    def reply(request: ChunkRequest) -> Answer:
        inside = [day(number) for number in numbers if request.span.start <= day(number) < request.span.end]
        lacking = frozenset(time for time in inside if time in {day(number) for number in incomplete})
        bars = [bar(time) for time in weekdays(request, numbers)]
        bars += [(*bar(time)[:1], 500.0, *bar(time)[2:]) for time in lacking]
        holes = tuple(Span(time, time + DAY) for time in sorted(inside))
        return Answer(sorted(bars), [], FACTS, request.span.end, len(inside), holes=holes, incomplete=lacking)

    return reply


def empty(request: ChunkRequest) -> Answer:
    return Answer([], [], FACTS, request.span.end)


def collect(world: World, *replies: Reply, **fields: Any) -> JobRow:  # noqa: ANN401 -- a request's fields
    world.source.replies, world.source.asked = list(replies), []
    job = world.work(world.submit(**{**JANUARY, **fields})[0])
    assert job.state is JobState.SUCCEEDED
    return job


def coverage(job: JobRow) -> list[Covered]:
    with reading() as connection:
        return queries_coverage.read(connection, job.series_id)


def doubted(job: JobRow) -> list[Span]:
    return [part.span for part in coverage(job) if part.verdict is Verdict.DOUBTED]


def row_of(job: JobRow) -> SeriesRow:
    with reading() as connection:
        row = queries_series.get(connection, job.series_id)
    assert row
    return row


def figures(world: World, job: JobRow) -> tuple[int | None, int | None]:
    counted = completeness.count(world.context, row_of(job))
    return counted.missing, counted.confirmed


def test_silence_over_sessions_of_a_share_that_is_traded_is_no_knowledge(world: World) -> None:
    job = collect(world, empty, empty, empty)
    assert [(part.span, part.verdict) for part in coverage(job)] == [(SPAN, Verdict.DOUBTED)]
    assert "not believed yet" in str(job.note)
    [gap] = gaps.report(world.context, row_of(job)).gaps
    assert (gap.gap.sessions, gap.next_look) == (21, int(NOON.timestamp()) + 6 * HOUR)


@pytest.mark.parametrize(
    "facts",
    [
        dataclasses.replace(FACTS, last_trade=day(1) - 365 * DAY),  # delisted
        dataclasses.replace(FACTS, first_trade=day(30)),  # not listed yet
        dataclasses.replace(FACTS, kind="OPTION"),  # goes without a trade for weeks
    ],
)
def test_silence_that_the_facts_explain_is_believed(world: World, facts: InstrumentFacts) -> None:
    job = collect(world, Answer([], [], facts, SPAN.end))
    assert [part.verdict for part in coverage(job)] == [Verdict.EMPTY]


def test_days_that_are_left_out_between_others_are_no_knowledge_either(world: World) -> None:
    without = range(8, 20)
    job = collect(world, lambda asked: Answer([bar(t) for t in weekdays(asked, without)], [], FACTS, SPAN.end))
    assert doubted(job) == [Span(day(6), day(22))]  # from Saturday to the Monday that has a bar again


def test_what_is_doubted_is_asked_again_after_growing_delays_and_then_confirmed(world: World) -> None:
    job = collect(world, empty, empty, empty)
    for delay in LOOK_DELAYS:
        world.clock.advance(delay - 1)
        assert collect(world).id
        assert world.source.asked == []
        world.clock.advance(1)
        collect(world, empty)
        assert len(world.source.asked) == 1
    [part] = coverage(job)
    assert (part.span, part.verdict, part.looks) == (SPAN, Verdict.EMPTY, LOOKS)
    assert sum(LOOK_DELAYS) > 7 * DAY
    assert figures(world, job) == (0, 21)
    world.clock.advance(30 * DAY)
    collect(world)
    assert world.source.asked == []


def test_looks_that_are_not_due_confirm_nothing(world: World) -> None:
    job = collect(world, empty, empty, empty)
    for _ in range(LOOKS):
        collect(world, empty, refresh=True)
    [part] = coverage(job)
    assert (part.verdict, part.looks, part.checked_at) == (Verdict.DOUBTED, 1, int(NOON.timestamp()))


def test_what_comes_at_a_later_look_is_taken_and_nothing_is_doubted_any_more(world: World) -> None:
    collect(world, empty, empty, empty)
    world.clock.advance(LOOK_DELAYS[0])
    job = collect(world, good)
    assert [(part.span, part.verdict) for part in coverage(job)] == [(SPAN, Verdict.HAVE)]
    assert (job.message, job.note) == (None, None)


def test_a_part_of_what_is_doubted_is_not_believed_for_being_small(world: World) -> None:
    collect(world, empty, empty, empty)
    world.clock.advance(LOOK_DELAYS[0])
    job = collect(world, empty, start=dt.date(2024, 1, 9), end=dt.date(2024, 1, 9))
    assert [part.verdict for part in coverage(job)] == [Verdict.DOUBTED] * 3
    assert [part.looks for part in coverage(job)] == [1, 2, 1]


def test_a_person_can_confirm_it(world: World) -> None:
    job = collect(world, empty, empty, empty)
    assert confirm(world.context, row_of(job), SPAN)
    assert gaps.report(world.context, row_of(job)).gaps == ()
    assert figures(world, job) == (0, 21)
    assert not confirm(world.context, row_of(job), SPAN)
    world.clock.advance(LOOK_DELAYS[-1])
    collect(world)
    assert world.source.asked == []


def test_a_person_can_have_it_asked_at_once(world: World) -> None:
    job = collect(world, empty, empty, empty)
    assert fill_gaps.fill(world.context, row_of(job)) == []
    [job_id] = fill_gaps.look_again(world.context, row_of(job))
    world.source.replies = []
    world.work(job_id)
    assert gaps.report(world.context, row_of(job)).gaps == ()


def test_blank_days_are_holes_that_one_request_asks_for_again(world: World) -> None:
    numbers = (4, 11, 18, 25)
    job = collect(world, blank(*numbers), blank(*numbers), blank(*numbers))
    assert len(world.source.asked) == 3  # a fifth of the days: worth asking again at once
    assert doubted(job) == [Span(day(number), day(number) + DAY) for number in numbers]
    assert figures(world, job)[0] == 4
    cells = gaps.cells(gaps.report(world.context, row_of(job)), 2024)
    assert sum(cell.state is CellState.DOUBTED for cell in cells) == 4
    world.clock.advance(LOOK_DELAYS[0])
    collect(world, blank(11))
    assert len(world.source.asked) == 1
    assert doubted(job) == [Span(day(11), day(12))]
    assert figures(world, job) == (1, 0)


def test_a_single_blank_row_costs_no_request_of_its_own(world: World) -> None:
    job = collect(world, blank(11))
    assert len(world.source.asked) == 1
    assert doubted(job) == [Span(day(11), day(12))]


def test_a_blank_row_of_a_holiday_is_what_the_calendar_says(world: World) -> None:
    job = collect(world, blank(1, 15))
    assert doubted(job) == []


def test_an_update_looks_at_what_is_due_with_the_request_that_it_makes_anyway(world: World) -> None:
    job = collect(world, blank(11))
    world.clock.advance(LOOK_DELAYS[0])
    world.source.replies, world.source.asked = [], []
    updated = updates.update(world.context, [row_of(job)], "test")
    assert updated.submission
    world.work(updated.submission.job_ids[0])
    assert len(world.source.asked) == 1
    assert doubted(job) == []


def test_holes_that_stay_are_confirmed_and_the_series_is_complete(world: World) -> None:
    job = collect(world, blank(11))
    for delay in LOOK_DELAYS:
        world.clock.advance(delay)
        collect(world, empty)
    assert doubted(job) == []
    assert figures(world, job) == (0, 1)


def test_a_row_that_lacks_one_price_keeps_the_rest_is_flagged_and_asked_again(world: World) -> None:
    job = collect(world, blank(11, incomplete=[11]))
    with reading() as connection:
        [flag] = queries_flags.read(connection, job.series_id, EVER).values()
        [stored] = queries_bars.read(connection, job.series_id, Span(day(11), day(12)))
    assert (flag.time, flag.state) == (day(11), FlagState.OPEN)
    assert SuspicionRule.INCOMPLETE in flag.rules
    assert stored[4] == bar(day(11))[4]
    assert doubted(job) == [Span(day(11), day(12))]
    world.clock.advance(LOOK_DELAYS[0])
    collect(world, good)
    with reading() as connection:
        [flag] = queries_flags.read(connection, job.series_id, EVER).values()
        assert queries_bars.read(connection, job.series_id, Span(day(11), day(12))) == [bar(day(11))]
    assert flag.state is FlagState.SETTLED
    assert doubted(job) == []


def test_a_row_that_lacks_a_price_does_not_replace_a_whole_one(world: World) -> None:
    job = collect(world, blank())
    collect(world, blank(11, incomplete=[11]), refresh=True)
    with reading() as connection:
        assert queries_bars.read(connection, job.series_id, Span(day(11), day(12))) == [bar(day(11))]
        assert queries_flags.read(connection, job.series_id, EVER) == {}
    assert [part.verdict for part in coverage(job)] == [Verdict.HAVE]


def test_a_week_of_which_a_day_is_blank_is_kept_flagged_and_asked_again(world: World) -> None:
    def reply(request: ChunkRequest) -> Answer:
        answer = good(request)
        return dataclasses.replace(answer, holes=(Span(day(10), day(11)),), blank_rows=1)

    job = collect(world, reply, interval=Interval.W1, start=dt.date(2024, 1, 1), end=dt.date(2024, 1, 28))
    assert doubted(job) == [Span(day(8), day(15))]
    with reading() as connection:
        [flag] = queries_flags.read(connection, job.series_id, EVER).values()
    assert (flag.time, flag.rules) == (day(8), (SuspicionRule.INCOMPLETE,))
