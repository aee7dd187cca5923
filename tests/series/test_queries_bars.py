import pytest
from flask import Flask

from webapp.database.transactions import reading, writing
from webapp.kernel.bars import Bar
from webapp.kernel.spans import Span
from webapp.series import queries_bars

pytestmark = pytest.mark.usefixtures("app")


def bar(time: int, close: float = 1.0, **more: int) -> Bar:
    return (time, 1.0, 2.5, 0.1, close, 1e9, None, more.get("count"))


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
