"""What the offline TWS says of contracts."""

import asyncio
import datetime as dt
from typing import Any

import pytest

from tests.sandbox.tws.conftest import Run
from tests.sandbox.tws.library import ib
from tests.sandbox.tws.talk import Talk, until
from tests.sandbox.tws.truth import APPLE, BITCOIN, EURO, INDEX
from webapp.sandbox.control import SandboxClient
from webapp.sandbox.market import Market
from webapp.sandbox.tws.client import TwsClient

UNKNOWN = 200, "No security definition has been found for the request"


def found(run: Run, **contract: object) -> list[Any]:
    async def use(talk: Talk) -> object:
        return await talk.details(**contract)

    return list(run(use))


def refused(run: Run, **contract: object) -> tuple[int, str]:
    async def use(talk: Talk) -> object:
        return await talk.refusal(talk.details(**contract))

    code, text = run(use)
    return code, text


def test_a_share(run: Run) -> None:
    (apple,) = found(run, symbol="AAPL", secType="STK", exchange="SMART", currency="USD")
    contract = apple.contract
    assert (contract.conId, contract.primaryExchange, contract.tradingClass) == (265598, "NASDAQ", "AAPL")
    assert (apple.minTick, apple.timeZoneId, apple.stockType) == (0.01, "US/Eastern", "COMMON")
    assert "SMART" in apple.validExchanges.split(",")
    assert apple.liquidHours.startswith("20260302:0930-20260302:1600;20260303:0930-")
    assert apple.tradingHours.startswith("20260302:0400-20260302:2000;20260303:0400-")
    assert apple.liquidHours.endswith(";20260307:CLOSED")


def test_a_contract_is_found_by_its_id_alone(run: Run) -> None:
    (apple,) = found(run, conId=265598)
    assert apple.contract.symbol == "AAPL"


@pytest.mark.parametrize(
    ("contract", "zone", "tick"),
    [(INDEX, "US/Eastern", 0.01), (EURO, "GB", 0.0001), (BITCOIN, "UTC", 0.01)],
)
def test_an_index_a_currency_and_a_coin(contract: object, zone: str, tick: float, run: Run) -> None:
    wanted = {name: getattr(contract, name) for name in ("symbol", "secType", "exchange", "currency")}
    (details,) = found(run, **wanted)
    assert {name: getattr(details.contract, name) for name in wanted} == wanted
    assert (details.timeZoneId, details.minTick) == (zone, tick)


def test_a_share_with_two_listings_in_one_currency_is_told_twice_and_has_no_history(run: Run) -> None:
    airbus = {"symbol": "AIR", "secType": "STK", "exchange": "SMART", "currency": "EUR"}
    assert {one.contract.primaryExchange for one in found(run, **airbus)} == {"SBF", "IBIS"}

    async def use(talk: Talk) -> object:
        return await talk.refusal(talk.bars(ib.Contract(**airbus)))

    assert run(use) == (200, "The contract description specified for AIR is ambiguous.")
    (paris,) = found(run, **airbus, primaryExchange="SBF")
    assert paris.timeZoneId == "MET"


def test_the_months_of_a_future(run: Run) -> None:
    months = found(run, symbol="ES", secType="FUT", exchange="CME")
    expiries = [one.contract.lastTradeDateOrContractMonth for one in months]
    assert expiries[:4] == ["20260320", "20260619", "20260918", "20261218"]
    assert {(one.contract.multiplier, one.contract.currency) for one in months} == {("50", "USD")}
    (june,) = found(run, symbol="ES", secType="FUT", exchange="CME", lastTradeDateOrContractMonth="202606")
    assert (june.contract.localSymbol, june.contractMonth) == ("ESM6", "202606")
    (same,) = found(run, localSymbol="ESM6", secType="FUT", exchange="CME")
    assert same.contract.conId == june.contract.conId

    async def use(talk: Talk) -> object:
        return await talk.refusal(talk.bars(ib.Contract(symbol="ES", secType="FUT", exchange="CME")))

    assert run(use) == (200, "The contract description specified for ES is ambiguous.")


def test_expired_futures_are_found_for_two_years_and_only_when_asked_for(run: Run) -> None:
    gold = {"symbol": "GC", "secType": "FUT", "exchange": "COMEX"}
    assert refused(run, **gold, lastTradeDateOrContractMonth="202512") == UNKNOWN
    (december,) = found(run, **gold, lastTradeDateOrContractMonth="202512", includeExpired=True)
    assert december.realExpirationDate == "20251219"
    assert refused(run, **gold, lastTradeDateOrContractMonth="202402", includeExpired=True) == UNKNOWN


def test_a_session_that_opens_on_the_evening_before_is_told_so(run: Run) -> None:
    gold = found(run, symbol="GC", secType="FUT", exchange="COMEX")[0]
    assert gold.liquidHours.startswith("20260301:1800-20260302:1700;20260302:1800-20260303:1700;")
    assert gold.liquidHours.endswith("20260305:1800-20260306:1700;20260307:CLOSED")


def test_holidays_half_days_and_breaks_are_told(run: Run, tws: TwsClient, sandbox: SandboxClient) -> None:
    sandbox.set_now("2026-11-24T18:00:00Z")
    (apple,) = found(run, conId=265598)
    assert "20261126:CLOSED;20261127:0930-20261127:1300;20261128:CLOSED" in apple.liquidHours
    assert "20261127:0400-20261127:1700" in apple.tradingHours
    (toyota,) = found(run, symbol="7203", secType="STK", exchange="SMART", currency="JPY")
    assert "20261125:0900-20261125:1130,20261125:1230-20261125:1530" in toyota.liquidHours


def test_a_continuous_future(run: Run) -> None:
    (gold,) = found(run, symbol="GC", secType="CONTFUT", exchange="COMEX")
    assert gold.contract.secType == "CONTFUT"


def test_options_can_be_had_until_they_expire(run: Run) -> None:
    option = {"symbol": "AAPL", "secType": "OPT", "exchange": "SMART", "currency": "USD"}
    march = found(run, **option, lastTradeDateOrContractMonth="202603", right="C")
    assert len(march) == 5
    strike = march[0].contract.strike
    (one,) = found(run, **option, lastTradeDateOrContractMonth="20260320", right="P", strike=strike)
    assert (one.contract.right, one.contract.multiplier) == ("P", "100")
    expired = {"lastTradeDateOrContractMonth": "20260220", "right": "C", "strike": strike}
    assert refused(run, **option, **expired) == UNKNOWN
    assert refused(run, **option, **expired, includeExpired=True) == UNKNOWN


@pytest.mark.parametrize("symbol", ["NOSUCH", "GONE", ""])
def test_an_unknown_contract(symbol: str, run: Run) -> None:
    assert refused(run, symbol=symbol, secType="STK", exchange="SMART", currency="USD") == UNKNOWN


def test_searching(run: Run, tws: TwsClient) -> None:
    async def use(talk: Talk) -> object:
        return await talk.ib.reqMatchingSymbolsAsync("appl")

    apple = next(one.contract for one in run(use) if one.contract.symbol == "AAPL")
    assert (apple.conId, apple.secType, apple.primaryExchange, apple.currency) == (265598, "STK", "NASDAQ", "USD")
    assert tws.violations() == []


def test_searches_less_than_a_second_apart_are_left_unanswered(run: Run, tws: TwsClient) -> None:
    async def use(talk: Talk) -> object:
        found = await talk.ib.reqMatchingSymbolsAsync("AAPL")
        second = asyncio.ensure_future(talk.ib.reqMatchingSymbolsAsync("MSFT"))
        await until(tws.violations)
        third = await talk.details(symbol="MSFT", secType="STK", exchange="SMART")
        is_answered = second.done()
        second.cancel()
        return len(found), len(third), is_answered

    assert run(use) == (1, 1, False)
    assert [(one["rule"], one["what"]) for one in tws.violations()] == [("matching", "MSFT")]


def test_heads_are_the_first_session_of_each(run: Run, free: TwsClient, market: Market) -> None:
    async def use(talk: Talk) -> object:
        return [
            await talk.head(APPLE),
            await talk.head(APPLE, date_format=1),
            await talk.head(EURO, "BID"),
            await talk.refusal(talk.head(ib.Contract(symbol="NOSUCH", secType="STK", exchange="SMART"))),
        ]

    apple, undated, euro, refusal = run(use)
    assert apple == dt.datetime(1980, 12, 12, 14, 30, tzinfo=dt.UTC)
    assert undated.replace(tzinfo=dt.UTC) == apple
    assert int(euro.timestamp()) == market.bars("EURUSD=X", "1d")[0].start
    assert refusal == UNKNOWN
