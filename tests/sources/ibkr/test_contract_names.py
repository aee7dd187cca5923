import pytest

from webapp.errors import InvalidRequestError
from webapp.sources.ibkr.contract_names import Contract, SecType, contract_of

NAMED = [
    ("AAPL", {}, Contract("AAPL"), "AAPL"),
    (" aapl ", {"currency": "usd"}, Contract("AAPL"), "AAPL"),
    ("BRK.B", {}, Contract("BRK.B"), "BRK.B"),
    ("brk b", {}, Contract("BRK.B"), "BRK.B"),
    ("HEI A.STK.SMART.USD.NYSE", {}, Contract("HEI.A", primary="NYSE"), "HEI.A.STK.SMART.USD.NYSE"),
    ("EUR.USD", {"what": "MIDPOINT"}, Contract("EUR", SecType.FOREX, "IDEALPRO"), "EUR.CASH.IDEALPRO.USD"),
    ("usd.jpy", {}, Contract("USD", SecType.FOREX, "IDEALPRO", "JPY"), "USD.CASH.IDEALPRO.JPY"),
    ("EUR.USD", {"sec_type": "STK"}, Contract("EUR.USD"), "EUR.USD.STK.SMART.USD"),
    ("MC", {"currency": "EUR"}, Contract("MC", currency="EUR"), "MC.STK.SMART.EUR"),
    (
        "MC",
        {"currency": "EUR", "primary_exchange": "SBF"},
        Contract("MC", currency="EUR", primary="SBF"),
        "MC.STK.SMART.EUR.SBF",
    ),
    ("BRK.B.STK.SMART.USD.NYSE", {}, Contract("BRK.B", primary="NYSE"), "BRK.B.STK.SMART.USD.NYSE"),
    ("SPX", {"sec_type": "IND"}, Contract("SPX", SecType.INDEX, "CBOE"), "SPX.IND.CBOE.USD"),
    ("EUR.USD", {"sec_type": "CASH"}, Contract("EUR", SecType.FOREX, "IDEALPRO"), "EUR.CASH.IDEALPRO.USD"),
    ("EURJPY=X", {"sec_type": "cash"}, Contract("EUR", SecType.FOREX, "IDEALPRO", "JPY"), "EUR.CASH.IDEALPRO.JPY"),
    ("BTC-USD", {"sec_type": "CRYPTO"}, Contract("BTC", SecType.CRYPTO, "PAXOS"), "BTC.CRYPTO.PAXOS.USD"),
    (
        "ES",
        {"sec_type": "FUT", "expiry": "202603"},
        Contract("ES", SecType.FUTURE, "CME", expiry="202603"),
        "ES.FUT.CME.USD.202603",
    ),
    (
        "GC",
        {"sec_type": "CONTFUT", "exchange": "COMEX"},
        Contract("GC", SecType.CONTINUOUS, "COMEX"),
        "GC.CONTFUT.COMEX.USD",
    ),
    (
        "AAPL",
        {"sec_type": "OPT", "expiry": "20260320", "strike": "252.50", "right": "call"},
        Contract("AAPL", SecType.OPTION, expiry="20260320", strike="252.5", right="C"),
        "AAPL.OPT.SMART.USD.20260320.252.5.C",
    ),
]


@pytest.mark.parametrize(("text", "options", "contract", "name"), NAMED, ids=[case[3] for case in NAMED])
def test_a_contract_has_one_name_that_reads_back(
    text: str, options: dict[str, str], contract: Contract, name: str
) -> None:
    parsed = contract_of(text, options)
    assert parsed == contract
    assert parsed.name == name
    assert contract_of(name) == contract


def test_what_the_name_says_counts_more_than_the_options() -> None:
    assert contract_of("ES.FUT.CME.USD.202603", {"sec_type": "STK", "expiry": "202612"}).expiry == "202603"


@pytest.mark.parametrize(
    ("text", "options", "field"),
    [
        ('"><IMG SRC=X>', {}, "symbols"),
        ("A" * 300, {}, "symbols"),
        ("", {}, "symbols"),
        ("AAPL", {"sec_type": "BAG"}, "sec_type"),
        ("AAPL", {"exchange": "../etc"}, "exchange"),
        ("AAPL", {"primary_exchange": "N YSE"}, "exchange"),
        ("AAPL", {"currency": "DOLLAR"}, "currency"),
        ("ES", {"sec_type": "FUT"}, "expiry"),
        ("ES", {"sec_type": "FUT", "expiry": "March"}, "expiry"),
        ("AAPL", {"sec_type": "OPT", "expiry": "20260320", "right": "C"}, "strike"),
        ("AAPL", {"sec_type": "OPT", "expiry": "20260320", "strike": "250", "right": "X"}, "right"),
    ],
)
def test_what_is_no_contract_is_told_beside_its_field(text: str, options: dict[str, str], field: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        contract_of(text, options)
    assert list(caught.value.fields) == [field]
