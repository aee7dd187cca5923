"""``calendars``: which trading calendars there are, and days of them that people corrected."""

import click
from flask.cli import AppGroup
from flask_babel import gettext

from webapp.cli.completion import CALENDAR
from webapp.cli.speaking import SpokenCommand, answer, confirm, table
from webapp.context import context
from webapp.coverage.corrections import DayState, correct, corrections
from webapp.coverage.rules_exchanges import CALENDARS
from webapp.kernel.days import day_of


@click.group("calendars", cls=AppGroup)
def calendars() -> None:
    """See the trading calendars, and correct a day of one."""


@calendars.command("list", cls=SpokenCommand, with_appcontext=False)
def list_() -> None:
    """List the calendars that an instrument can follow, by their codes."""
    answer(CALENDARS, lambda: table((gettext("code"), gettext("exchange")), CALENDARS.items()))


@calendars.command("days", cls=SpokenCommand, with_appcontext=False)
@click.argument("calendar", required=False, type=CALENDAR)
def days(calendar: str | None) -> None:
    """List the days that people corrected, of CALENDAR (a code such as XNYS) or of all."""
    rows = [
        (code, day_of(day).isoformat(), is_open)
        for code, corrected in corrections([calendar] if calendar else []).items()
        for day, is_open in corrected
    ]
    records = [{"calendar": code, "day": day, "state": _state(is_open=is_open)} for code, day, is_open in rows]
    answer(records, lambda: _days_text(rows))


def _days_text(rows: list[tuple[str, str, bool]]) -> str:
    if not rows:
        return str(gettext("No day of a calendar was corrected."))
    words = {True: gettext("open"), False: gettext("closed")}
    spoken = [(code, day, words[is_open]) for code, day, is_open in rows]
    return table((gettext("calendar"), gettext("day"), gettext("exchange")), spoken)


@calendars.command("correct", cls=SpokenCommand, with_appcontext=False)
@click.argument("calendar", type=CALENDAR)
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
    confirm({"calendar": calendar, "day": day, "state": state}, said[DayState(state)])


def _state(*, is_open: bool) -> str:
    return (DayState.OPEN if is_open else DayState.CLOSED).value
