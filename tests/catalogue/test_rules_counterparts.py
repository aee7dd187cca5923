"""One instrument under the names of two sources."""

import pytest

from webapp.catalogue.counterparts import listing_of
from webapp.catalogue.rules_counterparts import money
from webapp.kernel.instruments import InstrumentFacts, Listing
from webapp.series.queries_alike_series import AlikeSeries

PARIS = InstrumentFacts(currency="EUR", exchange="Paris", timezone="Europe/Paris")
AT_SBF = InstrumentFacts(currency="EUR", exchange="SBF", timezone="Europe/Paris")
AT_IBIS = InstrumentFacts(currency="EUR", exchange="IBIS", timezone="Europe/Berlin")
PENCE = InstrumentFacts(currency="GBp", exchange="LSE", timezone="Europe/London")
POUNDS = InstrumentFacts(currency="GBP", exchange="LSE", timezone="Europe/London")
NEW_YORK = InstrumentFacts(currency="USD", exchange="NYSE", timezone="America/New_York")
NASDAQ = InstrumentFacts(currency="USD", exchange="NASDAQ", timezone="America/New_York")
COIN = InstrumentFacts(kind="CRYPTOCURRENCY", currency="USD")
NOTHING = InstrumentFacts()


def listing_at(source: str, symbol: str, facts: InstrumentFacts) -> Listing | None:
    return listing_of(AlikeSeries(1, source, symbol, "", 1, facts))


def both(
    symbol: str, told: InstrumentFacts, name: str, known: InstrumentFacts
) -> tuple[Listing | None, Listing | None]:
    return listing_at("yahoo", symbol, told), listing_at("ibkr", name, known)


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


def test_names_that_people_give_their_own_files_are_read_as_quote_pages_write_them() -> None:
    assert listing_at("own", "MC.PA", PARIS) == listing_at("yahoo", "MC.PA", PARIS)


def test_what_a_source_does_not_map_has_no_counterpart() -> None:
    assert listing_at("gone", "AAPL", NEW_YORK) is None


def test_hundredths_are_the_same_money() -> None:
    assert [money(one) for one in ("GBp", "GBX", "GBP", "ZAc", "usd", None)] == ["GBP", "GBP", "GBP", "ZAR", "USD", ""]
