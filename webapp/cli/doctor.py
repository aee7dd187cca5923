"""``doctor``: say whether everything is there that a collection needs."""

import click
from flask import current_app
from flask_babel import gettext

from webapp.cli.speaking import FAILED, TablelessCommand, said
from webapp.context import context
from webapp.upkeep.doctor import examine


@click.command("doctor", cls=TablelessCommand)
@click.pass_context
def doctor(ctx: click.Context) -> None:
    """Check database, queue, workers, clock and settings, in plain words; status 1 when something is wrong."""
    settings = current_app.config["MOISSON_SETTINGS"]
    findings = examine(context(), settings.sources)
    for finding in findings:
        click.echo(f"{'✓' if finding.is_good else '✗'} {said(finding.text)}")
    if not all(finding.is_good for finding in findings):
        ctx.exit(FAILED)
    click.echo(gettext("All is well."))
