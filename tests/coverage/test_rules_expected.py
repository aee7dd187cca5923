import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from webapp.coverage.rules_exchanges import CALENDARS, calendar_of
from webapp.coverage.rules_expected import (
    CellState,
    Expected,
    KnownCoverage,
    Session,
    bars_due,
    expectations,
    gaps,
    state_of,
)
from webapp.kernel.instruments import InstrumentFacts
from webapp.kernel.intervals import DAY, HOUR, MINUTE, Interval
from webapp.kernel.spans import Span, subtract

NEW_YORK, TOKYO = "America/New_York", "Asia/Tokyo"


def label(day: str) -> int:
    return int(dt.datetime.fromisoformat(day).replace(tzinfo=dt.UTC).timestamp())


def session(day: str, *hours: str, zone: str = NEW_YORK) -> Session:
    """A session whose parts are written ``09:30-16:00``."""

    def instant(text: str) -> int:
        return int(dt.datetime.fromisoformat(f"{day}T{text}").replace(tzinfo=ZoneInfo(zone)).timestamp())

    parts = tuple(Span(*(instant(text) for text in part.split("-"))) for part in hours)
    return Session(label(day), parts, instant("00:00"))


FULL = session("2024-07-02", "09:30-16:00")
HALF = session("2024-07-03", "09:30-13:00")
AFTER = session("2024-07-05", "09:30-16:00")
LUNCH = session("2024-07-02", "09:00-11:30", "12:30-15:00", zone=TOKYO)
LONG_AGO = Span(0, 2**40)


@pytest.mark.parametrize(
    ("session", "interval", "from_opening", "count"),
    [
        (FULL, Interval.M1, True, 390),
        (HALF, Interval.M1, True, 210),
        (FULL, Interval.H1, True, 7),  # 09:30, 10:30, … 15:30
        (FULL, Interval.H1, False, 7),  # 09:30, 10:00, … 15:00
        (HALF, Interval.H1, False, 4),
        (FULL, Interval.H4, True, 2),
        (FULL, Interval.H4, False, 2),  # 08:00 to 12:00, cut, and 12:00 to 16:00
        (FULL, Interval.M15, True, 26),
        (LUNCH, Interval.M1, True, 300),
        (LUNCH, Interval.M30, True, 10),
        (LUNCH, Interval.H1, True, 6),  # 09, 10, 11, 12 (from 12:30), 13, 14
    ],
)
def test_bars_due_follow_the_grid_of_the_source(
    session: Session, interval: Interval, *, from_opening: bool, count: int
) -> None:
    assert bars_due(session, interval, from_opening=from_opening) == count


def test_a_half_day_is_known_as_one() -> None:
    expected = expectations([FULL, HALF, AFTER], Interval.M1, from_opening=True)
    assert [(session.bars, session.is_short) for session in expected] == [(390, False), (210, True), (390, False)]
    assert [session.is_short for session in expectations([FULL, HALF, AFTER], Interval.D1, from_opening=True)] == [
        False,
        True,
        False,
    ]


def test_weeks_and_months_are_expected_once() -> None:
    sessions = [session(f"2024-{day}", "09:30-16:00") for day in ("06-28", "07-01", "07-02", "08-01")]
    weeks = expectations(sessions, Interval.W1, from_opening=True)
    assert [period.label for period in weeks] == [label("2024-06-24"), label("2024-07-01"), label("2024-07-29")]
    months = expectations(sessions, Interval.MO1, from_opening=True)
    assert months[1] == Expected(label("2024-07-01"), (Span(label("2024-07-01"), label("2024-08-01")),), 1)


def minutes() -> list[Expected]:
    return expectations([FULL, HALF, AFTER], Interval.M1, from_opening=True)


def coverage(
    answered: list[Span], failed: list[Span] | None = None, closed: int = 2**40, frame: Span = LONG_AGO
) -> KnownCoverage:
    return KnownCoverage(answered, failed or [], frame, closed)


def test_a_session_is_what_coverage_says_of_it() -> None:
    _, half, _ = minutes()
    whole, part = [Span(half.start - HOUR, half.end)], [Span(half.start, half.start + HOUR)]
    assert state_of(half, coverage(whole), 210) is CellState.HAVE
    assert state_of(half, coverage(whole), 12) is CellState.THIN
    assert state_of(half, coverage(whole), 0) is CellState.EMPTY
    assert state_of(half, coverage(part), 60) is CellState.PARTLY
    assert state_of(half, coverage([]), 0) is CellState.MISSING
    assert state_of(half, coverage([], failed=whole), 0) is CellState.FAILED
    assert state_of(half, coverage([], closed=half.end - 1), 0) is CellState.NOT_YET
    assert state_of(half, coverage([], frame=Span(0, half.start)), 0) is CellState.NOT_ASKED


def test_a_lunch_break_need_not_be_known() -> None:
    [lunch] = expectations([LUNCH], Interval.M1, from_opening=True)
    assert state_of(lunch, coverage(list(LUNCH.parts)), 300) is CellState.HAVE
    assert gaps(subtract([Span(lunch.start, lunch.end)], LUNCH.parts), [lunch], coverage([])) == []


def test_a_gap_reaches_from_the_first_to_the_last_bar_that_is_due() -> None:
    expected = minutes()
    nights = Span(expected[0].end, expected[2].start)
    [gap] = gaps([nights], expected, coverage([]))
    assert (gap.span, gap.sessions) == (Span(expected[1].start, expected[1].end), 1)
    [wide] = gaps([Span(expected[0].start + 30 * MINUTE, expected[2].end + DAY)], expected, coverage([]))
    assert (wide.span, wide.sessions) == (Span(expected[0].start + 30 * MINUTE, expected[2].end), 3)


def test_nights_holidays_and_what_is_not_over_are_no_gaps() -> None:
    expected = minutes()
    holiday = Span(expected[1].end, expected[2].start)
    assert gaps([holiday], expected, coverage([])) == []
    assert (
        gaps([Span(expected[2].start, expected[2].end)], expected, coverage([], closed=expected[2].end - MINUTE)) == []
    )


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        (InstrumentFacts(exchange="NasdaqGS", timezone=NEW_YORK), "XNYS"),
        (InstrumentFacts(exchange="ARCA", kind="ETF"), "XNYS"),
        (InstrumentFacts(exchange="SBF", timezone="Europe/Paris"), "XPAR"),
        (InstrumentFacts(exchange="COMEX", kind="FUTURE", timezone=NEW_YORK), "CMES"),
        (InstrumentFacts(exchange="XWBO", timezone=NEW_YORK), "XWBO"),
        (InstrumentFacts(exchange="a new one", timezone="Asia/Hong_Kong"), "XHKG"),
        (InstrumentFacts(exchange="CCC", kind="CRYPTOCURRENCY", timezone="UTC"), "24/7"),
        (InstrumentFacts(exchange="IDEALPRO", kind="CURRENCY", timezone=NEW_YORK), "24/5"),
        (InstrumentFacts(), "24/5"),
    ],
)
def test_an_exchange_is_found_by_the_name_that_its_source_gives_it(facts: InstrumentFacts, code: str) -> None:
    assert calendar_of(facts) == code
    assert code in CALENDARS
