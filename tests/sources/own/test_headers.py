"""What headers of people's files name: whatever is recognised is kept, and nothing is read by where it stands."""

from pathlib import Path

import pytest

from webapp.sources.own.files import first_lines, layout_of
from webapp.sources.own.layouts.rules_headers import read_header
from webapp.sources.own.layouts.rules_layout_guess import Guess, guess

OHLCV = ("time", "open", "high", "low", "close", "volume")


def guessed(folder: Path, content: str) -> tuple[Guess, tuple[str, ...], list[str]]:
    """What a file looks like, the names of its columns, and the cells of its first line."""
    path = folder / "original"
    path.write_text(content, encoding="utf-8")
    layout = layout_of(path)
    rows = [list(cells) for _, cells in first_lines(path, layout, 100)]
    found = guess(layout.names, rows, layout.delimiter, has_header=layout.has_header)
    return found, layout.names, [str(cell) for cell in rows[0]]


def columns(header: str) -> dict[str, str]:
    """The name of the column of each role."""
    names = header.split(",")
    return {role: names[place] for role, place in read_header(names).columns.items()}


@pytest.mark.parametrize(
    "header",
    [
        "Date,Close_AAPL,High_AAPL,Low_AAPL,Open_AAPL,Volume_AAPL",
        "Date,AAPL.Close,AAPL.High,AAPL.Low,AAPL.Open,AAPL.Volume",
        "Date,Close LOW,High LOW,Low LOW,Open LOW,Volume LOW",
        "Date,Close_BRK_B,High_BRK_B,Low_BRK_B,Open_BRK_B,Volume_BRK_B",
        "Date,Close (USD),High (USD),Low (USD),Open (USD),Volume",
        "Date,Close V,High V,Low V,Open V,Volume V",
        "t,c,h,l,o,v",
        "Date,Closing Price,High Price,Low Price,Opening Price,Volume",
        "Datum,Schlußkurs,Hoch,Tief,Eröffnung,Stück",
        "Datum,Zuletzt,Tageshoch,Tagestief,Eröffn.,Volumen",
        "Fecha,Último,Máximo,Mínimo,Apertura,Vol.",
        "Fecha,Precio de cierre,Máximo,Mínimo,Precio de apertura,Volumen",
        "Data,Chiusura,Massimo,Minimo,Apertura,Volume",
        "Data,Fechamento,Máxima,Mínima,Abertura,Volume",
        "Date,Dernier,Plus Haut,Plus Bas,Ouv.,Vol.",
        "Time,Latest,High,Low,Open,Volume",
    ],
)
def test_a_header_says_which_column_is_which_whatever_their_order(header: str) -> None:
    assert list(read_header(header.split(",")).columns.items()) == [
        *(("time", 0), ("open", 4), ("high", 2), ("low", 3), ("close", 1), ("volume", 5))
    ]


@pytest.mark.parametrize("close", ["Latest", "Last", "Last Price", "Close/Last"])
def test_the_volume_is_not_taken_from_the_change(close: str) -> None:
    assert columns(f"Time,Open,High,Low,{close},Change,%Chg,Volume") == {
        "time": "Time",
        "open": "Open",
        "high": "High",
        "low": "Low",
        "close": close,
        "volume": "Volume",
    }


@pytest.mark.parametrize(
    ("header", "time"),
    [
        ("ts_event,rtype,publisher_id,instrument_id,open,high,low,close,volume", "ts_event"),
        ("v,vw,o,c,h,l,t,n", "t"),
        ("volume,open,close,high,low,window_start,transactions", "window_start"),
        ("open_time,open,high,low,close,volume,close_time,quote_volume,count", "open_time"),
    ],
)
def test_a_time_among_other_columns_is_recognised_by_its_name(header: str, time: str) -> None:
    named = columns(header)
    assert named["time"] == time
    assert set(named) >= {"open", "high", "low", "close", "volume"}


def test_what_a_header_does_not_name_is_asked_and_the_rest_is_kept(tmp_path: Path) -> None:
    found, *_ = guessed(tmp_path, "Date,Foo,High,Low,Bar,Volume\n2024-01-02,1,3,0.5,2,10\n2024-01-03,1,3,0.5,2,10\n")
    assert found.columns == {"time": 0, "high": 2, "low": 3, "volume": 5}
    found, *_ = guessed(tmp_path, "Kerze,A,B,C,D\n2024-01-02,1,3,0.5,2\n2024-01-03,1,3,0.5,2\n")
    assert found.columns == {}, "a header of unknown words is no reason to count columns"


def test_an_adjusted_close_is_not_the_close() -> None:
    assert "close" not in columns("Date,Open,High,Low,Adj Close,Volume")
    assert columns("Date,Adj Close,Close,Open,High,Low")["close"] == "Close"


@pytest.mark.parametrize(
    ("header", "doubts"),
    [
        ("Date,Close_AAPL,Close_MSFT,High_AAPL,High_MSFT,Low_AAPL,Low_MSFT", {"close", "high", "low"}),
        ("date,bid_open,bid_high,bid_low,bid_close,ask_open,ask_high,ask_low,ask_close", {*OHLCV[1:5]}),
        ("unix,date,open,high,low,close,Volume BTC,Volume USDT", {"volume"}),
    ],
)
def test_what_two_columns_may_be_is_in_doubt(header: str, doubts: set[str]) -> None:
    found = read_header(header.split(","))
    assert found.doubts == doubts
    assert not doubts & found.columns.keys()


NESTED = {
    "of yfinance": (
        "Price,Close,High,Low,Open,Volume\nTicker,AAPL,AAPL,AAPL,AAPL,AAPL\nDate,,,,,\n2024-01-02,4,5,1,2,10\n"
    ),
    "with a number for a symbol": (
        "Price,Close,High,Low,Open,Volume\nTicker,7203,7203,7203,7203,7203\nDate,,,,,\n2024-01-02,4,5,1,2,10\n"
    ),
    "by symbol, the index without a name": (
        ",AAPL,AAPL,AAPL,AAPL,AAPL\n,Close,High,Low,Open,Volume\n2024-01-02,4,5,1,2,10\n"
    ),
    "with names of levels, the index without a name": (
        "Price,Close,High,Low,Open,Volume\nTicker,AAPL,AAPL,AAPL,AAPL,AAPL\n2024-01-02,4,5,1,2,10\n"
    ),
    "with units below": "Date,Close,High,Low,Open,Volume\n,USD,USD,USD,USD,shares\n2024-01-02,4,5,1,2,10\n",
}


@pytest.mark.parametrize("content", NESTED.values(), ids=NESTED.keys())
def test_a_header_of_several_lines_is_read_as_one(tmp_path: Path, content: str) -> None:
    found, _, first = guessed(tmp_path, content + "2024-01-03,4,5,1,2,10\n")
    assert [found.columns.get(role) for role in OHLCV] == [0, 4, 2, 3, 1, 5]
    assert first[0] == "2024-01-02"


def test_a_header_with_numbers_in_it_is_a_header_all_the_same(tmp_path: Path) -> None:
    found, names, first = guessed(tmp_path, "Date,7203,6758\n2024-01-02,2600,13400\n2024-01-03,2610,13500\n")
    assert (names, first[0], found.columns) == (("Date", "7203", "6758"), "2024-01-02", {"time": 0})


def test_the_only_column_without_a_name_that_holds_dates_is_the_time(tmp_path: Path) -> None:
    found, *_ = guessed(tmp_path, ",Close,Open,High,Low\n2024-01-02,4,2,5,1\n2024-01-03,4,2,5,1\n")
    assert found.columns == {"time": 0, "open": 2, "high": 3, "low": 4, "close": 1}
