"""Bars made of smaller ones say in every file which of them are partial, and may be left out."""

import io
import json

import pyarrow.parquet as pq
import pytest
from pyarrow import feather

from tests.stored import Store, label
from webapp.api.series import bar_json
from webapp.database.transactions import writing
from webapp.exporting.files import open_export
from webapp.exporting.requests import parse_export_request
from webapp.exporting.rules_exports import ExportRequest
from webapp.kernel.intervals import DAY, Interval
from webapp.kernel.plans import Covered, Verdict
from webapp.kernel.spans import Span
from webapp.notebook.frames import frame_of
from webapp.reading.bars import open_bars
from webapp.reading.charts import candles
from webapp.series import queries_coverage

MONDAYS = [label("2024-02-26"), label("2024-03-04")]


@pytest.fixture
def series_id(store: Store) -> int:
    """Two weeks of days, Wednesday of the first one unknown."""
    series_id = store.series("AAPL")
    store.facts(series_id, timezone="America/New_York", exchange="NMS")
    store.now = store.now.replace(month=4)
    wednesday = MONDAYS[0] + 2 * DAY
    dates = [monday + day * DAY for monday in MONDAYS for day in range(5)]
    store.put(series_id, [(date, 2.0, 3.0, 1.0, 2.0, 1.0, None, None) for date in dates if date != wednesday])
    with writing() as connection:
        for span in (Span(MONDAYS[0], wednesday), Span(wednesday + DAY, MONDAYS[1] + 7 * DAY)):
            queries_coverage.record(connection, series_id, Covered(span, Verdict.HAVE, 0))
    return series_id


def written(series_id: int, fmt: str, step: Interval | None = Interval.W1, *, complete_only: bool = False) -> bytes:
    return b"".join(open_export(series_id, fmt, step=step, complete_only=complete_only).chunks)


def test_a_column_of_csv_says_it(series_id: int) -> None:
    assert written(series_id, "csv").decode().splitlines() == [
        "time,open,high,low,close,volume,partial",
        "2024-02-26,2.0,3.0,1.0,2.0,4,true",
        "2024-03-04,2.0,3.0,1.0,2.0,5,false",
    ]
    assert written(series_id, "csv", complete_only=True).decode().splitlines()[1:] == [
        "2024-03-04,2.0,3.0,1.0,2.0,5,false"
    ]


def test_stored_bars_have_no_such_column(series_id: int) -> None:
    assert written(series_id, "csv", None).startswith(b"time,open,high,low,close,volume\n")
    assert "partial" not in pq.read_table(io.BytesIO(written(series_id, "parquet", None))).column_names


def test_parquet_and_arrow_have_truth_values(series_id: int) -> None:
    for table in (
        pq.read_table(io.BytesIO(written(series_id, "parquet"))),
        feather.read_table(io.BytesIO(written(series_id, "arrow"))),
    ):
        assert table.column("partial").to_pylist() == [True, False]


def test_json_and_frames_say_it(series_id: int) -> None:
    stored = open_bars(series_id, "splits", step=Interval.W1)
    text = b"".join(bar_json.stream({"id": 1}, stored.pages(10), str, has_wap=False, partial=stored.partial))
    assert [bar["partial"] for bar in json.loads(text)["bars"]] == [True, False]
    frame = frame_of(open_bars(series_id, "splits", step=Interval.W1))
    assert frame["partial"].tolist() == [True, False]
    assert frame["partial"].dtype == bool
    assert "partial" not in frame_of(open_bars(series_id, "splits")).columns


def test_candles_of_a_chart_say_it(series_id: int) -> None:
    assert candles(series_id, max_points=2).partial == [1, 0]
    assert candles(series_id).partial == [0] * 9


def test_a_form_a_link_and_a_row_ask_for_complete_bars(series_id: int) -> None:
    fields = {"series": str(series_id), "interval": "1wk", "complete_only": "true"}
    request = parse_export_request(fields)
    assert request.complete_only
    assert ExportRequest.from_json(request.to_json()) == request
    older = {name: value for name, value in request.to_json().items() if name != "complete_only"}
    assert not ExportRequest.from_json(older).complete_only
