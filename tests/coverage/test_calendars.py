"""Every calendar that may be chosen can be made; what is not known, or cannot be made, is said and not guessed away."""

import datetime as dt
import subprocess
import sys
from array import array
from collections.abc import Sequence
from zoneinfo import available_timezones

import pytest
from exchange_calendars import get_calendar_names

from tests.properties import examples
from tests.world import FACTS, days
from webapp.coverage import calendar_files
from webapp.coverage.calendar_files import CalendarError
from webapp.coverage.calendars import Calendar
from webapp.coverage.exchange_sessions import sessions
from webapp.coverage.rules_exchanges import ALWAYS, CALENDARS, WEEKDAYS, zone_of
from webapp.kernel.instruments import InstrumentFacts
from webapp.kernel.intervals import DAY, HOUR

SINGAPORE = InstrumentFacts(timezone="Asia/Singapore")


def test_every_calendar_that_may_be_chosen_can_be_made() -> None:
    codes = sorted(CALENDARS.keys() - {ALWAYS, WEEKDAYS})
    for code in codes[:: len(codes) // examples(len(codes))]:  # a third of a second each
        rows = sessions(code, "2025-12-01", "2026-03-31")
        assert 74 < len(rows) < 90, code
        assert (rows[:, 1] < rows[:, 4]).all(), code


def test_every_calendar_of_the_library_may_be_chosen() -> None:
    assert set(CALENDARS) == set(get_calendar_names(include_aliases=False))
    assert CALENDARS["XSAU"] == "Saudi Exchange"
    for code in CALENDARS.keys() - {ALWAYS, WEEKDAYS}:
        assert zone_of(code) in available_timezones(), code


def test_a_week_from_sunday_to_thursday_goes_on_after_the_last_announced_holiday(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first = days(dt.date(2029, 12, 23), dt.date(2029, 12, 23)).start
    dates = [first + number * DAY for number in (0, 1, 2, 3, 4, 7)]
    numbers = [(date // DAY, date + 7 * HOUR, 0, 0, date + 12 * HOUR) for date in dates]
    monkeypatch.setattr(calendar_files, "rows", lambda _: array("q", [number for row in numbers for number in row]))
    sessions = Calendar("XSAU", InstrumentFacts(timezone="Asia/Riyadh")).sessions(
        days(dt.date(2029, 12, 31), dt.date(2030, 1, 6))
    )
    weekdays = [dt.datetime.fromtimestamp(session.label, dt.UTC).strftime("%a") for session in sessions]
    assert weekdays == ["Mon", "Tue", "Wed", "Thu", "Sun"]


def test_a_calendar_that_cannot_be_made_is_no_empty_calendar(monkeypatch: pytest.MonkeyPatch) -> None:
    programs: list[Sequence[str]] = []

    def fail(command: Sequence[str], **_: object) -> None:
        programs.append(command)
        raise subprocess.CalledProcessError(1, list(command))

    monkeypatch.setattr(subprocess, "run", fail)
    for _ in range(2):
        with pytest.raises(CalendarError, match="The trading calendar XXXX could not be made"):
            Calendar("XXXX", FACTS).sessions(days(dt.date(2024, 1, 1), dt.date(2024, 1, 9)))
    assert len(programs) == 1, "a page that asks often must not start a program that fails each time"
    monkeypatch.setitem(calendar_files.failures, "XXXX", -1e9)
    with pytest.raises(CalendarError):
        assert Calendar("XXXX", FACTS).known_until
    assert len(programs) == 2, "after a while it is tried again"


def test_where_holidays_are_not_announced_yet_every_weekday_is_expected(monkeypatch: pytest.MonkeyPatch) -> None:
    eve, half_day = dt.date(2026, 12, 30), dt.date(2026, 12, 31)
    opening, noon, lunch, closing = (days(eve, eve).start + hour * HOUR for hour in (1, 4, 5, 9))
    rows = array("q", [days(eve, eve).start // DAY, opening, noon, lunch, closing])
    rows.extend([days(half_day, half_day).start // DAY, opening + DAY, 0, 0, noon + DAY])
    monkeypatch.setattr(calendar_files, "rows", lambda _: rows)
    calendar = Calendar("XSES", SINGAPORE)
    assert calendar.known_until == days(half_day, half_day).end
    sessions = calendar.sessions(days(eve, dt.date(2027, 1, 5)))
    assert [dt.datetime.fromtimestamp(session.label, dt.UTC).day for session in sessions] == [30, 31, 1, 4, 5]
    assert [session.seconds for session in sessions] == [7 * HOUR, 3 * HOUR, 7 * HOUR, 7 * HOUR, 7 * HOUR]
    assert sessions[-1].parts[0].start - sessions[-1].midnight == 9 * HOUR
    assert calendar.sessions(days(eve, eve)) == sessions[:1]


def test_calendars_of_no_place_know_no_holidays_ever() -> None:
    assert Calendar(ALWAYS, FACTS).known_until is None
    assert Calendar(WEEKDAYS, FACTS).known_until is None


def test_calendars_bring_neither_pandas_nor_numpy_into_the_process_that_asks() -> None:
    program = (
        "import sys\n"
        "from webapp.coverage.calendars import Calendar\n"
        "from webapp.kernel.instruments import InstrumentFacts\n"
        "from webapp.kernel.spans import Span\n"
        "assert len(Calendar('XNYS', InstrumentFacts(timezone='America/New_York')).sessions(Span(0, 86400 * 9))) == 6\n"
        "assert not {'pandas', 'numpy', 'exchange_calendars'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
