"""``collect``: plan, submit, and with ``--wait`` watch until the jobs are over."""

import datetime as dt

import click
from flask_babel import format_decimal, format_timedelta, gettext, ngettext

from webapp.cli.completion import Symbol
from webapp.cli.job_actions import say_that_the_queue_is_away
from webapp.cli.options import interval_option, option_of, request_options, source_option
from webapp.cli.speaking import SpokenCommand, answer, is_quiet, said, wants_json
from webapp.cli.statuses import DONE
from webapp.cli.waiting import progress_display, watch
from webapp.collecting.groups import find_batch
from webapp.collecting.plan import make_plan
from webapp.collecting.request_values import parse_request
from webapp.collecting.submit import Submission, submit
from webapp.collecting.validation import ValidRequest, validate_request
from webapp.context import context
from webapp.jobs.records import instant, plan_record, record
from webapp.kernel.collect_fields import COLLECT_FIELDS
from webapp.kernel.plans import Plan


@click.command("collect", cls=SpokenCommand)
@click.argument("symbols", nargs=-1, required=True, type=Symbol(may_be_missing=False))
@source_option
@interval_option
@option_of(COLLECT_FIELDS["start"])
@option_of(COLLECT_FIELDS["end"])
@option_of(COLLECT_FIELDS["period"])
@request_options
@option_of(COLLECT_FIELDS["refresh"])
@option_of(COLLECT_FIELDS["priority"])
@click.option("--wait", is_flag=True, help="Watch until the jobs are over; status 0 only if all succeeded.")
@click.pass_context
def collect(  # noqa: PLR0913 -- click hands over each option by its name
    ctx: click.Context,
    *,
    symbols: tuple[str, ...],
    source: str,
    interval: str,
    start: dt.date | None,
    end: dt.date | None,
    period: str | None,
    priority: str,
    options: dict[str, str],
    refresh: bool,
    wait: bool,
) -> None:
    """Collect the bars of SYMBOLS in the background, what is missing of them."""
    values: dict[str, object] = {"source": source, "symbols": symbols, "interval": interval, "start": start, "end": end}
    values |= {"period": period, "options": options, "priority": priority, "refresh": refresh}
    valid = validate_request(parse_request(values, context().now()), context().now())
    plan = make_plan(context(), valid)
    if _speaks():
        _show_plan(valid, plan)
    submission = submit(context(), valid, "cli")
    if _speaks():
        _show_jobs(submission, valid.symbols)
    if submission.queue_is_away:
        say_that_the_queue_is_away()
    status = watch(submission.job_ids, progress_display(len(submission.job_ids))) if wait else DONE
    if wants_json():
        answer(_record(submission, plan, valid), "")
    ctx.exit(status)


def _speaks() -> bool:
    return not wants_json() and not is_quiet()


def _record(submission: Submission, plan: Plan, valid: ValidRequest) -> dict[str, object]:
    """Return the submission in the form of the API, its jobs as they stand now and whole, and its plan."""
    rows = {job.id: job for job in find_batch(submission.batch_id).jobs}
    jobs = [
        {
            **record(context(), rows[job_id]),
            "url": f"/api/v1/jobs/{job_id}",
            "is_repeated": job_id in submission.repeated,
        }
        for job_id in submission.job_ids
    ]
    notes = [str(note) for note in valid.merged]
    return {"batch_id": submission.batch_id, "jobs": jobs, "notes": notes, "plan": plan_record(plan, valid.merged)}


def _show_plan(valid: ValidRequest, plan: Plan) -> None:
    for merger in valid.merged:
        click.echo(said(merger))
    if plan.requests:
        click.echo(
            ngettext(
                "%(requests)s request, about %(time)s; about %(rows)s bars to come, %(stored)s are there already.",
                "%(requests)s requests, about %(time)s; about %(rows)s bars to come, %(stored)s are there already.",
                plan.requests,
                requests=format_decimal(plan.requests),
                time=format_timedelta(dt.timedelta(seconds=plan.seconds)),
                rows=format_decimal(plan.rows),
                stored=format_decimal(plan.stored_rows),
            )
        )
    else:
        click.echo(gettext("Nothing is missing: %(stored)s bars are there.", stored=format_decimal(plan.stored_rows)))
    for refusal in plan.refusals:
        start, end = instant(refusal.span.start)[:10], instant(refusal.span.end)[:10]
        click.echo(f"{start} … {end}: {said(refusal.reason)}")


def _show_jobs(submission: Submission, symbols: tuple[str, ...]) -> None:
    for job_id, symbol in zip(submission.job_ids, symbols, strict=True):
        if job_id in submission.repeated:
            click.echo(gettext("Job %(id)d: %(symbol)s (is being collected already)", id=job_id, symbol=symbol))
        else:
            click.echo(gettext("Job %(id)d: %(symbol)s", id=job_id, symbol=symbol))
