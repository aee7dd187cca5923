"""Actions: dividends, splits and capital gains of a series' instrument, withdrawn ones among them."""

from marshmallow import Schema, fields

from webapp.api.endpoints import Answers, Endpoints
from webapp.api.fields import Instant
from webapp.api.problems import say
from webapp.api.series.series import SERIES
from webapp.coverage.answered import require_known_instrument
from webapp.database.transactions import reading
from webapp.jobs.records import moment
from webapp.kernel.bars import CAPITAL_GAIN, DIVIDEND, SPLIT
from webapp.kernel.days import day_of
from webapp.series import queries_actions
from webapp.series.queries_actions import RecordedAction

endpoints = Endpoints("actions", __name__, "Dividends, splits and capital gains.")


class Action(Schema):
    """What happened to an instrument on its ex-date.

    ``value`` is money a share; of a split the new shares for an old one. ``currency`` is what a payout is in, null
    where it is that of the prices. ``told_at`` is when the source told it last, ``no_longer_told_at`` when an answer
    over its day first left it out. One that ``is_withdrawn`` is on record only, and in no adjusted price; ``reason``
    says why it was withdrawn, or why it stays all the same.
    """

    kind = fields.String(required=True, metadata={"enum": [DIVIDEND, SPLIT, CAPITAL_GAIN]})
    ex_date = fields.String(required=True, metadata={"format": "date"})
    value = fields.Float(required=True)
    currency = fields.String(required=True, allow_none=True)
    told_at = Instant(allow_none=True)
    no_longer_told_at = Instant(allow_none=True)
    is_withdrawn = fields.Boolean(required=True)
    withdrawn_at = Instant(allow_none=True)
    reason = fields.String(required=True, allow_none=True)


class Actions(Schema):
    """All actions on record of an instrument, by ex-date; ``id`` is that of the series."""

    id = fields.Integer(required=True)
    actions = fields.List(fields.Nested(Action), required=True)


@endpoints.get(f"{SERIES}/actions", Answers(Actions))
def index(series_id: int) -> dict[str, object]:
    """List dividends, splits and capital gains of the instrument, oldest first."""
    row = require_known_instrument(series_id)
    with reading() as connection:
        recorded = queries_actions.read_record(connection, row.instrument_id)
    return {"id": series_id, "actions": [_shown(action) for action in recorded]}


def _shown(recorded: RecordedAction) -> dict[str, object]:
    action = recorded.action
    return {
        "kind": action.kind,
        "ex_date": day_of(action.time).isoformat(),
        "value": action.value,
        "currency": action.currency or None,
        "told_at": moment(recorded.told_at),
        "no_longer_told_at": moment(recorded.no_longer_told_at),
        "is_withdrawn": recorded.withdrawn_at is not None,
        "withdrawn_at": moment(recorded.withdrawn_at),
        "reason": say(recorded.reason) if recorded.reason else None,
    }
