"""A day that a person corrected counts in every report of the calendar, and only there."""

import datetime as dt

import pytest

from tests.world import FACTS, World, days, world
from webapp.coverage import calendars, completeness, queries_completeness
from webapp.coverage.corrections import correct, corrections
from webapp.database.transactions import reading, writing
from webapp.errors import InvalidRequestError
from webapp.kernel.instruments import InstrumentFacts
from webapp.kernel.intervals import DAY, HOUR, Interval
from webapp.series import queries_series

__all__ = ["world"]

CARTER = dt.date(2025, 1, 9)
"""A day of mourning, on which New York was closed: such days become known when they are near."""
WEEK = days(dt.date(2025, 1, 6), dt.date(2025, 1, 12))
LONDON = InstrumentFacts(kind="EQUITY", exchange="LSE", timezone="Europe/London")


def instrument(symbol: str, facts: InstrumentFacts) -> int:
    with writing() as connection:
        series_id = queries_series.ensure(connection, "yahoo", symbol, Interval.D1, "")
        row = queries_series.get(connection, series_id)
        assert row
        queries_series.update_facts(connection, row.instrument_id, facts, dt.datetime.now(dt.UTC))
        return row.instrument_id


def dates(instrument_id: int, facts: InstrumentFacts) -> list[str]:
    sessions = calendars.calendar(instrument_id, facts).sessions(WEEK)
    return [dt.datetime.fromtimestamp(session.label, dt.UTC).strftime("%a %d") for session in sessions]


def test_a_closed_day_is_expected_no_more_and_an_opened_one_is(world: World) -> None:
    apple, vodafone = instrument("AAPL", FACTS), instrument("VOD.L", LONDON)
    usual = dates(vodafone, LONDON)
    correct(world.context, "XNYS", "2025-01-07", "closed")
    correct(world.context, "XNYS", "2025-01-11", "open")
    assert dates(apple, FACTS) == ["Mon 06", "Wed 08", "Fri 10", "Sat 11"]
    assert dates(vodafone, LONDON) == usual, "another exchange is not meant"
    correct(world.context, "XNYS", "2025-01-07", "usual")
    correct(world.context, "XNYS", "2025-01-11", "usual")
    assert dates(apple, FACTS) == ["Mon 06", "Tue 07", "Wed 08", "Fri 10"]
    assert corrections() == {}


def test_a_day_that_is_opened_has_the_usual_hours_around_it(world: World) -> None:
    apple = instrument("AAPL", FACTS)
    correct(world.context, "XNYS", CARTER.isoformat(), "open")
    [session] = calendars.calendar(apple, FACTS).sessions(days(CARTER, CARTER))
    [part] = session.parts
    assert (part.start - session.midnight, part.seconds) == (9.5 * HOUR, 6.5 * HOUR)


def test_days_without_holidays_can_be_closed_too(world: World) -> None:
    facts = InstrumentFacts(kind="CURRENCY", timezone="Europe/London")
    euro = instrument("EURUSD=X", facts)
    correct(world.context, "24/5", "2025-01-08", "closed")
    assert dates(euro, facts) == ["Mon 06", "Tue 07", "Thu 09", "Fri 10"]


def test_the_last_word_counts_and_figures_are_counted_anew(world: World) -> None:
    [job_id] = world.submit("AAPL", start=dt.date(2024, 1, 2), end=dt.date(2024, 1, 31))
    row_id = world.work(job_id).series_id
    completeness.recount(world.context, row_id)
    with reading() as connection:
        before = queries_completeness.read(connection, [row_id])[row_id]
    correct(world.context, "XNYS", "2024-01-09", "open")
    correct(world.context, "XNYS", "2024-01-09", "closed")
    with reading() as connection:
        assert queries_completeness.read(connection, [row_id]) == {}
    completeness.recount(world.context, row_id)
    with reading() as connection:
        after = queries_completeness.read(connection, [row_id])[row_id]
    assert before.sessions is not None
    assert after.sessions == before.sessions - 1
    assert corrections(["XNYS"]) == {"XNYS": ((days(dt.date(2024, 1, 9), dt.date(2024, 1, 9)).end - DAY, False),)}


@pytest.mark.parametrize(
    ("calendar", "day", "state", "fields"),
    [
        ("XXXX", "2025-01-09", "closed", {"calendar"}),
        ("XNYS", "yesterday", "closed", {"day"}),
        ("XNYS", "2025-01-09T12:00", "closed", {"day"}),
        ("XNYS", "1900-01-09", "closed", {"day"}),
        ("XXXX", "9999-01-09", "perhaps", {"calendar", "day", "state"}),
    ],
)
def test_what_is_wrong_is_said_at_its_field(
    world: World, calendar: str, day: str, state: str, fields: set[str]
) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        correct(world.context, calendar, day, state)
    assert set(caught.value.fields) == fields
    with pytest.raises(InvalidRequestError):
        corrections(["XXXX"])
