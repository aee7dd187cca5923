"""What a job is told when TWS does anything but answer."""

import threading
import time
from pathlib import Path

import pytest
from redis import Redis

from tests.servers import wait_until
from tests.sources.ibkr.client.conftest import DAY, NOV_20, NOW, POOL_SETTINGS, SETTINGS, Ask, MakeClient, seconds_of
from tests.sources.ibkr.gateway import BAR, Answer, Connection, ScriptedTws, no_bars, silence
from webapp.kernel.gateways import Gateway
from webapp.kernel.intervals import Interval
from webapp.kernel.job_states import ErrorKind
from webapp.kernel.spans import Span
from webapp.sources.base import ClientTools, SourceError
from webapp.sources.ibkr.client import IbkrClient

SERVICE = "Historical Market Data Service error message:"
REFUSALS = [
    (100, "Max rate of messages per second has been exceeded:max=50 rec=138 (1)", ErrorKind.RATE_LIMITED, "a second"),
    (162, SERVICE + "Historical data request pacing violation", ErrorKind.RATE_LIMITED, "pacing violation"),
    (162, SERVICE + "No market data permissions for NYSE STK", ErrorKind.NO_PERMISSION, "permissions for NYSE"),
    (162, SERVICE + "Trading TWS session is connected from a different IP address", ErrorKind.GATEWAY_DOWN, "else"),
    (162, SERVICE + "API historical data query cancelled: 28", ErrorKind.UNAVAILABLE, "gave up"),
    (162, SERVICE + "invalid step: 1", ErrorKind.BAD_REQUEST, "invalid step"),
    (
        162,
        SERVICE + "No historical market data for EUR/CASH@FXSUBPIP Last 1800",
        ErrorKind.BAD_REQUEST,
        "No historical market data for EUR",
    ),
    (162, "Mensaje de error del servicio: no hay datos", ErrorKind.UNAVAILABLE, "error 162"),
    (166, "HMDS Expired Contract Violation", ErrorKind.BAD_REQUEST, "expired"),
    (200, "No security definition has been found for the request", ErrorKind.UNKNOWN_SYMBOL, "does not know"),
    (200, "The contract description specified for AAPL is ambiguous", ErrorKind.BAD_REQUEST, "ambiguous"),
    (
        321,
        "Error validating request.-'bS' : cause - Historical data request for greater",
        ErrorKind.BAD_REQUEST,
        "Hist",
    ),
    (321, "Error validating request.-'bS' : cause - Read-Only mode.", ErrorKind.NO_PERMISSION, "Read-Only"),
    (322, "Error processing request.-'wd' : cause - Only 50 simultaneous", ErrorKind.RATE_LIMITED, "too many open"),
    (354, "Requested market data is not subscribed.", ErrorKind.NO_PERMISSION, "not subscribed"),
    (366, "No historical data query found for ticker id:3", ErrorKind.UNAVAILABLE, "lost"),
    (420, "Invalid real-time query", ErrorKind.RATE_LIMITED, "too fast"),
    (10197, "No market data during competing live session", ErrorKind.NO_PERMISSION, "somewhere else"),
    (10299, "Expected what to show is AGGTRADES, please use that", ErrorKind.BAD_REQUEST, "AGGTRADES"),
    (10314, "End Date/Time: The date, time, or time-zone entered is invalid.", ErrorKind.BAD_REQUEST, "End Date"),
    (
        10339,
        "Setting end date/time for continuous future security type is not allowed.",
        ErrorKind.BAD_REQUEST,
        "future",
    ),
    (99999, "Etwas Neues", ErrorKind.UNAVAILABLE, "Etwas Neues"),
]


def refuse(code: int, text: str) -> Answer:
    def answer(connection: Connection, fields: list[str]) -> None:
        connection.error(fields[1], code, text)

    return answer


def failure(ask: Ask) -> SourceError:
    with pytest.raises(SourceError) as caught:
        ask()
    return caught.value


@pytest.mark.parametrize(("code", "text", "kind", "words"), REFUSALS)
def test_each_refusal_has_its_kind_and_its_words_and_comes_at_once(
    tws: ScriptedTws, ask: Ask, code: int, text: str, kind: ErrorKind, words: str
) -> None:
    tws.answers["20"] = refuse(code, text)
    error = failure(ask)
    assert (error.kind, error.hint is not None) == (kind, True)
    assert words in str(error)


def test_an_instrument_without_bars_of_that_kind_gets_the_hint_what_to_show_instead(tws: ScriptedTws, ask: Ask) -> None:
    tws.answers["20"] = refuse(162, SERVICE + "No historical market data for EUR/CASH@FXSUBPIP Last 1800")
    assert "MIDPOINT" in str(failure(ask).hint)


def test_no_data_is_an_answer_with_a_note(tws: ScriptedTws, ask: Ask) -> None:
    tws.answers["20"] = refuse(162, SERVICE + "HMDS query returned no data: AAPL@SMART Trades")
    answer = ask()
    assert (list(answer.bars), answer.known_until, answer.blank_rows) == ([], NOV_20 + DAY, 0)
    assert "no data" in str(answer.note)


def test_an_answer_of_no_bars_is_one(ask: Ask) -> None:
    answer = ask()
    assert (list(answer.bars), answer.known_until) == ([], NOV_20 + DAY)
    assert answer.note is not None


def test_silence_is_a_time_out_and_the_request_is_cancelled(tws: ScriptedTws, ask: Ask) -> None:
    tws.answers["20"] = silence
    error = failure(ask)
    assert error.kind is ErrorKind.TIMEOUT
    wait_until(lambda: tws.requests("25"))
    assert tws.requests("25")[0][2] == tws.requests("20")[0][1]


def test_contract_details_that_never_come_are_a_time_out(tws: ScriptedTws, ask: Ask) -> None:
    tws.answers["9"] = silence
    assert failure(ask).kind is ErrorKind.TIMEOUT


def test_a_head_that_never_comes_is_cancelled_and_done_without(tws: ScriptedTws, ask: Ask) -> None:
    tws.answers["87"] = silence
    assert ask().facts.first_trade is None
    ask()
    assert (len(tws.requests("87")), len(tws.requests("90"))) == (1, 1)


def test_a_head_that_pacing_does_not_allow_now_is_asked_later(
    tws: ScriptedTws, make_client: MakeClient, gateway: Gateway
) -> None:
    ask = Ask(make_client(window_requests=1, window_seconds=600.0), gateway)
    assert ask("AAPL").facts.first_trade == 345479400
    assert ask("MSFT").facts.first_trade is None


def test_a_connection_that_left_a_request_unanswered_must_prove_itself(tws: ScriptedTws, ask: Ask) -> None:
    tws.answers["20"] = silence
    assert failure(ask).kind is ErrorKind.TIMEOUT
    tws.answers["49"] = silence
    tws.answers["20"] = no_bars
    ask()
    assert len(tws.connections) == 2


def test_a_refused_head_leaves_the_first_trade_unknown(tws: ScriptedTws, ask: Ask) -> None:
    tws.answers["87"] = refuse(162, SERVICE + "No head time stamp")
    assert ask().facts.first_trade is None
    ask()
    assert len(tws.requests("87")) == 1


def test_a_late_answer_is_dropped_and_does_not_reach_the_next_request(tws: ScriptedTws, ask: Ask) -> None:
    tws.answers["20"] = silence
    assert failure(ask).kind is ErrorKind.TIMEOUT
    late = tws.requests("20")[0]

    def answer(connection: Connection, fields: list[str]) -> None:
        connection.bars(late[1], ("20261120", "9", "9", "9", "9", "9", "9", "9"))
        connection.bars(fields[1], ("20261120", *BAR))

    tws.answers["20"] = answer
    assert ask().bars == [(NOV_20, 1.0, 2.0, 0.5, 1.5, 100.25, 1.25, 7)]


@pytest.mark.parametrize("date", ["2026-11-20", "20261340", "", "1795132800", "20261120 09:30:00 US/Eastern"])
def test_an_unreadable_date_spoils_the_whole_answer(tws: ScriptedTws, ask: Ask, date: str) -> None:
    tws.answers["20"] = lambda connection, fields: connection.bars(fields[1], ("20261119", *BAR), (date, *BAR))
    error = failure(ask)
    assert error.kind is ErrorKind.UNAVAILABLE
    assert "cannot be read" in str(error)


@pytest.mark.parametrize("half", [b"", b"\0\0\1\0" + b"17\0" + b"3\0"])
def test_a_reset_is_the_gateway_s_fault_and_comes_at_once(tws: ScriptedTws, ask: Ask, half: bytes) -> None:
    tws.answers["20"] = lambda connection, _: connection.cut(half)
    assert failure(ask).kind is ErrorKind.GATEWAY_DOWN
    tws.answers["20"] = no_bars
    assert list(ask().bars) == []


def test_an_orderly_end_is_the_gateway_s_fault_too(tws: ScriptedTws, ask: Ask) -> None:
    tws.answers["20"] = lambda connection, _: connection.finish()
    error = failure(ask)
    assert error.kind is ErrorKind.GATEWAY_DOWN
    assert error.retry_after is not None
    assert error.retry_after <= 5


@pytest.mark.parametrize("restored", [1101, 1102])
def test_a_lost_link_fails_what_is_open_and_what_comes_until_it_is_back(
    tws: ScriptedTws, make_client: MakeClient, gateway: Gateway, restored: int
) -> None:
    ask = Ask(make_client(request_timeout=30.0), gateway)
    tws.answers["20"] = silence
    threading.Thread(target=lose_the_link, args=(tws,), daemon=True).start()
    assert seconds_of(lambda: _gateway_down(ask)) < 15
    assert failure(ask).retry_after == 10
    assert len(tws.requests("20")) == 1
    tws.answers["20"] = no_bars
    tws.say(restored, "restored")
    wait_until(lambda: _works(ask))


def lose_the_link(tws: ScriptedTws) -> None:
    wait_until(lambda: tws.requests("20"))
    tws.say(1100, "lost")


def _gateway_down(ask: Ask) -> None:
    assert failure(ask).kind is ErrorKind.GATEWAY_DOWN


def _works(ask: Ask) -> bool:
    try:
        return ask() is not None
    except SourceError:
        return False


def test_no_data_and_unknown_are_not_believed_just_after_an_outage(tws: ScriptedTws, ask: Ask) -> None:
    ask()
    tws.say(1100, "lost")
    tws.say(1102, "restored")
    wait_until(lambda: _works(ask))
    for refusal in (162, SERVICE + "HMDS query returned no data: x"), (200, "No security definition"):
        tws.answers["20"] = refuse(*refusal)
        error = failure(ask)
        assert error.kind is ErrorKind.GATEWAY_DOWN
        assert error.retry_after


@pytest.mark.parametrize("code", [162, 200])
def test_no_data_and_unknown_are_not_believed_in_the_nightly_window(
    tws: ScriptedTws, make_client: MakeClient, gateway: Gateway, code: int
) -> None:
    ask = Ask(make_client(nightly_window="10:30-11:05 America/New_York"), gateway)  # it is 11:00 there
    tws.answers["20"] = refuse(code, "HMDS query returned no data: x")
    error = failure(ask)
    assert (error.kind, error.retry_after) == (ErrorKind.GATEWAY_DOWN, 300)


def test_a_broken_farm_of_history_is_not_waited_for(
    tws: ScriptedTws, make_client: MakeClient, gateway: Gateway
) -> None:
    ask = Ask(make_client(request_timeout=30.0), gateway)
    ask()
    tws.say(2105, "HMDS data farm connection is broken:ushmds")
    wait_until(lambda: ask.client.check(gateway).farms["ushmds"] == "broken")
    error = failure(ask)
    assert error.kind is ErrorKind.GATEWAY_DOWN
    assert "history servers" in str(error)
    tws.say(2106, "HMDS data farm connection is OK:ushmds")
    wait_until(lambda: _works(ask))


def test_a_farm_that_reconnects_is_waited_for(tws: ScriptedTws, ask: Ask) -> None:
    def answer(connection: Connection, fields: list[str]) -> None:
        connection.error(fields[1], 165, "HMDS server disconnect occurred.  Attempting reconnection...")
        connection.error(fields[1], 165, "HMDS connection was successful.")
        connection.bars(fields[1], ("20261120", *BAR))

    tws.answers["20"] = answer
    assert len(ask().bars) == 1


def test_a_farm_that_does_not_come_back_is_said(tws: ScriptedTws, ask: Ask) -> None:
    tws.answers["20"] = refuse(165, "HMDS server disconnect occurred.  Attempting reconnection...")
    error = failure(ask)
    assert error.kind is ErrorKind.GATEWAY_DOWN
    assert "history servers" in str(error)


def test_a_pacing_violation_makes_all_workers_pause(tws: ScriptedTws, ask: Ask) -> None:
    tws.answers["20"] = refuse(162, SERVICE + "Historical data request pacing violation")
    failure(ask)
    error = failure(ask)
    assert error.kind is ErrorKind.RATE_LIMITED
    assert len(tws.requests("20")) == 1


def test_now_is_the_hand_made_clock_s(ask: Ask) -> None:
    """The window above is around this moment, not around today's."""
    assert time.gmtime(NOW).tm_hour == 16


def test_each_strict_request_is_noted_before_it_is_sent(
    redis: Redis, tmp_path: Path, tws: ScriptedTws, gateway: Gateway
) -> None:
    """Heads and small bars count in a window that must be remembered even when Redis is emptied."""
    noted: list[tuple[int, bool]] = []

    def note() -> None:
        sent = len(tws.requests("20")) + len(tws.requests("87"))
        noted.append((sent, threading.current_thread() is threading.main_thread()))

    client = IbkrClient(ClientTools(redis, tmp_path, lambda: NOW, SETTINGS, note_use=note), POOL_SETTINGS)
    Ask(client, gateway)(interval=Interval.S5, span=Span(NOV_20, NOV_20 + 1800))
    Ask(client, gateway)(interval=Interval.M5, span=Span(NOV_20, NOV_20 + 1800))
    client.close()
    assert noted == [(0, True), (1, True)]
