"""«Bientôt effacé»: what sources will delete of series, by the deadline, and asking for it while it can be had."""

from dataclasses import dataclass

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from webapp.collecting.missing.updates import Updated
from webapp.collecting.missing.vanishing import SOON, Vanishing, collect_vanishing, find_vanishing
from webapp.context import context
from webapp.coverage import queries_vanishing
from webapp.database.transactions import reading
from webapp.errors import sentence
from webapp.kernel.instants import datetime_of
from webapp.sources import choices
from webapp.web.catalogue.picking import picked_series
from webapp.web.formats import ago, number, say
from webapp.web.htmx import go_to
from webapp.web.pages import render_page
from webapp.web.toasts import Toast, show_on_next_page

blueprint = Blueprint("vanishing", __name__)
_MOST = 200
_SHOWN = 10


@dataclass(frozen=True, slots=True)
class VanishingLine:
    """A line of the board. ``kind`` is ``good``, ``warn`` or ``bad``, as the catalogue judges."""

    vanishing: Vanishing
    source: str
    deadline: str
    kind: str
    verdict: str


@blueprint.get("/vanishing")
def index() -> str:
    """Show what vanishes within two weeks, the most urgent first."""
    now = context().now()
    listed = find_vanishing(context(), limit=_MOST)
    with reading() as connection:
        count = queries_vanishing.count(connection, (now + SOON).timestamp())
    lines = [_line(vanishing) for vanishing in listed]
    return render_page("vanishing/index.html", lines=lines, more=max(0, count - len(lines)), days=SOON.days)


@blueprint.post("/vanishing/collections")
def collect() -> ResponseReturnValue:
    """Submit what is missing of the series picked as one batch, in the order of their deadlines, and go to it."""
    ids = picked_series(_MOST, sentence("At most %(most)d series can be updated at once.", most=_MOST))
    outcome = collect_vanishing(context(), ids, "web")
    show_on_next_page(_toast(outcome))
    submission = outcome.submission
    return go_to(url_for("jobs.index", batch=submission.batch_id) if submission else url_for(".index"))


def _line(vanishing: Vanishing) -> VanishingLine:
    now = context().now()
    when = ago(datetime_of(vanishing.vanishes_at), now)
    is_lost = vanishing.is_lost(now.timestamp())
    if vanishing.refusal:
        kind, verdict = "bad", say(vanishing.refusal)
    elif is_lost:
        kind, verdict = "bad", gettext("Bars are being lost. What is still there can be had.")
    elif not vanishing.is_in_time:
        kind, verdict = "warn", gettext("At today's pace some of it would come too late. Take what matters most.")
    else:
        kind, verdict = "good", gettext("Can be had in time.")
    return VanishingLine(vanishing, choices.label(vanishing.series.source), when, kind, verdict)


def _toast(outcome: Updated) -> Toast:
    submission, refused = outcome.submission, outcome.refused
    count = len(submission.job_ids) if submission else 0
    headline = gettext("Nothing of that can be collected.")
    if submission:
        headline = ngettext(
            "%(count)s series is collected.",
            "%(count)s series are collected, the most urgent first.",
            count,
            count=number(count),
        )
    notes = [f"{row.symbol}: {say(why)}" for row, why in refused[:_SHOWN]]
    if submission and submission.queue_is_away:
        notes.append(gettext("The queue (Redis) does not answer. The jobs are kept and start when it is back."))
    return Toast("error" if not submission else "warning" if notes else "success", headline, notes)
