import datetime as dt
from typing import Any

import pytest

from tests.servers import ROOT
from webapp.collecting.validation import validate_request
from webapp.errors import InvalidRequestError
from webapp.kernel.instruments import InstrumentFacts
from webapp.kernel.intervals import Interval
from webapp.kernel.requests import CollectRequest

NOW = dt.datetime(2024, 3, 1, 18, tzinfo=dt.UTC)
JANUARY: dict[str, Any] = {"start": dt.date(2024, 1, 1), "end": dt.date(2024, 1, 31)}


def test_a_valid_request_has_the_sources_names_and_whole_bars() -> None:
    half_past = dt.datetime(2024, 2, 20, 14, 30, tzinfo=dt.UTC)
    options = {"sec_type": "CASH", "what": "MIDPOINT", "rth": "false"}
    valid = validate_request(CollectRequest("ibkr", ("EURUSD",), Interval.H1, half_past, options=options), NOW)
    assert (valid.symbols, valid.variant) == (("EUR.CASH.IDEALPRO.USD",), "MIDPOINT")
    span = valid.span("EUR.CASH.IDEALPRO.USD", InstrumentFacts())
    assert (span.start % 3600, span.end) == (0, NOW.timestamp())
    assert valid.validated_at == NOW.timestamp()


def test_symbols_of_one_instrument_are_collected_once_and_named() -> None:
    valid = validate_request(
        CollectRequest("ibkr", ("AAPL", "AAPL.STK.SMART.USD", "MSFT"), Interval.D1, **JANUARY), NOW
    )
    assert valid.symbols == ("AAPL", "MSFT")
    [merger] = valid.merged
    assert str(merger) == "AAPL, AAPL.STK.SMART.USD are one instrument, AAPL: it is collected once."
    assert validate_request(CollectRequest("ibkr", ("AAPL", "MSFT"), Interval.D1, **JANUARY), NOW).merged == ()


def test_only_the_validation_makes_a_valid_request() -> None:
    makers = [
        path.name
        for path in sorted((ROOT / "webapp").rglob("*.py"))
        if "ValidRequest(" in path.read_text(encoding="utf-8")
    ]
    assert makers == ["validation.py"]


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"symbols": ()}, "symbols", "at least one"),
        ({"symbols": tuple(f"S{i}" for i in range(5000))}, "symbols", "5000 symbols are too many"),
        ({"symbols": ('"><IMG SRC=X ONERROR=ALERT(1)>',)}, "symbols", "is not a symbol"),
        ({"symbols": ("A" * 300,)}, "symbols", "is not a symbol"),
        ({"start": dt.date(2024, 2, 1), "end": dt.date(2024, 1, 1)}, "end", "before the start"),
        ({"start": dt.date(2099, 1, 1), "end": None}, "start", "future"),
        ({"start": None, "end": None}, "start", "period"),
        ({"period": "7 moons", "start": None, "end": None}, "period", "is not a period"),
        ({"period": "1y"}, "period", "not both"),
        ({"interval": Interval.M1}, "start", "29 days only"),
        ({"interval": Interval.S5}, "interval", "Yahoo Finance has no 5s bars. It has: 1m"),
        ({"interval": Interval.M1, "period": "3mo", "start": None, "end": None}, "period", "29 days only"),
        ({"source": "bloomberg"}, "source", "There is no source"),
    ],
)
def test_bad_input_gets_a_sentence_for_its_field(changes: dict[str, Any], field: str, words: str) -> None:
    values: dict[str, Any] = {"source": "yahoo", "symbols": ("AAPL",), "interval": Interval.D1, **JANUARY, **changes}
    with pytest.raises(InvalidRequestError) as caught:
        validate_request(CollectRequest(**values), NOW)
    assert words in str(caught.value.fields[field])
