"""The laws of an answer: what must be true of it before anything believes it (docs/data.md#answers).

Each function returns the sentence that says what is wrong, or None. A law holds for every source; what a source may do
wrong is checked column by column, so that a hundred thousand bars cost little beside what storing them costs.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite
from operator import sub
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from webapp.errors import Sentence, sentence
from webapp.kernel.adjusted_closes import AdjustedClose
from webapp.kernel.bars import CAPITAL_GAIN, DIVIDEND, SPLIT, Action, Bar
from webapp.kernel.closing import local_date_label
from webapp.kernel.instants import datetime_of
from webapp.kernel.instruments import InstrumentFacts
from webapp.kernel.intervals import DAY, MINUTE, Interval, bar_end, period_start
from webapp.kernel.requests import EARLIEST, LATEST
from webapp.kernel.rest_days import next_working_day
from webapp.kernel.spans import Span

_COLUMNS = ("time", "open", "high", "low", "close", "volume", "wap", "count")
_NUMBERS = _COLUMNS[1:]
_OPTIONAL = ("wap", "count")
_EASTERNMOST = "Etc/GMT-14"
_SHORT_STEPS_A_DAY = 4
"""Where a session opens or a break ends, a bar may begin before the one before it would have ended (09:00, 09:30)."""
_INT32, _INT64 = 2**31, 2**63
_TEXT_LENGTHS: Mapping[str, int] = {"name": 10_000, "kind": 32, "currency": 8, "exchange": 64, "timezone": 64}
_NUMBER_LIMITS: Mapping[str, int] = {
    "session_open": _INT32,
    "session_close": _INT32,
    "price_decimals": _INT32,
    "first_trade": LATEST,
    "last_trade": LATEST,
    "contract_id": _INT64,
}
_ACTION_KINDS = frozenset({DIVIDEND, SPLIT, CAPITAL_GAIN})


@dataclass(frozen=True, slots=True)
class AnswerBounds:
    """What an answer must keep to.

    ``horizon`` (epoch seconds; a label for dated intervals) ends what may be over by now. ``has_own_grid`` is true of
    files, whose bars lie where people put them.
    """

    interval: Interval
    span: Span
    horizon: int
    has_own_grid: bool


def find_horizon(interval: Interval, facts: InstrumentFacts, now: float) -> int:
    """Return the end of what may be over at ``now``: now itself, or the end of the exchange's day for dated intervals.

    Without a known zone a day ends as late as anywhere on earth. A week or month is over before a weekend that rests.
    """
    if not interval.is_dated:
        return int(now)
    tomorrow = local_date_label(int(now), ZoneInfo(facts.timezone or _EASTERNMOST)) + DAY
    return tomorrow if interval is Interval.D1 else next_working_day(tomorrow, facts)


def format_time(time: int, interval: Interval) -> str:
    """Return a bar's time for a sentence; that of a dated bar is a date unless the label is wrong."""
    moment = datetime_of(time)
    return f"{moment:%Y-%m-%d}" if interval.is_dated and time % DAY == 0 else f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def find_facts_fault(facts: InstrumentFacts) -> Sentence | None:
    """Return what is wrong with what is said of the instrument: values of a wrong kind or size, a zone that is none."""
    for name, longest in _TEXT_LENGTHS.items():
        value = getattr(facts, name)
        if value is not None and (type(value) is not str or len(value) > longest):
            return _impossible_fact(name, value)
    for name, limit in _NUMBER_LIMITS.items():
        value = getattr(facts, name)
        if value is not None and (type(value) is not int or not -limit <= value < limit):
            return _impossible_fact(name, value)
    try:
        ZoneInfo(facts.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: the name of a folder of zones, as "America"
        return sentence(
            "The source answered nonsense: there is no time zone “%(zone)s”.", zone=str(facts.timezone)[:64]
        )
    return None


def _impossible_fact(name: str, value: object) -> Sentence:
    return sentence(
        "The source answered nonsense: %(value)s cannot be the instrument's %(field)s.",
        field=name,
        value=_shorten(value),
    )


def find_bars_fault(bars: Sequence[Bar], bounds: AnswerBounds) -> Sentence | None:
    """Return what is wrong with the bars: with their shape, their times or their numbers."""
    if not bars:
        return None
    columns = _split_columns(bars)
    if len(columns) != len(_COLUMNS):
        return sentence(
            "The source answered nonsense: a bar does not have the %(count)d values that a bar has.",
            count=len(_COLUMNS),
        )
    times, *numbers = columns
    if set(map(type, times)) != {int}:
        return sentence("The source answered nonsense: the time of a bar is not a whole number of seconds.")
    return _find_times_fault(times, bounds) or _find_numbers_fault(times, numbers, bounds.interval)


def _split_columns(bars: Sequence[Bar]) -> Sequence[Sequence[Any]]:
    """Return the columns of bars; none when not every bar is a tuple, or they differ in length."""
    if set(map(type, bars)) != {tuple}:
        return ()
    try:
        return tuple(zip(*bars, strict=True))
    except ValueError:
        return ()


def _find_times_fault(times: Sequence[int], bounds: AnswerBounds) -> Sentence | None:
    """Return what is wrong with the starts of bars, which are whole numbers."""
    span, interval = bounds.span, bounds.interval
    steps = set(map(sub, times[1:], times))
    if steps and min(steps) <= 0:
        time = next(later for earlier, later in pairwise(times) if later <= earlier)
        text = _format_any(time, interval)
        return sentence(
            "The source answered nonsense: the bar of %(time)s comes twice, or after a later one.", time=text
        )
    if times[0] < span.start or times[-1] >= span.end:
        text = _format_any(times[0] if times[0] < span.start else times[-1], interval)
        return sentence(
            "The source answered nonsense: the bar of %(time)s lies outside the span that was asked for.", time=text
        )
    if bar_end(times[-1], interval) > bounds.horizon:
        text = format_time(times[-1], interval)
        return sentence("The source answered nonsense: the bar of %(time)s is not over yet.", time=text)
    return _find_label_fault(times, steps, interval) or _find_spacing_fault(times, steps, bounds)


def _find_label_fault(times: Sequence[int], steps: Collection[int], interval: Interval) -> Sentence | None:
    """Return which bar begins where none can: a dated one with its period, at 00:00 UTC, others at whole minutes.

    Bars of less than a minute begin at multiples of their length. More is not known of every exchange: a session may
    open at any minute.
    """
    grid = DAY if interval.is_dated else min(interval.seconds, MINUTE)
    is_plain = interval.seconds <= DAY
    if is_plain and times[0] % grid == 0 and not any(step % grid for step in steps):
        return None
    wrong = (time for time in times if time % grid or not (is_plain or period_start(time, interval) == time))
    time = next(wrong, None)
    if time is None:
        return None
    return sentence(
        "The source answered nonsense: no %(interval)s bar begins at %(time)s.",
        interval=interval.value,
        time=format_time(time, interval),
    )


def _find_spacing_fault(times: Sequence[int], steps: Collection[int], bounds: AnswerBounds) -> Sentence | None:
    """Return where bars are closer than their interval, and more often than sessions that open explain."""
    interval = bounds.interval
    if interval.is_dated or bounds.has_own_grid or not steps or min(steps) >= interval.seconds:
        return None
    short = [later for earlier, later in pairwise(times) if later - earlier < interval.seconds]
    if len(short) <= _SHORT_STEPS_A_DAY * (1 + -(-bounds.span.seconds // DAY)):
        return None
    return sentence(
        "The source answered nonsense: its bars follow each other more closely than %(interval)s, as at %(time)s.",
        interval=interval.value,
        time=format_time(short[0], interval),
    )


def _find_numbers_fault(
    times: Sequence[int], columns: Sequence[Sequence[object]], interval: Interval
) -> Sentence | None:
    """Return which value is no number of the kind that its column holds."""
    for name, column in zip(_NUMBERS, columns, strict=True):
        place = _find_wrong_number(name, column)
        if place is not None:
            return sentence(
                "The source answered nonsense: %(value)s cannot be the %(column)s of a bar (%(time)s).",
                value=_shorten(column[place]),
                column=name,
                time=format_time(times[place], interval),
            )
    return None


def _find_wrong_number(name: str, column: Sequence[Any]) -> int | None:
    """Return the place of the first value that is none of its column's; quick for columns without any."""
    if name in _OPTIONAL and column.count(None) == len(column):
        return None
    kinds = set(map(type, column))
    limit = _INT32 if name == "count" else _INT64
    if kinds == {int} and min(column) >= -limit and max(column) < limit:
        return None
    if kinds == {float} and name != "count" and isfinite(sum(column)):
        return None  # a sum is not finite when a value is not (or when they are very large)
    return next((place for place, value in enumerate(column) if not _is_number_of(name, value)), None)


def _is_number_of(name: str, value: object) -> bool:
    if value is None:
        return name in _OPTIONAL
    if type(value) is int:
        limit = _INT32 if name == "count" else _INT64
        return -limit <= value < limit
    return type(value) is float and isfinite(value) and name != "count"


def find_coverage_fault(
    known_until: int,
    spans: tuple[Sequence[Span] | None, Sequence[Span]],
    bars: Sequence[Bar],
    bounds: AnswerBounds,
) -> Sentence | None:
    """Return what is wrong with what an answer vouches for: more than was asked or is over, or less than it has.

    :param spans: the known ones of an answer that tells nothing else, and the holes.
    :param bars: without a fault.
    """
    known_spans, holes = spans
    pieces = (known_spans or (), holes)
    if type(known_until) is not int or known_until > bounds.span.end:
        return sentence("The source answered nonsense: it vouches for more than it was asked for.")
    if not all(_are_inside(part, bounds.span) for part in pieces):
        return sentence("The source answered nonsense: it vouches for more than it was asked for.")
    if any(earlier.end > later.start for part in pieces for earlier, later in pairwise(part)):
        return sentence("The source answered nonsense: the spans that it vouches for are not in order.")
    if bars and bars[-1][0] >= known_until:
        return sentence("The source answered nonsense: it has bars that it does not vouch for.")
    if known_spans is None and known_until > max(bounds.horizon, bounds.span.start):
        return sentence("The source answered nonsense: it vouches for a time that is not over yet.")
    return None


def _are_inside(spans: Sequence[Span], frame: Span) -> bool:
    return all(span and span.intersection(frame) == span for span in spans)


def find_actions_fault(actions: Sequence[Action]) -> Sentence | None:
    """Return which dividend, split or capital gain cannot be: of no known kind, without a date, or no number."""
    for action in actions:
        is_known = action.kind in _ACTION_KINDS and _is_currency(action.currency)
        if not is_known or not _is_date(action.time) or not _is_action_value(action):
            return sentence(
                "The source answered nonsense: there is no action such as %(kind)s at %(time)s of %(value)s.",
                kind=_shorten(action.kind),
                time=_shorten(action.time),
                value=_shorten(action.value),
            )
    return None


def find_adjusted_closes_fault(closes: Sequence[AdjustedClose]) -> Sentence | None:
    """Return what is wrong with days and their adjusted closes: out of order, or prices that cannot be."""
    numbers = [value for close in closes for value in (close.close, close.adjusted)]
    is_ascending = all(earlier.time < later.time for earlier, later in pairwise(closes))
    if is_ascending and all(isfinite(value) and value > 0 for value in numbers):
        return None
    return sentence("The source answered nonsense: its adjusted closes are out of order, or not prices.")


def _is_date(time: object) -> bool:
    return type(time) is int and EARLIEST <= time < LATEST and time % DAY == 0


def _is_currency(currency: object) -> bool:
    return currency is None or (type(currency) is str and len(currency) <= _TEXT_LENGTHS["currency"])


def _is_action_value(action: Action) -> bool:
    return (
        action.value is not None and _is_number_of("open", action.value) and (action.kind != SPLIT or action.value > 0)
    )


def _format_any(time: int, interval: Interval) -> str:
    """Return a time that may be any whole number for a sentence."""
    return format_time(time, interval) if EARLIEST <= time < LATEST else _shorten(time)


def _shorten(value: object) -> str:
    return repr(value)[:40]
