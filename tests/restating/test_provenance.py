"""Which job wrote a bar, which confirmed it, and what changed it; also after the jobs were cleaned up."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.world import World, good
from webapp.database.transactions import writing
from webapp.errors import NotFoundError
from webapp.kernel.intervals import DAY
from webapp.kernel.spans import Span
from webapp.restating.provenance import BarOrigin, origin_of, origins
from webapp.series import queries_bars
from webapp.sources.base import Answer, ChunkRequest
from webapp.upkeep.clean_up import clean_up

from .changing import JANUARY, TO_FEBRUARY, Stage, on

EVER = Span(0, 2**40)


def day(text: str) -> int:
    """The label of a day of 2024, such as ``01-31``."""
    return int(dt.datetime.fromisoformat(f"2024-{text}T00:00+00:00").timestamp())


@pytest.fixture
def stage(world: World) -> Stage:
    return Stage(world)


def clean(stage: Stage) -> int:
    stage.world.clock.advance(3 * DAY)
    return clean_up(stage.world.context, 1)


def first_and_last(origin: BarOrigin) -> tuple[int | None, int | None]:
    first, last = (credit.job_id if credit else None for credit in (origin.first, origin.last))
    return first, last


def test_a_bar_says_who_brought_it_first_and_who_confirmed_it_last(stage: Stage) -> None:
    january = stage.collect(**JANUARY)
    began = stage.world.clock()
    stage.world.clock.advance(2 * DAY)
    february = stage.collect(**TO_FEBRUARY)
    early, overlapped, late = (origin_of(stage.series_id, day(time)) for time in ("01-02", "01-31", "02-20"))
    assert first_and_last(early) == (january, january)
    assert first_and_last(overlapped) == (january, february)
    assert first_and_last(late) == (february, february)
    assert overlapped.written == overlapped.first
    assert overlapped.first
    assert (overlapped.first.at, overlapped.first.has_job) == (began, True)
    assert overlapped.last
    assert overlapped.last.at == stage.world.clock()


def test_cleaning_up_old_jobs_keeps_who_wrote_what(stage: Stage) -> None:
    january = stage.collect(**JANUARY)
    stage.world.clock.advance(2 * DAY)
    february = stage.collect(**TO_FEBRUARY)
    before = [(piece.span, piece.first.job_id, piece.last.job_id) for piece in origins(stage.series_id, EVER)]
    assert clean(stage) == 2
    after = origins(stage.series_id, EVER)
    assert [(piece.span, piece.first.job_id, piece.last.job_id) for piece in after] == before
    assert not any(piece.first.has_job or piece.last.has_job for piece in after)
    assert [piece.span.start for piece in after] == sorted({piece.span.start for piece in after})
    overlapped = origin_of(stage.series_id, day("01-31"))
    assert first_and_last(overlapped) == (january, february)


def test_a_later_job_confirms_what_a_deleted_one_brought(stage: Stage) -> None:
    january = stage.collect(**JANUARY)
    clean(stage)
    again = stage.collect(**JANUARY, refresh=True)
    origin = origin_of(stage.series_id, day("01-10"))
    assert first_and_last(origin) == (january, again)
    assert origin.first
    assert origin.last
    assert (origin.first.has_job, origin.last.has_job) == (False, True)


def only_closed(until: int) -> Callable[[ChunkRequest], Answer]:
    """Return how a source answers whose bars are closed only up to an instant."""

    def answer(request: ChunkRequest) -> Answer:
        full = good(request)
        return replace(full, bars=[bar for bar in full.bars if bar[0] < until], known_until=until)

    return answer


def test_a_job_brought_no_bar_that_was_not_closed_yet(stage: Stage) -> None:
    stage.world.source.replies = [only_closed(day("01-20"))]
    early = stage.collect(**JANUARY)
    late = stage.collect(**JANUARY)
    assert first_and_last(origin_of(stage.series_id, day("01-19")))[0] == early
    for time in ("01-20", "01-31"):
        origin = origin_of(stage.series_id, day(time))
        assert first_and_last(origin) == (late, late)
        assert origin.written
        assert origin.written.job_id == late
    clean(stage)
    assert first_and_last(origin_of(stage.series_id, day("01-25"))) == (late, late)


def test_a_rebased_bar_says_so(stage: Stage) -> None:
    stage.collect(**JANUARY)
    stage.go_to(4.0)
    february = stage.collect(**TO_FEBRUARY)
    origin = origin_of(stage.series_id, day("01-02"))
    [changed] = origin.changes
    assert (changed.credit.job_id, changed.is_certain) == (february, True)
    assert str(changed.message).startswith("31 stored bars were divided by 4")
    assert origin.written == changed.credit
    assert origin_of(stage.series_id, day("02-20")).changes == ()


def test_a_corrected_bar_says_so_and_its_neighbours_do_not(stage: Stage) -> None:
    stage.collect(**JANUARY)
    wrong = day("01-10")

    def corrected(request: ChunkRequest) -> Answer:
        full = good(request)
        return replace(full, bars=[(*bar[:4], bar[4] + 0.5, *bar[5:]) if bar[0] == wrong else bar for bar in full.bars])

    stage.world.source.replies = [corrected] * 3
    again = stage.collect(**JANUARY, refresh=True)
    assert [change.credit.job_id for change in origin_of(stage.series_id, wrong).changes] == [again]
    assert origin_of(stage.series_id, wrong + DAY).changes == ()


def test_of_many_corrections_the_later_ones_are_said_to_be_uncertain(stage: Stage) -> None:
    year = {"start": dt.date(2023, 10, 1), "end": dt.date(2024, 2, 29)}
    first = stage.collect(**year)
    stage.world.source.replies = [
        lambda request: replace(good(request), bars=[on(bar, 0.999, 1) for bar in good(request).bars])
    ]
    again = stage.collect(**year, refresh=True)
    certain, perhaps = origin_of(stage.series_id, day("01-01")), origin_of(stage.series_id, day("02-20"))
    assert [(change.credit.job_id, change.is_certain) for change in certain.changes] == [(again, True)]
    assert [(change.credit.job_id, change.is_certain) for change in perhaps.changes] == [(again, False)]
    assert certain.written
    assert perhaps.written
    assert (certain.written.job_id, perhaps.written.job_id) == (again, first)


def test_an_instant_within_a_bar_is_that_bar_and_beside_all_bars_there_is_none(stage: Stage) -> None:
    stage.collect(**JANUARY)
    assert origin_of(stage.series_id, day("01-10") + 50_000).start == day("01-10")
    nothing = origin_of(stage.series_id, day("02-20"))
    assert (nothing.start, nothing.first, nothing.written) == (None, None, None)
    with pytest.raises(NotFoundError):
        origin_of(999, 0)
    with pytest.raises(NotFoundError):
        origins(999, EVER)


def test_a_bar_that_no_job_brought_has_no_origin(stage: Stage) -> None:
    stage.collect(**JANUARY)
    alone = day("03-01")
    with writing() as connection:
        queries_bars.upsert(connection, stage.series_id, [(alone, 1.0, 1.0, 1.0, 1.0, 1.0, None, None)])
    origin = origin_of(stage.series_id, alone)
    assert (origin.start, origin.first, origin.last, origin.changes) == (alone, None, None, ())


def test_spans_are_cut_to_what_was_asked(stage: Stage) -> None:
    stage.collect(**JANUARY)
    span = Span(day("01-05"), day("01-10"))
    assert [piece.span for piece in origins(stage.series_id, span)] == [span]
    assert origins(stage.series_id, Span(day("03-01"), day("03-02"))) == []
