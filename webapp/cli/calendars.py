"""``calendars``: which trading calendars there are, and days of them that people corrected."""

import json

import click
from flask.cli import AppGroup
from flask_babel import gettext

from webapp.cli.options import json_option
from webapp.cli.speaking import SpokenCommand, table
from webapp.context import context
from webapp.coverage.corrections import DayState, correct, corrections
from webapp.coverage.rules_exchanges import CALENDARS
from webapp.kernel.days import day_of


@click.group("calendars", cls=AppGroup)
def calendars() -> None:
    """See the trading calendars, and correct a day of one."""


@calendars.command("list", cls=SpokenCommand, with_appcontext=False)
@json_option
def list_(*, as_json: bool) -> None:
    """List the calendars that an instrument can follow, by their codes."""
    if as_json:
        click.echo(json.dumps(CALENDARS, indent=2, ensure_ascii=False))
    else:
        click.echo(table((gettext("code"), gettext("exchange")), CALENDARS.items()))


@calendars.command("days", cls=SpokenCommand, with_appcontext=False)
@click.argument("calendar", required=False)
@json_option
def days(calendar: str | None, *, as_json: bool) -> None:
    """List the days that people corrected, of CALENDAR (a code such as XNYS) or of all."""
    words = {True: gettext("open"), False: gettext("closed")}
    rows = [
        (code, day_of(day).isoformat(), is_open)
        for code, corrected in corrections([calendar] if calendar else []).items()
        for day, is_open in corrected
    ]
    if as_json:
        values = [{"calendar": code, "day": day, "state": _state(is_open=is_open)} for code, day, is_open in rows]
        click.echo(json.dumps(values, indent=2))
    elif rows:
        spoken = [(code, day, words[is_open]) for code, day, is_open in rows]
        click.echo(table((gettext("calendar"), gettext("day"), gettext("exchange")), spoken))
    else:
        click.echo(gettext("No day of a calendar was corrected."))


@calendars.command("correct", cls=SpokenCommand, with_appcontext=False)
@click.argument("calendar")
@click.argument("day")
@click.argument("state", type=click.Choice([state.value for state in DayState]))
def correct_(calendar: str, day: str, state: str) -> None:
    """Say that the exchange of CALENDAR is open or closed on DAY, or let the calendar decide again (usual)."""
    correct(context(), calendar, day, state)
    said = {
        DayState.OPEN: gettext("%(calendar)s is open on %(day)s.", calendar=calendar, day=day),
        DayState.CLOSED: gettext("%(calendar)s is closed on %(day)s.", calendar=calendar, day=day),
        DayState.USUAL: gettext("On %(day)s %(calendar)s is as its calendar says.", calendar=calendar, day=day),
    }
    click.echo(said[DayState(state)])


def _state(*, is_open: bool) -> str:
    return (DayState.OPEN if is_open else DayState.CLOSED).value
