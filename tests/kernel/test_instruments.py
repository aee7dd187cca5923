"""Symbols as people paste them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.kernel.symbols import LONGEST_SYMBOL, MOST_SYMBOLS, split_symbols, symbols_problem


def test_symbols_are_cut_anywhere_upper_cased_and_taken_once() -> None:
    assert split_symbols("aapl, msft;\nBRK-B\t^gspc  aapl\r\nEURUSD=X,,;") == [
        "AAPL",
        "MSFT",
        "BRK-B",
        "^GSPC",
        "EURUSD=X",
    ]
    assert split_symbols("NASDAQ:AAPL, EURONEXT:MC.PA") == ["AAPL", "MC.PA"]
    assert split_symbols(" \n,;") == []
    assert split_symbols("NASDAQ:") == []


@given(st.text(max_size=60))
def test_any_text_is_cut_into_words_without_separators(text: str) -> None:
    symbols = split_symbols(text)
    assert len(set(symbols)) == len(symbols)
    assert all(symbol and not set(symbol) & set(" ,;\n:") for symbol in symbols)


@pytest.mark.parametrize(
    "symbol", ["AAPL", "BTC-USD", "EURUSD=X", "^GSPC", "0700.HK", "MC.PA", "A_B", "X" * LONGEST_SYMBOL]
)
def test_usual_symbols_are_good(symbol: str) -> None:
    assert symbols_problem([symbol]) is None


@pytest.mark.parametrize(
    "symbol",
    ['"><IMG SRC=X ONERROR=ALERT(1)>', "X" * 33, "X" * 300, "../ETC/PASSWD", "A B", ".AAPL", "AAPL\n", "ÉTÉ", "A%00"],
)
def test_others_are_named_and_shortened(symbol: str) -> None:
    problem = symbols_problem(["AAPL", symbol])
    assert problem is not None
    shown = problem.params["symbol"]
    assert isinstance(shown, str)
    assert len(shown) <= LONGEST_SYMBOL + 8
    assert symbol.startswith(shown.rstrip("…"))


def test_none_and_too_many_are_said() -> None:
    assert symbols_problem([]) is not None
    assert symbols_problem(["A"] * MOST_SYMBOLS) is None
    problem = symbols_problem(["A"] * 5000)
    assert problem is not None
    assert "5000" in str(problem)
