"""A file of one's own, from its upload to stored bars: the checking program runs, and a worker's code writes."""

import datetime as dt
import io
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.world import bar
from webapp.coverage import gaps
from webapp.database.transactions import reading, writing
from webapp.errors import InvalidRequestError
from webapp.exporting.files import open_export
from webapp.importing import imports, uploads
from webapp.kernel.intervals import Interval
from webapp.kernel.job_states import JobState
from webapp.series import queries_bars, queries_series
from webapp.sources.own.rules_imported import BadLines, DateOrder, UnreadableFileError

from .importing import FEBRUARY, PLAIN, Desk, days, made_tables, opened_desk, stored


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the tables once; every test copies them."""
    return made_tables(tmp_path_factory.mktemp("tables"))


@pytest.fixture
def desk(tmp_path: Path, tables: Path) -> Iterator[Desk]:
    with opened_desk(tmp_path, tables) as opened:
        yield opened


@pytest.mark.parametrize(
    ("fmt", "interval"),
    [("csv", Interval.M1), ("csv", Interval.D1), ("parquet", Interval.D1), ("arrow", Interval.M1)],
)
def test_what_is_exported_is_imported_as_it_was(desk: Desk, fmt: str, interval: Interval) -> None:
    step = interval.seconds
    bars = [(*bar(FEBRUARY + step * number)[:6], 1000.25, 7) for number in range(20)]
    with writing() as connection:
        series_id = queries_series.ensure(connection, "ibkr", "AAPL", interval, "")
        queries_series.extend_range(
            connection,
            series_id,
            queries_bars.upsert(connection, series_id, bars),
            bars[0][0],
            0,
            dt.datetime.now(dt.UTC),
        )
    file = b"".join(open_export(series_id, fmt).chunks)
    job = desk.write(file)
    assert job.state is JobState.SUCCEEDED
    assert (job.source, job.symbol, job.interval, job.rows_written) == ("own", "MINE", interval, 20)
    assert stored(job) == bars


def test_a_french_file_in_latin_1_becomes_bars(desk: Desk) -> None:
    text = "Date;Clôture;Ouverture;Plus haut;Plus bas;Volume\n13/02/2024;2,5;1,5;3;1;1 200\n12/02/2024;1,5;1;2;1;\n"
    job = desk.write(text.encode("cp1252"), currency="EUR", calendar="XPAR", name="Ma société")
    assert stored(job) == [
        (FEBRUARY + 11 * 86_400, 1.0, 2.0, 1.0, 1.5, 0.0, None, None),
        (FEBRUARY + 12 * 86_400, 1.5, 3.0, 1.0, 2.5, 1200.0, None, None),
    ]
    with reading() as connection:
        row = queries_series.get(connection, job.series_id)
    assert row
    assert (row.facts.timezone, row.facts.currency, row.facts.name) == ("Europe/Paris", "EUR", "Ma société")
    assert gaps.report(desk.world.context, row).calendar.code == "XPAR"


def test_a_file_is_read_in_each_encoding_of_spreadsheets(desk: Desk) -> None:
    text = days(1, 2).replace(",", "\t")
    assert [desk.look(text.encode(code)).rows for code in ("utf-8-sig", "utf-16", "utf-16-le")] == [2, 2, 2]


def test_dates_that_may_be_read_in_two_ways_must_be_said(desk: Desk) -> None:
    text = PLAIN + "01/02/2024,1,2,1,2,0\n02/02/2024,1,2,1,2,0\n"
    with pytest.raises(InvalidRequestError) as refusal:
        desk.begin(text)
    assert list(refusal.value.fields) == ["order"]
    assert desk.look(text, order=DateOrder.DAY_FIRST).first == FEBRUARY
    assert desk.look(text, order=DateOrder.MONTH_FIRST).first == 1_704_153_600


def test_bad_lines_stop_an_import_or_are_left_out_as_one_says(desk: Desk) -> None:
    bad = "oops,1,2,1,2,0\n2024-02-03,1,nan,1,2,0\n2024-02-01,9,9,9,9,9\n2024-02-05,1\n"
    stopped = desk.begin(days(1, 2) + bad)
    assert stopped.job_id is None
    assert desk.world.queue.sent == []
    assert [fault.line for fault in stopped.report.faults] == [4, 5, 6, 7]
    assert "same time" in str(stopped.report.faults[2].why)
    job = desk.write(days(1, 2) + bad, bad=BadLines.SKIP)
    assert [row[4] for row in stored(job)] == [2.0, 2.0], "of two lines with one time the first counts"


def test_a_quotation_mark_that_nothing_closes_is_told_and_costs_one_line(desk: Desk) -> None:
    begun = desk.begin(days(1) + '2024-02-02,1,2,1,2,"5 in\n' + days(5, 6, 7).removeprefix(PLAIN), bad=BadLines.SKIP)
    assert (begun.report.rows, begun.report.bad) == (4, 1)
    assert str(begun.report.faults[0].why) == "The quotation marks of this line do not match."


def test_a_bar_that_is_not_finished_yet_is_left_out(desk: Desk) -> None:
    shown = desk.look(PLAIN + "2024-03-05,1,2,1,2,0\n2024-03-06,1,2,1,2,0\n2031-01-01,1,2,1,2,0\n")
    assert (shown.rows, shown.unfinished, shown.bad) == (1, 2, 0)


def test_a_line_that_says_the_same_twice_stops_nothing(desk: Desk) -> None:
    text = days(1, 2, 1)
    shown = desk.look(text + "2024-02-02,9,9,9,9,9\n")
    assert (shown.lines, shown.rows, shown.same, shown.bad) == (4, 2, 1, 1), "another price is a fault"
    begun = desk.begin(text)
    assert (begun.report.rows, begun.report.same, begun.report.bad) == (2, 1, 0)
    assert begun.job_id is not None


def test_lines_in_any_order_come_out_by_time(desk: Desk) -> None:
    job = desk.write(days(5, 1, 7, 2))
    assert [row[0] for row in stored(job)] == [FEBRUARY + 86_400 * (day - 1) for day in (1, 2, 5, 7)]


def test_a_parquet_file_with_times_of_new_york_is_taken_by_its_instants(desk: Desk) -> None:
    instants = [dt.datetime(2024, 3, 1, 14, 30, tzinfo=dt.UTC), dt.datetime(2024, 3, 1, 14, 31, tzinfo=dt.UTC)]
    prices = {name: pa.array([1.5, 2.5]) for name in ("open", "high", "low", "close")}
    times = pa.array(instants, pa.timestamp("ns", tz="America/New_York"))
    file = io.BytesIO()
    pq.write_table(pa.table({"Datetime": times, **prices, "Volume": pa.array([1, 2])}), file)
    job = desk.write(file.getvalue())
    assert job.interval is Interval.M1
    assert [row[0] for row in stored(job)] == [int(instant.timestamp()) for instant in instants]


def test_daily_bars_keep_the_date_of_their_column_s_zone(desk: Desk) -> None:
    midnights = [dt.datetime(2024, 2, day, tzinfo=ZoneInfo("Asia/Tokyo")) for day in (1, 2, 5)]
    prices = {name: pa.array([1.5, 2.5, 3.5]) for name in ("Open", "High", "Low", "Close")}
    file = io.BytesIO()
    pq.write_table(pa.table({"Date": pa.array(midnights, pa.timestamp("ns", tz="Asia/Tokyo")), **prices}), file)
    lines = [f"{item.isoformat(' ')},1.5,2.5,1,2,10\n" for item in midnights]
    for content in (file.getvalue(), PLAIN + "".join(lines)):
        job = desk.write(content, interval=Interval.D1)
        assert [item[0] for item in stored(job)] == [FEBRUARY + 86_400 * (day - 1) for day in (1, 2, 5)]


def test_the_nested_names_of_pandas_in_parquet_are_recognised(desk: Desk) -> None:
    prices = {"Close": 4.0, "High": 5.0, "Low": 1.0, "Open": 2.0, "Volume": 10.0}
    columns = {f"('{name}', 'LOW')": pa.array([value, value]) for name, value in prices.items()}
    file = io.BytesIO()
    midnights = pa.array([FEBRUARY * 1000, (FEBRUARY + 86_400) * 1000], pa.timestamp("ms"))
    pq.write_table(pa.table(columns | {"Date": midnights}), file)
    job = desk.write(file.getvalue())
    assert [item[:6] for item in stored(job)] == [
        (FEBRUARY, 2.0, 5.0, 1.0, 4.0, 10.0),
        (FEBRUARY + 86_400, 2.0, 5.0, 1.0, 4.0, 10.0),
    ]


def test_two_columns_that_may_be_the_volume_are_asked_about(desk: Desk) -> None:
    text = "date,open,high,low,close,Volume BTC,Volume USDT\n2024-02-01,2,5,1,4,7,28\n2024-02-02,2,5,1,4,7,28\n"
    with pytest.raises(InvalidRequestError, match="More than one column may be the volume"):
        desk.begin(text)
    assert [item[5] for item in stored(desk.write(text, absent=frozenset({"volume"})))] == [0, 0]


NO_TABLES = (
    b"",
    b"PAR1 this is none",
    b"ARROW1\0\0 nor this",
    bytes(range(256)) * 9,
    b"just one column\n1\n2\n",
    b"\x89PNG\r\n\x1a\n\0",
)


def test_what_is_no_table_is_refused_with_a_sentence_and_not_kept(desk: Desk) -> None:
    for content in NO_TABLES:
        with pytest.raises(UnreadableFileError):
            desk.upload(content)
    assert list(uploads.folder_of(desk.world.context).iterdir()) == []


def test_a_file_that_breaks_off_imports_nothing(desk: Desk) -> None:
    file = io.BytesIO()
    columns = {name: pa.array([float(number) for number in range(50_000)]) for name in ("open", "high", "low", "close")}
    pq.write_table(pa.table({"time": pa.array(range(FEBRUARY, FEBRUARY + 50_000)), **columns}), file)
    whole = bytearray(file.getvalue())
    uploaded, ask = desk.upload(bytes(whole))
    whole[len(whole) // 3 : len(whole) // 2] = bytes(len(whole) // 2 - len(whole) // 3)
    uploaded.upload.original.write_bytes(bytes(whole))
    with pytest.raises(InvalidRequestError, match="cannot be read to its end"):
        imports.begin(desk.world.context, uploaded, ask)
    assert desk.world.queue.sent == []


@pytest.mark.parametrize(
    ("lines", "interval", "calendar", "outside"),
    [
        (("2024-02-01 09:30", "2024-02-01 09:31", "2024-02-01 16:00"), Interval.M1, "XNYS", 1),
        (("2024-02-01 09:00", "2024-02-01 10:00", "2024-02-01 17:00"), Interval.H1, "XNYS", 1),
        (("2024-02-02", "2024-02-03", "2024-02-05"), Interval.D1, "XPAR", 1),
        (("2024-02-01 14:30", "2024-02-01 14:31", "2024-02-03 14:31"), Interval.M1, "24/7", 0),
        (("2024-02-01 14:30", "2024-02-01 14:31", "2024-02-01 14:32"), Interval.M1, "", 0),
    ],
)
def test_bars_outside_the_sessions_of_the_exchange_are_counted(
    desk: Desk, lines: tuple[str, ...], interval: Interval, calendar: str, outside: int
) -> None:
    text = PLAIN + "".join(f"{line},1,2,1,2,0\n" for line in lines)
    zone = "exchange" if calendar else "UTC"
    assert desk.look(text, interval=interval, calendar=calendar, zone=zone).outside == outside


@pytest.mark.parametrize(
    ("step", "interval", "is_refused"),
    [
        (60, Interval.D1, True),
        (86_400, Interval.M1, True),
        (86_400, Interval.W1, True),
        (45, Interval.M1, True),
        (300, Interval.M5, False),
        (3 * 3600 + 60, Interval.M1, False),
    ],
)
def test_an_interval_that_the_times_contradict_is_refused(
    desk: Desk, step: int, interval: Interval, *, is_refused: bool
) -> None:
    text = PLAIN + "".join(f"{FEBRUARY + step * number},1,2,1,2,0\n" for number in range(5))
    if not is_refused:
        assert desk.look(text, interval=interval).rows
        return
    for verb in (desk.look, desk.begin):
        with pytest.raises(InvalidRequestError) as refusal:
            verb(text, interval=interval)
        assert list(refusal.value.fields) == ["interval"]


def test_an_instant_of_a_day_needs_the_exchange_whose_day_it_is(desk: Desk) -> None:
    text = PLAIN + "".join(f"{FEBRUARY + 86_400 * number + 3600},1,2,1,2,0\n" for number in range(3))
    with pytest.raises(InvalidRequestError) as refusal:
        desk.begin(text)
    assert list(refusal.value.fields) == ["zone"]
    assert desk.look(text, calendar="XNYS").first == FEBRUARY - 86_400


def test_numbers_that_can_be_read_in_two_ways_must_be_said(desk: Desk) -> None:
    text = 'Date,Open,High,Low,Close\n2024-02-01,"140,880","141,500","140,120","141,060"\n'
    with pytest.raises(InvalidRequestError) as refusal:
        desk.begin(text, interval=Interval.D1)
    assert list(refusal.value.fields) == ["decimal"]
    assert [bar[4] for bar in desk.look(text, decimal=",", interval=Interval.D1).bars] == [141.06]
    assert [bar[4] for bar in desk.look(text, decimal=".", interval=Interval.D1).bars] == [141_060]
