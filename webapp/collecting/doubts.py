"""What of an answer is not believed, by the facts that came with it and by the exchange's calendar."""

import dataclasses
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from webapp.context import Context
from webapp.coverage import calendars, completeness
from webapp.coverage.calendars import Calendar
from webapp.coverage.rules_doubts import find_silences, is_implausible, real_holes
from webapp.coverage.rules_expected import Session
from webapp.database.transactions import reading, writing
from webapp.errors import MoissonError, Sentence, sentence
from webapp.jobs.queries_jobs import JobRow
from webapp.kernel.bars import Bar
from webapp.kernel.instants import datetime_of
from webapp.kernel.instruments import InstrumentFacts
from webapp.kernel.intervals import DAY, Interval, bar_end
from webapp.kernel.spans import Span, union
from webapp.series import queries_coverage, queries_series
from webapp.series.queries_series import SeriesRow
from webapp.sources.base import Answer
from webapp.sources.rules_answers import format_time

log = logging.getLogger(__name__)

_AROUND = 2 * DAY
"""A session may have the date of another day than its instants in UTC."""


@dataclass(frozen=True, slots=True)
class Doubts:
    """The spans of an answer that are no knowledge, and the starts of its bars that lack something."""

    spans: tuple[Span, ...] = ()
    incomplete: frozenset[int] = frozenset()


NO_DOUBTS = Doubts()


def find_doubts(job: JobRow, span: Span, answer: Answer) -> Doubts:
    """Return what is implausible in the answer to a chunk. It reads the calendar: call it outside a transaction."""
    if answer.known_spans is not None:
        return NO_DOUBTS
    with reading() as connection:
        row = queries_series.get(connection, job.series_id)
    if row is None:
        return NO_DOUBTS
    facts = _newer_facts(row.facts, answer.facts)
    answered = Span(span.start, min(span.end, answer.known_until))
    silences = find_silences(answer.bars, answered, job.interval, facts)
    if not silences and not answer.holes:
        return NO_DOUBTS
    calendar = calendars.calendar(row.instrument_id, facts)
    life = _life(row, facts, answer)
    silent = [silence for silence in silences if is_implausible(_sessions(calendar, silence, job.interval), life)]
    holes = _find_real_holes(calendar, answer.holes, job.interval)
    return Doubts(tuple(union([*silent, *holes])), _incomplete(answer, holes, job.interval))


def keep_whole_bars(job: JobRow, answer: Answer) -> Answer:
    """Return an answer about stored bars without those that lack something: what is there is no worse."""
    if not answer.holes and not answer.incomplete:
        return answer

    def is_whole(bar: Bar) -> bool:
        span = Span(bar[0], bar_end(bar[0], job.interval))
        return bar[0] not in answer.incomplete and not any(hole.intersection(span) for hole in answer.holes)

    return dataclasses.replace(answer, bars=[bar for bar in answer.bars if is_whole(bar)])


def describe_doubts(job: JobRow) -> Sentence | None:
    """Say what of a job's span is doubted, and when it is asked for again; None when nothing is."""
    with reading() as connection:
        parts = queries_coverage.doubted(connection, job.series_id, job.span)
    if not parts:
        return None
    first, last = parts[0].span.start, parts[-1].span.end - (DAY if job.interval.is_dated else job.interval.seconds)
    return sentence(
        "From %(start)s to %(end)s the source left days or rows blank that should be there: that is not believed yet. "
        "A collection after %(next)s (UTC) asks again, and the series' coverage shows it.",
        start=format_time(first, job.interval),
        end=format_time(last, job.interval),
        next=f"{datetime_of(min(part.next_look for part in parts)):%Y-%m-%d %H:%M}",
    )


def _newer_facts(stored: InstrumentFacts, newer: InstrumentFacts) -> InstrumentFacts:
    return dataclasses.replace(
        stored, **{name: value for name, value in dataclasses.asdict(newer).items() if value is not None}
    )


def _life(row: SeriesRow, facts: InstrumentFacts, answer: Answer) -> Span:
    """Return from when to when an instrument is known to have been traded: by what is told, stored, or just came."""
    times = [facts.first_trade, row.first_bar, facts.last_trade, row.last_bar]
    times += [bar[0] for bar in (*answer.bars[:1], *answer.bars[-1:])]
    trades = [time for time in times if time is not None]
    if not trades:
        return Span(0, 0)
    return Span(min(trades) // DAY * DAY, max(trades) // DAY * DAY)


def _sessions(calendar: Calendar, span: Span, interval: Interval) -> list[Session]:
    """Return the sessions that lie in a span; none when the calendar cannot be had: then nothing contradicts it."""
    around = 0 if interval.is_dated else _AROUND
    try:
        sessions = calendar.sessions(Span(span.start - around, span.end + around))
    except (MoissonError, OSError, ValueError):
        log.exception("an answer could not be held against the calendar %s", calendar.code)
        return []
    if interval.is_dated:
        return sessions
    return [s for s in sessions if span.start <= s.parts[0].start and s.parts[-1].end <= span.end]


def _find_real_holes(calendar: Calendar, holes: Sequence[Span], interval: Interval) -> list[Span]:
    if not holes:
        return []
    around = Span(holes[0].start - _AROUND, holes[-1].end + _AROUND)
    try:
        return real_holes(holes, calendar.sessions(around), interval)
    except (MoissonError, OSError, ValueError):
        log.exception("blank rows could not be held against the calendar %s", calendar.code)
        return list(holes)


def _incomplete(answer: Answer, holes: Sequence[Span], interval: Interval) -> frozenset[int]:
    """Return the starts of bars that lack something: a value, or a day of their week or month."""
    if interval not in (Interval.W1, Interval.MO1):
        return answer.incomplete
    return frozenset(bar[0] for bar in answer.bars if any(hole.start <= bar[0] < hole.end for hole in holes))


def confirm(context: Context, row: SeriesRow, span: Span) -> bool:
    """Believe what the source answered of a span, at a person's word; tell whether anything of it was doubted."""
    with writing() as connection:
        queries_series.lock_for_write(connection, row.id)
        has_doubts = queries_coverage.confirm(connection, row.id, span, int(context.now().timestamp()))
    if has_doubts:
        completeness.recount(context, row.id)
    return has_doubts
