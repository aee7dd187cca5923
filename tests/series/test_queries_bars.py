from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import Connection

from webapp.database.transactions import reading, writing
from webapp.kernel.bars import Bar
from webapp.kernel.intervals import DAY, Interval
from webapp.kernel.spans import Span
from webapp.series import queries_bars, queries_rollups, queries_series

pytestmark = pytest.mark.usefixtures("app")


def bar(time: int, close: float = 1.0, **fields: int) -> Bar:
    return (time, 1.0, 2.5, 0.1, close, 1e9, None, fields.get("count"))


def everything(series_id: int = 1) -> list[Bar]:
    with reading() as connection:
        return queries_bars.read(connection, series_id)


@pytest.mark.parametrize("rows", [0, 1, 99, 100, 101, 250])
def test_what_is_written_is_read_back(rows: int) -> None:
    written = [bar(60 * i, close=18.77979850769043, count=i) for i in range(rows)]
    with writing() as connection:
        assert queries_bars.upsert(connection, 1, written) == rows
    assert everything() == written


def test_writing_again_doubles_nothing_and_takes_the_new_value() -> None:
    with writing() as connection:
        queries_bars.upsert(connection, 1, [bar(60 * i) for i in range(150)])
    with writing() as connection:
        assert queries_bars.upsert(connection, 1, [bar(60 * i, close=9.0) for i in range(100, 200)]) == 50
    assert [row[4] for row in everything()] == [1.0] * 100 + [9.0] * 100


def test_series_do_not_mix() -> None:
    with writing() as connection:
        queries_bars.upsert(connection, 1, [bar(0)])
        queries_bars.upsert(connection, 2, [bar(0, close=5.0)])
    assert everything(1) == [bar(0)]
    assert everything(2) == [bar(0, close=5.0)]


def test_a_transaction_that_fails_leaves_nothing() -> None:
    def fail() -> None:
        with writing() as connection:
            queries_bars.upsert(connection, 1, [bar(0)])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert everything() == []


def test_spans_are_half_open() -> None:
    with writing() as connection:
        queries_bars.upsert(connection, 1, [bar(time) for time in (0, 60, 120)])
    with reading() as connection:
        assert [row[0] for row in queries_bars.read(connection, 1, Span(60, 120))] == [60]
        assert queries_bars.count(connection, 1, Span(0, 120)) == 2


CHANGES: dict[str, Callable[[Connection, int], object]] = {
    "upsert": lambda connection, series_id: queries_bars.upsert(connection, series_id, [bar(DAY + 60, 2.0)]),
    "rescale": lambda connection, series_id: queries_bars.rescale(connection, series_id, ratio=4.0, volumes=1.0),
    "delete": lambda connection, series_id: queries_bars.delete_at(connection, series_id, DAY + 60),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_whatever_changes_bars_marks_their_candles_stale(change: Callable[[Connection, int], object]) -> None:
    with writing() as connection:
        series_id = queries_series.ensure(connection, "yahoo", "AAPL", Interval.M1, "")
        queries_bars.upsert(connection, series_id, [bar(60), bar(DAY + 60)])
        queries_rollups.clear_stale(connection, series_id)
    with writing() as connection:
        change(connection, series_id)
    with reading() as connection:
        stale = queries_rollups.stale_spans(connection, series_id)
    assert any(mark.start <= DAY + 60 < mark.end for mark in stale)


def test_bars_of_a_removed_series_are_deleted_up_to_an_instant_or_all() -> None:
    with writing() as connection:
        queries_bars.upsert(connection, 1, [bar(time) for time in (0, 60, 120)])
        queries_bars.upsert(connection, 2, [bar(0)])
    with writing() as connection:
        queries_bars.delete_of_removed_series(connection, 1, before=120)
    assert everything(1) == [bar(120)]
    with writing() as connection:
        queries_bars.delete_of_removed_series(connection, 1)
    assert (everything(1), everything(2)) == ([], [bar(0)])


def test_the_bar_table_needs_few_bytes_a_row(app: Flask) -> None:
    if not app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite"):
        return
    rows = [(60 * i, 100.01 + i % 7, 101.02, 99.03, 100.04, float(i % 9973), None, None) for i in range(100_000)]
    with writing() as connection:
        queries_bars.upsert(connection, 1, rows)
    with reading() as connection:
        size = connection.exec_driver_sql(
            "SELECT (SELECT page_size FROM pragma_page_size) * (SELECT page_count FROM pragma_page_count)"
        ).scalar_one()
    assert size / len(rows) <= 75
