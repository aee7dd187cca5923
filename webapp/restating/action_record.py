"""Writing down what an answer says of an instrument's actions: by its events, and by its adjusted closes."""

import datetime as dt
from dataclasses import dataclass

from webapp.errors import Sentence, sentence
from webapp.jobs import queries_events
from webapp.kernel.bars import SPLIT, Action
from webapp.kernel.spans import Span
from webapp.restating.rebasing import RebaseContext
from webapp.restating.rules_payout_steps import find_discrepancies
from webapp.restating.rules_withdrawal import NextMove, UntoldAction, decide_move, find_untold
from webapp.restating.waiting import resume_waits
from webapp.series import queries_action_findings, queries_actions
from webapp.series.queries_action_findings import FindingOrigin, NewFinding
from webapp.sources.base import Answer


@dataclass(frozen=True, slots=True)
class ActionRecorder:
    """One claim's writing down of what answers say of the actions of its series' instrument."""

    context: RebaseContext

    def record(self, answer: Answer, undone: tuple[Action, ...] = ()) -> None:
        """Take what an answer tells, note or withdraw what it no longer tells, and compare with its adjusted closes.

        :param undone: splits that the answer's prices no longer contain.
        """
        connection, row, now = self.context.connection, self.context.row, self.context.now
        if not answer.actions and not answer.adjusted_closes:
            return
        recorded = queries_actions.read_record(connection, row.instrument_id)
        delivered = {(action.kind, action.time) for action in answer.actions}
        queries_actions.upsert(connection, row.instrument_id, answer.actions, self.context.claim.job_id, now)
        for record in recorded:
            if record.withdrawn_at and (record.action.kind, record.action.time) in delivered:
                self._say(sentence("The source tells the dividend or split of %(day)s again.", day=_day(record.action)))
                if record.action.kind == SPLIT:
                    resume_waits(self.context, record.action.time)
        for untold in find_untold(recorded, answer.actions, answer.adjusted_closes, undone):
            self._note(untold)
        self._compare(answer)

    def _note(self, untold: UntoldAction) -> None:
        """Write down that an action was left out, and what follows."""
        connection, row, now = self.context.connection, self.context.row, self.context.now
        move, reason = decide_move(untold, now)
        day = _day(untold.record.action)
        if move is NextMove.WITHDRAW and reason is not None:
            queries_actions.withdraw(connection, row.instrument_id, untold.key, now, reason)
            self._say(sentence("The dividend or split of %(day)s was withdrawn: the source took it back.", day=day))
            return
        queries_actions.note_untold(connection, row.instrument_id, untold.key, now, reason)
        if untold.record.no_longer_told_at is None:
            self._say(sentence("The source no longer tells the dividend or split of %(day)s.", day=day))

    def _compare(self, answer: Answer) -> None:
        """Write down where the answer's adjusted closes are not what our actions make of its closes."""
        closes = answer.adjusted_closes
        if not closes:
            return
        connection, row, now = self.context.connection, self.context.row, self.context.now
        ours = queries_actions.read(connection, row.instrument_id)
        findings = [NewFinding(each.span, each.size) for each in find_discrepancies(closes, ours, row.facts.currency)]
        origin = FindingOrigin(row.instrument_id, row.id, self.context.claim.job_id)
        compared = Span(closes[0].time, closes[-1].time)
        new = queries_action_findings.replace(connection, origin, compared, findings, now)
        if new:
            self._say(
                sentence(
                    "The source's adjusted prices contain what no dividend explains, or lack one; listed for review: "
                    "%(days)d",
                    days=new,
                )
            )

    def _say(self, message: Sentence) -> None:
        queries_events.append_event(self.context.connection, self.context.claim, "actions", self.context.now, message)


def _day(action: Action) -> str:
    return f"{dt.datetime.fromtimestamp(action.time, dt.UTC):%Y-%m-%d}"
