"""How frames are laid out: chosen columns, actions beside prices, zones, and what else than pandas reads them."""

import datetime as dt
import importlib
import io
import json
from typing import Literal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from tests.notebook.test_many_symbols import MONDAY, days, put
from tests.stored import Store, label, write_export
from webapp.errors import InvalidRequestError, MissingPackageError
from webapp.job_manager import JobManager
from webapp.kernel.bars import Action, Bar
from webapp.kernel.intervals import DAY, HOUR, Interval

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def put_hours(store: Store, symbol: str, first: int, count: int, timezone: str = "America/New_York") -> int:
    series_id = store.series(symbol, Interval.H1)
    store.facts(series_id, timezone=timezone, currency="USD")
    bars: list[Bar] = [(first + n * HOUR, 10.0 + n, 11.0 + n, 9.0, 10.5 + n, 5.0, None, None) for n in range(count)]
    store.put(series_id, bars)
    return series_id


# --- Columns ---


def test_columns_come_as_chosen(store: Store) -> None:
    put(store, "AAPL", days(0, 1, wap=10.5))
    assert list(JobManager.bars("AAPL", columns=["volume", "close"]).columns) == ["volume", "close"]
    assert list(JobManager.bars(["AAPL"], columns=["wap", "open"]).columns) == ["wap", "open"]
    assert list(JobManager.bars("AAPL", columns=("close",), actions=True).columns) == [
        *("close", "dividends", "splits", "capital_gains"),
    ]
    assert list(JobManager.bars(["AAPL"], columns=["dividends", "partial", "close"]).columns) == [
        *("dividends", "partial", "close"),
    ]


def test_bars_made_of_smaller_ones_say_which_are_partial_and_stored_ones_are_whole(store: Store) -> None:
    store.now = store.now.replace(month=4)
    put(store, "AAPL", days(0, 1, 2, 3, 4))
    stored = store.series("MSFT", Interval.W1)
    store.facts(stored, timezone="America/New_York")
    store.put(stored, days(0))
    frame = JobManager.bars(["AAPL", "MSFT"], interval="1wk")
    assert frame["partial"].dtype == np.dtype("bool")
    assert frame.attrs["series"]["MSFT"]["made_of"] == "1wk"
    assert JobManager.bars(["MSFT"], interval="1wk", field="partial").dtypes.tolist() == [np.dtype("bool")]


# --- Actions ---


def test_actions_stand_at_the_first_bar_that_trades_ex(store: Store) -> None:
    series_id = put(store, "AAPL", days(0, 1, 2, 7, 8))
    at = [MONDAY + n * DAY for n in range(9)]
    store.act(
        series_id,
        Action("dividend", at[0] - 30 * DAY, 9.0),
        Action("dividend", at[1], 0.5),
        Action("capital_gain", at[1], 0.25),
        Action("split", at[4], 4.0),
        Action("dividend", at[5], 0.125),
        Action("dividend", at[8] + DAY, 9.0),
    )
    frame = JobManager.bars("AAPL", actions=True)
    assert frame["dividends"].tolist() == [0.0, 0.5, 0.0, 0.125, 0.0]
    assert frame["capital_gains"].tolist() == [0.0, 0.25, 0.0, 0.0, 0.0]
    assert frame["splits"].tolist() == [0.0, 0.0, 0.0, 4.0, 0.0]
    later = JobManager.bars("AAPL", actions=True, start=dt.date(2024, 3, 9))
    assert later["splits"].tolist() == [0.0, 0.0], "the split was before that"
    assert JobManager.bars("AAPL", actions=True, start=dt.date(2024, 3, 8))["splits"].tolist() == [4.0, 0.0]


def test_payouts_are_on_the_basis_of_the_prices_beside_them(store: Store) -> None:
    series_id = put(store, "AAPL", days(0, 1, 2, 3))
    store.act(series_id, Action("dividend", MONDAY + DAY, 0.5), Action("split", MONDAY + 2 * DAY, 4.0))
    assert JobManager.bars("AAPL", actions=True)["dividends"].iloc[1] == 0.5
    paid = JobManager.bars("AAPL", actions=True, adjust="none")
    assert (paid["dividends"].iloc[1], paid["close"].iloc[1]) == (2.0, 40.5)


def test_a_payout_of_another_currency_is_converted_or_not_a_number(store: Store) -> None:
    series_id = put(store, "VOD.L", days(0, 1, 2), timezone="Europe/London", currency="GBp")
    store.act(series_id, Action("dividend", MONDAY + DAY, 0.5, "GBP"), Action("dividend", MONDAY + 2 * DAY, 1.0, "USD"))
    dividends = JobManager.bars("VOD.L", actions=True)["dividends"]
    assert dividends.iloc[1] == 50.0
    assert np.isnan(dividends.iloc[2]), "what no rate is stored for is not nothing"


def test_actions_of_hours_weeks_and_many_symbols(store: Store) -> None:
    store.now = store.now.replace(month=4)
    hours = put_hours(store, "MSFT", MONDAY + 14 * HOUR + 1800, 3)
    store.act(hours, Action("dividend", MONDAY, 0.5), Action("dividend", MONDAY + DAY, 7.0))
    assert JobManager.bars("MSFT", interval="1h", actions=True)["dividends"].tolist() == [0.5, 0.0, 0.0]
    series_id = put(store, "AAPL", days(0, 1, 2, 3, 4, 7, 8, 9, 10, 11))
    store.act(series_id, Action("split", MONDAY + DAY, 2.0), Action("split", MONDAY + 2 * DAY, 3.0))
    assert JobManager.bars("AAPL", interval="1wk", actions=True)["splits"].tolist() == [6.0, 0.0]
    wide = JobManager.bars(["AAPL"], field="splits")
    assert wide["AAPL"].iloc[:4].tolist() == [0.0, 2.0, 3.0, 0.0]
    assert JobManager.bars(["AAPL"], actions=True)["splits"].sum() == 5.0


# --- Zones ---


def test_instants_are_told_in_the_zone_and_dates_stand_at_its_midnight(store: Store) -> None:
    put_hours(store, "AAPL", label("2024-03-08T14:30"), 2)
    put(store, "AAPL", days(0, 7))
    hours = JobManager.bars("AAPL", interval="1h", zone="exchange")
    assert str(hours.index[0]) == "2024-03-08 09:30:00-05:00"
    assert (str(hours.index.dtype), hours.attrs["zone"]) == ("datetime64[us, America/New_York]", "America/New_York")
    daily = JobManager.bars("AAPL", zone="exchange")
    assert [str(time) for time in daily.index] == ["2024-03-04 00:00:00-05:00", "2024-03-11 00:00:00-04:00"]
    wide = JobManager.bars(["AAPL"], field="close", zone="Europe/Paris")
    assert str(wide.index[-1]) == "2024-03-11 00:00:00+01:00"
    assert JobManager.bars(["AAPL"], zone="exchange").index.levels[1].tz.key == "America/New_York"


def test_a_midnight_that_is_not_or_is_twice_is_the_day_s_first_moment(store: Store) -> None:
    series_id = store.series("PETR4.SA")
    store.facts(series_id, timezone="America/Sao_Paulo")
    store.put(series_id, [(label(day), 1.0, 1.0, 1.0, 1.0, 1.0, None, None) for day in ("2017-10-15", "2018-02-18")])
    index = JobManager.bars("PETR4.SA", zone="exchange").index
    assert str(index[0]) == "2017-10-15 01:00:00-02:00"
    series_id = store.series("CUBA")
    store.facts(series_id, timezone="America/Havana")
    store.put(series_id, [(label("2023-11-05"), 1.0, 1.0, 1.0, 1.0, 1.0, None, None)])
    assert str(JobManager.bars("CUBA", zone="exchange").index[0]) == "2023-11-05 00:00:00-04:00"


def test_symbols_of_several_exchanges_have_no_one_zone_of_theirs(store: Store) -> None:
    put(store, "AAPL", days(0))
    put(store, "MC.PA", days(0), timezone="Europe/Paris")
    with pytest.raises(InvalidRequestError, match=r"America/New_York, Europe/Paris. Say which") as caught:
        JobManager.bars(["AAPL", "MC.PA"], field="close", zone="exchange")
    assert list(caught.value.fields) == ["zone"]


def test_every_frame_has_times_of_one_kind_that_join(store: Store) -> None:
    put(store, "AAPL", days(0, 1, 2))
    put_hours(store, "MSFT", MONDAY + 14 * HOUR + 1800, 30)
    daily, hours = JobManager.bars("AAPL", columns=["close"]), JobManager.bars("MSFT", interval="1h")
    joined = pd.merge_asof(hours, daily, left_index=True, right_index=True, suffixes=("", "_daily"))
    assert joined["close_daily"].iloc[0] == 10.0
    sessions = JobManager.sessions(calendar="XNYS", start="2024-03-04", end="2024-03-08")
    assert len(pd.merge_asof(hours, sessions, left_index=True, right_on="open")) == 30
    mine = pd.DataFrame({"x": [1]}, index=pd.to_datetime(["2024-03-05"], utc=True))
    assert len(pd.merge_asof(mine, daily, left_index=True, right_index=True)) == 1
    kinds = {str(frame.index.dtype) for frame in (daily, hours, sessions, JobManager.actions("AAPL"))}
    assert kinds == {"datetime64[us, UTC]"}


# --- What reads them ---


def test_arrow_and_polars_hold_the_same_numbers_and_null_for_what_is_missing(store: Store) -> None:
    put(store, "MSFT", days(0, 1))
    put(store, "AAPL", days(1, 2, price=20.0))
    fields: tuple[Literal["close"] | None, ...] = ("close", None)
    for field in fields:
        frame = JobManager.bars(["MSFT", "AAPL"], field=field)
        table = JobManager.bars(["MSFT", "AAPL"], as_="arrow", field=field)
        assert isinstance(table, pa.Table)
        assert table.schema.field("time").type == pa.timestamp("us", tz="UTC")
        back = table.to_pandas().set_index(frame.index.names)
        pd.testing.assert_frame_equal(back, frame, check_names=False)
        assert json.loads(table.schema.metadata[b"moisson"]) == frame.attrs
        on_polars = JobManager.bars(["MSFT", "AAPL"], as_="polars", field=field)
        assert isinstance(on_polars, pl.DataFrame)
        assert on_polars.equals(pl.DataFrame(pl.from_arrow(table)))
    wide = JobManager.bars(["MSFT", "AAPL"], field="close", as_="polars")
    assert wide["AAPL"].to_list() == [None, 20.125, 20.25]
    assert wide.schema["time"] == pl.Datetime("us", "UTC")


@pytest.mark.parametrize("kind", ["arrow", "polars"])
def test_one_symbol_is_a_table_too(store: Store, kind: str) -> None:
    put(store, "AAPL", days(0, 1, wap=10.5))
    table = JobManager.bars("AAPL", as_=kind, zone="exchange", actions=True)  # type: ignore[call-overload]
    assert [str(name) for name in getattr(table, "column_names", getattr(table, "columns", []))] == [
        *("time", "open", "high", "low", "close", "volume", "wap", "count"),
        *("dividends", "splits", "capital_gains"),
    ]
    start = table["time"].to_pylist()[0] if kind == "arrow" else table["time"][0]
    assert str(start) == "2024-03-04 00:00:00-05:00"


def test_without_polars_a_sentence_tells_how_to_install_it(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    put(store, "AAPL", days(0))
    there = importlib.import_module

    def import_module(name: str) -> object:
        if name == "polars":
            raise ImportError(name)
        return there(name)

    monkeypatch.setattr(importlib, "import_module", import_module)
    with pytest.raises(MissingPackageError, match="pip install polars"):
        JobManager.bars("AAPL", as_="polars")


# --- Files ---


@pytest.mark.parametrize("interval", [Interval.D1, Interval.H1])
@pytest.mark.parametrize("wap", [None, 10.25])
@pytest.mark.parametrize("zone", ["UTC", "exchange"])
def test_an_exported_parquet_file_reads_back_as_the_frame(
    store: Store, interval: Interval, wap: float | None, zone: str
) -> None:
    series_id = store.series("AAPL", interval)
    store.facts(series_id, timezone="America/New_York", currency="USD")
    store.put(series_id, days(0, 1, 4, 7, wap=wap))
    stream = io.BytesIO()
    write_export(series_id, "parquet", "splits", stream, zone=zone)
    stream.seek(0)
    is_local = zone == "exchange" and interval is Interval.H1
    frame = JobManager.bars(
        "AAPL", interval="1d" if interval is Interval.D1 else "1h", zone=zone if is_local else "UTC"
    )
    pd.testing.assert_frame_equal(pd.read_parquet(stream), frame, check_exact=True)
