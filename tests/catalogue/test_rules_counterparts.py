"""One instrument under the names of two sources."""

import pytest

from webapp.catalogue.rules_counterparts import Listing, contract_listing, money, yahoo_listing
from webapp.kernel.instruments import InstrumentFacts

PARIS = InstrumentFacts(currency="EUR", exchange="Paris", timezone="Europe/Paris")
AT_SBF = InstrumentFacts(currency="EUR", exchange="SBF", timezone="Europe/Paris")
AT_IBIS = InstrumentFacts(currency="EUR", exchange="IBIS", timezone="Europe/Berlin")
PENCE = InstrumentFacts(currency="GBp", exchange="LSE", timezone="Europe/London")
POUNDS = InstrumentFacts(currency="GBP", exchange="LSE", timezone="Europe/London")
NEW_YORK = InstrumentFacts(currency="USD", exchange="NYSE", timezone="America/New_York")
NASDAQ = InstrumentFacts(currency="USD", exchange="NASDAQ", timezone="America/New_York")
COIN = InstrumentFacts(kind="CRYPTOCURRENCY", currency="USD")
NOTHING = InstrumentFacts()


def both(
    symbol: str, told: InstrumentFacts, name: str, known: InstrumentFacts
) -> tuple[Listing | None, Listing | None]:
    return yahoo_listing(symbol, told), contract_listing(name, known)


@pytest.mark.parametrize(
    ("symbol", "told", "name", "known"),
    [
        ("AAPL", NEW_YORK, "AAPL", NASDAQ),
        ("MC.PA", PARIS, "MC.STK.SMART.EUR", AT_SBF),
        ("MC.PA", PARIS, "MC.STK.SMART.EUR.SBF", AT_SBF),
        ("BRK-B", NEW_YORK, "BRK.B", NEW_YORK),
        ("VOD.L", PENCE, "VOD.STK.LSE.GBP", POUNDS),
        ("EURUSD=X", NOTHING, "EUR.CASH.IDEALPRO.USD", NOTHING),
        ("JPY=X", NOTHING, "USD.CASH.IDEALPRO.JPY", NOTHING),
        ("BTC-USD", COIN, "BTC.CRYPTO.PAXOS.USD", COIN),
        ("^GSPC", NEW_YORK, "SPX.IND.CBOE.USD", NOTHING),
        ("^NDX", NEW_YORK, "NDX.IND.NASDAQ.USD", NOTHING),
    ],
)
def test_one_instrument_is_recognised(symbol: str, told: InstrumentFacts, name: str, known: InstrumentFacts) -> None:
    one, two = both(symbol, told, name, known)
    assert one == two
    assert one is not None


@pytest.mark.parametrize(
    ("symbol", "told", "name", "known"),
    [
        ("MC.PA", PARIS, "MC", NEW_YORK),
        ("MC.PA", PARIS, "MC.STK.SMART.EUR.IBIS", AT_IBIS),
        ("AAPL", NEW_YORK, "AAPL.OPT.SMART.USD.20260320.250.C", NEW_YORK),
        ("ES=F", NEW_YORK, "ES.CONTFUT.CME.USD", NEW_YORK),
        ("AAPL", NOTHING, "AAPL", NEW_YORK),
        ("AAPL", NEW_YORK, "no contract", NEW_YORK),
        ("BTC-EUR", COIN, "BTC.CRYPTO.PAXOS.USD", COIN),
    ],
)
def test_another_one_is_not(symbol: str, told: InstrumentFacts, name: str, known: InstrumentFacts) -> None:
    one, two = both(symbol, told, name, known)
    assert one is None or one != two


def test_hundredths_are_the_same_money() -> None:
    assert [money(one) for one in ("GBp", "GBX", "GBP", "ZAc", "usd", None)] == ["GBP", "GBP", "GBP", "ZAR", "USD", ""]
