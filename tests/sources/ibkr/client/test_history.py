"""From a chunk to the question, and from the rows to the answer."""

import datetime as dt

import pytest

from tests.sources.ibkr.client.conftest import DAY, NOV_20, NOW
from webapp.kernel.instruments import InstrumentFacts
from webapp.kernel.intervals import HOUR, WEEK, Interval
from webapp.kernel.spans import Span
from webapp.sources.base import ChunkRequest
from webapp.sources.ibkr.connection.receiver import RawBar
from webapp.sources.ibkr.contract_names import contract_of
from webapp.sources.ibkr.history_request import HistoryRequest, build_history_request
from webapp.sources.ibkr.messages.wire_errors import GarbledError
from webapp.sources.ibkr.parse_bars import AnswerMoment, build_answer

NEW_YORK = InstrumentFacts(timezone="America/New_York", session_close=16 * HOUR)
SETTLING = 900


def at(text: str) -> int:
    return int(dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC).timestamp())


def build(interval: Interval, start: str, end: str, symbol: str = "AAPL", **options: str) -> HistoryRequest:
    request = ChunkRequest(symbol, interval, Span(at(start), at(end)), options)
    zone = "Europe/London" if "EUR" in symbol else "America/New_York"
    history_request = build_history_request(request, contract_of(symbol), InstrumentFacts(timezone=zone), NOW)
    assert history_request is not None
    return history_request


@pytest.mark.parametrize(
    ("interval", "start", "end", "asked_end", "duration"),
    [
        (Interval.S1, "2026-11-20T14:30", "2026-11-20T15:00", "20261120-15:00:00", "1800 S"),
        (Interval.S5, "2026-11-20T14:30", "2026-11-20T14:30:10", "20261120-14:30:10", "30 S"),
        (Interval.M1, "2026-11-19T00:00", "2026-11-20T00:00", "20261120-00:00:00", "86400 S"),
        (Interval.M1, "2026-11-12T00:00", "2026-11-19T00:00", "20261119-00:00:00", "6 D"),
        (Interval.H1, "2026-11-20T00:00", "2026-11-20T12:00", "20261120-13:00:00", "50400 S"),
        (Interval.H8, "2025-11-20T00:00", "2026-11-19T00:00", "20261119-08:00:00", "2 Y"),
        (Interval.D1, "2026-11-16", "2026-11-21", "20261121-05:00:00", "5 D"),
        (Interval.D1, "2026-06-01", "2026-07-01", "20260701-04:00:00", "22 D"),
        (Interval.D1, "2020-01-01", "2025-01-01", "20250101-05:00:00", "6 Y"),
        (Interval.W1, "2026-11-09", "2026-11-23", "20261123-05:00:00", "10 D"),
        (Interval.W1, "2026-11-10", "2026-11-18", "20261123-05:00:00", "5 D"),
        (Interval.MO1, "2026-09-01", "2026-11-01", "20261101-04:00:00", "44 D"),
    ],
)
def test_durations_reach_the_start_and_ends_are_utc_texts(
    interval: Interval, start: str, end: str, asked_end: str, duration: str
) -> None:
    history_request = build(interval, start, end)
    assert (history_request.end, history_request.duration) == (asked_end, duration)


def test_a_coin_has_sessions_on_all_days() -> None:
    assert build(Interval.D1, "2026-11-16", "2026-11-23", "BTC.CRYPTO.PAXOS.USD").duration == "8 D"


def test_a_span_that_has_not_ended_is_asked_up_to_now() -> None:
    history_request = build(Interval.M1, "2026-11-23T14:30", "2026-11-24T00:00")
    assert (history_request.end, history_request.duration) == ("", f"{90 * 60 + 60} S")


def test_no_week_starts_in_a_span_of_two_days() -> None:
    request = ChunkRequest("AAPL", Interval.W1, Span(at("2026-11-17"), at("2026-11-19")))
    assert build_history_request(request, contract_of("AAPL"), NEW_YORK, NOW) is None


def test_small_bars_and_bid_ask_count_as_ibkr_counts_them() -> None:
    small = build(Interval.S30, "2026-11-20T14:30", "2026-11-20T15:00", what="BID_ASK")
    large = build(Interval.M1, "2026-11-20T14:30", "2026-11-20T15:00", rth="false")
    assert (small.is_strict, small.cost, small.is_regular) == (True, 2, True)
    assert (large.is_strict, large.cost, large.is_regular) == (False, 1, False)


def row(date: object, close: float = 1.5, volume: float = 10.0, wap: float = 1.25, count: int = 3) -> RawBar:
    return RawBar(str(date), 1.0, 2.0, 0.5, close, volume, wap, count)


def test_bars_are_sorted_unique_and_inside_the_span() -> None:
    rows = [row("20261123"), row("20261120"), row("20261119"), row("20261120", close=1.75)]
    request = ChunkRequest("AAPL", Interval.D1, Span(NOV_20, NOV_20 + DAY))
    answer = build_answer(rows, request, NEW_YORK, 16 * HOUR, AnswerMoment(NOW, SETTLING))
    assert answer.bars == [(NOV_20, 1.0, 2.0, 0.5, 1.75, 10.0, 1.25, 3)]
    assert answer.known_until == NOV_20 + DAY


def test_quotes_have_no_volume_average_or_count() -> None:
    request = ChunkRequest("AAPL", Interval.D1, Span(NOV_20, NOV_20 + DAY))
    answer = build_answer([row("20261120", 1.5, -1, -1, -1)], request, NEW_YORK, None, AnswerMoment(NOW, SETTLING))
    assert answer.bars[0][5:] == (0.0, None, None)


def test_a_day_is_kept_once_the_session_whose_bars_it_has_is_over() -> None:
    """Regular hours end at 16:00; all hours at 20:00, so at 18:00 that day's bar may still change."""
    monday = at("2026-11-23")
    request = ChunkRequest("AAPL", Interval.D1, Span(monday, monday + DAY))
    moment = AnswerMoment(at("2026-11-23T23:00"), SETTLING)
    regular = build_answer([row("20261123")], request, NEW_YORK, 16 * HOUR, moment)
    whole = build_answer([row("20261123")], request, NEW_YORK, 20 * HOUR, moment)
    assert (len(regular.bars), regular.known_until) == (1, monday + DAY)
    assert (len(whole.bars), whole.known_until) == (0, monday)


def test_a_running_bar_is_left_out_and_ends_what_is_known() -> None:
    start = at("2026-11-23T14:30")
    request = ChunkRequest("AAPL", Interval.H1, Span(at("2026-11-23"), at("2026-11-24")))
    rows = [row(start), row(at("2026-11-23T15:00"))]
    answer = build_answer(rows, request, NEW_YORK, None, AnswerMoment(at("2026-11-23T15:50"), SETTLING))
    assert ([bar[0] for bar in answer.bars], answer.known_until) == ([start], at("2026-11-23T15:00"))


def test_weeks_are_made_of_days_with_averages_by_volume() -> None:
    monday = at("2026-11-09")
    rows = [row("20261109", 1.5, 10.0, 1.0, 3), row("20261110", 1.75, 30.0, 2.0, 4), row("20261116", 1.0)]
    request = ChunkRequest("AAPL", Interval.W1, Span(monday, monday + WEEK))
    answer = build_answer(rows, request, NEW_YORK, 16 * HOUR, AnswerMoment(NOW, SETTLING))
    assert answer.bars == [(monday, 1.0, 2.0, 0.5, 1.75, 40.0, 1.75, 7)]


def test_a_price_that_is_none_spoils_the_whole_answer() -> None:
    request = ChunkRequest("AAPL", Interval.D1, Span(NOV_20, NOV_20 + DAY))
    with pytest.raises(GarbledError):
        build_answer([row("20261120", float("nan"))], request, NEW_YORK, None, AnswerMoment(NOW, SETTLING))


def test_what_lies_before_the_first_trade_is_said() -> None:
    request = ChunkRequest("AAPL", Interval.D1, Span(NOV_20, NOV_20 + DAY))
    facts = InstrumentFacts(timezone="America/New_York", first_trade=NOV_20 + 5 * DAY)
    assert "begin on 2026-11-25" in str(build_answer([], request, facts, None, AnswerMoment(NOW, SETTLING)).note)
