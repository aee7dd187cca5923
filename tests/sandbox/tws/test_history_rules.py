"""How long, how old, until when, and how dates are written."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.sandbox.tws.conftest import Run
from tests.sandbox.tws.library import ib
from tests.sandbox.tws.talk import Talk
from tests.sandbox.tws.truth import APPLE, INDEX, shown
from webapp.sandbox.tws.client import TwsClient

OPENING = dt.datetime(2026, 2, 27, 14, 30, tzinfo=dt.UTC)
END = "20260227-15:00:00"
OLD = "20250201-00:00:00"


def refused(
    run: Run, duration: str = "1 D", size: str = "1 day", contract: object = APPLE, **how: object
) -> tuple[int, str]:
    async def use(talk: Talk) -> object:
        return await talk.refusal(talk.bars(contract, duration, size, **how))

    code, text = run(use)
    return code, text


@pytest.mark.parametrize(
    ("duration", "size", "cause"),
    [
        ("", "1 day", "Historical data request duration not specified."),
        (
            "5",
            "1 day",
            "When specifying a unit, historical data request duration format is integer{SPACE}unit (S|D|W|M|Y).",
        ),
        ("29 S", "5 secs", "Historical data requested duration is invalid."),
        ("0 D", "1 day", "Historical data requested duration is invalid."),
        ("86401 S", "1 min", "Historical data request for greater than 86400 seconds rejected."),
        ("2001 S", "1 secs", "Historical data request for greater than 2000 seconds rejected."),
        ("366 D", "1 day", "Historical data requests for durations longer than 365 days must be made in years."),
        ("53 W", "1 day", "Historical data requests for durations longer than 52 weeks must be made in years."),
        ("13 M", "1 day", "Historical data requests for durations longer than 12 months must be made in years."),
        ("69 Y", "1 day", "Historical data requests for durations longer than 68 years are not allowed."),
    ],
)
def test_durations_that_are_refused(duration: str, size: str, cause: str, run: Run) -> None:
    code, text = refused(run, duration, size)
    assert (code, text.partition(" : cause - ")[2]) == (321, cause)


@pytest.mark.parametrize(
    ("size", "how", "cause"),
    [
        ("7 mins", {}, "Historical data bar size setting is invalid. Legal ones are: 1 secs, 5 secs,"),
        ("1 day", {"what": "ADJUSTED_LAST", "end": END}, "End Date not supported with adjusted last"),
        ("1W", {"what": "ADJUSTED_LAST"}, "Multi day bar size not supported with adjusted last"),
        ("1 day", {"date_format": 0}, "Date formatting selection of 0 rejected."),
    ],
)
def test_other_causes_of_error_321(size: str, how: dict[str, Any], cause: str, run: Run) -> None:
    code, text = refused(run, "1 M", size, **how)
    assert code == 321
    assert text.partition(" : cause - ")[2].startswith(cause)


def test_the_end_is_checked_before_the_duration(run: Run) -> None:
    assert refused(run, "nonsense", end="yesterday")[0] == 10314


@pytest.mark.parametrize("end", ["20260230-00:00:00", "20260227 15:00", "20260227 15:00:00 Mars/Base", "2026-02-27"])
def test_ends_that_are_no_date(end: str, run: Run) -> None:
    code, text = refused(run, end=end)
    assert (code, text) == (10314, "End Date/Time: The date, time, or time-zone entered is invalid.")


def test_a_continuous_future_has_no_end(run: Run) -> None:
    gold = ib.Contract(symbol="GC", secType="CONTFUT", exchange="COMEX", currency="USD")
    assert refused(run, contract=gold, end=END)[0] == 10339


def test_single_seconds_are_asked_for_in_seconds(run: Run) -> None:
    assert refused(run, "1 D", "1 secs") == (162, "Historical Market Data Service error message:invalid step: 1")


def test_a_span_without_trading_is_no_data(run: Run) -> None:
    text = "Historical Market Data Service error message:HMDS query returned no data: AAPL@SMART Trades"
    assert refused(run, "3600 S", "1 min", end="20260228-18:00:00") == (162, text)
    assert refused(run, "1 D", "1 day", end="19700105-00:00:00") == (162, text)


def test_small_bars_older_than_six_months_are_gone_and_minutes_are_not(run: Run, free: TwsClient) -> None:
    code, text = refused(run, "3600 S", "30 secs", end="20250203-16:00:00")
    assert (code, "returned no data" in text) == (162, True)

    async def use(talk: Talk) -> object:
        minutes = await talk.bars(APPLE, "3600 S", "1 min", end="20250203-16:00:00")
        return len(minutes), len(await talk.bars(APPLE, "3600 S", "30 secs", end="20250905-16:00:00"))

    assert run(use) == (60, 120)


@pytest.mark.parametrize(
    ("duration", "end", "days"),
    [
        ("1 D", "20260227-23:00:00", ["20260227"]),
        ("3 D", "20260301-12:00:00", ["20260225", "20260226", "20260227"]),
        ("2 D", "20260217-23:00:00", ["20260213", "20260217"]),  # the day between is Washington's
        ("2 D", "", ["20260227", "20260302"]),
    ],
)
def test_days_are_sessions(duration: str, end: str, days: list[str], run: Run) -> None:
    async def use(talk: Talk) -> object:
        daily = await talk.bars(APPLE, duration, end=end)
        hourly = await talk.bars(APPLE, duration, "1 hour", end=end)
        return [f"{bar.date:%Y%m%d}" for bar in daily], sorted({f"{bar.date:%Y%m%d}" for bar in hourly})

    assert run(use) == (days, days)


def test_an_end_in_a_zone_and_none_at_all(run: Run) -> None:
    async def use(talk: Talk) -> object:
        ends = (END, "20260227 10:00:00 US/Eastern", "20260227 16:00:00 MET", "20260227 10:00:00")
        return [shown(await talk.bars(APPLE, "1800 S", "1 min", end=end)) for end in ends]

    first, *others = run(use)
    assert others == [first] * 3
    assert first[0].start == OPENING.timestamp()


@pytest.mark.parametrize(
    ("style", "zone", "written"),
    [
        ("operator", "US/Eastern", "20260227 09:30:00 US/Eastern"),
        ("instrument", "US/Eastern", "20260227 09:30:00 US/Eastern"),
        ("utc", None, "20260227-14:30:00"),
        ("old", None, "20260227  09:30:00"),
    ],
)
def test_dates_are_written_as_tws_is_set(style: str, zone: str | None, written: str, run: Run, tws: TwsClient) -> None:
    tws.set(date_style=style)

    async def use(talk: Talk) -> object:
        wire: list[str] = []
        kept = talk.ib.wrapper.historicalData

        def note(number: int, bar: ib.BarData) -> None:
            wire.append(bar.date)
            kept(number, bar)

        talk.ib.wrapper.historicalData = note
        bars = await talk.bars(APPLE, "1800 S", "1 min", end=END, date_format=1)
        return wire[0], bars[0].date

    text, date = run(use)
    assert text == written
    assert date.tzinfo == (ZoneInfo(zone) if zone else None)
    if zone:
        assert date == OPENING


def test_the_instruments_zone_is_the_exchanges(run: Run, tws: TwsClient) -> None:
    async def use(talk: Talk) -> object:
        sap = ib.Contract(symbol="SAP", secType="STK", exchange="SMART", currency="EUR")
        return (await talk.bars(sap, "1 D", "1 hour", end=END, date_format=1))[0].date

    assert f"{run(use)}" == "2026-02-27 03:00:00-05:00"
    tws.set(date_style="instrument")
    assert f"{run(use)}" == "2026-02-27 09:00:00+01:00"


def test_format_two_is_an_instant_and_a_day_is_a_date_in_each(run: Run) -> None:
    async def use(talk: Talk) -> object:
        minute = (await talk.bars(APPLE, "1800 S", "1 min", end=END))[0].date
        return minute, [(await talk.bars(APPLE, end=END, date_format=number))[0].date for number in (1, 2)]

    assert run(use) == (OPENING, [dt.date(2026, 2, 27)] * 2)


def test_indices_have_regular_hours_only(run: Run) -> None:
    async def use(talk: Talk) -> object:
        return [shown(await talk.bars(INDEX, "1 D", "1 hour", is_regular=regular)) for regular in (True, False)]

    regular, all_hours = run(use)
    assert regular == all_hours
