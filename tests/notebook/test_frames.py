"""DataFrames: what is read in packs is what is read by pages, to the last bit, on SQLite and on PostgreSQL."""

import logging
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.stored import Store, opened
from webapp.database.transactions import reading, writing
from webapp.extensions import db
from webapp.kernel.bars import Action, Bar
from webapp.kernel.intervals import DAY, Interval
from webapp.kernel.spans import EVER, Span
from webapp.notebook.frames import frame_of
from webapp.reading import queries_packed_bars
from webapp.reading.bars import open_bars
from webapp.series import queries_action_findings, queries_bars, queries_series
from webapp.series.queries_action_findings import FindingOrigin, NewFinding

_ODD = (0.1 + 0.2, 187.14999389648438, 5e-324, 1e300, 2.0)


def odd_bars(count: int, *, is_wide: bool) -> list[Bar]:
    """Bars with figures that are hard to copy; the first averages are unknown, and some counts."""
    return [
        (
            DAY * n,
            _ODD[n % 5],
            2.5,
            -0.0,
            _ODD[(n + 1) % 5],
            float(n) / 3,
            _ODD[n % 5] if is_wide and n > 2 else None,
            n if is_wide and n % 3 else None,
        )
        for n in range(count)
    ]


def assert_same_bits(packed: pd.DataFrame, paged: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(packed, paged, check_exact=True)
    for name in packed.columns:
        assert np.array_equal(packed[name].to_numpy().view(np.int64), paged[name].to_numpy().view(np.int64)), name


@pytest.mark.parametrize("is_wide", [False, True])
def test_packs_hold_the_same_bits_as_pages(store: Store, *, is_wide: bool) -> None:
    series_id, second = store.series(), store.series("MSFT")
    store.put(series_id, odd_bars(200, is_wide=is_wide))
    store.put(second, odd_bars(3, is_wide=is_wide))
    store.act(series_id, Action("dividend", DAY * 50, 0.01), Action("split", DAY * 100, 4.0))
    for adjust, span, count in (("none", EVER, 200), ("all", Span(DAY * 20, DAY * 150), 130)):
        opened_bars = open_bars(series_id, adjust, span)
        packed, paged = frame_of(opened_bars, many=0), frame_of(opened_bars, many=10**9)
        assert len(packed) == count
        assert packed.columns[-1] == ("count" if is_wide else "volume")
        assert_same_bits(packed, paged)
    with reading() as connection:
        packs = queries_packed_bars.read(connection, series_id, EVER, has_wap=is_wide)
    assert packs is not None, "it was read in packs, and not by pages twice"


def test_several_packs_make_one_frame(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries_packed_bars, "_ROWS", 50)  # PostgreSQL's packs; a million bars would take seconds
    series_id = store.series()
    store.put(series_id, odd_bars(100, is_wide=False))
    opened_bars = open_bars(series_id, "splits")
    assert_same_bits(frame_of(opened_bars, many=0), frame_of(opened_bars, many=10**9))


def test_a_series_without_bars_is_an_empty_frame(store: Store) -> None:
    empty = frame_of(open_bars(store.series(), "splits"), many=0)
    assert empty.empty
    assert list(empty.columns) == ["open", "high", "low", "close", "volume"]


def test_a_frame_says_what_must_be_said_of_its_prices(store: Store) -> None:
    series_id = store.series()
    store.put(series_id, odd_bars(100, is_wide=False))
    with writing() as connection:
        row = queries_series.get(connection, series_id)
        assert row
        assert row.first_bar is not None
        origin, span = FindingOrigin(row.instrument_id, series_id, 1), Span(row.first_bar, row.first_bar + DAY)
        queries_action_findings.replace(connection, origin, span, [NewFinding(span, -0.0155)], store.now)
    [note] = frame_of(open_bars(series_id, "all"), many=0).attrs["notes"]
    assert "differ from these by -1.55 %: no dividend on record explains it." in note
    assert "notes" not in frame_of(open_bars(series_id, "splits"), many=0).attrs


def test_what_is_not_committed_is_not_seen(store: Store) -> None:
    series_id = store.series()
    store.put(series_id, odd_bars(10, is_wide=False))
    with writing() as connection:
        queries_bars.upsert(connection, series_id, [(DAY * 500, 1.0, 1.0, 1.0, 1.0, 1.0, None, None)])
        assert len(frame_of(open_bars(series_id, "splits"), many=0)) == 10
    assert len(frame_of(open_bars(series_id, "splits"), many=0)) == 11


def test_a_larger_interval_is_made_of_pages(store: Store) -> None:
    series_id = store.series(interval=Interval.M1)
    store.facts(series_id, timezone="UTC", session_open=0, session_close=DAY)
    store.put(series_id, [(60 * n, 1.0, 2.0, 0.5, 1.5, 1.0, None, None) for n in range(600)])
    frame = frame_of(open_bars(series_id, "splits", EVER, Interval.M5), many=0)
    assert frame["volume"].iloc[0] == 5.0


def test_a_frame_says_what_its_prices_are_not_adjusted_for(store: Store) -> None:
    series_id = store.series(interval=Interval.D1)
    store.facts(series_id, currency="GBp")
    store.put(series_id, [(DAY, 1.0, 1.0, 1.0, 1.0, 1.0, None, None), (2 * DAY, 1.0, 1.0, 1.0, 1.0, 1.0, None, None)])
    store.act(series_id, Action("dividend", 2 * DAY, 0.01, "USD"))
    [note] = frame_of(open_bars(series_id, "all")).attrs["notes"]
    assert "they are in USD, the prices in GBp" in note
    assert frame_of(open_bars(series_id, "splits")).attrs == {}


def test_a_database_in_memory_is_read_by_pages(tmp_path: Path) -> None:
    with opened(tmp_path, "sqlite://") as in_memory:
        db.create_all()
        series_id = in_memory.series()
        in_memory.put(series_id, odd_bars(20, is_wide=False))
        assert len(frame_of(open_bars(series_id, "splits"), many=0)) == 20


@pytest.mark.parametrize("words", ["import sys; sys.exit(3)", "print('no stream')"])
def test_a_reader_that_fails_is_no_answer(words: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    assert queries_packed_bars.table_of([sys.executable, "-c", words]) is None
    assert "a process of its own" in caplog.text


def test_a_stream_of_a_reader_that_died_is_not_taken() -> None:
    words = (
        "import sys, pyarrow as pa; t = pa.table({'a': [1]});"
        " w = pa.ipc.new_stream(sys.stdout.buffer, t.schema); w.write_table(t); sys.stdout.flush(); sys.exit(1)"
    )
    assert queries_packed_bars.table_of([sys.executable, "-c", words]) is None


def test_a_reader_that_cannot_start_is_no_answer() -> None:
    assert queries_packed_bars.table_of(["/nowhere/python"]) is None
