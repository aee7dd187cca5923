"""When a schedule runs, said back in words, of which each can be translated: nobody has to read a cron line.

``say`` writes a sentence in the reader's language; entrances have one each.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import product

from webapp.errors import Sentence, sentence
from webapp.scheduling.rules_cron import CronParts, parse_line
from webapp.scheduling.rules_timing import Timing, TimingKind

Say = Callable[[Sentence], str]

_HOUR, _DAY = 60, 24
_MOST_TIMES = 6
_LONG_RUN = 3
"""So many values in a row are said as “from … to …”."""
WEEKDAYS = (
    *(sentence("Monday"), sentence("Tuesday"), sentence("Wednesday"), sentence("Thursday"), sentence("Friday")),
    *(sentence("Saturday"), sentence("Sunday")),
)
MONTHS = (
    *(sentence("January"), sentence("February"), sentence("March"), sentence("April"), sentence("May")),
    *(sentence("June"), sentence("July"), sentence("August"), sentence("September"), sentence("October")),
    *(sentence("November"), sentence("December")),
)
_NTH = (
    sentence("on the last %(day)s of the month"),
    sentence("on the first %(day)s of the month"),
    sentence("on the second %(day)s of the month"),
    sentence("on the third %(day)s of the month"),
    sentence("on the fourth %(day)s of the month"),
    sentence("on the fifth %(day)s of the month"),
)


def describe_timing(timing: Timing, say: Say) -> str:
    """Say when a schedule runs, beginning with a capital letter and without a full stop."""
    if timing.kind is TimingKind.CLOSE:
        if not timing.minutes:
            text = say(sentence("After each close, as soon as the bars are final"))
        else:
            text = say(sentence("%(delay)s after each close", delay=length_of(timing.minutes)))
    elif timing.kind is TimingKind.SESSION:
        step = length_of(timing.minutes)
        text = say(sentence("Every %(step)s while the exchange trades, and after its close", step=step))
    else:
        words = _describe_parts(parse_line(timing.cron), say)
        text = say(sentence("%(words)s (time of %(zone)s)", words=words, zone=timing.zone.replace("_", " ")))
    return text[:1].upper() + text[1:]


def length_of(minutes: int) -> str:
    """Return a number of minutes as people write it anywhere: ``45 min``, ``2 h``, ``1 h 30 min``."""
    hours, rest = divmod(minutes, _HOUR)
    pieces = ([f"{hours} h"] if hours else []) + ([f"{rest} min"] if rest or not hours else [])
    return " ".join(pieces)


def _describe_parts(parts: CronParts, say: Say) -> str:
    phrases = [_describe_time(parts, say)]
    dates, weekdays = list(_month_days(parts, say)), list(_weekdays(parts, say))
    if dates and weekdays and parts.is_either:
        pair = sentence("%(first)s or %(last)s", first=_join(dates, say), last=_join(weekdays, say))
        phrases.append(say(pair))
    else:
        phrases += [_join(group, say) for group in (dates, weekdays) if group]
    if parts.months:
        phrases.append(_join(list(_months(parts, say)), say))
    return ", ".join(phrases)


def _describe_time(parts: CronParts, say: Say) -> str:
    if len(parts.minutes) * len(parts.hours) <= _MOST_TIMES:
        times = [f"{hour:02}:{minute:02}" for hour, minute in product(parts.hours, parts.minutes)]
        return say(sentence("at %(times)s", times=_join(times, say)))
    minutes = _describe_minutes(parts.minutes, say)
    if len(parts.hours) == _DAY:
        always = say(sentence("of every hour"))
        return minutes if _step_of(parts.minutes, _HOUR) else f"{minutes} {always}"
    return f"{minutes} {_describe_hours(parts.hours, say)}"


def _describe_minutes(minutes: Sequence[int], say: Say) -> str:
    step = _step_of(minutes, _HOUR)
    if step == 1:
        return say(sentence("every minute"))
    if step:
        return say(sentence("every %(step)d minutes", step=step))
    return say(sentence("at minute %(minutes)s", minutes=_join(_number_runs(minutes), say)))


def _describe_hours(hours: Sequence[int], say: Say) -> str:
    step = _step_of(hours, _DAY)
    if step:
        return say(sentence("every %(step)d hours", step=step))
    return say(sentence("in the hours %(hours)s", hours=_join(_number_runs(hours), say)))


def _step_of(values: Sequence[int], end: int) -> int:
    """Return the step by which values go from zero to the end, 0 when they do not."""
    if len(values) < 2 or values[0]:  # noqa: PLR2004 -- a step has two ends
        return 0
    step = values[1]
    return step if list(values) == list(range(0, end, step)) and end % step == 0 else 0


def _month_days(parts: CronParts, say: Say) -> Iterator[str]:
    if parts.days:
        yield say(sentence("on day %(days)s of the month", days=_join(_number_runs(parts.days), say)))
    if parts.has_last_day:
        yield say(sentence("on the last day of the month"))
    if parts.has_last_working_day:
        yield say(sentence("on the last weekday of the month"))


def _weekdays(parts: CronParts, say: Say) -> Iterator[str]:
    for first, last in _runs(parts.weekdays):
        if first == last:
            yield say(sentence("on %(day)s", day=say(WEEKDAYS[first - 1])))
        else:
            ends = {"first": say(WEEKDAYS[first - 1]), "last": say(WEEKDAYS[last - 1])}
            yield say(Sentence(_WEEKDAYS_BETWEEN.text, ends))
    for day, place in parts.nth_weekdays:
        yield say(Sentence(_NTH[place].text, {"day": say(WEEKDAYS[day - 1])}))


_WEEKDAYS_BETWEEN = sentence("from %(first)s to %(last)s")
_MONTHS_BETWEEN = sentence("from %(first)s through %(last)s")


def _months(parts: CronParts, say: Say) -> Iterator[str]:
    for first, last in _runs(parts.months):
        if first == last:
            yield say(sentence("in %(month)s", month=say(MONTHS[first - 1])))
        else:
            ends = {"first": say(MONTHS[first - 1]), "last": say(MONTHS[last - 1])}
            yield say(Sentence(_MONTHS_BETWEEN.text, ends))


def _runs(values: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield ascending values as runs, first and last; a short run is told value by value."""
    run: list[int] = []
    for value in (*values, None):
        if run and (value is None or value != run[-1] + 1):
            if len(run) >= _LONG_RUN:
                yield run[0], run[-1]
            else:
                yield from ((each, each) for each in run)
            run = []
        if value is not None:
            run.append(value)


def _number_runs(values: Sequence[int]) -> list[str]:
    return [str(first) if first == last else f"{first}–{last}" for first, last in _runs(values)]


def _join(texts: Sequence[str], say: Say) -> str:
    if len(texts) < 2:  # noqa: PLR2004 -- nothing to join
        return "".join(texts)
    return say(sentence("%(first)s and %(last)s", first=", ".join(texts[:-1]), last=texts[-1]))
