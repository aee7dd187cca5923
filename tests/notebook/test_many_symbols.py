"""Frames of several symbols hold what a frame of each holds, whichever way and from whichever database it is read."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import event

from tests.stored import Store, label
from webapp.coverage import calendars
from webapp.database.transactions import writing
from webapp.errors import InvalidRequestError, NotFoundError, SymbolsError, sentence
from webapp.extensions import db
from webapp.framing import bar_columns
from webapp.job_manager import JobManager
from webapp.kernel.bars import Action, Bar
from webapp.kernel.intervals import DAY, Interval
from webapp.kernel.restatement_kinds import RestatementKind
from webapp.reading.bars import StoredBars
from webapp.reading.panel.panel_opening import check_many
from webapp.restating import queries_restatements
from webapp.restating.queries_restatements import NewRestatement
from webapp.series import queries_actions, queries_rebasing, queries_series

MONDAY = label("2024-03-04")
ADJUSTMENTS: tuple[Literal["none", "splits", "all"], ...] = ("none", "splits", "all")


def days(*numbers: int, price: float = 10.0, wap: float | None = None) -> list[Bar]:
    """Bars of the days so many after a Monday."""
    count = None if wap is None else 3
    return [(MONDAY + n * DAY, price, price + 1, price - 1, price + n / 8, 100.0 + n, wap, count) for n in numbers]


def put(store: Store, symbol: str, bars: list[Bar], source: str = "yahoo", variant: str = "", **facts: object) -> int:
    series_id = store.series(symbol, source=source, variant=variant)
    store.facts(series_id, **({"timezone": "America/New_York", "currency": "USD"} | facts))
    store.put(series_id, bars)
    return series_id


@pytest.fixture(params=["rows", "packs"])
def read_as(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Read as few bars are read, and as many: by a process of its own on SQLite."""
    if request.param == "packs":
        monkeypatch.setitem(bar_columns.MANY, "sqlite", -1)
    return str(request.param)


@contextmanager
def counted_statements() -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield statements
    event.remove(db.engine, "before_cursor_execute", note)


def test_a_wide_frame_has_a_column_a_symbol_and_holes_that_nobody_filled(store: Store, read_as: str) -> None:
    put(store, "MSFT", days(0, 1, 3, 4, 8))
    put(store, "AAPL", days(1, 2, 4, 8, price=20.0))
    frame = JobManager.bars(["MSFT", "aapl"], field="close")
    assert list(frame.columns) == ["MSFT", "AAPL"]
    assert (frame.columns.name, frame.index.name, str(frame.index.dtype)) == (
        "symbol",
        "time",
        "datetime64[us, UTC]",
    )
    assert [time.day for time in frame.index] == [4, 5, 6, 7, 8, 11, 12], "the 11th, which neither has, and no weekend"
    expected = [[10.0, np.nan], [10.125, 20.125], [np.nan, 20.25], [10.375, np.nan], [10.5, 20.5]]
    np.testing.assert_array_equal(frame.to_numpy(), [*expected, [np.nan, np.nan], [11.0, 21.0]])
    assert set(frame.dtypes) == {np.dtype("float64")}


def test_a_day_that_is_traded_against_the_calendar_keeps_its_row(store: Store) -> None:
    put(store, "AAPL", days(4, 5, 7))
    assert [time.day for time in JobManager.bars(["AAPL"], field="close").index] == [8, 9, 11]


def test_each_calendar_counts_between_the_bars_of_those_that_follow_it(store: Store) -> None:
    put(store, "AAPL", days(0, 11))
    put(store, "BTC-USD", days(4, 6), kind="CRYPTOCURRENCY", timezone="UTC")
    frame = JobManager.bars(["AAPL", "BTC-USD"], field="volume")
    assert [time.day for time in frame.index] == [4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]
    with writing() as connection:
        row = queries_series.find(connection, "yahoo", "AAPL", Interval.D1, "")
    assert row
    calendars.choose(row.instrument_id, "24/7")
    assert len(JobManager.bars(["AAPL"], field="volume")) == 12


def test_weeks_and_months_have_a_row_each(store: Store) -> None:
    put(store, "AAPL", days(0, 1, 14, 15))
    put(store, "MSFT", days(1, 2, 15, 16))
    store.now = store.now.replace(month=4)
    weeks = JobManager.bars(["AAPL", "MSFT"], field="close", interval="1wk")
    assert [time.day for time in weeks.index] == [4, 11, 18]
    assert weeks["MSFT"].isna().tolist() == [False, True, False]
    assert weeks.attrs["series"]["AAPL"]["made_of"] == "1d"


def test_a_long_frame_is_each_symbol_s_frame_below_the_other(store: Store, read_as: str) -> None:
    put(store, "MSFT", days(0, 1, 3, 4, 8))
    put(store, "AAPL", days(1, 2, 4, 8, price=20.0))
    frame = JobManager.bars(["MSFT", "AAPL"])
    expected = pd.concat({symbol: JobManager.bars(symbol) for symbol in ("MSFT", "AAPL")}, names=["symbol", "time"])
    pd.testing.assert_frame_equal(frame, expected, check_exact=True)
    assert frame.loc["AAPL"].index.equals(JobManager.bars("AAPL").index)


def test_averages_stand_where_their_source_gives_them(store: Store, read_as: str) -> None:
    put(store, "AAPL", days(0, 1))
    put(store, "MSFT", days(0, 1, wap=10.25))
    frame = JobManager.bars(["AAPL", "MSFT"])
    assert list(frame.columns) == ["open", "high", "low", "close", "volume", "wap", "count"]
    assert frame["wap"].isna().tolist() == [True, True, False, False]
    assert JobManager.bars(["AAPL", "MSFT"], field="count")["MSFT"].tolist() == [3.0, 3.0]
    assert "wap" not in JobManager.bars(["AAPL"]).columns


def lively(store: Store) -> list[str]:
    """Series with all that adjustment knows: splits (one not in the bars yet), payouts, gains, other currencies."""
    ids = [put(store, symbol, days(*range(60), price=50.0 + n)) for n, symbol in enumerate(("A", "B", "C", "D"))]
    day = [MONDAY + n * DAY for n in range(60)]
    store.act(
        ids[0], Action("dividend", day[10], 0.5), Action("split", day[20], 4.0), Action("dividend", day[30], 0.25)
    )
    store.act(ids[1], Action("dividend", day[10], 1.0), Action("capital_gain", day[10], 0.5))
    store.act(ids[2], Action("dividend", day[40], 2.0, "EUR"), Action("split", day[50], 0.5))
    with writing() as connection:
        for series_id in ids:
            row = queries_series.get(connection, series_id)
            assert row
            if series_id == ids[1]:
                queries_actions.write_remainder(connection, row.instrument_id, ("dividend", day[10]), 0.98)
    return ["A", "B", "C", "D"]


@pytest.mark.parametrize("adjust", ADJUSTMENTS)
def test_prices_are_adjusted_as_in_a_frame_of_one(
    store: Store, adjust: Literal["none", "splits", "all"], read_as: str
) -> None:
    symbols = lively(store)
    store.now = store.now.replace(year=2024, month=4, day=30)
    frame = JobManager.bars(symbols, adjust=adjust)
    for symbol in symbols:
        one = JobManager.bars(symbol, adjust=adjust)
        pd.testing.assert_frame_equal(frame.loc[symbol], one, check_exact=True)
        assert frame.attrs["series"][symbol].get("notes") == one.attrs.get("notes")
    if adjust == "all":
        assert "no rate" in frame.attrs["series"]["C"]["notes"][0]
        assert frame.loc["A", "close"].iloc[0] != JobManager.bars("A")["close"].iloc[0]
    if adjust == "splits":
        assert frame.loc["C", "close"].iloc[0] == 2 * JobManager.bars("C", adjust="none")["close"].iloc[0]


@pytest.mark.parametrize("adjust", ADJUSTMENTS)
def test_more_symbols_are_no_more_questions(store: Store, adjust: Literal["none", "splits", "all"]) -> None:
    symbols = [f"S{n:02d}" for n in range(30)]
    for symbol in symbols:
        series_id = put(store, symbol, days(*range(5)))
        store.act(series_id, Action("dividend", MONDAY + 2 * DAY, 0.5), Action("split", MONDAY + DAY, 2.0))
    asked = []
    for count in (3, 30):
        with counted_statements() as statements:
            assert JobManager.bars(symbols[:count], field="close", adjust=adjust).shape == (5, count)
        asked.append(len(statements))
    assert asked[0] == asked[1]


def test_what_cannot_be_had_is_said_of_each_symbol(store: Store) -> None:
    put(store, "AAPL", days(0, 1))
    with pytest.raises(SymbolsError, match="2 of 3 symbols cannot be had") as caught:
        JobManager.bars(["NOPE", "AAPL", "NIX"])
    assert list(caught.value.symbols) == ["NOPE", "NIX"]
    assert "There are no 1d bars of NIX" in str(caught.value)
    with pytest.raises(SymbolsError, match=r"^NOPE: There are no 1d bars of NOPE"):
        JobManager.bars(["NOPE"])
    with pytest.raises(NotFoundError):
        JobManager.bars("NOPE")


def test_what_can_be_had_is_kept_where_that_is_asked_for(store: Store) -> None:
    put(store, "AAPL", days(0, 1))
    frame = JobManager.bars(["NOPE", "AAPL"], field="close", partial="keep")
    assert list(frame.columns) == ["AAPL"]
    assert list(frame.attrs["failed"]) == ["NOPE"]
    nothing = JobManager.bars(["NOPE"], partial="keep")
    assert (nothing.empty, nothing.index.names) == (True, ["symbol", "time"])
    assert JobManager.bars(["NOPE"], field="close", partial="keep").empty


def test_of_several_sources_the_usual_one_is_meant_unless_another_is_said(store: Store) -> None:
    put(store, "AAPL", days(0, 1))
    put(store, "AAPL", days(0, 1, price=11.0), source="ibkr")
    assert JobManager.bars(["AAPL"], field="open").iloc[0, 0] == 10.0
    assert JobManager.bars(["AAPL"], field="open", source="ibkr").iloc[0, 0] == 11.0


def test_attributes_say_what_each_series_is_and_files_can_hold_them(store: Store) -> None:
    put(store, "VOD.L", days(0, 1), timezone="Europe/London", currency="GBp")
    one, many = JobManager.bars("VOD.L", adjust="all"), JobManager.bars(["VOD.L"], field="close")
    expected = {"source": "yahoo", "symbol": "VOD.L", "currency": "GBP", "unit": "GBp", "made_of": "1d", "partial": 0}
    assert expected | {"exchange_zone": "Europe/London", "interval": "1d", "variant": ""} == {
        name: one.attrs[name] for name in (*expected, "exchange_zone", "interval", "variant")
    }
    assert (one.attrs["zone"], one.attrs["adjust"], one.attrs["as_of"]) == ("UTC", "all", "2024-03-06T12:00:00+00:00")
    assert (many.attrs["field"], many.attrs["adjust"]) == ("close", "splits")
    assert many.attrs["series"]["VOD.L"]["currency"] == "GBP"
    assert json.loads(json.dumps(many.attrs)) == many.attrs


@pytest.mark.parametrize(
    ("arguments", "wrong"),
    [
        ({"field": "klose"}, "field"),
        ({"columns": ["close", "klose"]}, "columns"),
        ({"columns": []}, "columns"),
        ({"columns": ["close", "close"]}, "columns"),
        ({"columns": ["wap"]}, "columns"),
        ({"field": "close", "columns": ["close"]}, "columns"),
        ({"as_": "excel"}, "as_"),
        ({"partial": "drop"}, "partial"),
        ({"zone": "Mars/Phobos"}, "zone"),
        ({"adjust": "some"}, "adjust"),
    ],
)
def test_a_word_that_cannot_be_given_is_refused_with_its_argument(
    store: Store, arguments: dict[str, str], wrong: str
) -> None:
    put(store, "AAPL", days(0, 1))
    with pytest.raises(InvalidRequestError) as caught:
        JobManager.bars("AAPL", **arguments)  # type: ignore[call-overload]  # words of the test's choice
    assert list(caught.value.fields) == [wrong]


@pytest.mark.parametrize("symbols", [[], [1], [None], ["AAPL", 2.5], None, 7, b"AAPL"])
def test_what_is_no_symbol_is_refused_with_a_sentence(store: Store, symbols: object) -> None:
    for verb, span in ((JobManager.bars, {}), (JobManager.get, {"period": "1y"})):
        with pytest.raises(InvalidRequestError, match="symbol") as caught:
            verb(symbols, **span)  # type: ignore[call-overload]  # values of the test's choice
        assert [name.rstrip("s") for name in caught.value.fields] == ["symbol"]


def test_symbols_may_stand_in_anything_that_holds_texts(store: Store) -> None:
    put(store, "AAPL", days(0))
    for symbols in (("AAPL",), {"AAPL"}, pd.Index(["AAPL"]), pd.Series(["AAPL"]), iter([" aapl "])):
        assert list(JobManager.bars(symbols, field="close").columns) == ["AAPL"]


def test_a_series_that_is_rebased_while_it_is_read_is_read_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    first = put(store, "AAPL", days(0, 1))
    put(store, "MSFT", days(0, 1))
    rounds: list[int] = []

    def rebase_once(opened: list[StoredBars]) -> None:
        if not rounds:
            with writing() as connection:
                queries_rebasing.rebase_bars(connection, first, 2.0, is_volume_too=True)
                restatement = NewRestatement(
                    first, 1, RestatementKind.REBASED, MONDAY, MONDAY + DAY, 2, sentence("re-based"), 2.0
                )
                queries_restatements.add(connection, restatement, store.now)
        rounds.append(len(opened))
        check_many(opened)

    monkeypatch.setattr(bar_columns, "check_many", rebase_once)
    frame = JobManager.bars(["AAPL", "MSFT"], field="open")
    assert frame.iloc[0].tolist() == [5.0, 10.0]
    assert len(rounds) == 2
