"""Exports with times of another zone, of some days alone, and of merged bars."""

import datetime as dt
import io
import zipfile
from zoneinfo import ZoneInfo

import pandas as pd
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest

from tests.stored import NOON, Store, label
from webapp.database.transactions import reading
from webapp.errors import InvalidRequestError
from webapp.exporting.archive import open_file
from webapp.exporting.counts import count_rows, rows_of
from webapp.exporting.files import open_export
from webapp.exporting.preview import preview
from webapp.exporting.requests import parse_export_request, possible_steps
from webapp.exporting.rules_exports import ExportRequest
from webapp.exporting.zones import ZonedLines
from webapp.kernel.intervals import DAY, HOUR, Interval

NEW_YORK = ZoneInfo("America/New_York")


def hours(store: Store, first: str, count: int) -> int:
    """A series of hours of New York, with bars one after the other."""
    series_id = store.series(interval=Interval.H1)
    store.facts(series_id, timezone="America/New_York")
    start = label(first)
    store.put(series_id, [(start + HOUR * n, 1.5, 2.0, 1.0, 1.5 + n % 3, 10.0, None, None) for n in range(count)])
    return series_id


def lines_of(request: ExportRequest) -> list[str]:
    return b"".join(open_file(request, NOON).chunks).decode().splitlines()


def test_times_have_the_offset_of_their_day_on_both_sides_of_a_change(store: Store) -> None:
    series_id = hours(store, "2024-03-09T00:00:00", 72)  # clocks change on the 10th at 07:00 UTC
    request = ExportRequest((series_id,), zone="America/New_York")
    stamps = [line.split(",")[0] for line in lines_of(request)[1:]]
    expected = [dt.datetime.fromtimestamp(label("2024-03-09T00:00:00") + HOUR * n, NEW_YORK) for n in range(72)]
    assert stamps == [moment.isoformat() for moment in expected]
    assert "2024-03-10T01:00:00-05:00" in stamps
    assert "2024-03-10T03:00:00-04:00" in stamps


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "America/St_Johns", "Europe/London", "Pacific/Apia"])
def test_only_the_times_differ_from_the_default_file(store: Store, zone: str) -> None:
    series_id = hours(store, "2011-12-25T00:00:00", 300)  # at its end Samoa leaves a day out
    usual = lines_of(ExportRequest((series_id,)))
    local = lines_of(ExportRequest((series_id,), zone=zone))
    assert [line.split(",", 1)[1] for line in local] == [line.split(",", 1)[1] for line in usual]
    instants = [[dt.datetime.fromisoformat(line.split(",")[0]) for line in written[1:]] for written in (usual, local)]
    assert instants[0] == instants[1]


def test_seconds_of_an_old_offset_are_kept() -> None:
    time = label("1880-01-01T12:00:00")
    text = ZonedLines(NEW_YORK).of(b"1880-01-01T12:00:00Z,1.0\n", [time])
    assert text == b"1880-01-01T07:03:58-04:56:02,1.0\n"


def test_averages_and_counts_stay_beside_local_times(store: Store) -> None:
    series_id = store.series(interval=Interval.H1)
    store.put(series_id, [(HOUR * n, 1.5, 2.0, 1.0, 1.5, 10.0, 1.25, 3 + n) for n in range(2)])
    lines = lines_of(ExportRequest((series_id,), zone="Asia/Tokyo"))
    assert lines[2] == "1970-01-01T10:00:00+09:00,1.5,2.0,1.0,1.5,10,1.25,4"


def test_the_exchanges_zone_is_each_series_own(store: Store) -> None:
    series_id = hours(store, "2024-01-02T14:30:00", 1)
    assert lines_of(ExportRequest((series_id,), zone="exchange"))[1].startswith("2024-01-02T09:30:00-05:00,")


def test_dates_stay_dates_in_any_zone(store: Store) -> None:
    series_id = store.series()
    store.put(series_id, [(DAY, 1.0, 1.0, 1.0, 1.0, 1.0, None, None)])
    assert lines_of(ExportRequest((series_id,), zone="Asia/Tokyo"))[1].startswith("1970-01-02,")


@pytest.mark.parametrize("fmt", ["parquet", "arrow"])
def test_a_table_says_its_zone_and_holds_the_same_instants(store: Store, fmt: str) -> None:
    series_id = hours(store, "2024-03-09T00:00:00", 48)
    stream = io.BytesIO(b"".join(open_export(series_id, fmt, zone="America/New_York").chunks))
    table = pq.read_table(stream) if fmt == "parquet" else pyarrow.feather.read_table(stream)
    assert table.schema.field("time").type == pa.timestamp("us", tz="America/New_York")
    frame = table.to_pandas()
    assert list(frame.index) == [pd.Timestamp("2024-03-09", tz="UTC") + pd.Timedelta(hours=n) for n in range(48)]


@pytest.mark.parametrize("zone", ["Mars/Olympus", "America", "../../etc/passwd", "\x00", ""])
def test_what_is_no_time_zone_is_said(store: Store, zone: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        open_export(store.series(interval=Interval.M1), "csv", zone=zone)
    assert list(caught.value.fields) == ["zone"]


def test_days_are_the_exchanges_and_both_ends_belong(store: Store) -> None:
    series_id = hours(store, "2024-03-07T00:00:00", 120)
    request = ExportRequest((series_id,), start=dt.date(2024, 3, 8), end=dt.date(2024, 3, 10))
    stamps = [line.split(",")[0] for line in lines_of(request)[1:]]
    assert stamps[0] == "2024-03-08T05:00:00Z"
    assert stamps[-1] == "2024-03-11T03:00:00Z"  # the last day has 23 hours
    with reading() as connection:
        assert count_rows(connection, rows_of(request)[0], request) == len(stamps) == 71


def test_days_of_dated_bars_are_their_dates(store: Store) -> None:
    series_id = store.series()
    store.facts(series_id, timezone="America/New_York")
    store.put(series_id, [(DAY * n, 1.0, 1.0, 1.0, 1.0, 1.0, None, None) for n in range(10)])
    days = ExportRequest((series_id,), start=dt.date(1970, 1, 3), end=dt.date(1970, 1, 4))
    assert [line.split(",")[0] for line in lines_of(days)[1:]] == ["1970-01-03", "1970-01-04"]
    with reading() as connection:
        row = rows_of(days)[0]
        counts = [count_rows(connection, row, request) for request in (days, ExportRequest((series_id,)))]
    assert counts == [2, 10]


def test_merged_bars_are_named_counted_and_written_with_local_times(store: Store) -> None:
    series_id = hours(store, "2024-03-04T05:00:00", 48)
    request = ExportRequest((series_id,), zone="exchange", step="4h")
    opened = open_file(request, NOON)
    lines = b"".join(opened.chunks).decode().splitlines()
    assert opened.filename == "AAPL_4h_yahoo.csv"
    assert [line.split(",")[0] for line in lines[1:4]] == [
        "2024-03-04T00:00:00-05:00",
        "2024-03-04T04:00:00-05:00",
        "2024-03-04T08:00:00-05:00",
    ]
    assert {line.split(",")[5] for line in lines[1:]} == {"40"}
    shown = preview(request)
    assert (shown.is_about, shown.lines[0][0]) == (True, "2024-03-04T00:00:00-05:00")
    assert shown.rows == len(lines) - 1 == 12


def test_the_number_of_merged_bars_is_told_by_the_hours_of_trading(store: Store) -> None:
    series_id = store.series(interval=Interval.M30)
    store.facts(series_id, timezone="America/New_York", session_open=34_200, session_close=57_600)
    days = [label("2024-01-01T14:30:00") + DAY * day for day in range(60) if day % 7 < 5]
    store.put(series_id, [(day + 1800 * n, 1.5, 2.0, 1.0, 1.5, 1.0, None, None) for day in days for n in range(13)])
    with reading() as connection:
        row = rows_of(ExportRequest((series_id,)))[0]
        counts = {step: count_rows(connection, row, ExportRequest((series_id,), step=step)) for step in ("1d", "1wk")}
    assert counts == {"1d": len(days), "1wk": 9}


def test_several_series_can_be_merged_into_what_all_of_them_make(store: Store) -> None:
    hourly, daily = store.series("H", Interval.H1), store.series("D", Interval.D1)
    weekly = store.series("W", Interval.W1)
    for series_id in (hourly, daily, weekly):
        store.silence(series_id)
    steps = [possible_steps(rows_of(ExportRequest(ids))) for ids in ((hourly, daily), (daily, weekly), (weekly,))]
    assert steps == [[Interval.D1, Interval.W1, Interval.MO1], [Interval.W1], []]
    with pytest.raises(InvalidRequestError) as caught:
        parse_export_request({"series": f"{hourly},{weekly}", "interval": "1mo"})
    assert list(caught.value.fields) == ["interval"]
    assert parse_export_request({"series": f"{hourly},{daily}", "interval": "1wk"}).step == "1wk"


def test_an_archive_of_merged_bars_leaves_those_as_they_are_that_have_the_interval(store: Store) -> None:
    hourly, daily = hours(store, "2024-03-04T05:00:00", 48), store.series("D", Interval.D1)
    store.put(daily, [(label("2024-03-04"), 1.0, 1.0, 1.0, 1.0, 1.0, None, None)])
    chunks = open_file(ExportRequest((hourly, daily), step="1d"), NOON).chunks
    archive = zipfile.ZipFile(io.BytesIO(b"".join(chunks)))
    assert archive.namelist()[:2] == ["AAPL_1d_yahoo.csv", "D_1d_yahoo.csv"]
    stamps = [archive.read(name).decode().splitlines()[1].split(",")[0] for name in archive.namelist()[:2]]
    assert stamps == ["2024-03-04", "2024-03-04"]
