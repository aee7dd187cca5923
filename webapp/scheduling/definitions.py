"""What a person says of a schedule, checked: the request as any other, and when it is to be made."""

import dataclasses
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from webapp.collecting.submit import check_gateway
from webapp.collecting.validation import ValidRequest, validate_request
from webapp.context import Context
from webapp.database.transactions import reading
from webapp.errors import InvalidRequestError, Sentence, sentence
from webapp.kernel.request_fields import moment_of
from webapp.kernel.requests import CollectRequest
from webapp.scheduling.markets import Exchanges
from webapp.scheduling.queries_schedules import Definition
from webapp.scheduling.rules_runs import DueRun, Timetable, next_runs
from webapp.scheduling.rules_timing import OverlapPolicy, Timing, TimingKind, TimingTexts, parse_minutes, parse_timing

LONGEST_NAME = 80
MOST_RUNS_SHOWN = 3
_NAMED_SYMBOLS = 3


@dataclass(frozen=True, slots=True)
class ScheduleDraft:
    """A schedule as typed. ``request`` has neither an end nor a refresh; an empty name is made of the symbols."""

    request: CollectRequest
    timing: TimingTexts
    name: str = ""
    overlap: str = OverlapPolicy.WAIT.value
    fresh: str = ""


@dataclass(frozen=True, slots=True)
class CheckedSchedule:
    """A schedule that can be kept: what it asks for today, at which exchanges, and when it runs next."""

    definition: Definition
    request: ValidRequest
    exchanges: tuple[str, ...]
    next_runs: tuple[DueRun, ...]


def check_draft(context: Context, draft: ScheduleDraft) -> CheckedSchedule:
    """Check what was typed and say when it would run.

    :raises InvalidRequestError: with a sentence for each field that is wrong.
    :raises CalendarError: when an exchange's calendar is not there yet and cannot be made.
    """
    problems: dict[str, Sentence] = {}
    timing, fresh = Timing(TimingKind.CLOSE), None
    try:
        timing = parse_timing(draft.timing, draft.request.interval)
    except InvalidRequestError as err:
        problems |= err.fields
    try:
        fresh = parse_minutes("fresh", draft.fresh) if draft.fresh.strip() else None
    except InvalidRequestError as err:
        problems |= err.fields
    problems |= _name_problems(draft)
    request = None
    try:
        request = validate_schedule_request(context, draft.request)
    except InvalidRequestError as err:
        problems |= err.fields
    if problems or request is None:
        raise InvalidRequestError(problems)
    return _complete(context, _define(draft, timing, fresh), request)


def validate_schedule_request(context: Context, request: CollectRequest) -> ValidRequest:
    """Check the request of a schedule, its gateway with it; it opens transactions of its own.

    :raises InvalidRequestError: with a sentence for each field that is wrong.
    """
    valid = validate_request(request, context.now())
    check_gateway(context, valid)
    return valid


def _name_problems(draft: ScheduleDraft) -> dict[str, Sentence]:
    problems: dict[str, Sentence] = {}
    if len(draft.name.strip()) > LONGEST_NAME or not draft.name.isprintable():
        message = sentence("A name is one line of at most %(most)d characters.", most=LONGEST_NAME)
        problems["name"] = message
    if draft.overlap not in list(OverlapPolicy):
        problems["overlap"] = sentence("Say whether a run waits for its predecessor, or is skipped.")
    return problems


def _define(draft: ScheduleDraft, timing: Timing, fresh: int | None) -> Definition:
    request = draft.request
    return Definition(
        name=draft.name.strip() or _name_of(request),
        source=request.source,
        symbols=request.symbols,
        interval=request.interval,
        period=request.period,
        start=None if request.start is None else request.start.isoformat(),
        options=request.options,
        priority=request.priority,
        timing=timing,
        overlap=OverlapPolicy(draft.overlap),
        fresh_minutes=fresh,
    )


def _name_of(request: CollectRequest) -> str:
    rest = len(request.symbols) - _NAMED_SYMBOLS
    uncounted = f" +{rest}" if rest > 0 else ""
    return f"{', '.join(request.symbols[:_NAMED_SYMBOLS])}{uncounted} · {request.interval.value}"[:LONGEST_NAME]


def _complete(context: Context, definition: Definition, request: ValidRequest) -> CheckedSchedule:
    now = int(context.now().timestamp())
    with reading() as connection:
        exchanges = Exchanges(connection, now)
        markets = exchanges.markets(request.source, request.interval, request.symbols)
    runs = next_runs(Timetable(definition.timing, definition.interval, markets), now, MOST_RUNS_SHOWN)
    return CheckedSchedule(definition, request, tuple(market.code for market in markets), tuple(runs))


def request_of(definition: Definition) -> CollectRequest:
    """Return the request that a schedule makes at each run."""
    return CollectRequest(
        source=definition.source,
        symbols=definition.symbols,
        interval=definition.interval,
        start=None if definition.start is None else moment_of("start", definition.start),
        period=definition.period,
        options=definition.options,
        priority=definition.priority,
    )


def draft_of(definition: Definition) -> ScheduleDraft:
    """Return what would have to be typed for a schedule, so that a part of it can be changed."""
    timing = definition.timing
    minutes = "" if timing.kind is TimingKind.CRON else str(timing.minutes)
    fresh = "" if definition.fresh_minutes is None else str(definition.fresh_minutes)
    texts = TimingTexts(timing.kind.value, minutes, timing.cron, timing.zone)
    return ScheduleDraft(request_of(definition), texts, definition.name, definition.overlap.value, fresh)


def draft_from(request: CollectRequest, texts: Mapping[str, str]) -> ScheduleDraft:
    """Return what was typed; which of the texts its kind of timing needs is for the check to say.

    :param texts: by the names of ``schedule_fields.TIMING_FIELDS``; what is left out is empty.
    :raises InvalidRequestError: when the request has an end, or asks again for what is there.
    """
    problems: dict[str, Sentence] = {}
    if request.end is not None:
        problems["end"] = sentence("A schedule has no last day: it goes on until it is paused or deleted.")
    if request.refresh:
        problems["refresh"] = sentence("A schedule asks only for what is missing.")
    if problems:
        raise InvalidRequestError(problems)
    timing = TimingTexts(*(texts.get(name, "") for name in ("when", "minutes", "cron", "zone")))
    return ScheduleDraft(request, timing, texts.get("name", ""), texts.get("overlap", ""), texts.get("fresh", ""))


def texts_of(draft: ScheduleDraft) -> dict[str, str]:
    """Return the texts of a draft, by the names of fields."""
    timing = dataclasses.asdict(draft.timing)
    texts = {"when": timing.pop("kind")} | timing
    return texts | {"name": draft.name, "overlap": draft.overlap, "fresh": draft.fresh}


def narrowed(request: ValidRequest, symbols: tuple[str, ...]) -> ValidRequest:
    """Return a checked request for some of its symbols."""
    return dataclasses.replace(request, symbols=symbols)


def moment_at(instant: int) -> dt.datetime:
    """Return an instant (epoch seconds) as a moment."""
    return dt.datetime.fromtimestamp(instant, dt.UTC)
