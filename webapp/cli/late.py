"""``late``: the series that are not as fresh as a schedule promises."""

import json

import click
from flask_babel import gettext

from webapp.cli.options import json_option
from webapp.cli.speaking import SpokenCommand, table
from webapp.context import context
from webapp.jobs.records import instant
from webapp.scheduling.promises import list_late
from webapp.scheduling.schedule_records import late_record


@click.command("late", cls=SpokenCommand)
@json_option
def late(*, as_json: bool) -> None:
    """List the series that are late: of which a schedule promises more than is there."""
    series = list_late(context())
    if as_json:
        click.echo(json.dumps([late_record(each) for each in series], indent=2, ensure_ascii=False))
        return
    if not series:
        click.echo(gettext("No series is late."))
        return
    heads = (gettext("symbol"), gettext("interval"), gettext("source"), gettext("late since"), gettext("schedule"))
    rows = [
        (each.symbol, each.interval.value, each.source, instant(int(each.since.timestamp())), each.schedule_id)
        for each in series
    ]
    click.echo(table(heads, rows))
