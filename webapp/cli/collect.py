"""``collect``: plan, submit, and with ``--wait`` watch until the jobs are over."""

import datetime as dt

import click
from flask_babel import format_decimal, format_timedelta, gettext, ngettext

from webapp.cli.options import interval_option, option_of, request_options, source_option
from webapp.cli.speaking import FAILED, SpokenCommand, complain, said
from webapp.cli.waiting import wait_for
from webapp.collecting.plan import make_plan
from webapp.collecting.submit import Submission, submit
from webapp.collecting.validation import validate_request
from webapp.context import context
from webapp.jobs.records import instant
from webapp.kernel.collect_fields import COLLECT_FIELDS
from webapp.kernel.intervals import Interval
from webapp.kernel.job_states import Priority
from webapp.kernel.plans import Plan
from webapp.kernel.requests import CollectRequest
from webapp.sources.choices import split_symbols

INTERRUPTED = 130


@click.command("collect", cls=SpokenCommand)
@click.argument("symbols", nargs=-1, required=True)
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
    request = CollectRequest(
        source=source,
        symbols=split_symbols(source, symbols),
        interval=Interval(interval),
        start=start,
        end=end,
        period=period,
        options=options,
        priority=Priority[priority.upper()],
        refresh=refresh,
    )
    valid = validate_request(request, context().now())
    for note in valid.notes:
        click.echo(said(note))
    _show_plan(make_plan(context(), valid))
    submission = submit(context(), valid, "cli")
    _show_jobs(submission, valid.symbols)
    if wait:
        _wait(ctx, submission.job_ids)


def _show_plan(plan: Plan) -> None:
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
    if submission.queue_is_away:
        complain(gettext("The queue (Redis) does not answer. The jobs are kept and start when it is back."))


def _wait(ctx: click.Context, job_ids: tuple[int, ...]) -> None:
    try:
        all_succeeded = wait_for(job_ids)
    except KeyboardInterrupt:
        complain(gettext("The jobs go on in the background. See them with: flask --app wsgi jobs list"))
        ctx.exit(INTERRUPTED)
    if not all_succeeded:
        ctx.exit(FAILED)
