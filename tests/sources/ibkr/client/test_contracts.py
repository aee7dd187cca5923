"""From what a person typed to the one contract that IBKR knows, and the sentences when there is none or several."""

import pytest

from tests.sources.ibkr.client.conftest import DAY, NOV_20, Ask
from tests.sources.ibkr.gateway import BAR, Connection, ScriptedTws, details
from webapp.kernel.intervals import Interval
from webapp.kernel.job_states import ErrorKind
from webapp.kernel.spans import Span
from webapp.sources.base import SourceError
from webapp.sources.ibkr.client import IbkrClient


def answer_with(tws: ScriptedTws, symbol: str, *contracts: dict[str, object]) -> None:
    """Let TWS find these contracts."""

    def answer(connection: Connection, fields: list[str]) -> None:
        for parts in contracts:
            details(connection, fields[2], symbol, **parts)
        connection.send(52, 1, fields[2])

    tws.answers["9"] = answer


def failure(ask: Ask, symbol: str) -> SourceError:
    with pytest.raises(SourceError) as caught:
        ask(symbol)
    return caught.value


def test_a_contract_is_asked_once_a_process(tws: ScriptedTws, ask: Ask) -> None:
    ask()
    ask(interval=Interval.M5)
    assert (len(tws.requests("9")), len(tws.requests("87")), len(tws.requests("20"))) == (1, 1, 2)


def test_the_history_is_asked_of_the_very_contract_that_was_found(tws: ScriptedTws, ask: Ask) -> None:
    ask()
    assert tws.requests("20")[0][2:13] == ["265598", "AAPL", "STK", "", "0.0", "", "", "SMART", "NASDAQ", "USD", "AAPL"]


@pytest.mark.parametrize("symbol", ["BRK.B", "BRK-B"])
def test_a_class_of_shares_is_written_as_ibkr_does(tws: ScriptedTws, ask: Ask, symbol: str) -> None:
    ask(symbol)
    assert tws.requests("9")[0][4] == "BRK B"


def test_several_contracts_are_offered_by_names_that_tell_them_apart(tws: ScriptedTws, ask: Ask) -> None:
    answer_with(
        tws,
        "MC",
        {"id": 1, "currency": "EUR", "primary": "SBF", "name": "LVMH"},
        {"id": 2, "currency": "EUR", "primary": "IBIS", "name": "LVMH"},
    )
    error = failure(ask, "MC.STK.SMART.EUR")
    assert error.kind is ErrorKind.BAD_REQUEST
    assert "ambiguous" in str(error)
    assert [choice.symbol for choice in error.choices] == ["MC.STK.SMART.EUR.SBF", "MC.STK.SMART.EUR.IBIS"]
    assert error.choices[0].name == "LVMH MC"
    assert tws.requests("20") == []


def test_futures_of_one_month_are_told_apart_by_their_days(tws: ScriptedTws, ask: Ask) -> None:
    answer_with(
        tws,
        "ES",
        {"id": 1, "kind": "FUT", "expiry": "20261218 08:30 US/Central", "exchange": "CME", "primary": ""},
        {"id": 2, "kind": "FUT", "expiry": "20261231 08:30 US/Central", "exchange": "CME", "primary": ""},
    )
    error = failure(ask, "ES.FUT.CME.USD.202612")
    assert [choice.symbol for choice in error.choices] == ["ES.FUT.CME.USD.20261218", "ES.FUT.CME.USD.20261231"]


def test_the_usual_class_is_taken_where_the_names_are_the_same(tws: ScriptedTws, ask: Ask) -> None:
    option = {"kind": "OPT", "expiry": "20270115", "strike": "6000.0", "right": "C", "multiplier": "100", "primary": ""}
    answer_with(tws, "SPX", option | {"id": 2, "class": "SPXW"}, option | {"id": 3, "class": "SPX"})
    ask("SPX.OPT.SMART.USD.20270115.6000.C")
    assert tws.requests("20")[0][2] == "3"


def test_futures_are_asked_for_with_the_expired_ones(tws: ScriptedTws, ask: Ask) -> None:
    answer_with(
        tws, "ES", {"id": 1, "kind": "FUT", "expiry": "20260320", "exchange": "CME", "primary": "", "multiplier": "50"}
    )
    answer = ask("ES.FUT.CME.USD.202603")
    assert tws.requests("9")[0][15] == "1"
    assert tws.requests("20")[0][14] == "1"
    assert answer.facts.kind == "FUTURE"
    assert answer.facts.last_trade is not None


def test_a_continuous_future_is_asked_by_its_name_and_up_to_now(tws: ScriptedTws, ask: Ask) -> None:
    answer_with(tws, "ES", {"id": 77, "kind": "CONTFUT", "expiry": "20261218", "exchange": "CME", "primary": ""})
    assert ask("ES.CONTFUT.CME.USD").facts.contract_id == 77
    request = tws.requests("20")[0]
    assert request[2:6] == ["0", "ES", "CONTFUT", ""]
    assert (request[15], request[17]) == ("", "3 D")  # Friday, Monday, and one for the evening


def test_adjusted_last_is_asked_up_to_now_and_cut_to_its_span(tws: ScriptedTws, ask: Ask) -> None:
    def answer(connection: Connection, fields: list[str]) -> None:
        connection.bars(fields[1], ("20261119", *BAR), ("20261120", *BAR), ("20261123", *BAR))

    tws.answers["20"] = answer
    got = ask(what="ADJUSTED_LAST", span=Span(NOV_20, NOV_20 + DAY))
    assert [bar[0] for bar in got.bars] == [NOV_20]
    assert tws.requests("20")[0][15] == ""


UNKNOWN = [
    ("NOSUCH", ErrorKind.UNKNOWN_SYMBOL, "does not know “NOSUCH”"),
    ("AAPL.OPT.SMART.USD.20250117.250.C", ErrorKind.BAD_REQUEST, "has expired"),
    ("ES.FUT.CME.USD.202003", ErrorKind.UNKNOWN_SYMBOL, "two years"),
    ("ES.FUT.CME.USD.203003", ErrorKind.UNKNOWN_SYMBOL, "does not know"),
]


@pytest.mark.parametrize(("symbol", "kind", "words"), UNKNOWN)
def test_what_ibkr_does_not_know_is_said_by_what_it_is(
    tws: ScriptedTws, ask: Ask, symbol: str, kind: ErrorKind, words: str
) -> None:
    tws.answers["9"] = lambda connection, fields: connection.error(fields[2], 200, "No security definition")
    error = failure(ask, symbol)
    assert error.kind is kind
    assert words in str(error)


def test_a_name_that_is_none_is_a_bad_request(ask: Ask) -> None:
    assert failure(ask, "ES.FUT.CME.USD").kind is ErrorKind.BAD_REQUEST


def test_a_search_gives_names_that_can_be_collected(tws: ScriptedTws, client: IbkrClient, ask: Ask) -> None:
    def answer(connection: Connection, fields: list[str]) -> None:
        connection.send(
            79, fields[1], 6,
            265598, "AAPL", "STK", "NASDAQ.NMS", "USD", 1, "OPT", "APPLE INC", "",
            1, "MC", "STK", "SBF", "EUR", 0, "LVMH MOET HENNESSY", "",
            2, "BRK B", "STK", "NYSE", "USD", 0, "BERKSHIRE", "",
            3, "SPX", "IND", "CBOE", "USD", 0, "S&P 500", "",
            4, "CSPX", "STK", "LSEETF", "USD", 0, "ISHARES", "",
            5, "AAPL", "BOND", "", "USD", 0, "A bond", "",
        )  # fmt: skip

    tws.answers["81"] = answer
    names = [hit.symbol for hit in client.search("a", ask.gateway)]
    assert names == ["AAPL", "MC.STK.SMART.EUR.SBF", "BRK.B", "SPX.IND.CBOE.USD", "CSPX.STK.SMART.USD.LSEETF"]


def test_a_chunk_without_a_gateway_is_refused(client: IbkrClient) -> None:
    with pytest.raises(SourceError) as caught:
        client.search("apple")
    assert "No gateway" in str(caught.value)
