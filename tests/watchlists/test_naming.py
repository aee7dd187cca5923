import pytest

from tests.stored import Store
from webapp.errors import InvalidRequestError
from webapp.watchlists import lists
from webapp.watchlists.naming import LEAVE_OUT, DoubtfulListError, name_entries, name_symbol, require_certain
from webapp.watchlists.rules_written_lists import read_text
from webapp.watchlists.watchlist import Entry


def test_a_symbol_is_kept_by_its_source_s_own_name() -> None:
    assert name_symbol("yahoo", "AAPL") == Entry("yahoo", "AAPL")
    assert name_symbol("ibkr", "EUR.USD") == Entry("ibkr", "EUR.CASH.IDEALPRO.USD")
    assert name_symbol("ibkr", "MC", {"currency": "EUR", "primary_exchange": "SBF"}).symbol == "MC.STK.SMART.EUR.SBF"


def test_only_options_that_the_name_does_not_say_are_kept() -> None:
    options = {"sec_type": "CASH", "what": "BID", "gateway": "live", "rth": "true"}
    assert name_symbol("ibkr", "EUR.USD", options).options == {"what": "BID"}
    assert name_symbol("ibkr", "AAPL", {"what": "TRADES"}).options == {}
    assert name_symbol("yahoo", "AAPL", {"prepost": "true"}).options == {"prepost": "true"}


def test_a_wrong_option_or_source_is_refused() -> None:
    with pytest.raises(InvalidRequestError, match="not an option"):
        name_symbol("yahoo", "AAPL", {"what": "BID"})
    with pytest.raises(InvalidRequestError, match="no source"):
        name_symbol("nowhere", "AAPL")


def test_a_list_of_tradingview_becomes_entries_and_doubts() -> None:
    named = name_entries(read_text("###Chips,NASDAQ:AMD,###Europe,XETR:SAP,EURONEXT:MC,FOO:BAR,NYSE:BRK.B"), "yahoo")
    assert [(entry.section, entry.symbol) for entry in named.entries] == [
        ("Chips", "AMD"),
        ("Europe", "SAP.DE"),
        ("Europe", "BRK-B"),
    ]
    assert named.renamed == (("NASDAQ:AMD", "AMD"), ("XETR:SAP", "SAP.DE"), ("NYSE:BRK.B", "BRK-B"))
    assert [(doubt.text, doubt.candidates[:1]) for doubt in named.doubts] == [
        ("EURONEXT:MC", ("MC.PA",)),
        ("FOO:BAR", ()),
    ]
    with pytest.raises(DoubtfulListError, match="EURONEXT:MC, FOO:BAR"):
        require_certain(named)


def test_answers_settle_doubts() -> None:
    answers = {"EURONEXT:MC": "mc.pa", "FOO:BAR": LEAVE_OUT, "ABC$": "NASDAQ:ABC"}
    named = name_entries(read_text("EURONEXT:MC,FOO:BAR,ABC$,AAPL"), "yahoo", answers=answers)
    assert [entry.symbol for entry in require_certain(named)] == ["MC.PA", "ABC", "AAPL"]
    assert named.left_out == 1


def test_an_answer_that_is_no_symbol_stays_a_doubt() -> None:
    named = name_entries(read_text("EURONEXT:MC"), "yahoo", answers={"EURONEXT:MC": "$"})
    assert "not a symbol" in str(named.doubts[0].why)


def test_what_stands_twice_is_kept_once() -> None:
    named = name_entries(read_text("NASDAQ:AAPL, AAPL, aapl"), "yahoo")
    assert [entry.symbol for entry in named.entries] == ["AAPL"]
    assert named.repeated == 2


def test_each_line_of_a_table_may_have_a_source_of_its_own() -> None:
    text = "symbol,source,exchange\nAAPL,Interactive Brokers,\nmc.pa,yahoo,\nSAP,,XETR\nX,nowhere,"
    named = name_entries(read_text(text), "yahoo", {"prepost": "true"})
    assert [(entry.source, entry.symbol, dict(entry.options)) for entry in named.entries] == [
        ("ibkr", "AAPL", {}),
        ("yahoo", "MC.PA", {"prepost": "true"}),
        ("yahoo", "SAP.DE", {"prepost": "true"}),
    ]
    assert [str(doubt.why) for doubt in named.doubts] == ["There is no source “nowhere”. Use one of: yahoo, ibkr."]


@pytest.mark.parametrize(
    ("source", "text", "symbols"),
    [
        ("ibkr", "AAPL F", ["AAPL", "F"]),
        ("ibkr", "BRK B", ["BRK.B"]),
        ("ibkr", "BRK B, AAPL", ["BRK.B", "AAPL"]),
        ("ibkr", "NYSE:BRK B", ["BRK.B"]),
        ("yahoo", "AAPL NYSE:IBM F\tXETR:SAP MC.PA", ["AAPL", "IBM", "F", "SAP.DE", "MC.PA"]),
    ],
)
def test_spaces_part_symbols_but_not_a_class_of_shares(source: str, text: str, symbols: list[str]) -> None:
    assert [entry.symbol for entry in require_certain(name_entries(read_text(text), source))] == symbols


def test_the_entries_of_another_list_are_copied(store: Store) -> None:
    lists.create(store.context, "other", [Entry("ibkr", "AAPL", {"what": "BID"}, "US"), Entry("yahoo", "MC.PA")])
    named = name_entries(read_text("MC.PA @Other @nope"), "yahoo")
    assert named.entries == (Entry("yahoo", "MC.PA"), Entry("ibkr", "AAPL", {"what": "BID"}, "US"))
    assert [str(doubt.why) for doubt in named.doubts] == ["There is no list “nope”. There are: @other."]
