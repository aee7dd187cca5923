"""What can be done to the series picked in the catalogue: update, export, delete. Gaps are filled in ``coverage``."""

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from wtforms import StringField

from webapp.catalogue import deletion, queries_catalogue
from webapp.catalogue.deletion import Deleted
from webapp.catalogue.rules_deletion import deletion_phrase, is_confirmed
from webapp.collecting.missing import updates
from webapp.collecting.missing.updates import Updated
from webapp.context import context
from webapp.database.transactions import reading
from webapp.errors import Sentence, sentence
from webapp.exporting.rules_exports import MOST_SERIES
from webapp.series.existing import no_such_series
from webapp.web.catalogue.picking import PickForm, picked_series
from webapp.web.catalogue.views import line
from webapp.web.formats import number, say
from webapp.web.htmx import answer, go_to, wants_fragment
from webapp.web.pages import render_page
from webapp.web.toasts import Toast, show_on_next_page

blueprint = Blueprint("catalogue_actions", __name__)
_MOST = 500
_SHOWN = 10
_ID = "<int(max=2147483647):series_id>"


class DeletionForm(PickForm):
    """The series picked, what was to be typed, and what was; None before anybody was asked."""

    expected = StringField(default="")
    typed = StringField()


@blueprint.post("/series/updates")
def updated() -> ResponseReturnValue:
    """Submit what is missing since the last bar of each series picked, as one batch, and go to it."""
    ids = picked_series(_MOST, sentence("At most %(most)d series can be updated at once.", most=_MOST))
    with reading() as connection:
        rows = [entry.series for entry in queries_catalogue.entries(connection, ids)]
    outcome = updates.update(context(), rows, "web")
    show_on_next_page(_update_toast(outcome))
    submission = outcome.submission
    return go_to(url_for("jobs.index", batch=submission.batch_id) if submission else url_for("series.index"))


@blueprint.post("/series/exports")
def exported() -> ResponseReturnValue:
    """Go to the form of an export of the series picked."""
    most = MOST_SERIES
    ids = picked_series(most, sentence("At most %(most)d series fit into one export. Choose fewer.", most=most))
    return go_to(url_for("exports.new", series=",".join(str(series_id) for series_id in ids)))


@blueprint.get(f"/series/{_ID}/deletion")
def one_deletion(series_id: int) -> ResponseReturnValue:
    """Ask whether one series is to be deleted, on a page of its own."""
    return _question([series_id])


@blueprint.post("/series/deletions")
def deleted() -> ResponseReturnValue:
    """Ask back, in a dialog where a script asked; delete the series picked once the answer is the right one."""
    ids = picked_series(_MOST, sentence("At most %(most)d series can be deleted at once.", most=_MOST))
    form = DeletionForm(request.form)
    typed = form.typed.data
    if typed is None:
        return _question(ids)
    with reading() as connection:
        phrase = deletion_phrase([entry.series.symbol for entry in queries_catalogue.entries(connection, ids)])
    if phrase != form.expected.data:
        return _question(ids)  # others have deleted some of them meanwhile
    if not is_confirmed(typed, phrase):
        return _question(ids, sentence("This is not it. Type %(text)s to delete.", text=phrase))
    show_on_next_page(_deletion_toast(deletion.delete_each(context(), ids)))
    return go_to(url_for("series.index"))


def _question(ids: list[int], problem: Sentence | None = None) -> ResponseReturnValue:
    with reading() as connection:
        entries = queries_catalogue.entries(connection, ids)
        busy = queries_catalogue.active_jobs(connection, ids)
    if not entries:
        raise no_such_series(ids[0])
    values = {
        "ids": [entry.series.id for entry in entries],
        "lines": [line(entry) for entry in entries[:_SHOWN]],
        "more": max(0, len(entries) - _SHOWN),
        "rows": sum(entry.series.rows for entry in entries),
        "busy": [(entry.series, busy[entry.series.id]) for entry in entries if entry.series.id in busy][:_SHOWN],
        "is_possible": len(busy) < len(entries),
        "phrase": deletion_phrase([entry.series.symbol for entry in entries]),
        "problem": problem,
    }
    status = 422 if problem else 200
    if not wants_fragment():
        return render_page("series/deletion.html", **values), status
    return answer(render_template("series/_deletion.html", **values), status, retarget="#dialog")


def _update_toast(outcome: Updated) -> Toast:
    submission, refused = outcome.submission, outcome.refused
    count = len(submission.job_ids) if submission else 0
    headline = gettext("None of them can be updated.")
    if submission:
        headline = ngettext("%(count)s series is updated.", "%(count)s series are updated.", count, count=number(count))
    notes = [f"{row.symbol}: {say(why)}" for row, why in refused[:_SHOWN]]
    if len(refused) > _SHOWN:
        notes.append(gettext("And %(count)s more.", count=number(len(refused) - _SHOWN)))
    is_away = bool(submission and submission.queue_is_away)
    if is_away:
        notes.append(gettext("The queue (Redis) does not answer. The jobs are kept and start when it is back."))
    return Toast("error" if not submission else "warning" if refused or is_away else "success", headline, notes)


def _deletion_toast(outcome: Deleted) -> Toast:
    count = len(outcome.done)
    headline = gettext("Nothing was deleted.")
    if count:
        headline = ngettext("%(count)s series deleted.", "%(count)s series deleted.", count, count=number(count))
    notes = [say(busy.message) for busy in outcome.refused[:_SHOWN]]
    if len(outcome.refused) > _SHOWN:
        notes.append(gettext("And %(count)s more.", count=number(len(outcome.refused) - _SHOWN)))
    return Toast("success" if count and not notes else "warning", headline, notes)
