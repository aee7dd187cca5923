"""«Historique des collectes»: the table of jobs, and the page of one."""

from dataclasses import dataclass

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from webapp.domain.jobs import JobState
from webapp.routes.job_listing import asked_for, listing, version
from webapp.routes.job_views import JobView, poll_seconds, view
from webapp.routes.pages import render_page
from webapp.routes.versions import unchanged, version_of
from webapp.services import sources
from webapp.services.context import context
from webapp.services.jobs import find
from webapp.store import events, jobs
from webapp.store import series as series_store
from webapp.store.events import EventRow
from webapp.store.series import SeriesRow
from webapp.store.transactions import reading

blueprint = Blueprint("jobs", __name__)
_EVENTS = 100


@dataclass(frozen=True, slots=True)
class JobCard:
    """All that the live part of a job's page shows. ``poll`` is None when nothing is left to watch."""

    view: JobView
    events: list[EventRow]
    poll: int | None
    url: str


@blueprint.get("/jobs")
def index() -> str:
    """Show the history, filtered and paged as the URL says."""
    query = asked_for()
    return render_page(
        "jobs/index.html",
        listing=listing(query, version(query)),
        states=list(JobState),
        sources=sources.choices(context()),
    )


@blueprint.get("/ui/jobs/table")
def table() -> ResponseReturnValue:
    """Show the table alone, or 204 when the browser has this version of it."""
    query = asked_for()
    shown = version(query)
    return unchanged(shown) or render_template("jobs/_table.html", listing=listing(query, shown))


@blueprint.get("/jobs/<int(max=2147483647):job_id>")
def show(job_id: int) -> str:
    """Show one job: progress, log, and a chart of what arrived."""
    card = _card(job_id)
    return render_page("jobs/show.html", card=card, series=_series(card.view.job.series_id))


@blueprint.get("/ui/jobs/<int(max=2147483647):job_id>/card")
def card(job_id: int) -> ResponseReturnValue:
    """Show the live part of a job's page, or 204 when the browser has this version of it."""
    return unchanged(_version(job_id)) or render_template("jobs/_card_answer.html", card=_card(job_id))


def _version(job_id: int) -> str:
    with reading() as connection:
        return version_of(jobs.revisions(connection, [job_id]))


def _card(job_id: int) -> JobCard:
    shown = _version(job_id)  # asked first: what changes meanwhile is then shown once more, and never missed
    job = find(job_id)
    with reading() as connection:
        log = events.read(connection, job_id, _EVENTS)
    seen = view(context(), job, sources.label(job.source))
    poll = poll_seconds([job], context().now(), fastest=1) if seen.is_updating else None
    return JobCard(seen, log, poll, url_for(".card", job_id=job_id, v=shown if poll else None))


def _series(series_id: int) -> SeriesRow:
    with reading() as connection:
        row = series_store.get(connection, series_id)
    assert row is not None, "a job's series is never deleted before the job"  # noqa: S101
    return row
