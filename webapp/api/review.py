"""Bars that look wrong: what is listed for review, and what is decided of each; a verb becomes a noun."""

import datetime as dt
from typing import Any

from marshmallow import Schema, fields

from webapp.api.endpoints import PREFIX, Accepts, Answers, Endpoints
from webapp.api.fields import Choice, Cursor, Instant, Number, Text
from webapp.context import context
from webapp.database.transactions import reading
from webapp.database.types import LARGEST_ID
from webapp.errors import NotFoundError, sentence
from webapp.flagging import queries_flags as flags
from webapp.flagging.queries_flags import FlagFilter, FlagRow
from webapp.flagging.rules_suspicion import UNDECIDED, SuspicionRule
from webapp.jobs.records import instant, moment
from webapp.kernel.collect_fields import COLLECT_FIELDS
from webapp.kernel.flag_states import FlagState
from webapp.kernel.instants import EPOCH
from webapp.reviewing import review
from webapp.reviewing.review import Decision

endpoints = Endpoints("review", __name__, "Bars that look wrong, and what is decided of them.")
UNDECIDED_WORD, ALL = "undecided", "all"
FLAG = "/review/<int(max=2147483647):series_id>/<string(length=20):time>"
_FORM = "%Y-%m-%dT%H:%M:%SZ"
_PRICES = ("open", "high", "low", "close", "volume")
_STATES = {UNDECIDED_WORD: UNDECIDED, ALL: None, **{state.value: (state,) for state in FlagState}}


class ReviewQuery(Schema):
    """Which bars to list; ``undecided`` are those that wait for a person."""

    state = Choice(list(_STATES), "What became of them; undecided: nothing yet.", load_default=UNDECIDED_WORD)
    rule = Choice([rule.value for rule in SuspicionRule], "A rule that they break.")
    source = Text(16, "Their source.", COLLECT_FIELDS["source"].default)
    symbol = Text(64, "A part of their symbol, in capitals or not.", "AAP", load_default="")
    series = Number(1, LARGEST_ID, "Their series.", 3)
    limit = Number(1, 200, "How many to list at most.", 100, load_default=100)
    cursor = Cursor()


class Values(Schema):
    """Prices and volume of a bar."""

    open = fields.Float(required=True)
    high = fields.Float(required=True)
    low = fields.Float(required=True)
    close = fields.Float(required=True)
    volume = fields.Float(required=True)


class Flag(Schema):
    """A bar that looks wrong: the rules it breaks, its values when it was judged, and what became of it.

    ``came`` are the values that settled it, ``answer`` says what came of asking its source again when nothing did, and
    ``asked_job`` is the job that asked. ``possible`` names what can be decided of it now.
    """

    series_id = fields.Integer(required=True)
    time = Instant()
    url = fields.String(required=True)
    rules = fields.List(fields.String(), required=True)
    values = fields.Nested(Values, required=True)
    state = fields.String(required=True, metadata={"enum": [state.value for state in FlagState]})
    possible = fields.List(fields.String(), required=True)
    raised_at = Instant()
    job_id = fields.Integer(required=True, allow_none=True)
    asked_job = fields.Integer(required=True, allow_none=True)
    answer = fields.String(required=True, allow_none=True)
    came = fields.Nested(Values, required=True, allow_none=True)
    decided_at = Instant(allow_none=True)
    decided_by = fields.String(required=True, allow_none=True)


class Flags(Schema):
    """Bars that look wrong, newest first; ``next_cursor`` is null on the last page."""

    flags = fields.List(fields.Nested(Flag), required=True)
    total = fields.Integer(required=True)
    next_cursor = fields.String(required=True, allow_none=True)


@endpoints.get("/review", Answers(Flags), Accepts(query=ReviewQuery))
def index(query: dict[str, Any]) -> dict[str, object]:
    """List bars that look wrong."""
    flag_filter = FlagFilter(
        states=_STATES[query["state"]],
        series_id=query.get("series"),
        source=query.get("source"),
        symbol=query["symbol"],
        rule=SuspicionRule(query["rule"]) if query.get("rule") else None,
    )
    limit, offset = query["limit"], int(query.get("cursor") or 0)
    with reading() as connection:
        rows = flags.page(connection, flag_filter, limit=limit, offset=offset)
        total = flags.count(connection, flag_filter)
    next_cursor = str(offset + limit) if offset + limit < total else None
    return {"flags": [_shown(listed.flag) for listed in rows], "total": total, "next_cursor": next_cursor}


@endpoints.get(FLAG, Answers(Flag))
def show(series_id: int, time: str) -> dict[str, object]:
    """Show one of them."""
    return _shown(review.find((series_id, _time(time))))


_DONE = Answers(Flag, 200, (409,))


@endpoints.post(f"{FLAG}/acceptance", _DONE)
def accept(series_id: int, time: str) -> dict[str, object]:
    """Accept a bar: it stays, and is not listed again with these values."""
    return _decided(series_id, time, Decision.ACCEPT)


@endpoints.post(f"{FLAG}/question", Answers(Flag, 202, (409,)))
def ask(series_id: int, time: str) -> dict[str, object]:
    """Ask the source of a bar again, by a job of high priority."""
    return _decided(series_id, time, Decision.ASK)


@endpoints.post(f"{FLAG}/exclusion", _DONE)
def exclude(series_id: int, time: str) -> dict[str, object]:
    """Take a bar out of its series; its values are kept here."""
    return _decided(series_id, time, Decision.EXCLUDE)


@endpoints.post(f"{FLAG}/return", _DONE)
def put_back(series_id: int, time: str) -> dict[str, object]:
    """Put an excluded bar back into its series."""
    return _decided(series_id, time, Decision.PUT_BACK)


def _decided(series_id: int, time: str, decision: Decision) -> dict[str, object]:
    return _shown(review.decide(context(), (series_id, _time(time)), decision, "api"))


def _time(text: str) -> int:
    """Return the epoch seconds of a bar's start as it stands in a URL.

    :raises NotFoundError: for a text that is no instant: there is no bar of that name.
    """
    try:
        at = dt.datetime.strptime(text, _FORM).replace(tzinfo=dt.UTC)
    except ValueError as err:
        message = sentence("“%(time)s” is not the start of a bar. Write it like 2024-03-01T14:30:00Z.", time=text)
        raise NotFoundError(message) from err
    return int((at - EPOCH).total_seconds())


def _shown(flag: FlagRow) -> dict[str, object]:
    time = instant(flag.time)
    return {
        "series_id": flag.series_id,
        "time": time,
        "url": f"{PREFIX}/review/{flag.series_id}/{time}",
        "rules": list(flag.rules),
        "values": _named(flag.bar[1:6]),
        "state": flag.state.value,
        "possible": list(review.POSSIBLE[flag.state]),
        "raised_at": moment(flag.raised_at),
        "job_id": flag.job_id,
        "asked_job": flag.asked_job,
        "answer": flag.answer,
        "came": _named(flag.came) if flag.came else None,
        "decided_at": moment(flag.decided_at),
        "decided_by": flag.decided_by,
    }


def _named(values: tuple[float, ...]) -> dict[str, float]:
    return dict(zip(_PRICES, values, strict=True))
