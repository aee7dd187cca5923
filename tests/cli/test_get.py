"""One verb collects what is missing, waits for it while somebody watches, and returns the frame."""

import dataclasses
import io
import sys
from collections.abc import Iterator
from types import SimpleNamespace
from typing import TypedDict

import pytest

from webapp.collecting.groups import find_batch
from webapp.database.transactions import writing
from webapp.errors import InvalidRequestError, SymbolsError
from webapp.job_manager import JobManager
from webapp.kernel.cached import Cached
from webapp.kernel.intervals import DAY, Interval
from webapp.kernel.job_states import JobState
from webapp.kernel.plans import Covered, Verdict
from webapp.kernel.spans import Span
from webapp.notebook import progress_display
from webapp.notebook.job_waiting import progress_of
from webapp.notebook.progress_display import NotebookBar, NoticeLines, Progress, TerminalBar
from webapp.reading.lookup import find_series
from webapp.series import queries_coverage

from .conftest import Terminal, finish


class Dates(TypedDict):
    start: str
    end: str


JANUARY: Dates = {"start": "1970-01-01", "end": "1970-01-05"}


@pytest.fixture
def at_work(terminal: Terminal) -> Iterator[Terminal]:
    """A worker that does each job at once; the second one of a batch fails."""
    terminal.queue.work = lambda job_id: finish(job_id, JobState.FAILED if job_id == 2 else JobState.SUCCEEDED)
    with terminal.app.app_context():
        yield terminal


def cover(symbol: str) -> None:
    with writing() as connection:
        row = find_series(symbol, "yahoo", Interval.D1, {})
        queries_coverage.record(connection, row.id, Covered(Span(0, 10 * DAY), Verdict.HAVE, 20 * DAY))


def test_what_is_missing_is_collected_and_the_frame_returned(at_work: Terminal) -> None:
    frame = JobManager.get("aapl", **JANUARY)
    assert (len(frame), frame["close"].iloc[0], frame.attrs["symbol"]) == (5, 11.0, "AAPL")
    assert len(JobManager.get_recent_jobs()) == 1


def test_what_is_stored_needs_no_job_nor_queue(at_work: Terminal) -> None:
    JobManager.get("AAPL", **JANUARY)
    cover("AAPL")
    at_work.queue.is_away = True
    assert len(JobManager.get("AAPL", start="1970-01-02", end="1970-01-03")) == 2, "just what was asked for"
    assert len(JobManager.get_recent_jobs()) == 1


def test_only_symbols_that_lack_something_are_submitted(at_work: Terminal) -> None:
    at_work.queue.work = finish
    JobManager.get("AAPL", **JANUARY)
    cover("AAPL")
    frame = JobManager.get(["MSFT", "AAPL"], field="close", **JANUARY)
    assert list(frame.columns) == ["MSFT", "AAPL"]
    assert [job["symbol"] for job in JobManager.get_recent_jobs()] == ["MSFT", "AAPL"]
    assert JobManager.get("MSFT, AAPL", **JANUARY).index.names == ["symbol", "time"]


def test_a_failure_is_said_of_each_symbol(at_work: Terminal) -> None:
    with pytest.raises(SymbolsError, match=r"1 of 3 symbols cannot be had. NOPE: There is no NOPE\.") as caught:
        JobManager.get(["AAPL", "NOPE", "MSFT"], **JANUARY)
    assert list(caught.value.symbols) == ["NOPE"]


def test_what_could_be_had_is_kept_where_that_is_asked_for(at_work: Terminal) -> None:
    frame = JobManager.get(["AAPL", "NOPE"], field="close", partial="keep", **JANUARY)
    assert frame["AAPL"].notna().all()
    assert frame.attrs["failed"] == {"NOPE": "There is no NOPE."}


def test_one_symbol_that_failed_raises_and_a_cancelled_one_says_so(at_work: Terminal) -> None:
    at_work.queue.work = lambda job_id: finish(job_id, JobState.FAILED)
    with pytest.raises(SymbolsError, match=r"^NOPE: There is no NOPE\.$"):
        JobManager.get("NOPE", **JANUARY)

    def cancel(job_id: int) -> None:
        JobManager.cancel(job_id)

    at_work.queue.work = cancel
    with pytest.raises(SymbolsError, match=r"AAPL: Its collection was cancelled \(job 2\)"):
        JobManager.get("AAPL", **JANUARY)


def test_nothing_is_queued_for_a_request_that_is_wrong(at_work: Terminal) -> None:
    for arguments in ({}, {"field": "klose", "period": "1y"}, {"adjust": "some", "period": "1y"}, {"interval": "7m"}):
        with pytest.raises(InvalidRequestError):
            JobManager.get("AAPL", **arguments)  # type: ignore[call-overload]  # words of the test's choice
    assert JobManager.get_recent_jobs() == []


def test_patience_ends_and_the_jobs_go_on(terminal: Terminal) -> None:
    with terminal.app.app_context():
        with pytest.raises(TimeoutError, match="go on in the background"):
            JobManager.get("AAPL", timeout=0.0, **JANUARY)
        assert len(JobManager.get_active_jobs()) == 1


# --- What is seen meanwhile ---


def test_without_a_worker_that_is_said_once_wherever_nobody_sees_a_bar(
    terminal: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal.queue.alive = []
    with terminal.app.app_context():
        batch = JobManager.submit("AAPL", **JANUARY)
        with pytest.raises(TimeoutError):
            JobManager.wait(batch, timeout=0.6)
        assert capsys.readouterr().err == "waiting for a worker: none is running (start one with make run)\n"
        with pytest.raises(TimeoutError):
            JobManager.wait(batch, timeout=0.0, progress=False)
        assert capsys.readouterr().err == ""


def test_what_keeps_jobs_is_told(terminal: Terminal) -> None:
    with terminal.app.app_context():
        batch = JobManager.submit("AAPL, MSFT", **JANUARY)
        context = dataclasses.replace(terminal.context, live_workers=Cached(fresh=0.0, failed=0.0))
        assert progress_of(context, find_batch(batch.id)).notice == ""
        terminal.queue.is_away = True
        assert "Redis does not answer" in progress_of(context, find_batch(batch.id)).notice
        terminal.queue.is_away = False
        JobManager.pause(batch)
        assert progress_of(context, find_batch(batch.id)).notice == "paused, until somebody resumes it"
        JobManager.cancel(batch)
        progress = progress_of(context, find_batch(batch.id))
        assert (progress.over, progress.percent, progress.notice) == (2, 100, "")


def test_a_terminal_s_line_is_written_over() -> None:
    stream = io.StringIO()
    bar = TerminalBar(stream)
    for percent in (0, 50, 50, 100):
        bar.show(Progress(percent // 100, 1, percent, 1234 * percent))
    bar.close()
    written = stream.getvalue()
    assert written.count("\r") == 3, "and not again while nothing changes"
    assert "\r████████████░░░░░░░░░░░░  50 % · 0/1 jobs · 61,700 bars\x1b[K" in written
    assert written.endswith("\n")


def test_a_notebook_s_output_is_replaced() -> None:
    shown: list[str] = []
    handle = SimpleNamespace(update=shown.append)

    def display(output: str, *, display_id: bool) -> object:
        assert display_id
        shown.append(output)
        return handle

    library = SimpleNamespace(HTML=str, display=display)
    bar = NotebookBar(library)
    for percent in (10, 10, 90):
        bar.show(Progress(0, 1, percent, 0, "a < b"))
    bar.close()
    assert [text.partition("</progress>")[0] for text in shown] == [
        '<progress max="100" value="10">',
        '<progress max="100" value="90">',
    ]
    assert "a &lt; b" in shown[0]


def test_where_progress_is_shown_follows_from_who_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(progress_display.choose_display(is_shown=None), NoticeLines)
    assert isinstance(progress_display.choose_display(is_shown=True), TerminalBar)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert isinstance(progress_display.choose_display(is_shown=None), TerminalBar)
    shell = type("ZMQInteractiveShell", (), {})()
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    monkeypatch.setitem(sys.modules, "IPython.display", SimpleNamespace())
    assert isinstance(progress_display.choose_display(is_shown=None), NotebookBar)
    in_terminal = type("TerminalInteractiveShell", (), {})()
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: in_terminal))
    assert isinstance(progress_display.choose_display(is_shown=None), TerminalBar)
