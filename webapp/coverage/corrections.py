"""Correcting a calendar by hand: a holiday that the library lacks, or a day that it wrongly calls one."""

import datetime as dt
from collections.abc import Sequence
from enum import StrEnum

from webapp.context import Context
from webapp.coverage import queries_completeness, queries_corrections
from webapp.coverage.queries_corrections import Corrections
from webapp.coverage.rules_exchanges import CALENDARS, calendar_of
from webapp.database.transactions import reading, writing
from webapp.errors import InvalidRequestError, Sentence, sentence
from webapp.kernel.days import label_of
from webapp.kernel.request_fields import moment_of

_FIRST, _LAST = dt.date(1960, 1, 1), dt.date(2200, 12, 31)


class DayState(StrEnum):
    """What a person may say of a day; ``usual`` takes back what was said."""

    OPEN = "open"
    CLOSED = "closed"
    USUAL = "usual"


def correct(context: Context, calendar: str, day: str, state: str) -> None:
    """Keep what a person says of a day of a calendar; the figures of all series that follow it are counted anew.

    :param day: a date like ``2024-03-01``.
    :raises InvalidRequestError: with the fields ``calendar``, ``day`` or ``state``.
    """
    problems: dict[str, Sentence] = {}
    if calendar not in CALENDARS:
        problems["calendar"] = no_such_calendar(calendar)
    if state not in list(DayState):
        problems["state"] = sentence("Say whether the exchange is open, closed, or as usual on that day.")
    try:
        date = moment_of("day", day)
    except InvalidRequestError as err:
        raise InvalidRequestError(problems | err.fields) from err
    if isinstance(date, dt.datetime) or not _FIRST <= date <= _LAST:
        problems["day"] = sentence("Give a day between 1960 and 2200, for example 2024-03-01.")
    if problems:
        raise InvalidRequestError(problems)
    _save(context, calendar, label_of(date), DayState(state))


def _save(context: Context, calendar: str, label: int, state: DayState) -> None:
    with writing() as connection:
        if state is DayState.USUAL:
            queries_corrections.forget(connection, calendar, label)
        else:
            is_open = state is DayState.OPEN
            queries_corrections.save(connection, calendar, label, is_open=is_open, now=context.now())
        for instrument_id, chosen, facts in queries_corrections.instruments(connection):
            if (chosen or calendar_of(facts)) == calendar:
                queries_completeness.forget(connection, instrument_id)


def corrections(calendars: Sequence[str] = ()) -> dict[str, Corrections]:
    """Return what was corrected, by the calendar's code: of some, or of all of which anything was.

    :raises InvalidRequestError: with the field ``calendar`` when there is none of a code.
    """
    unknown = [code for code in calendars if code not in CALENDARS]
    if unknown:
        raise InvalidRequestError({"calendar": no_such_calendar(unknown[0])})
    with reading() as connection:
        codes = calendars or queries_corrections.calendars(connection)
        return {code: queries_corrections.read(connection, code) for code in codes}


def no_such_calendar(code: str) -> Sentence:
    """Return the sentence for a code that no calendar has."""
    return sentence("There is no calendar “%(code)s”.", code=code[:20])
