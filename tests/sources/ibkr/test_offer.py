import datetime as dt
from typing import Any

import pytest

from webapp.errors import InvalidRequestError
from webapp.kernel.instruments import InstrumentFacts
from webapp.kernel.intervals import DAY, HOUR, Interval
from webapp.kernel.requests import EARLIEST, CollectRequest
from webapp.kernel.spans import Span
from webapp.sources.base import SeriesQuery
from webapp.sources.ibkr.offer import IbkrOffer

NOW = dt.datetime(2026, 3, 2, 18, tzinfo=dt.UTC).timestamp()
EVER = Span(EARLIEST, int(NOW))
OFFER = IbkrOffer()
PACE = {"window_seconds": 600.0, "window_requests": 60.0, "burst_seconds": 2.0, "soft_per_second": 4.0}


def request(*symbols: str, **options: str) -> CollectRequest:
    return CollectRequest("ibkr", symbols, Interval.D1, period="1y", options=options)


def at(year: int, month: int, day: int) -> int:
    return int(dt.datetime(year, month, day, tzinfo=dt.UTC).timestamp())


@pytest.mark.parametrize(
    ("submitted", "names", "options"),
    [
        (request("aapl", "MSFT"), ("AAPL", "MSFT"), {"what": "TRADES", "rth": "true"}),
        (request("AAPL", rth="false"), ("AAPL",), {"what": "TRADES", "rth": "false"}),
        (request("EUR.USD", sec_type="CASH"), ("EUR.CASH.IDEALPRO.USD",), {"what": "MIDPOINT", "rth": "true"}),
        (request("EURUSD", sec_type="CASH", what="bid"), ("EUR.CASH.IDEALPRO.USD",), {"what": "BID", "rth": "true"}),
        (
            request("BTC", sec_type="CRYPTO", rth="false"),
            ("BTC.CRYPTO.PAXOS.USD",),
            {"what": "AGGTRADES", "rth": "false"},
        ),
        (request("SPX", sec_type="IND", rth="false"), ("SPX.IND.CBOE.USD",), {"what": "TRADES", "rth": "true"}),
        (request("AAPL", gateway="paper"), ("AAPL",), {"what": "TRADES", "rth": "true", "gateway": "paper"}),
    ],
)
def test_a_request_is_put_into_ibkrs_names(
    submitted: CollectRequest, names: tuple[str, ...], options: dict[str, str]
) -> None:
    put = OFFER.normalized(submitted)
    assert (put.symbols, put.options) == (names, options)
    assert OFFER.normalized(put) == put


@pytest.mark.parametrize(
    ("submitted", "field", "words"),
    [
        (request(), "symbols", "at least one symbol"),
        (request(*[f"S{number}" for number in range(501)]), "symbols", "501 symbols are too many"),
        (request("EUR.USD", sec_type="CASH", what="TRADES"), "what", "MIDPOINT, BID, ASK, BID_ASK"),
        (request("SPX", sec_type="IND", what="MIDPOINT"), "what", "cannot be shown for IND"),
        (request("AAPL", "EUR.CASH.IDEALPRO.USD"), "what", "or choose what to show: MIDPOINT"),
    ],
)
def test_what_ibkr_does_not_show_is_told(submitted: CollectRequest, field: str, words: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        OFFER.normalized(submitted)
    assert words in str(caught.value.fields[field])


@pytest.mark.parametrize("variant", ["", "TRADES-all", "MIDPOINT", "BID_ASK-all", "ADJUSTED_LAST"])
def test_a_variant_names_its_options(variant: str) -> None:
    assert OFFER.variant(OFFER.options_of(variant)) == variant


def test_bars_of_thirty_seconds_reach_back_six_months_and_larger_ones_for_ever() -> None:
    small, refusals = OFFER.split_servable(SeriesQuery("AAPL", Interval.S30), EVER, NOW)
    assert small.start == at(2025, 9, 3)
    assert "six months" in str(refusals[0].reason)
    assert OFFER.split_servable(SeriesQuery("AAPL", Interval.M1), EVER, NOW) == (EVER, ())


def test_a_span_before_six_months_cannot_be_had_at_all() -> None:
    old = Span(at(2025, 1, 1), at(2025, 2, 1))
    problem = OFFER.span_problem(SeriesQuery("AAPL", Interval.S5), old, NOW)
    assert "since 2025-09-03" in str(problem)


@pytest.mark.parametrize(
    ("symbol", "words"),
    [
        ("AAPL.OPT.SMART.USD.20260220.250.C", "no history of expired options"),
        ("ES.FUT.CME.USD.202312", "expired more than two years ago"),
    ],
)
def test_what_expired_too_long_ago_is_refused(symbol: str, words: str) -> None:
    assert words in str(OFFER.span_problem(SeriesQuery(symbol, Interval.D1), EVER, NOW))


def test_an_expired_future_is_served_up_to_its_expiry() -> None:
    span, refusals = OFFER.split_servable(SeriesQuery("ES.FUT.CME.USD.202512", Interval.D1), EVER, NOW)
    assert (span.end, refusals) == (at(2026, 1, 1), ())


@pytest.mark.parametrize(
    ("query", "first"),
    [
        (SeriesQuery("ES.CONTFUT.CME.USD", Interval.M1), at(2026, 2, 3)),
        (SeriesQuery("AAPL", Interval.M5, {"what": "ADJUSTED_LAST"}), at(2025, 9, 2)),
        (SeriesQuery("AAPL", Interval.H1, {"what": "ADJUSTED_LAST"}), at(2024, 3, 5)),
    ],
)
def test_what_must_end_now_is_one_request_of_limited_reach(query: SeriesQuery, first: int) -> None:
    span, refusals = OFFER.split_servable(query, EVER, NOW)
    assert span.start == first
    assert "only up to now, in one request" in str(refusals[0].reason)
    assert OFFER.cut(query, span) == [span]


def test_what_lies_before_the_first_bar_is_left_out() -> None:
    facts = InstrumentFacts(first_trade=at(2020, 5, 6) + 14 * HOUR)
    span, refusals = OFFER.split_servable(SeriesQuery("AAPL", Interval.D1, facts=facts), EVER, NOW)
    assert (span.start, refusals) == (at(2020, 5, 6), ())
    before = Span(at(2010, 1, 1), at(2011, 1, 1))
    nothing, refusals = OFFER.split_servable(SeriesQuery("AAPL", Interval.D1, facts=facts), before, NOW)
    assert not nothing
    assert refusals == ()


@pytest.mark.parametrize(
    ("interval", "longest"),
    [
        (Interval.S1, 1800),
        (Interval.S5, HOUR),
        (Interval.S30, 8 * HOUR),
        (Interval.M1, 7 * DAY),
        (Interval.M5, 28 * DAY),
    ],
)
def test_chunks_are_of_a_size_that_answers_fast(interval: Interval, longest: int) -> None:
    chunks = OFFER.cut(SeriesQuery("AAPL", interval), Span(0, 60 * DAY))
    assert max(chunk.seconds for chunk in chunks) == longest
    assert (chunks[0].start, chunks[-1].end) == (0, 60 * DAY)


NEW_YORK = InstrumentFacts(kind="EQUITY", timezone="America/New_York", session_open=34_200, session_close=57_600)


def test_of_small_bars_nights_and_weekends_are_not_asked_for() -> None:
    week = Span(at(2026, 3, 5), at(2026, 3, 11))  # from a Thursday, over the change of the clock on Sunday the 8th
    chunks = OFFER.cut(SeriesQuery("AAPL", Interval.S5, {"rth": "true"}, NEW_YORK), week)
    assert len(chunks) == 4 * 7
    opening = 14 * HOUR + 30 * 60
    assert [chunk.start for chunk in chunks[::7]] == [
        at(2026, 3, 5) + opening,
        at(2026, 3, 6) + opening,
        at(2026, 3, 9) + opening - HOUR,
        at(2026, 3, 10) + opening - HOUR,
    ]
    assert sum(chunk.seconds for chunk in chunks) == 4 * 23_400


@pytest.mark.parametrize(
    ("options", "facts", "interval"),
    [
        ({"rth": "false"}, NEW_YORK, Interval.S5),
        ({"rth": "true"}, InstrumentFacts(), Interval.S5),
        ({"rth": "true"}, InstrumentFacts(kind="FUTURE", timezone="America/Chicago"), Interval.S5),
        ({"rth": "true"}, NEW_YORK, Interval.M1),
    ],
)
def test_everything_is_asked_for_where_hours_are_unknown_or_cost_nothing(
    options: dict[str, str], facts: InstrumentFacts, interval: Interval
) -> None:
    day = Span(at(2026, 3, 5), at(2026, 3, 6))
    assert sum(chunk.seconds for chunk in OFFER.cut(SeriesQuery("AAPL", interval, options, facts), day)) == DAY


@pytest.mark.parametrize(
    ("query", "requests", "seconds"),
    [
        (SeriesQuery("AAPL", Interval.M1), 8, 2.0),
        (SeriesQuery("AAPL", Interval.S5), 60, 1 + 11 * 2.0),
        (SeriesQuery("AAPL", Interval.S5), 61, 601.0),
        (SeriesQuery("AAPL", Interval.S5, {"what": "BID_ASK"}), 31, 601.0),
    ],
)
def test_the_estimate_follows_the_pacing_rules(query: Any, requests: int, seconds: float) -> None:  # noqa: ANN401
    assert OFFER.seconds(query, requests, PACE) == seconds


def test_the_estimate_counts_what_others_have_used_of_the_budget() -> None:
    query = SeriesQuery("AAPL", Interval.S5)
    assert OFFER.seconds(query, 5, {**PACE, "used": 55.0}) < 30
    assert OFFER.seconds(query, 6, {**PACE, "used": 55.0, "free": 90.0}) == 91.0
    assert OFFER.seconds(query, 66, {**PACE, "used": 55.0, "free": 90.0}) == 691.0
