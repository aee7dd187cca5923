"""Symbols as people paste them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.kernel.symbols import LONGEST_SYMBOL, MOST_SYMBOLS, USUAL_GRAMMAR, Grammar


def test_symbols_are_cut_anywhere_upper_cased_and_taken_once() -> None:
    assert USUAL_GRAMMAR.split("aapl, msft;\nBRK-B\t^gspc  aapl\r\nEURUSD=X,,;") == [
        "AAPL",
        "MSFT",
        "BRK-B",
        "^GSPC",
        "EURUSD=X",
    ]
    assert USUAL_GRAMMAR.split("NASDAQ:AAPL, EURONEXT:MC.PA") == ["AAPL", "MC.PA"]
    assert USUAL_GRAMMAR.split(" \n,;") == []
    assert USUAL_GRAMMAR.split("NASDAQ:") == []


@given(st.text(max_size=60))
def test_any_text_is_cut_into_words_without_separators(text: str) -> None:
    symbols = USUAL_GRAMMAR.split(text)
    assert len(set(symbols)) == len(symbols)
    assert all(symbol and not set(symbol) & set(" ,;\n:") for symbol in symbols)


@pytest.mark.parametrize(
    "symbol", ["AAPL", "BTC-USD", "EURUSD=X", "^GSPC", "0700.HK", "MC.PA", "A_B", "X" * LONGEST_SYMBOL]
)
def test_usual_symbols_are_good(symbol: str) -> None:
    assert USUAL_GRAMMAR.find_problem([symbol]) is None


@pytest.mark.parametrize(
    "symbol",
    ['"><IMG SRC=X ONERROR=ALERT(1)>', "X" * 33, "X" * 300, "../ETC/PASSWD", "A B", ".AAPL", "AAPL\n", "ÉTÉ", "A%00"],
)
def test_others_are_named_and_shortened(symbol: str) -> None:
    problem = USUAL_GRAMMAR.find_problem(["AAPL", symbol])
    assert problem is not None
    shown = problem.params["symbol"]
    assert isinstance(shown, str)
    assert len(shown) <= LONGEST_SYMBOL + 8
    assert symbol.startswith(shown.rstrip("…"))


def test_none_and_too_many_are_said() -> None:
    assert USUAL_GRAMMAR.find_problem([]) is not None
    assert USUAL_GRAMMAR.find_problem(["A"] * MOST_SYMBOLS) is None
    problem = USUAL_GRAMMAR.find_problem(["A"] * 5000)
    assert problem is not None
    assert "5000" in str(problem)


def test_a_grammar_s_sentences_name_its_own_examples() -> None:
    grammar = Grammar(("600519", "000001"), pattern=r"\d{6}", longest=6)
    assert "600519, 000001" in str(grammar.find_problem([]))
    assert "600519, 000001" in str(grammar.find_problem(["AAPL"]))
    assert grammar.find_problem(["600519"]) is None
    assert grammar.find_problem(["6005190"]) is not None


def test_lower_case_and_prefixes_stay_where_they_mean_something() -> None:
    grammar = Grammar(("kraken:BTC",), pattern=r"[a-z]+:[A-Z]+", is_upper_cased=False, is_prefix_dropped=False)
    assert grammar.split("binance:BTC, binance:BTC kraken:ETH") == ["binance:BTC", "kraken:ETH"]


@pytest.mark.parametrize(
    ("text", "symbols"),
    [
        ("BRK B", ["BRK.B"]),
        ("brk b, AAPL", ["BRK.B", "AAPL"]),
        ("HEI A\nMSFT", ["HEI.A", "MSFT"]),
        (["BRK B", "AAPL"], ["BRK.B", "AAPL"]),
        (["LEN B"], ["LEN.B"]),
        (["AAPL MSFT", "JPM"], ["AAPL", "MSFT", "JPM"]),
        ("JPM C", ["JPM", "C"]),
        ("JPM C MSFT", ["JPM", "C", "MSFT"]),
    ],
)
def test_a_class_of_shares_may_stand_after_a_space_where_the_source_writes_so(
    text: str | list[str], symbols: list[str]
) -> None:
    """Between spaces alone, a letter is a symbol of its own (JPMorgan and Citigroup)."""
    assert Grammar(("AAPL",), is_class_spaced=True).split(text) == symbols
    plain = " ".join(text if isinstance(text, list) else [text]).upper().replace(",", " ")
    assert USUAL_GRAMMAR.split(text) == plain.split()
