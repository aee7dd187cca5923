"""What a person decides of suspicious bars: accept them, exclude them, put them back, or ask their source again.

Each decision is one transaction: a guarded move of the flag and, where the bar leaves its series or comes back, that as
well. So whoever reads bars is right without knowing of flags.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection

from webapp.collecting import submit
from webapp.collecting.validation import validate_request
from webapp.context import Context
from webapp.database.transactions import reading, writing
from webapp.errors import ConflictError, InvalidRequestError, NotFoundError, Sentence, sentence
from webapp.flagging import queries_flagged_bars, queries_flags
from webapp.flagging.queries_flags import FlagRow
from webapp.jobs import queries_jobs as job_store
from webapp.kernel.bars import Bar
from webapp.kernel.days import moments_of
from webapp.kernel.flag_states import FlagState
from webapp.kernel.intervals import bar_end
from webapp.kernel.job_states import ACTIVE, Priority
from webapp.kernel.requests import CollectRequest
from webapp.kernel.spans import Span
from webapp.series import queries_series
from webapp.series.existing import require_series_in
from webapp.series.queries_series import SeriesRow
from webapp.series.source_limits import servable_part
from webapp.sources.registry import offer

_BAR = ("open", "high", "low", "close", "volume", "wap", "count")


class Decision(StrEnum):
    """What may be decided."""

    ACCEPT = "accept"
    ASK = "ask"
    EXCLUDE = "exclude"
    PUT_BACK = "put_back"


POSSIBLE: Mapping[FlagState, tuple[Decision, ...]] = {
    FlagState.OPEN: (Decision.ACCEPT, Decision.ASK, Decision.EXCLUDE),
    FlagState.ASKED: (Decision.ACCEPT, Decision.ASK, Decision.EXCLUDE),
    FlagState.ACCEPTED: (Decision.EXCLUDE,),
    FlagState.EXCLUDED: (Decision.PUT_BACK,),
    FlagState.SETTLED: (),
}
"""What may be decided of a bar, by what became of it. One that was asked for may be asked for again: a job may fail."""

Key = tuple[int, int]
"""A bar: the id of its series, and its start (epoch seconds)."""


@dataclass(frozen=True, slots=True)
class RefusedDecision:
    """A bar that nothing was decided of, and why."""

    key: Key
    why: Sentence


@dataclass(frozen=True, slots=True)
class DecisionOutcome:
    """What came of deciding the same of several bars."""

    decision: Decision
    decided: tuple[FlagRow, ...]
    refused: tuple[RefusedDecision, ...]


def find(key: Key) -> FlagRow:
    """Return the flag of a bar.

    :raises NotFoundError: when it has none.
    """
    with reading() as connection:
        return _require_flag(connection, key)


def decide(context: Context, key: Key, decision: Decision, actor: str) -> FlagRow:
    """Decide something of one bar, and return its flag as it stands then.

    :raises NotFoundError: when the bar has no flag.
    :raises ConflictError: when what became of it does not allow this, or its source cannot be asked.
    """
    if decision is Decision.ASK:
        _ask_again(context, key, actor)
        return find(key)
    with writing() as connection:
        queries_series.lock_for_write(connection, key[0])
        flag = _require_flag(connection, key)
        _check(flag, decision)
        _MOVES[decision](connection, flag, {"decided_at": context.now(), "decided_by": actor[:64]})
        return _require_flag(connection, key)


def decide_each(context: Context, keys: Iterable[Key], decision: Decision, actor: str) -> DecisionOutcome:
    """Decide the same of several bars, each in a transaction of its own: one that refuses never stops the others."""
    decided: list[FlagRow] = []
    refused: list[RefusedDecision] = []
    for key in dict.fromkeys(keys):
        try:
            decided.append(decide(context, key, decision, actor))
        except (ConflictError, NotFoundError) as err:
            refused.append(RefusedDecision(key, err.message))
    return DecisionOutcome(decision, tuple(decided), tuple(refused))


def _accept(connection: Connection, flag: FlagRow, decided: Mapping[str, object]) -> None:
    _move(connection, flag, Decision.ACCEPT, state=FlagState.ACCEPTED.value, **decided)


def _exclude(connection: Connection, flag: FlagRow, decided: Mapping[str, object]) -> None:
    """Keep the bar with its flag, as it stands in its series now, and take it out of there."""
    bar = queries_flagged_bars.bar_at(connection, flag.series_id, flag.time)
    if bar is None:
        raise ConflictError(sentence("This bar is not stored any more."))
    _move(connection, flag, Decision.EXCLUDE, state=FlagState.EXCLUDED.value, **_values(bar), **decided)
    queries_flagged_bars.take_out(connection, flag.series_id, flag.time)


def _put_back(connection: Connection, flag: FlagRow, decided: Mapping[str, object]) -> None:
    """Put the bar back as accepted: whoever wants it there has looked at it."""
    _move(connection, flag, Decision.PUT_BACK, state=FlagState.ACCEPTED.value, **decided)
    if queries_flagged_bars.bar_at(connection, flag.series_id, flag.time) is None:
        queries_flagged_bars.put_back(connection, flag.series_id, flag.bar)


_MOVES: Mapping[Decision, Callable[[Connection, FlagRow, Mapping[str, object]], None]] = {
    Decision.ACCEPT: _accept,
    Decision.EXCLUDE: _exclude,
    Decision.PUT_BACK: _put_back,
}


def _values(bar: Bar) -> dict[str, object]:
    return dict(zip(_BAR, bar[1:], strict=True))


def _move(connection: Connection, flag: FlagRow, decision: Decision, **values: object) -> None:
    since = [state for state, possible in POSSIBLE.items() if decision in possible]
    if not queries_flags.move(connection, flag, since, **values):
        raise ConflictError(sentence("Something else was decided of this bar in the meantime. Look at it again."))


def _require_flag(connection: Connection, key: Key) -> FlagRow:
    flag = queries_flags.get(connection, *key)
    if flag is None:
        raise NotFoundError(sentence("No bar of series %(id)d is listed for that time.", id=key[0]))
    return flag


def _check(flag: FlagRow, decision: Decision) -> None:
    """Refuse what cannot be decided of a bar any more.

    :raises ConflictError: with a sentence that says how it stands.
    """
    if decision not in POSSIBLE[flag.state]:
        raise ConflictError(_STANDS[flag.state])


_STANDS: Mapping[FlagState, Sentence] = {
    FlagState.OPEN: sentence("This bar is in its series; it was not excluded."),
    FlagState.ASKED: sentence("This bar is in its series; it was not excluded."),
    FlagState.ACCEPTED: sentence("This bar has been accepted already."),
    FlagState.EXCLUDED: sentence("This bar has been excluded already. Put it back first."),
    FlagState.SETTLED: sentence("The source has delivered other values since; there is nothing left to decide."),
}


def _ask_again(context: Context, key: Key, actor: str) -> None:
    """Note that the source is being asked, submit the job, and note which one it is.

    In this order: an answer that is quicker than we are finds the note and settles it. When the process ends in
    between, the note is there without a job, and the bar can be asked for again.
    """
    now = context.now()
    with writing() as connection:
        flag = _require_flag(connection, key)
        _check(flag, Decision.ASK)
        row = require_series_in(connection, key[0])
        part = servable_part(row, _span(row, flag.time), now.timestamp())
        if isinstance(part, Sentence):
            raise ConflictError(part)
        _refuse_while_asked(connection, flag)
        note = {"asked_job": None, "answer": None, "decided_at": now, "decided_by": actor[:64]}
        _move(connection, flag, Decision.ASK, state=FlagState.ASKED.value, **note)
    try:
        request = validate_request(_request(row, flag.time), context.now())
        submission = submit.submit(context, request, actor)
    except InvalidRequestError as err:
        with writing() as connection:
            queries_flags.move(connection, flag, [FlagState.ASKED], state=FlagState.OPEN.value)
        raise ConflictError(err.message) from err
    with writing() as connection:
        queries_flags.move(connection, flag, list(FlagState), asked_job=submission.job_ids[0])


def _refuse_while_asked(connection: Connection, flag: FlagRow) -> None:
    job = job_store.get(connection, flag.asked_job) if flag.asked_job is not None else None
    if flag.state is FlagState.ASKED and job is not None and job.state in ACTIVE:
        raise ConflictError(sentence("The source is being asked already (job %(id)d).", id=job.id))


def _request(row: SeriesRow, time: int) -> CollectRequest:
    span = _span(row, time)
    start, end = moments_of(span, row.interval)
    return CollectRequest(
        source=row.source,
        symbols=(row.symbol,),
        interval=row.interval,
        start=start,
        end=end,
        options=offer(row.source).options_of(row.variant),
        priority=Priority.HIGH,
        refresh=True,
    )


def _span(row: SeriesRow, time: int) -> Span:
    return Span(time, bar_end(time, row.interval))
