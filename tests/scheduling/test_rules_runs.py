"""When schedules are due: by real calendars of several exchanges, and by cron lines over both changes of the hour."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.applications import application
from tests.tables import make_tables
from tests.world import settings as world_settings
from webapp.database.transactions import reading
from webapp.errors import InvalidRequestError
from webapp.kernel.intervals import DAY, HOUR, MINUTE, Interval
from webapp.kernel.spans import Span
from webapp.scheduling.markets import Exchanges
from webapp.scheduling.rules_runs import DueRun, Market, Timetable, next_runs, runs_between
from webapp.scheduling.rules_timing import Timing, TimingKind, TimingTexts, parse_timing

CLOSE, SESSION, CRON = TimingKind.CLOSE, TimingKind.SESSION, TimingKind.CRON
SYMBOLS = {
    "XNYS": "AAPL",
    "XPAR": "MC.PA",
    "XTKS": "7203.T",
    "24/5": "EURUSD=X",
    "24/7": "BTC-USD",
}
PARIS, NEW_YORK = "Europe/Paris", "America/New_York"
EXCHANGES: dict[tuple[str, Interval], tuple[Market, ...]] = {}
YAHOO_DELAY = 30 * MINUTE


@pytest.fixture(scope="module", autouse=True)
def markets(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The exchanges of symbols that nobody has collected yet, by what the symbols themselves say."""
    with application(world_settings(tmp_path_factory.mktemp("markets"))) as app, app.app_context():
        make_tables()
        with reading() as connection:
            exchanges = Exchanges(connection, at("2024-11-01 00:00").timestamp())
            for interval in (Interval.M5, Interval.D1, Interval.W1, Interval.MO1):
                for code, symbol in SYMBOLS.items():
                    [market] = EXCHANGES[code, interval] = exchanges.markets("yahoo", interval, [symbol])
                    assert market.code == code


def at(text: str, zone: str = "UTC") -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def epoch(text: str, zone: str = "UTC") -> int:
    return int(at(text, zone).timestamp())


def local(instant: int, zone: str) -> str:
    return dt.datetime.fromtimestamp(instant, ZoneInfo(zone)).isoformat(" ", "minutes")


def timetable(*codes: str, interval: Interval = Interval.D1, kind: TimingKind = CLOSE, minutes: int = 45) -> Timetable:
    return Timetable(Timing(kind, minutes), interval, tuple(EXCHANGES[code, interval][0] for code in codes))


def cron(line: str, zone: str = PARIS) -> Timetable:
    return Timetable(Timing(CRON, cron=line, zone=zone), Interval.D1)


# --- After the close ---


def test_each_exchange_of_a_mixed_list_is_due_after_its_own_close() -> None:
    runs = next_runs(timetable("XNYS", "XPAR", "XTKS"), epoch("2024-03-06 00:00"), 3)
    assert [(run.exchange, local(run.due, "UTC")[:16]) for run in runs] == [
        ("XTKS", "2024-03-06 06:45"),
        ("XPAR", "2024-03-06 17:15"),
        ("XNYS", "2024-03-06 21:45"),
    ]


def test_a_half_day_is_due_early_for_short_bars_and_when_its_daily_bar_is_final_for_daily_ones() -> None:
    thursday = epoch("2024-11-28 00:00", NEW_YORK)  # Thanksgiving: nothing on Thursday, half of Friday
    [short] = next_runs(timetable("XNYS", interval=Interval.M5), thursday, 1)
    assert local(short.due, NEW_YORK)[:16] == "2024-11-29 13:45"
    [daily] = next_runs(timetable("XNYS"), thursday, 1)
    assert local(daily.due, NEW_YORK)[:16] == "2024-11-29 16:30"


def test_a_delay_that_is_shorter_than_the_source_s_waits_for_what_is_final() -> None:
    [run] = next_runs(timetable("XNYS", minutes=0), epoch("2024-03-06 00:00"), 1)
    assert local(run.due, NEW_YORK)[:16] == "2024-03-06 16:30"


def test_a_week_is_due_after_its_last_session_and_a_month_after_its_own() -> None:
    good_friday = epoch("2024-03-25 12:00")
    weeks = next_runs(timetable("XNYS", interval=Interval.W1), good_friday, 2)
    assert [local(run.due, NEW_YORK)[:16] for run in weeks] == ["2024-03-29 16:30", "2024-04-05 16:45"]
    months = next_runs(timetable("XNYS", interval=Interval.MO1), good_friday, 2)
    assert [local(run.due, NEW_YORK)[:16] for run in months] == ["2024-03-29 16:30", "2024-04-30 16:45"]


def test_a_coin_is_due_every_day_and_a_currency_on_weekdays() -> None:
    friday = epoch("2024-03-08 12:00")
    coin = next_runs(timetable("24/7"), friday, 3)
    assert [local(run.due, "UTC")[:16] for run in coin] == [
        "2024-03-09 00:45",
        "2024-03-10 00:45",
        "2024-03-11 00:45",
    ]
    currency = next_runs(timetable("24/5"), friday, 2)
    assert [local(run.due, "Europe/London")[:10] for run in currency] == ["2024-03-09", "2024-03-12"]


# --- Within the session ---


def test_within_a_session_it_is_due_on_the_clock_of_the_opening_and_once_when_the_last_bar_is_final() -> None:
    hourly = timetable("XNYS", interval=Interval.M5, kind=SESSION, minutes=60)
    runs = runs_between(hourly, epoch("2024-03-06 00:00", NEW_YORK), epoch("2024-03-07 00:00", NEW_YORK))
    assert [local(run.due, NEW_YORK)[11:16] for run in runs] == [
        *("10:30", "11:30", "12:30", "13:30", "14:30", "15:30"),
        "16:30",
    ]


def test_nobody_is_asked_while_tokyo_has_lunch() -> None:
    often = timetable("XTKS", interval=Interval.M5, kind=SESSION, minutes=20)
    runs = runs_between(often, epoch("2024-03-06 00:00", "Asia/Tokyo"), epoch("2024-03-07 00:00", "Asia/Tokyo"))
    times = [local(run.due, "Asia/Tokyo")[11:16] for run in runs]
    assert "11:20" in times
    assert not [time for time in times if "11:30" < time < "12:31"]
    assert times[-1] == "15:30"


# --- Cron lines ---


@pytest.mark.parametrize(
    ("line", "day", "expected"),
    [
        ("30 2 * * *", "2024-03-31", ["2024-03-31 03:00+02:00"]),  # the hour that is skipped
        ("30 2 * * *", "2024-10-27", ["2024-10-27 02:30+02:00"]),  # the hour that comes twice
        (
            "*/30 2 * * *",
            "2024-10-27",
            ["2024-10-27 02:00+02:00", "2024-10-27 02:30+02:00", "2024-10-27 02:00+01:00", "2024-10-27 02:30+01:00"],
        ),
    ],
)
def test_a_skipped_hour_runs_once_and_a_repeated_one_too(line: str, day: str, expected: list[str]) -> None:
    runs = runs_between(cron(line), epoch(f"{day} 00:00", PARIS), epoch(f"{day} 12:00", PARIS))
    assert [local(run.due, PARIS) for run in runs] == expected


def test_after_the_first_of_two_equal_hours_a_fixed_time_is_due_tomorrow() -> None:
    first = epoch("2024-10-27 02:30", PARIS)
    [run] = next_runs(cron("30 2 * * *"), first, 1)
    assert local(run.due, PARIS) == "2024-10-28 02:30+01:00"
    [run] = next_runs(cron("30 2 * * *"), first + HOUR - MINUTE, 1)
    assert local(run.due, PARIS) == "2024-10-28 02:30+01:00"


@pytest.mark.parametrize(
    ("texts", "field"),
    [
        (TimingTexts("never"), "when"),
        (TimingTexts("session", "5"), "when"),
        (TimingTexts("close", "-1"), "minutes"),
        (TimingTexts("close", "1441"), "minutes"),
        (TimingTexts("close", "½"), "minutes"),
        (TimingTexts("close", ""), "minutes"),
        (TimingTexts("cron", cron="* * * *", zone=PARIS), "cron"),
        (TimingTexts("cron", cron="0 0 0 1 1 *", zone=PARIS), "cron"),
        (TimingTexts("cron", cron="61 * * * *", zone=PARIS), "cron"),
        (TimingTexts("cron", cron="0 0 30 2 *", zone=PARIS), "cron"),
        (TimingTexts("cron", cron="0 0 31 4 1#5", zone="../etc/passwd"), "zone"),
        (TimingTexts("cron", cron="0 18 * * *", zone="Europe/Pariss"), "zone"),
        (TimingTexts("cron", cron="0 18 * * *", zone="Europe"), "zone"),
        (TimingTexts("cron", cron="0 18 * * *"), "zone"),
    ],
)
def test_what_cannot_be_meant_is_refused_beside_its_field(texts: TimingTexts, field: str) -> None:
    with pytest.raises(InvalidRequestError) as refused:
        parse_timing(texts, Interval.D1)
    assert field in refused.value.fields


# --- Properties ---

INSTANTS = st.integers(epoch("2015-01-01 00:00"), epoch("2026-06-30 00:00"))
TABLES = st.one_of(
    st.builds(
        lambda codes, interval, minutes: ("market", codes, interval, CLOSE, minutes),
        st.sets(st.sampled_from(sorted(SYMBOLS)), min_size=1),
        st.sampled_from((Interval.M5, Interval.D1, Interval.W1, Interval.MO1)),
        st.integers(0, 1440),
    ),
    st.builds(
        lambda codes, minutes: ("market", codes, Interval.M5, SESSION, minutes),
        st.sets(st.sampled_from(sorted(SYMBOLS)), min_size=1),
        st.integers(7, 600),
    ),
    st.builds(
        lambda minute, hour, days, zone: ("cron", f"{minute} {hour} * * {days}", zone),
        st.sampled_from(("0", "30", "*/20", "5,35")),
        st.sampled_from(("*", "2", "0-3", "*/6", "1,2,23")),
        st.sampled_from(("*", "SUN", "MON-FRI", "0#1")),
        st.sampled_from((PARIS, NEW_YORK, "Asia/Tokyo", "Australia/Lord_Howe", "America/Sao_Paulo")),
    ),
)


def built(choice: tuple[object, ...]) -> Timetable:
    match choice:
        case ("cron", str(line), str(zone)):
            return cron(line, zone)
        case ("market", set() as codes, Interval() as interval, TimingKind() as kind, int(minutes)):
            return timetable(*sorted(codes), interval=interval, kind=kind, minutes=minutes)
    raise AssertionError(choice)


@settings(deadline=None)
@given(choice=TABLES, after=INSTANTS, split=st.integers(0, 9 * DAY))
def test_runs_are_the_same_however_the_time_is_parted(choice: tuple[object, ...], after: int, split: int) -> None:
    """A clock that looks often and one that looks seldom find the same runs: each once, ascending."""
    table = built(choice)
    until = after + 9 * DAY
    at_once = runs_between(table, after, until)
    assert at_once == sorted(set(at_once))
    assert all(after < run.due <= until for run in at_once)
    middle = after + split
    parted = runs_between(table, after, middle) + runs_between(table, middle, until)
    assert parted == at_once


@settings(deadline=None)
@given(choice=TABLES, after=INSTANTS)
def test_the_next_runs_are_the_first_of_those_that_come(choice: tuple[object, ...], after: int) -> None:
    table = built(choice)
    runs = next_runs(table, after, 3)
    assert len(runs) == 3
    last = runs[-1].due
    if last <= after + 14 * DAY:
        between = runs_between(table, after, last)
        assert between[: len(runs)] == runs
    assert all(run.due > after for run in runs)


@settings(deadline=None)
@given(after=INSTANTS, code=st.sampled_from(("XNYS", "XPAR", "XTKS", "24/5", "24/7")))
def test_a_daily_run_comes_once_a_session_and_never_before_its_bar_is_final(after: int, code: str) -> None:
    table = timetable(code)
    [market] = table.markets
    runs = runs_between(table, after, after + 13 * DAY)
    sessions = market.sessions(Span(after - 5 * DAY, after + 20 * DAY))
    finals = [market.final_at(session) for session in sessions]
    for run in runs:
        assert sum(final <= run.due < final + DAY for final in finals) >= 1
    due = [run for run in runs if run.exchange == code]
    assert len(due) == len({run.due for run in due})


def test_a_clock_that_was_off_for_long_is_told_of_two_weeks_or_of_the_last_run_before() -> None:
    until = epoch("2024-06-30 00:00")
    runs = runs_between(cron("0 12 * * *"), epoch("2024-01-01 00:00"), until)
    assert [run.due for run in runs] == sorted(run.due for run in runs)
    assert len(runs) == 14
    monthly = runs_between(cron("0 12 1 * *"), epoch("2024-01-15 00:00"), until)
    assert [local(run.due, PARIS)[:10] for run in monthly][-1] == "2024-06-01"


def test_without_exchanges_nothing_is_due() -> None:
    assert next_runs(timetable(), epoch("2024-01-01 00:00"), 3) == []
    assert DueRun(1) < DueRun(2)
