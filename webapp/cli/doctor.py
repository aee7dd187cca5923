"""``doctor``: say whether everything is there that a collection needs."""

import click
from flask import current_app
from flask_babel import gettext

from webapp.cli.speaking import TablelessCommand, answer, said
from webapp.cli.statuses import FAILED
from webapp.context import context
from webapp.upkeep.doctor import Finding, examine


@click.command("doctor", cls=TablelessCommand)
@click.pass_context
def doctor(ctx: click.Context) -> None:
    """Check database, queue, workers, clock and settings, in plain words; status 1 when something is wrong."""
    settings = current_app.config["MOISSON_SETTINGS"]
    findings = examine(context(), settings.sources)
    is_well = all(finding.is_good for finding in findings)
    records = [{"is_good": finding.is_good, "text": str(finding.text)} for finding in findings]
    answer({"is_well": is_well, "findings": records}, lambda: _text(findings, is_well=is_well))
    if not is_well:
        ctx.exit(FAILED)


def _text(findings: list[Finding], *, is_well: bool) -> str:
    lines = [f"{'✓' if finding.is_good else '✗'} {said(finding.text)}" for finding in findings]
    return "\n".join([*lines, gettext("All is well.")] if is_well else lines)
