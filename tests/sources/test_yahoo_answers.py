import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest

from webapp.kernel.bars import Action
from webapp.kernel.intervals import DAY, HOUR, Interval
from webapp.kernel.spans import Span
from webapp.sources.base import Answer, ChunkRequest
from webapp.sources.yahoo.answers import GarbledError, UndatedError, answer_of, read_chart
from webapp.sources.yahoo.rows import Chart

NEW_YORK = ZoneInfo("America/New_York")
SETTLING = 1800


def at(year: int, month: int, day: int, hour: int = 0, minute: int = 0, zone: dt.tzinfo = dt.UTC) -> int:
    return int(dt.datetime(year, month, day, hour, minute, tzinfo=zone).timestamp())


def meta(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 -- JSON
    opens = at(2024, 3, 28, 9, 30, NEW_YORK)
    regular = {"start": opens, "end": opens + 6 * HOUR + 1800, "gmtoffset": -4 * HOUR}
    return {
        "symbol": "TEST",
        "currency": "USD",
        "instrumentType": "EQUITY",
        "exchangeTimezoneName": "America/New_York",
        "gmtoffset": -4 * HOUR,
        "firstTradeDate": at(1990, 1, 2),
        "regularMarketTime": at(2024, 3, 28, 20),
        "currentTradingPeriod": {"regular": regular},
        **changes,
    }


def body(times: list[int], events: dict[str, Any] | None = None, **changes: Any) -> bytes:  # noqa: ANN401 -- JSON
    """A chart answer with prices 1, 2, 3 …; a column may be given instead."""
    prices: dict[str, list[Any]] = {name: [float(i + 1) for i in range(len(times))] for name in ("open", "close")}
    columns = {
        **prices,
        "high": [price + 0.5 for price in prices["open"]],
        "low": [price - 0.5 for price in prices["open"]],
        "volume": [100] * len(times),
        **changes.pop("columns", {}),
    }
    result = {"meta": meta(**changes), "timestamp": times, "indicators": {"quote": [columns]}, "events": events or {}}
    return orjson.dumps({"chart": {"result": [result], "error": None}})


def answer(content: bytes, interval: Interval, span: Span, now: int = at(2024, 3, 29, 12), **options: str) -> Answer:
    chart = read_chart(content)
    assert isinstance(chart, Chart)
    return answer_of(chart, ChunkRequest("TEST", interval, span, options), now, SETTLING)


def test_a_daily_bar_is_dated_by_the_exchanges_day_across_a_change_of_clocks() -> None:
    stamps = [at(2024, 3, day, 9, 30, NEW_YORK) for day in (8, 11)]  # clocks change on the 10th
    given = answer(body(stamps), Interval.D1, Span(at(2024, 3, 8), at(2024, 3, 12)))
    assert [bar[0] for bar in given.bars] == [at(2024, 3, 8), at(2024, 3, 11)]
    assert given.bars[0] == (at(2024, 3, 8), 1.0, 1.5, 0.5, 1.0, 100, None, None)
    assert given.known_until == at(2024, 3, 12)


@pytest.mark.parametrize(
    ("zone", "hour", "day"), [("Asia/Tokyo", 9, 5), ("Europe/London", 23, 6), ("Pacific/Auckland", 10, 5)]
)
def test_a_day_is_the_local_one_and_a_stamp_just_before_midnight_means_the_next(zone: str, hour: int, day: int) -> None:
    stamp = at(2024, 3, 5, hour, zone=ZoneInfo(zone))
    given = answer(body([stamp], exchangeTimezoneName=zone), Interval.D1, Span(at(2024, 3, 1), at(2024, 3, 10)))
    assert [bar[0] for bar in given.bars] == [at(2024, 3, day)]


def test_todays_bar_is_left_out_until_its_session_is_over_and_settled() -> None:
    stamps = [at(2024, 3, 27, 9, 30, NEW_YORK), at(2024, 3, 28, 12, 2, NEW_YORK)]
    span = Span(at(2024, 3, 27), at(2024, 3, 30))
    during = answer(body(stamps), Interval.D1, span, at(2024, 3, 28, 16, 29, NEW_YORK))
    after = answer(body(stamps), Interval.D1, span, at(2024, 3, 28, 16, 31, NEW_YORK))
    assert (len(during.bars), during.known_until) == (1, at(2024, 3, 28))
    assert (len(after.bars), after.known_until) == (2, at(2024, 3, 29))


def test_an_intraday_bar_that_is_not_over_and_the_live_row_are_left_out() -> None:
    start = at(2024, 3, 28, 9, 30, NEW_YORK)
    stamps = [start + 60 * minute for minute in range(40)] + [start + 40 * 60 + 7]
    now = start + 40 * 60 + 7
    given = answer(body(stamps), Interval.M1, Span(start, start + DAY), now)
    assert given.known_until == now - now % 60 - SETTLING
    assert given.bars[-1][0] == given.known_until - 60


def test_an_hourly_bar_that_begins_at_half_past_is_not_final_before_its_own_end() -> None:
    start = at(2024, 3, 28, 9, 30, NEW_YORK)
    now = start + HOUR + SETTLING + 40 * 60
    given = answer(body([start, start + HOUR]), Interval.H1, Span(start, start + DAY), now)
    assert [bar[0] for bar in given.bars] == [start]
    assert given.known_until == start + HOUR


def test_rows_without_prices_are_left_out_and_counted_as_doubts() -> None:
    stamps = [at(2024, 3, day, 9, 30, NEW_YORK) for day in (4, 5, 6, 7)]
    columns = {"close": [1.0, None, 3.0, 4.0], "volume": [1, 1, None, 1]}
    given = answer(body(stamps, columns=columns), Interval.D1, Span(at(2024, 3, 4), at(2024, 3, 8)))
    assert [bar[0] for bar in given.bars] == [at(2024, 3, day) for day in (4, 6, 7)]
    assert given.bars[1][5] == 0
    assert given.blank_rows == 2


def test_a_row_that_comes_twice_is_taken_once() -> None:
    day = at(2024, 3, 4, 9, 30, NEW_YORK)
    given = answer(body([day, day, day + 60]), Interval.D1, Span(at(2024, 3, 4), at(2024, 3, 5)))
    assert [(bar[0], bar[1]) for bar in given.bars] == [(at(2024, 3, 4), 1.0)]


def test_rows_outside_the_chunk_are_left_out() -> None:
    stamps = [at(2024, 3, day, 9, 30, NEW_YORK) for day in (4, 5, 6)]
    given = answer(body(stamps), Interval.D1, Span(at(2024, 3, 5), at(2024, 3, 6)))
    assert [bar[0] for bar in given.bars] == [at(2024, 3, 5)]


def test_dividends_splits_and_capital_gains_are_dated_by_the_exchanges_day() -> None:
    stamp = at(2024, 3, 5, 9, 30, NEW_YORK)
    events = {
        "dividends": {str(stamp): {"amount": 0.24, "date": stamp}},
        "capitalGains": {str(stamp): {"amount": 1.5, "date": stamp}},
        "splits": {str(stamp): {"date": stamp, "numerator": 3, "denominator": 2, "splitRatio": "3:2"}},
    }
    given = answer(body([stamp], events), Interval.D1, Span(at(2024, 3, 5), at(2024, 3, 6)))
    day = at(2024, 3, 5)
    assert set(given.actions) == {
        Action("dividend", day, 0.24),
        Action("capital_gain", day, 1.5),
        Action("split", day, 1.5),
    }


SPLIT_DAY = at(2024, 3, 5, 9, 30, NEW_YORK)
IMPOSSIBLE: dict[str, tuple[str, dict[str, Any]]] = {
    "0/0": ("splits", {"numerator": 0, "denominator": 0}),
    "1/0": ("splits", {"numerator": 1, "denominator": 0}),
    "0/1": ("splits", {"numerator": 0, "denominator": 1}),
    "-1/-2": ("splits", {"numerator": -1, "denominator": -2}),
    "null/1": ("splits", {"numerator": None, "denominator": 1}),
    "no numerator": ("splits", {"splitRatio": "2:1"}),
    "a dividend of null": ("dividends", {"amount": None}),
    "a negative dividend": ("dividends", {"amount": -0.24}),
    "a dividend of nothing": ("dividends", {"amount": 0}),
    "a dividend in words": ("dividends", {"amount": "0.24"}),
    "a capital gain of null": ("capitalGains", {"amount": None}),
    "no date": ("dividends", {"amount": 0.24, "date": None}),
    "a date beyond all": ("dividends", {"amount": 0.24, "date": 10**15}),
}


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_an_event_that_cannot_be_is_left_out_with_a_note_and_all_else_is_taken(name: str) -> None:
    kind, event = IMPOSSIBLE[name]
    good = {"amount": 0.24, "date": SPLIT_DAY}
    events: dict[str, Any] = {"dividends": {"1": good}}
    events.setdefault(kind, {})["2"] = {"date": SPLIT_DAY, **event}
    span = Span(at(2024, 3, 5), at(2024, 3, 6))
    given = answer(body([SPLIT_DAY], events), Interval.D1, span).checked(
        ChunkRequest("TEST", Interval.D1, span), span.end
    )
    assert list(given.actions) == [Action("dividend", at(2024, 3, 5), 0.24)]
    assert len(given.bars) == 1
    assert f"told of 1 dividends, splits or capital gains that cannot be ({kind} " in str(given.left_out)


@pytest.mark.parametrize("events", [[], {"dividends": {}}, None])
def test_no_event_is_no_note(events: Any) -> None:  # noqa: ANN401 -- JSON
    assert answer(body([SPLIT_DAY], events), Interval.D1, Span(at(2024, 3, 5), at(2024, 3, 6))).left_out is None


def test_events_of_a_wrong_shape_are_left_out_and_the_bars_taken() -> None:
    given = answer(body([SPLIT_DAY], {"splits": [1, 2]}), Interval.D1, Span(at(2024, 3, 5), at(2024, 3, 6)))
    assert (len(given.bars), given.actions) == (1, ())
    assert "splits [1, 2]" in str(given.left_out)


def test_a_number_that_is_none_spoils_its_own_event_and_its_own_row_only() -> None:
    stamps = [at(2024, 3, day, 9, 30, NEW_YORK) for day in (4, 5)]
    events = {"dividends": {"1": {"amount": 777.5, "date": stamps[1]}, "2": {"amount": 0.5, "date": stamps[0]}}}
    content = body(stamps, events).replace(b"777.5", b"NaN").replace(b"[1.0,2.0]", b"[1.0,NaN]")
    given = answer(content, Interval.D1, Span(at(2024, 3, 4), at(2024, 3, 6)))
    assert [bar[0] for bar in given.bars] == [at(2024, 3, 4)]
    assert list(given.actions) == [Action("dividend", at(2024, 3, 4), 0.5)]
    assert given.blank_rows == 1
    assert given.left_out is not None


def test_weeks_and_months_are_made_of_days() -> None:
    stamps = [at(2024, 2, 1, 9, 30, NEW_YORK) + (day - 1) * DAY for day in range(26, 39)]
    weeks = answer(body(stamps), Interval.W1, Span(at(2024, 2, 26), at(2024, 3, 11)))
    assert [bar[0] for bar in weeks.bars] == [at(2024, 2, 26), at(2024, 3, 4)]
    assert weeks.bars[0][1:6] == (1.0, 7.5, 0.5, 7.0, 700)
    months = answer(body(stamps), Interval.MO1, Span(at(2024, 2, 1), at(2024, 3, 1)))
    assert [bar[0] for bar in months.bars] == [at(2024, 2, 1)]


def test_half_hours_are_made_of_quarters_from_the_opening_on() -> None:
    mumbai = ZoneInfo("Asia/Kolkata")
    opens = at(2024, 3, 28, 9, 15, mumbai)
    shift = int(5.5 * HOUR)
    regular = {"start": opens, "end": opens + 6 * HOUR + 900, "gmtoffset": shift}
    changes: dict[str, Any] = {
        "gmtoffset": shift,
        "exchangeTimezoneName": "Asia/Kolkata",
        "currentTradingPeriod": {"regular": regular},
    }
    stamps = [opens + 900 * quarter for quarter in range(4)]
    given = answer(body(stamps, **changes), Interval.M30, Span(opens - opens % 1800, opens + HOUR))
    assert [(bar[0] - opens, bar[5]) for bar in given.bars] == [(0, 200), (1800, 200)]


def test_an_empty_answer_says_why() -> None:
    span = Span(at(2024, 3, 2), at(2024, 3, 4))
    assert "did not trade" in str(answer(body([]), Interval.D1, span).note)
    delisted = answer(body([], regularMarketTime=at(2019, 6, 28, 20)), Interval.D1, span)
    assert "not traded since 2019-06-28" in str(delisted.note)
    unborn = answer(body([], firstTradeDate=at(2025, 1, 2)), Interval.D1, span)
    assert "first traded on 2025-01-02" in str(unborn.note)
    assert (delisted.blank_rows, unborn.blank_rows) == (0, 0)


def test_an_evening_without_trades_is_not_a_delisting() -> None:
    closed = at(2024, 3, 28, 16, 0, NEW_YORK)
    evening = answer(body([], regularMarketTime=closed), Interval.M1, Span(closed + HOUR, closed + 2 * HOUR))
    assert "did not trade" in str(evening.note)


def test_a_long_emptiness_in_the_middle_of_a_listing_is_doubted() -> None:
    assert answer(body([]), Interval.D1, Span(at(2024, 1, 1), at(2024, 2, 1))).blank_rows == 1
    assert answer(body([]), Interval.D1, Span(at(2024, 3, 2), at(2024, 3, 4))).blank_rows == 0


def test_the_currency_is_kept_as_it_is_written_even_when_there_is_none() -> None:
    span = Span(at(2024, 3, 2), at(2024, 3, 4))
    assert answer(body([], currency="GBp"), Interval.D1, span).facts.currency == "GBp"
    assert answer(body([], currency=None), Interval.D1, span).facts.currency is None


def test_a_session_around_the_clock_closes_at_midnight() -> None:
    start = at(2024, 3, 28)
    regular = {"start": start, "end": start + DAY - 60, "gmtoffset": 0}
    facts = answer(
        body([], currentTradingPeriod={"regular": regular}, exchangeTimezoneName="UTC"),
        Interval.D1,
        Span(at(2024, 3, 2), at(2024, 3, 4)),
    ).facts
    assert (facts.session_open, facts.session_close) == (0, DAY)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>Will be right back</html>",
        body([at(2024, 3, 4)])[:-40],
        b'{"chart": {"result": null, "error": null}}',
        b"[]",
        body([at(2024, 3, 4)], columns={"close": []}),
    ],
)
def test_what_is_no_chart_is_garbled_and_never_empty(content: bytes) -> None:
    with pytest.raises(GarbledError):
        read_chart(content)


@pytest.mark.parametrize("zone", ["Mars/Olympus", "America", "", None])
def test_an_answer_that_does_not_say_where_it_was_traded_cannot_be_dated(zone: str | None) -> None:
    with pytest.raises(UndatedError):
        answer(body([], exchangeTimezoneName=zone), Interval.D1, Span(0, DAY))


def test_yahoos_own_words_are_handed_on() -> None:
    content = b'{"chart": {"result": null, "error": {"code": "Not Found", "description": "No data found"}}}'
    assert read_chart(content) == "No data found"
