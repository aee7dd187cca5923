"""What other quote pages' names mean at our sources: certain only where the exchange's code proves it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from tests.properties import examples
from webapp.kernel.symbols import QuoteNames
from webapp.sources.choices import translate_quote
from webapp.sources.registry import MANIFESTS
from webapp.watchlists.naming import name_symbol


def names(source: str, quote: str) -> QuoteNames:
    return translate_quote(source, *quote.split(":"))


@pytest.mark.parametrize(
    ("quote", "yahoo", "ibkr"),
    [
        ("NASDAQ:AAPL", "AAPL", "AAPL"),
        ("nasdaq:aapl", "AAPL", "AAPL"),
        ("NYSE:BRK.B", "BRK-B", "BRK.B"),
        ("TSX:RCI.B", "RCI-B.TO", "RCI.B.STK.SMART.CAD.TSE"),
        ("OMXSTO:VOLV_B", "VOLV-B.ST", "VOLV.B.STK.SMART.SEK.SFB"),
        ("HKEX:700", "0700.HK", "700.STK.SMART.HKD.SEHK"),
        ("SIX:NESN", "NESN.SW", "NESN.STK.SMART.CHF.EBS"),
        ("FX:EURUSD", "EURUSD=X", "EUR.CASH.IDEALPRO.USD"),
        ("OANDA:USDJPY", "JPY=X", "USD.CASH.IDEALPRO.JPY"),
        ("SP:SPX", "^GSPC", "SPX.IND.CBOE.USD"),
    ],
)
def test_what_an_exchange_s_code_proves(quote: str, yahoo: str, ibkr: str) -> None:
    assert names("yahoo", quote) == QuoteNames((yahoo,), is_certain=True)
    assert names("ibkr", quote) == QuoteNames((ibkr,), is_certain=True)


@pytest.mark.parametrize(
    ("source", "quote", "candidates"),
    [
        ("yahoo", "EURONEXT:MC", ("MC.PA", "MC.AS", "MC.BR", "MC.LS", "MC.IR")),
        ("yahoo", "KRX:005930", ("005930.KS", "005930.KQ")),
        ("yahoo", "NSE:M_M", ("M-M.NS",)),  # M&M, in truth
        ("yahoo", "BINANCE:BTCUSDT", ("BTC-USD",)),
        ("yahoo", "CME_MINI:ES1!", ("ES=F",)),
        ("yahoo", "NYSE:BAC/PL", ("BAC-PL",)),
        ("ibkr", "XETR:SAP", ("SAP.STK.SMART.EUR.IBIS", "SAP.STK.SMART.EUR.IBIS2")),
        ("ibkr", "CME_MINI:ES1!", ("ES.CONTFUT.CME.USD",)),
        ("yahoo", "MYX:MAYBANK", ()),  # Yahoo's are numbers
        ("yahoo", "TVC:US10Y", ()),
        ("yahoo", "FX:EURXXX", ()),
        ("ibkr", "MYX:MAYBANK", ()),
        ("own", "NASDAQ:AAPL", ()),
    ],
)
def test_what_no_code_proves_is_a_doubt(source: str, quote: str, candidates: tuple[str, ...]) -> None:
    assert names(source, quote) == QuoteNames(candidates, is_certain=False)


CODES = some.sampled_from(
    ["NASDAQ", "NYSE", "LSE", "XETR", "EURONEXT", "TSX", "HKEX", "FX", "BINANCE", "CME", "SP", "NSE", "MIL", "BMV"]
) | some.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ_", min_size=1, max_size=12)


@settings(max_examples=examples(400), deadline=None)
@given(some.sampled_from(sorted(MANIFESTS)), CODES, some.text("ABCXYZ019._!/-&^=$ é", max_size=14))
def test_every_candidate_is_a_symbol_of_its_source(source: str, exchange: str, symbol: str) -> None:
    translated = translate_quote(source, exchange, symbol)
    assert not translated.is_certain or len(translated.symbols) == 1
    for candidate in translated.symbols:
        assert name_symbol(source, candidate).symbol == candidate
