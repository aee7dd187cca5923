"""Which rows of Yahoo's are final, and of which day they are (docs/data.md#closed-bars)."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.sources.test_yahoo_answers import NEW_YORK, answer, at, body
from webapp.kernel.instruments import InstrumentFacts
from webapp.kernel.intervals import DAY, HOUR, MINUTE, Interval
from webapp.kernel.spans import Span
from webapp.sources.yahoo.stamps import Stamps

LONDON, BERLIN = ZoneInfo("Europe/London"), ZoneInfo("Europe/Berlin")
OPENING = 9 * HOUR + 30 * MINUTE
CURRENCY: dict[str, Any] = {"instrumentType": "CURRENCY", "exchangeTimezoneName": "Europe/London"}


def around_the_clock(day: int, zone: ZoneInfo) -> dict[str, Any]:
    start = at(2025, 8, day, zone=zone)
    offset = dt.datetime.fromtimestamp(start, zone).utcoffset()
    assert offset is not None
    gmtoffset = int(offset.total_seconds())
    return {"currentTradingPeriod": {"regular": {"start": start, "end": start + DAY - 60, "gmtoffset": gmtoffset}}}


def evening(stamp: int, now: int, interval: Interval = Interval.D1, first: int = 11) -> Any:  # noqa: ANN401 -- an answer
    """Yahoo's answer over a week up to Friday 15 August 2025, whose row has such a stamp."""
    stamps = [at(2025, 8, day, 9, 30, NEW_YORK) for day in (11, 12, 13, 14)]
    content = body([*stamps, stamp], regularMarketTime=min(now, at(2025, 8, 15, 16, 0, NEW_YORK) + 1))
    return answer(content, interval, Span(at(2025, 8, first), at(2025, 8, 18)), now)


def test_the_row_of_the_day_is_preliminary_as_long_as_it_has_the_stamp_of_the_last_trade() -> None:
    last_trade, late = at(2025, 8, 15, 16, 0, NEW_YORK) + 1, at(2025, 8, 15, 21, 0, NEW_YORK)
    given = evening(last_trade, late)
    assert [bar[0] for bar in given.bars] == [at(2025, 8, day) for day in (11, 12, 13, 14)]
    assert given.known_until == at(2025, 8, 15)
    assert "preliminary" in str(given.note)
    assert evening(at(2025, 8, 15, 12, 0, NEW_YORK), at(2025, 8, 15, 12, 0, NEW_YORK)).note is None  # it still trades
    saturday = evening(at(2025, 8, 15, 9, 30, NEW_YORK), at(2025, 8, 16, 12, 0, NEW_YORK))
    assert [bar[0] for bar in saturday.bars] == [at(2025, 8, day) for day in (11, 12, 13, 14, 15)]
    assert (saturday.known_until, saturday.note) == (at(2025, 8, 16), None)


def test_a_week_is_not_final_before_its_last_day_is_and_is_had_on_saturday() -> None:
    last_trade, saturday = at(2025, 8, 15, 16, 0, NEW_YORK) + 1, at(2025, 8, 16, 9, 0, NEW_YORK)
    early = evening(last_trade, saturday, Interval.W1)
    assert (list(early.bars), early.known_until) == ([], at(2025, 8, 11))
    final = evening(at(2025, 8, 15, 9, 30, NEW_YORK), saturday, Interval.W1)
    assert [(bar[0], bar[5]) for bar in final.bars] == [(at(2025, 8, 11), 500)]
    assert final.known_until == at(2025, 8, 18)


def test_the_last_row_of_what_is_traded_no_more_is_final_after_days() -> None:
    last_trade = at(2025, 8, 15, 16, 0, NEW_YORK) + 1
    assert evening(last_trade, last_trade + 6 * DAY).known_until == at(2025, 8, 18)


@pytest.mark.parametrize(
    ("stamp", "day"),
    [
        (at(2025, 8, 15, 22, 29, LONDON) + 39, 15),  # the last tick of Friday, 22:29:39 in London
        (at(2025, 8, 16, 0, 4, LONDON) + 11, 15),  # after midnight
        (at(2025, 8, 14, 22, 29, LONDON) + 39, 14),
    ],
)
def test_the_row_of_a_currency_is_of_the_day_that_it_was_traded_on(stamp: int, day: int) -> None:
    stamps = [at(2025, 8, date, zone=LONDON) for date in range(11, day)]
    changes = {**CURRENCY, **around_the_clock(15, LONDON)}
    content = body([*stamps, stamp], **changes, regularMarketTime=stamp)
    span = Span(at(2025, 8, 11), at(2025, 8, 18))
    early = answer(content, Interval.D1, span, stamp + 3 * HOUR)
    assert early.known_until == at(2025, 8, day)
    later = body([*stamps, stamp], **changes, regularMarketTime=stamp + 3 * DAY)
    settled = answer(later, Interval.D1, span, stamp + 4 * DAY)
    assert settled.bars[-1][0] == at(2025, 8, day)


def test_a_midnight_that_is_stamped_an_hour_early_means_the_coming_day_but_never_a_saturday() -> None:
    stamps = Stamps(LONDON, InstrumentFacts(kind="CURRENCY", timezone="Europe/London", session_open=0))
    assert stamps.date_of(at(2025, 8, 14, 23, 0, LONDON)) == at(2025, 8, 15)
    assert stamps.date_of(at(2025, 8, 15, 22, 0, LONDON)) == at(2025, 8, 15)
    assert stamps.date_of(at(2025, 8, 17, 23, 0, LONDON)) == at(2025, 8, 18)  # Sunday evening is Monday
    assert stamps.date_of(at(2025, 8, 17, 22, 15, LONDON)) == at(2025, 8, 18)
    coin = Stamps(ZoneInfo("UTC"), InstrumentFacts(kind="CRYPTOCURRENCY", timezone="UTC", session_open=0))
    assert coin.date_of(at(2025, 8, 16)) == at(2025, 8, 16)


def test_a_shares_trade_that_is_stamped_before_the_opening_is_of_the_session_before() -> None:
    facts = InstrumentFacts(kind="EQUITY", timezone="Europe/Berlin", session_open=9 * HOUR)
    stamps = Stamps(BERLIN, facts)
    assert stamps.date_of_last_trade(at(2025, 8, 16, 1, 55, BERLIN)) == at(2025, 8, 15)  # GS2C.DE's, on a Saturday
    assert stamps.date_of_last_trade(at(2025, 8, 18, 1, 55, BERLIN)) == at(2025, 8, 15)  # on a Monday
    assert stamps.date_of_last_trade(at(2025, 8, 14, 17, 36, BERLIN)) == at(2025, 8, 14)
    assert stamps.date_of(at(2025, 8, 16, 9, 0, BERLIN)) == at(2025, 8, 16)  # a session on a Saturday is believed


def hours(count: int, day: int = 28) -> list[int]:
    return [at(2024, 3, day, 9, 30, NEW_YORK) + hour * HOUR for hour in range(count)]


def hourly(stamps: list[int], volume: list[int], **changes: Any) -> list[int]:  # noqa: ANN401 -- JSON
    content = body(stamps, columns={"volume": volume}, **changes)
    span = Span(at(2024, 3, 28), at(2024, 3, 29))
    prepost = changes.pop("prepost", "")
    options = {"prepost": "true"} if prepost else {}
    return [bar[0] for bar in answer(content, Interval.H1, span, at(2024, 3, 30), **options).bars]


def test_a_row_at_the_regular_close_without_volume_is_the_closing_print_and_no_hour() -> None:
    close = at(2024, 3, 28, 16, 0, NEW_YORK)
    assert hourly([*hours(7), close], [100] * 7 + [0]) == hours(7)
    assert hourly([*hours(7), close], [100] * 8) == [*hours(7), close]  # an auction with volume is a bar
    assert hourly([*hours(7), close], [100] * 7 + [0], prepost="true") == [*hours(7), close]


def test_the_closing_print_of_a_half_day_is_no_hour_either() -> None:
    close = at(2024, 3, 28, 13, 0, NEW_YORK)
    sessions = [[{"start": hours(1)[0], "end": close, "gmtoffset": -4 * HOUR}]]
    assert hourly([*hours(4), close], [100] * 4 + [0], tradingPeriods=sessions) == hours(4)
    assert hourly([*hours(4), close], [100] * 4 + [0]) == [*hours(4), close]  # on a usual day that is a quiet hour


def test_without_a_session_of_its_own_no_row_is_a_closing_print() -> None:
    midnight = at(2025, 8, 15, zone=LONDON)
    content = body([midnight, midnight + HOUR], columns={"volume": [0, 0]}, **CURRENCY, **around_the_clock(15, LONDON))
    given = answer(content, Interval.H1, Span(midnight, midnight + 2 * HOUR), midnight + DAY)
    assert [bar[0] for bar in given.bars] == [midnight, midnight + HOUR]
