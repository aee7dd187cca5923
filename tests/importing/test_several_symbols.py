"""A file whose lines name several symbols: each becomes a series, and a person says which."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from webapp.collecting import submit
from webapp.database.transactions import reading
from webapp.errors import InvalidRequestError
from webapp.importing import uploads
from webapp.jobs import queries_jobs
from webapp.kernel.job_states import JobState
from webapp.sources.own import files, opening
from webapp.sources.own.rules_imported import BadLines, UnreadableFileError

from .importing import FEBRUARY, Desk, made_tables, opened_desk, stored

HEADER = "date,open,high,low,close,volume,Name\n"
LINE = "2024-02-0{day},{price},{price},{price},{price},10,{name}\n"


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the tables once; every test copies them."""
    return made_tables(tmp_path_factory.mktemp("tables"))


@pytest.fixture
def desk(tmp_path: Path, tables: Path) -> Iterator[Desk]:
    with opened_desk(tmp_path, tables) as opened:
        yield opened


def lines(name: str, price: int, *numbers: int) -> str:
    return "".join(LINE.format(day=day, price=price, name=name) for day in numbers)


SORTED = HEADER + lines("AAPL", 10, 1, 2, 5) + lines("MSFT", 20, 1, 2) + lines("BRK.B", 30, 5)
MIXED = HEADER + "".join(lines(name, price, day) for day in (1, 2) for name, price in (("AAPL", 10), ("MSFT", 20)))


@pytest.mark.parametrize("content", [SORTED, MIXED], ids=["by symbol", "by day"])
def test_each_symbol_becomes_a_series_of_its_own(desk: Desk, content: str) -> None:
    begun = desk.begin(content)
    closes = {}
    for job_id in begun.job_ids:
        job = desk.work(job_id)
        assert (job.state, job.batch_id) == (JobState.SUCCEEDED, begun.batch_id)
        closes[job.symbol] = {item[4] for item in stored(job)}
    expected = {"AAPL": {10.0}, "MSFT": {20.0}} | ({"BRK.B": {30.0}} if content == SORTED else {})
    assert closes == expected
    assert begun.report.same == 0, "two symbols on one day are no repetition"


def test_only_what_is_chosen_is_written_and_the_rest_is_counted(desk: Desk) -> None:
    only = frozenset({"MSFT"})
    shown = desk.look(SORTED, chosen=only)
    assert [(choice.ticker, choice.lines, choice.is_chosen) for choice in desk.series(SORTED, chosen=only)] == [
        ("AAPL", 3, False),
        ("MSFT", 2, True),
        ("BRK.B", 1, False),
    ]
    assert (shown.lines, shown.rows, shown.others, set(shown.symbols)) == (6, 2, 4, {"MSFT"})
    begun = desk.begin(SORTED, chosen=only)
    assert [submit.find(job_id).symbol for job_id in begun.job_ids] == ["MSFT"]
    with pytest.raises(InvalidRequestError, match="Choose at least one series"):
        desk.begin(SORTED, chosen=frozenset())


def test_a_column_that_names_one_symbol_names_the_series(desk: Desk) -> None:
    _, ask = desk.upload(HEADER + lines("AAPL", 10, 1, 2))
    assert "ticker" not in ask.columns
    job = desk.write(HEADER + lines("AAPL", 10, 1, 2), symbol="MINE")
    assert job.symbol == "MINE", "what a person writes counts"


def test_one_symbol_that_is_written_in_two_ways_is_one_series(desk: Desk) -> None:
    begun = desk.begin(HEADER + lines("aapl", 10, 1) + lines("AAPL", 10, 2) + lines("MSFT", 20, 1))
    assert [submit.find(job_id).symbol for job_id in begun.job_ids].count("AAPL") == 1
    assert begun.report.rows == 3


def test_what_is_no_symbol_cannot_be_chosen_and_a_line_without_one_is_bad(desk: Desk) -> None:
    content = HEADER + lines("AAPL", 10, 1) + lines("a b;c", 20, 1) + lines("", 30, 2)
    assert [(choice.symbol, choice.is_chosen) for choice in desk.series(content)] == [("AAPL", True), ("", False)]
    begun = desk.begin(content)
    assert (begun.job_ids, [str(fault.why) for fault in begun.report.faults]) == (
        (),
        ["There is no symbol on this line."],
    )
    assert len(desk.begin(content, bad=BadLines.SKIP).job_ids) == 1


def test_a_column_of_very_many_values_is_not_taken_for_symbols(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "MOST_SERIES", 2)
    uploaded, ask = desk.upload(SORTED)
    assert "ticker" not in ask.columns
    with pytest.raises(UnreadableFileError, match="names more than 2 symbols"):
        opening.count_tickers(uploaded.upload, uploaded.about.layout, 6)


def test_a_worker_counts_no_end_of_lines(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MOST_LINES", 4)
    uploaded, ask = desk.upload(SORTED)
    assert "ticker" not in ask.columns
    with pytest.raises(UnreadableFileError, match="may have 4 lines"):
        opening.count_tickers(uploaded.upload, uploaded.about.layout, 6)


def test_what_an_import_does_not_need_is_not_kept(desk: Desk) -> None:
    begun = desk.begin(SORTED)
    folders = {path.name for path in uploads.folder_of(desk.world.context).iterdir()}
    with reading() as connection:
        needed = {options["upload"] for options in queries_jobs.options_in_use(connection, "own")}
    assert len(begun.job_ids) == len(needed) == 3
    assert needed < folders
    assert len(folders - needed) == 1, "the upload itself"


def test_times_are_those_of_the_file_for_each_symbol(desk: Desk) -> None:
    begun = desk.begin(SORTED)
    starts = {submit.find(job_id).symbol: [item[0] for item in stored(desk.work(job_id))] for job_id in begun.job_ids}
    assert starts["BRK.B"] == [FEBRUARY + 4 * 86_400]
    assert len(starts["AAPL"]) == 3
