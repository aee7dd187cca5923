"""A file of one's own, from its upload to stored bars: the checking program runs, and a worker's code writes."""

import datetime as dt
import io
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from webapp.domain.expected import CellState
from webapp.domain.imported import BadLines, DateOrder
from webapp.domain.intervals import Interval
from webapp.domain.jobs import ErrorKind, JobState
from webapp.domain.plans import Verdict
from webapp.domain.requests import CollectRequest
from webapp.domain.spans import Span
from webapp.errors import InvalidRequestError, NotFoundError
from webapp.services import figures, gaps, imports, imports_uploads, jobs, sources
from webapp.services.exports import open_export
from webapp.store import bars, coverage, events, series
from webapp.store.transactions import reading, writing

from .conftest import bar
from .importing import FEBRUARY, PLAIN, Desk, days, made_tables, opened_desk, stored


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the tables once; every test copies them."""
    return made_tables(tmp_path_factory.mktemp("tables"))


@pytest.fixture
def desk(tmp_path: Path, tables: Path) -> Iterator[Desk]:
    with opened_desk(tmp_path, tables) as made:
        yield made


@pytest.mark.parametrize(
    ("fmt", "interval"),
    [("csv", Interval.M1), ("csv", Interval.D1), ("parquet", Interval.D1), ("arrow", Interval.M1)],
)
def test_what_is_exported_is_imported_as_it_was(desk: Desk, fmt: str, interval: Interval) -> None:
    step = interval.seconds
    several = [(*bar(FEBRUARY + step * number)[:6], 1000.25, 7) for number in range(20)]
    with writing() as connection:
        series_id = series.ensure(connection, "ibkr", "AAPL", interval, "")
        series.grow(
            connection,
            series_id,
            bars.upsert(connection, series_id, several),
            several[0][0],
            0,
            dt.datetime.now(dt.UTC),
        )
    file = b"".join(open_export(series_id, fmt).chunks)
    job = desk.write(file)
    assert job.state is JobState.SUCCEEDED
    assert (job.source, job.symbol, job.interval, job.rows_written) == ("own", "MINE", interval, 20)
    assert stored(job) == several


def test_a_french_file_in_latin_1_becomes_bars(desk: Desk) -> None:
    text = "Date;Clôture;Ouverture;Plus haut;Plus bas;Volume\n13/02/2024;2,5;1,5;3;1;1 200\n12/02/2024;1,5;1;2;1;\n"
    job = desk.write(text.encode("cp1252"), currency="EUR", calendar="XPAR", name="Ma société")
    assert stored(job) == [
        (FEBRUARY + 11 * 86_400, 1.0, 2.0, 1.0, 1.5, 0.0, None, None),
        (FEBRUARY + 12 * 86_400, 1.5, 3.0, 1.0, 2.5, 1200.0, None, None),
    ]
    with reading() as connection:
        row = series.get(connection, job.series_id)
    assert row
    assert (row.facts.timezone, row.facts.currency, row.facts.name) == ("Europe/Paris", "EUR", "Ma société")
    assert gaps.survey(desk.world.context, row).calendar.code == "XPAR"


def test_a_file_is_read_in_each_encoding_of_spreadsheets(desk: Desk) -> None:
    text = days(1, 2).replace(",", "\t")
    assert [desk.look(text.encode(code)).rows for code in ("utf-8-sig", "utf-16", "utf-16-le")] == [2, 2, 2]


def test_dates_that_may_be_read_in_two_ways_must_be_said(desk: Desk) -> None:
    text = PLAIN + "01/02/2024,1,2,1,2,0\n02/02/2024,1,2,1,2,0\n"
    with pytest.raises(InvalidRequestError) as told:
        desk.begin(text)
    assert list(told.value.fields) == ["order"]
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
    assert [one[4] for one in stored(job)] == [2.0, 2.0], "of two lines with one time the first counts"


def test_a_quotation_mark_that_nothing_closes_is_told_and_costs_one_line(desk: Desk) -> None:
    begun = desk.begin(days(1) + '2024-02-02,1,2,1,2,"5 in\n' + days(5, 6, 7).removeprefix(PLAIN), bad=BadLines.SKIP)
    assert (begun.report.rows, begun.report.bad) == (4, 1)
    assert str(begun.report.faults[0].why) == "The quotation marks of this line do not match."


def test_a_bar_that_is_not_finished_yet_is_left_out(desk: Desk) -> None:
    seen = desk.look(PLAIN + "2024-03-05,1,2,1,2,0\n2024-03-06,1,2,1,2,0\n2031-01-01,1,2,1,2,0\n")
    assert (seen.rows, seen.unfinished, seen.bad) == (1, 2, 0)


def test_lines_in_any_order_come_out_by_time(desk: Desk) -> None:
    job = desk.write(days(5, 1, 7, 2))
    assert [one[0] for one in stored(job)] == [FEBRUARY + 86_400 * (day - 1) for day in (1, 2, 5, 7)]


def test_a_parquet_file_with_times_of_new_york_is_taken_by_its_instants(desk: Desk) -> None:
    instants = [dt.datetime(2024, 3, 1, 14, 30, tzinfo=dt.UTC), dt.datetime(2024, 3, 1, 14, 31, tzinfo=dt.UTC)]
    prices = {name: pa.array([1.5, 2.5]) for name in ("open", "high", "low", "close")}
    times = pa.array(instants, pa.timestamp("ns", tz="America/New_York"))
    file = io.BytesIO()
    pq.write_table(pa.table({"Datetime": times, **prices, "Volume": pa.array([1, 2])}), file)
    job = desk.write(file.getvalue())
    assert job.interval is Interval.M1
    assert [one[0] for one in stored(job)] == [int(instant.timestamp()) for instant in instants]


def test_daily_bars_keep_the_date_of_their_column_s_zone(desk: Desk) -> None:
    midnights = [dt.datetime(2024, 2, day, tzinfo=ZoneInfo("Asia/Tokyo")) for day in (1, 2, 5)]
    prices = {name: pa.array([1.5, 2.5, 3.5]) for name in ("Open", "High", "Low", "Close")}
    file = io.BytesIO()
    pq.write_table(pa.table({"Date": pa.array(midnights, pa.timestamp("ns", tz="Asia/Tokyo")), **prices}), file)
    lines = [f"{one.isoformat(' ')},1.5,2.5,1,2,10\n" for one in midnights]
    for content in (file.getvalue(), PLAIN + "".join(lines)):
        job = desk.write(content, interval=Interval.D1)
        assert [one[0] for one in stored(job)] == [FEBRUARY + 86_400 * (day - 1) for day in (1, 2, 5)]


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
        with pytest.raises(InvalidRequestError) as told:
            desk.upload(content)
        assert list(told.value.fields) == ["file"], content
    assert list(imports_uploads.folder_of(desk.world.context).iterdir()) == []


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


def test_a_newer_file_adds_and_corrects_and_says_so(desk: Desk) -> None:
    desk.write(days(1, 2, 5, volume=10))
    job = desk.write(days(2, 5, 6, volume=20))
    assert [one[5] for one in stored(job)] == [10, 20, 20, 20]
    with reading() as connection:
        known = coverage.read(connection, job.series_id)
        told = [event.kind for event in events.read(connection, job.id, 20)]
    told_days = [Span(FEBRUARY, FEBRUARY + 2 * 86_400), Span(FEBRUARY + 4 * 86_400, FEBRUARY + 6 * 86_400)]
    assert [(one.span, one.verdict) for one in known] == [(span, Verdict.HAVE) for span in told_days]
    assert "restated" in told


def test_a_file_on_another_basis_wins_bar_by_bar_and_moves_nothing_else(desk: Desk) -> None:
    old = [f"{FEBRUARY - 60 * 1000 * number},400,400,400,400,8\n" for number in range(120)]
    desk.write(PLAIN + "".join(old), interval=Interval.M1)
    halves = [line if number < 60 else line.replace("400", "100") for number, line in enumerate(old[2:])]
    job = desk.write(PLAIN + "".join(halves), interval=Interval.M1)
    assert [one[4] for one in stored(job)] == [100.0] * 58 + [400.0] * 62


def test_another_file_for_the_same_days_waits_for_the_first(desk: Desk) -> None:
    first = desk.begin(days(1, 2))
    assert desk.begin(days(1, 2)).job_id == first.job_id, "a button that was pressed twice"
    with pytest.raises(InvalidRequestError, match="is not over yet"):
        desk.begin(days(1, 2, volume=99))
    assert first.job_id is not None
    desk.work(first.job_id)
    assert [one[5] for one in stored(desk.write(days(1, 2, volume=99)))] == [99, 99]


def test_importing_the_same_file_twice_changes_nothing(desk: Desk) -> None:
    first = desk.write(days(1, 2))
    again = desk.write(days(1, 2))
    assert again.state is JobState.SUCCEEDED
    assert stored(again) == stored(first)


def test_a_long_file_is_written_in_several_chunks(desk: Desk) -> None:
    lines = [f"{FEBRUARY - 60 * 1000 * number},1,2,1,2,0\n" for number in range(120)]
    job = desk.write(PLAIN + "".join(lines), interval=Interval.M1)
    assert job.progress.done == 3
    assert (job.rows_written, len(stored(job))) == (120, 120)


def test_a_job_whose_file_is_gone_fails_with_a_hint(desk: Desk) -> None:
    begun = desk.begin(days(1, 2))
    shutil.rmtree(imports_uploads.folder_of(desk.world.context))
    assert begun.job_id is not None
    job = desk.work(begun.job_id)
    assert (job.state, job.error_kind) == (JobState.FAILED, ErrorKind.BAD_REQUEST)
    assert "Import it once more" in str(job.hint)


def test_without_a_queue_the_job_is_kept(desk: Desk) -> None:
    desk.world.queue.is_away = True
    begun = desk.begin(days(1, 2))
    assert begun.job_id is not None
    assert jobs.find(begun.job_id).state is JobState.PENDING


def test_files_go_after_a_day_and_their_address_says_so(desk: Desk) -> None:
    uploaded, _ = desk.upload(days(1, 2))
    imports_uploads.clear(desk.world.context)
    assert imports_uploads.find(desk.world.context, uploaded.token)
    before = (desk.world.clock.at - dt.timedelta(days=1, minutes=1)).timestamp()
    os.utime(uploaded.upload.folder, (before, before))
    imports_uploads.clear(desk.world.context)
    with pytest.raises(NotFoundError, match="kept for a day"):
        imports_uploads.find(desk.world.context, uploaded.token)
    with pytest.raises(NotFoundError):
        imports_uploads.find(desk.world.context, "../../etc/passwd")


def test_own_data_are_not_offered_for_collection_nor_asked_for(desk: Desk) -> None:
    job = desk.write(days(1, 2, 7, 8))
    assert "own" not in [one.name for one in sources.choices(desk.world.context)]
    with pytest.raises(InvalidRequestError, match="imported these data yourself"):
        jobs.submit(desk.world.context, CollectRequest("own", ("MINE",), Interval.D1, period="max"), "test")
    with reading() as connection:
        row = series.get(connection, job.series_id)
    assert row
    found = gaps.survey(desk.world.context, row)
    assert [(one.gap.span, str(one.refusal)[:26]) for one in found.gaps] == [
        (Span(FEBRUARY + 4 * 86_400, FEBRUARY + 6 * 86_400), "You imported these data yo")
    ]
    assert found.fillable == ()


def test_sessions_without_a_bar_in_the_file_are_missing_and_not_confirmed_as_empty(desk: Desk) -> None:
    job = desk.write(days(1, 2, 7, 8), calendar="XPAR")
    with reading() as connection:
        row = series.get(connection, job.series_id)
        known = coverage.read(connection, job.series_id)
    assert row
    found = gaps.survey(desk.world.context, row)
    assert [one.verdict for one in known] == [Verdict.HAVE, Verdict.HAVE]
    states = {cell.label: cell.state for cell in gaps.cells(found, 2024) if cell.state is not CellState.NOT_ASKED}
    assert list(states.values())[:6] == [
        *(CellState.HAVE, CellState.HAVE, CellState.MISSING, CellState.MISSING, CellState.HAVE, CellState.HAVE)
    ]
    counted = figures.count(desk.world.context, row)
    assert (counted.sessions, counted.missing) == (6, 2)


def test_a_day_of_minutes_is_known_when_the_file_has_any_of_it(desk: Desk) -> None:
    day, minute = 86_400, 60
    several = [FEBRUARY + number * day + 9 * 3600 + place * minute for number in (0, 4, 5, 7) for place in (0, 1, 300)]
    far = FEBRUARY + 28 * day + 9 * 3600  # the first chunk ends at 03:40 of this day
    lines = [f"{time},1,2,1,2,0\n" for time in (*several, far, far + minute)]
    job = desk.write(PLAIN + "".join(lines), interval=Interval.M1, calendar="XLON")
    with reading() as connection:
        row = series.get(connection, job.series_id)
        known = [one.span for one in coverage.read(connection, job.series_id)]
    assert row
    days_of = [range(1), range(4, 6), range(7, 8)]
    whole = [Span(FEBRUARY + one.start * day, FEBRUARY + one.stop * day) for one in days_of]
    assert known == [
        Span(several[0], whole[0].end),
        *whole[1:],
        Span(FEBRUARY + 28 * day, far + 2 * minute),
    ]
    missing = [one.gap.sessions for one in reversed(gaps.survey(desk.world.context, row).gaps)]
    assert missing == [1, 1, 14, 1], "Friday, Wednesday, what follows, and the rest of the last day; no weekends"
