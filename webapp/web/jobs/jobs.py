"""«Historique des collectes»: the table of jobs, and the page of one."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue

from webapp.collecting.submit import find
from webapp.context import context
from webapp.database.transactions import reading
from webapp.gateways.connections import state_of
from webapp.jobs import queries_events as events
from webapp.jobs import queries_jobs
from webapp.jobs.queries_events import EventRow
from webapp.jobs.queries_jobs import JobRow
from webapp.kernel.gateways import Pacing
from webapp.kernel.job_states import JobState
from webapp.series import queries_series as series_store
from webapp.series.queries_series import SeriesRow
from webapp.sources import choices as sources
from webapp.web.job_prefill import link_values
from webapp.web.jobs.listing import JobQuery, listing, version
from webapp.web.jobs.polling import poll_seconds
from webapp.web.jobs.views import JobView, view
from webapp.web.pages import render_page
from webapp.web.versions import polled, version_of

blueprint = Blueprint("jobs", __name__)
_EVENTS = 100


@dataclass(frozen=True, slots=True)
class InstrumentChoice:
    """An instrument that may have been meant, and the form that collects it."""

    instrument: Mapping[str, str]
    url: str


@dataclass(frozen=True, slots=True)
class JobCard:
    """All that the live part of a job's page shows. ``poll`` is None when nothing is left to watch.

    ``pacing`` is None for a source without a budget, for a job that is over, and while nobody knows it.
    """

    view: JobView
    events: list[EventRow]
    choices: list[InstrumentChoice]
    pacing: Pacing | None
    poll: int | None
    url: str


@blueprint.get("/jobs")
def index() -> str:
    """Show the history, filtered and paged as the URL says."""
    query = JobQuery.parse()
    return render_page(
        "jobs/index.html",
        listing=listing(query, version(query)),
        states=list(JobState),
        source_names=sources.labels(),
    )


@blueprint.get("/ui/jobs/table")
def table() -> ResponseReturnValue:
    """Show the table alone, or 204 when the browser has this version of it."""
    query = JobQuery.parse()
    return polled(
        "jobs/_table.html",
        version=lambda: version(query),
        load=lambda current: {"listing": listing(query, current)},
    )


@blueprint.get("/jobs/<int(max=2147483647):job_id>")
def show(job_id: int) -> str:
    """Show one job: progress, log, and a chart of what arrived."""
    pacing = _pacing(job_id)
    card = _card(job_id, pacing, _version(job_id, pacing))
    return render_page("jobs/show.html", card=card, series=_series(card.view.job.series_id))


@blueprint.get("/ui/jobs/<int(max=2147483647):job_id>/card")
def card(job_id: int) -> ResponseReturnValue:
    """Show the live part of a job's page, or 204 when the browser has this version of it."""
    pacing = _pacing(job_id)
    return polled(
        "jobs/_card_answer.html",
        version=lambda: _version(job_id, pacing),
        load=lambda current: {"card": _card(job_id, pacing, current)},
    )


def _version(job_id: int, pacing: Pacing | None) -> str:
    with reading() as connection:
        return version_of(jobs=queries_jobs.revisions(connection, [job_id]), pacing=pacing)


def _pacing(job_id: int) -> Pacing | None:
    job = find(job_id)
    if not (sources.has_gateways(job.source) and job.is_active):
        return None
    state = state_of(context(), job.options)
    return state.pacing if state else None


def _choices(job: JobRow) -> list[InstrumentChoice]:
    instruments = job.choices or [] if job.state is JobState.FAILED else []
    return [
        InstrumentChoice(instrument, url_for("collect.index", **link_values(job, instrument["symbol"])))
        for instrument in instruments
    ]


def _card(job_id: int, pacing: Pacing | None, version: str) -> JobCard:
    job = find(job_id)
    with reading() as connection:
        log = events.read(connection, job_id, _EVENTS)
    job_view = view(context(), job, sources.label(job.source))
    poll = poll_seconds([job], context().now(), fastest=1) if job_view.is_updating else None
    url = url_for(".card", job_id=job_id, v=version if poll else None)
    return JobCard(job_view, log, _choices(job), pacing, poll, url)


def _series(series_id: int) -> SeriesRow:
    with reading() as connection:
        row = series_store.get(connection, series_id)
    assert row is not None, "a job's series is never deleted before the job"  # noqa: S101
    return row
