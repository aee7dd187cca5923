"""Frames through each door: the same index, types, figures and attributes, to the last bit."""

from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from tests.client.conftest import Door, Installation

WHOLE = {"start": "2024-01-02", "end": "2025-12-31"}


@pytest.fixture(scope="module", autouse=True)
def stored(installation: Installation) -> None:
    """Two years of days, some weeks of minutes, in two currencies and time zones; nothing of them asked twice."""
    submissions: list[tuple[list[str], dict[str, Any]]] = [
        (["AAPL", "MSFT", "MC.PA"], WHOLE),
        (["AAPL", "BTC-USD"], {"interval": "30m", "period": "1mo"}),
    ]
    for symbols, named in submissions:
        for job in installation.manager.call("wait", installation.manager.call("submit", symbols, **named), 120):
            assert job["state"] == "succeeded", job


def without_moment(attrs: dict[str, Any]) -> dict[str, Any]:
    """Attributes without the second of the reading."""
    return {name: fact for name, fact in attrs.items() if name != "as_of"}


def assert_same(here: Any, there: Any) -> None:  # noqa: ANN401 -- a frame of any kind
    assert type(here) is type(there)
    if isinstance(here, pa.Table):
        assert here.schema.names == there.schema.names
        assert here.schema.types == there.schema.types
        assert here.equals(there)
        return
    if not isinstance(here, pd.DataFrame):
        assert here.equals(there)
        return
    pd.testing.assert_frame_equal(here, there, check_exact=True, check_freq=False)
    assert here.columns.name == there.columns.name
    assert without_moment(here.attrs) == without_moment(there.attrs)
    assert ("as_of" in here.attrs) == ("as_of" in there.attrs)


BARS: list[tuple[Any, dict[str, Any]]] = [
    ("AAPL", {}),
    ("aapl", {"adjust": "all"}),
    ("AAPL", {"adjust": "none", "start": "2024-03-01", "end": "2024-03-28"}),
    ("AAPL", {"columns": ["close", "open"], "actions": True}),
    ("AAPL", {"zone": "exchange"}),
    ("AAPL", {"zone": "Europe/Paris", "interval": "30m"}),
    ("AAPL", {"interval": "1h"}),
    ("AAPL", {"interval": "1wk", "complete_only": True}),
    ("AAPL", {"start": "1999-01-01", "end": "1999-02-01"}),
    ("AAPL", {"field": "close"}),
    (["AAPL"], {}),
    (["MSFT", "AAPL"], {"adjust": "all"}),
    (["AAPL", "MC.PA"], {"field": "close"}),
    (["AAPL", "MC.PA"], {"field": "dividends"}),
    (["AAPL", "BTC-USD"], {"interval": "1h", "field": "partial"}),
    (["AAPL", "BTC-USD"], {"interval": "1h", "zone": "Asia/Tokyo"}),
    (["AAPL", "MSFT"], {"actions": True, "columns": ["close"], "zone": "exchange"}),
    (["AAPL", "NOPE"], {"partial": "keep"}),
    (["NOPE"], {"partial": "keep", "field": "close"}),
]


@pytest.mark.parametrize("kind", ["pandas", "polars", "arrow"])
@pytest.mark.parametrize(("symbol", "named"), BARS)
def test_bars_are_the_same_frame(
    door: Door,
    installation: Installation,
    symbol: str | list[str],
    named: dict[str, Any],
    kind: str,
) -> None:
    if kind == "polars":
        pytest.importorskip("polars")
    here = door.call("bars", symbol, as_=kind, **named)
    assert_same(here, installation.manager.call("bars", symbol, as_=kind, **named))


@pytest.mark.parametrize(
    ("verb", "arguments", "named"),
    [
        ("series", [], {}),
        ("series", ["msf"], {}),
        ("series", ["nothing of the kind"], {}),
        ("coverage", ["AAPL"], {}),
        ("coverage", ["AAPL"], {"source": "yahoo", "interval": "30m"}),
        ("gaps", ["AAPL"], {}),
        ("gaps", ["BTC-USD"], {"interval": "30m"}),
        ("actions", ["AAPL"], {}),
        ("actions", ["BTC-USD"], {}),
        ("calendars", [], {}),
        ("sessions", ["MC.PA"], {"start": "2024-01-02", "end": "2024-02-01"}),
        ("sessions", [], {"calendar": "XTKS", "start": "2024-01-02", "end": "2024-02-01"}),
    ],
)
def test_what_is_known_is_the_same_frame(
    door: Door, installation: Installation, verb: str, arguments: list[Any], named: dict[str, Any]
) -> None:
    assert_same(door.call(verb, *arguments, **named), installation.manager.call(verb, *arguments, **named))


def test_statistics_are_the_same(door: Door, installation: Installation) -> None:
    assert door.call("get_statistics") == installation.manager.call("get_statistics")


WRONG: list[tuple[str, list[Any], dict[str, Any]]] = [
    ("bars", ["NOPE"], {}),
    ("bars", ["AAPL"], {"interval": "7m"}),
    ("bars", ["AAPL"], {"adjust": "some"}),
    ("bars", ["AAPL"], {"start": "soon"}),
    ("bars", ["AAPL"], {"source": "nobody"}),
    ("bars", ["AAPL"], {"source": "yahoo", "what": "MIDPOINT"}),
    ("bars", ["AAPL"], {"zone": "Europe/Nowhere"}),
    ("bars", ["AAPL"], {"columns": ["close", "wap"]}),
    ("bars", ["AAPL"], {"columns": ["close", "close"]}),
    ("bars", ["AAPL"], {"columns": ["closing"], "field": "opening", "as_": "excel", "partial": "maybe"}),
    ("bars", [["AAPL", "NOPE"]], {}),
    ("bars", [["NOPE", "NADA"]], {"field": "close"}),
    ("bars", [["AAPL", "MC.PA"]], {"zone": "exchange"}),
    ("get", ["AAPL"], {}),
    ("get", ["AAPL"], {"period": "1y", "adjust": "some"}),
    ("get", ["AAPL"], {"period": "1y", "interval": "7m"}),
    ("get", ["ZZZZZ"], {"start": "2024-01-02", "end": "2024-01-31"}),
    ("sessions", [], {}),
    ("sessions", [], {"calendar": "XXXX"}),
    ("sessions", ["AAPL"], {"calendar": "XPAR"}),
    ("sessions", ["NOPE"], {}),
]


@pytest.mark.parametrize(("verb", "arguments", "named"), WRONG)
def test_what_cannot_be_had_is_said_in_the_same_words(
    door: Door, installation: Installation, verb: str, arguments: list[Any], named: dict[str, Any]
) -> None:
    errors = []
    for asked in (door, installation.manager):
        with pytest.raises(Exception) as caught:  # noqa: PT011 -- each door has its own kind
            asked.call(verb, *arguments, **named)
        errors.append(caught.value)
    here, there = errors
    assert str(here) == str(there)
    for name in ("fields", "symbols"):
        told = {key: str(text) for key, text in (getattr(there, name, None) or {}).items()}
        assert {key: str(text) for key, text in (getattr(here, name, None) or {}).items()} == told


@pytest.mark.parametrize(
    ("symbols", "named"),
    [
        ("AAPL", {"start": "2024-01-02", "end": "2024-06-28"}),
        ("MSFT, AAPL", {"start": "2024-01-02", "end": "2024-06-28", "field": "close"}),
        (["SAP.DE", "AAPL"], {"start": "2025-01-02", "end": "2025-06-30", "adjust": "all"}),
        (["AAPL", "ZZZZZ"], {"start": "2025-01-02", "end": "2025-06-30", "partial": "keep"}),
    ],
)
def test_what_is_missing_is_collected_and_read(
    door: Door, installation: Installation, symbols: str | list[str], named: dict[str, Any]
) -> None:
    here = door.call("get", symbols, timeout=60, progress=False, **named)
    assert len(here) > 50
    there = installation.manager.call("get", symbols, timeout=60, progress=False, **named)
    failed = [frame.attrs.pop("failed", {}) for frame in (here, there)]
    assert [set(reasons) for reasons in failed] == [set(failed[0])] * 2
    assert_same(here, there)
