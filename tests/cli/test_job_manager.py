"""The façade, as notebooks call it."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from redis import Redis

from tests.servers import RedisServer
from webapp.database.transactions import writing
from webapp.errors import InvalidRequestError, NotFoundError
from webapp.framing.arguments import AdjustName
from webapp.job_manager import JobManager
from webapp.kernel.bars import Action
from webapp.kernel.intervals import DAY, Interval
from webapp.kernel.job_states import JobState
from webapp.kernel.plans import Covered, Verdict
from webapp.kernel.spans import Span
from webapp.models import init_db
from webapp.reading.bars import open_bars
from webapp.reading.lookup import find_series
from webapp.series import queries_actions, queries_bars, queries_coverage, queries_series

from .conftest import Terminal, finish, stored_series
from .test_system import ROOT, environment


def test_inside_an_application_the_facade_uses_it(bare: Terminal) -> None:
    with bare.app.app_context():
        init_db()
        init_db()
        assert JobManager.get_active_jobs() == []
        assert JobManager.get_statistics()["series"] == 0


def test_jobs_are_submitted_watched_and_waited_for(terminal: Terminal) -> None:
    terminal.queue.work = lambda job_id: finish(job_id) if job_id == 1 else None
    with terminal.app.app_context():
        batch = JobManager.submit("aapl, msft", start="2024-01-01", end="2024-02-01", priority="high")
        assert [job["symbol"] for job in JobManager.get_active_jobs()] == ["MSFT"]
        assert [job["id"] for job in JobManager.get_recent_jobs(limit=1)] == [2]
        with pytest.raises(TimeoutError, match="go on in the background"):
            JobManager.wait(batch.id, timeout=0.0)
        finish(2, JobState.FAILED)
        assert [job["state"] for job in JobManager.wait(batch.id)] == ["succeeded", "failed"]


def test_a_batch_waits_for_jobs_that_were_at_work_already(terminal: Terminal) -> None:
    with terminal.app.app_context():
        first = JobManager.submit(["AAPL"], start="2024-01-01", end="2024-02-01")
        again = JobManager.submit(["AAPL"], start="2024-01-01", end="2024-02-01")
        assert (again.job_ids, again.repeated) == (first.job_ids, frozenset(first.job_ids))
        with pytest.raises(TimeoutError):
            JobManager.wait(again, timeout=0.0)
        with pytest.raises(TimeoutError):
            JobManager.wait(again.id, timeout=0.0)
        finish(first.job_ids[0])
        for batch in (again, again.id, first.id):
            assert [job["state"] for job in JobManager.wait(batch)] == ["succeeded"]


@pytest.mark.parametrize("batch_id", [99999, 0, 2**70])
def test_what_is_no_batch_is_not_waited_for(terminal: Terminal, batch_id: int) -> None:
    with terminal.app.app_context(), pytest.raises(NotFoundError, match="There is no batch"):
        JobManager.wait(batch_id)


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"period": "1y", "interval": "7m"}, "interval"),
        ({"start": "soon"}, "start"),
        ({"period": "1y", "priority": "now"}, "priority"),
        ({}, "start"),
    ],
)
def test_bad_input_is_said_at_its_field(terminal: Terminal, fields: dict[str, str], wrong: str) -> None:
    with terminal.app.app_context(), pytest.raises(InvalidRequestError) as caught:
        JobManager.submit("AAPL", **fields)  # type: ignore[arg-type]  # fields of the test's choice
    assert list(caught.value.fields) == [wrong]


def test_bars_are_a_frame_with_utc_times_and_floats(terminal: Terminal) -> None:
    stored_series(terminal)
    with terminal.app.app_context():
        frame = JobManager.bars("AAPL", source="yahoo", interval="1d", adjust="all")
        assert list(frame.columns) == ["open", "high", "low", "close", "volume"]
        assert set(frame.dtypes) == {np.dtype("float64")}
        assert frame.index.name == "time"
        assert frame.index[1] == pd.Timestamp("1970-01-02", tz="UTC")
        assert len(JobManager.bars("AAPL", start="1970-01-02", end="1970-01-03")) == 2
        assert len(JobManager.bars("AAPL", end="1970-01-02T00:00:00")) == 2  # of days, only the date counts
        with pytest.raises(NotFoundError):
            JobManager.bars("NOPE")


def test_larger_bars_are_made_of_stored_ones_and_the_frame_says_so(terminal: Terminal) -> None:
    stored_series(terminal)
    with terminal.app.app_context():
        weeks = JobManager.bars("AAPL", interval="1wk")
        days = JobManager.bars("AAPL", end="1970-01-04")
        assert JobManager.bars("AAPL", interval="1mo", start="1970-01-02").empty
    assert (days.attrs["made_of"], weeks.attrs["made_of"]) == ("1d", "1d")
    assert (days.attrs["partial"], weeks.attrs["interval"]) == (0, "1wk")
    assert list(weeks.index) == [pd.Timestamp(monday, tz="UTC") for monday in ("1969-12-29", "1970-01-05")]
    assert weeks["volume"].iloc[0] == days["volume"].sum()


def test_what_is_stored_and_known_comes_as_frames(terminal: Terminal) -> None:
    stored_series(terminal)
    with terminal.app.app_context():
        row = find_series("AAPL", "yahoo", Interval.D1, {})
        with writing() as connection:
            stored_actions = [Action("dividend", 2 * DAY, 0.5), Action("split", 3 * DAY, 4.0)]
            queries_actions.upsert(connection, row.instrument_id, stored_actions, 1, terminal.context.now())
            for start, verdict in ((0, Verdict.HAVE), (8, Verdict.HAVE), (11, Verdict.EMPTY)):
                span = Span(start * DAY, (start + 3) * DAY)
                queries_coverage.record(connection, row.id, Covered(span, verdict, 20 * DAY))
        stored, known = JobManager.series("aap"), JobManager.coverage("AAPL")
        missing, happened = JobManager.gaps("AAPL"), JobManager.actions("AAPL")
        assert JobManager.series("nope").empty
        assert JobManager.actions("AAPL").index.name == "time"
        with pytest.raises(NotFoundError):
            JobManager.actions("NOPE")
    assert stored.loc[row.id, ["symbol", "interval", "rows"]].tolist() == ["AAPL", "1d", 5]
    assert stored["last_bar"].iloc[0] == pd.Timestamp("1970-01-05", tz="UTC")
    assert known["verdict"].tolist() == ["have", "unknown", "have", "empty"]
    assert known["end"].tolist()[:2] == list(known.index[1:3])
    assert missing["sessions"].tolist() == [4], "Monday the 5th to Thursday the 8th"
    assert list(zip(happened["kind"], happened["value"], strict=True)) == [("dividend", 0.5), ("split", 4.0)]
    for frame in (known, missing, happened):
        assert str(frame.index.tz) == "UTC"


def test_frames_of_nothing_have_their_columns(terminal: Terminal) -> None:
    with terminal.app.app_context():
        assert list(JobManager.series().columns)[:3] == ["source", "symbol", "interval"]
        stored_series(terminal)
        assert list(JobManager.coverage("AAPL").columns) == ["end", "verdict"]
        assert list(JobManager.gaps("AAPL").columns) == ["end", "sessions"]
        assert str(JobManager.actions("AAPL").index.tz) == "UTC"


def test_an_empty_series_is_an_empty_frame(terminal: Terminal) -> None:
    stored_series(terminal)
    with terminal.app.app_context():
        frame = JobManager.bars("AAPL", start="2024-01-01")
    assert frame.empty
    assert set(frame.dtypes) == {np.dtype("float64")}
    assert str(frame.index.tz) == "UTC"


@pytest.mark.parametrize("adjust", ["none", "splits", "all"])
def test_a_frame_holds_what_an_export_writes(terminal: Terminal, adjust: AdjustName) -> None:
    with terminal.app.app_context():
        with writing() as connection:
            series_id = queries_series.ensure(connection, "yahoo", "X", Interval.D1, "")
            bars = [(n * DAY, 9.5, 10.5, 9.0, 10.0 + n, 100.0 + n, 10.25, 3) for n in range(50)]
            added = queries_bars.upsert(connection, series_id, bars)
            queries_series.extend_range(connection, series_id, added, 0, bars[-1][0], terminal.context.now())
            row = queries_series.get(connection, series_id)
            assert row
            stored_actions = [
                Action("split", 7 * DAY, 3.0),
                Action("dividend", 9 * DAY, 1.0),
                Action("dividend", 30 * DAY, 0.5),
            ]
            queries_actions.upsert(connection, row.instrument_id, stored_actions, 1, terminal.context.now())
        stored = open_bars(series_id, adjust)
        expected = [bar for page in stored.pages(7) for bar in stored.factors.apply(page)]
        frame = JobManager.bars("X", adjust=adjust)
    assert list(frame.columns) == ["open", "high", "low", "close", "volume", "wap", "count"]
    np.testing.assert_allclose(frame.to_numpy(), np.array([bar[1:] for bar in expected], float), rtol=1e-14)


SESSION = """
import logging, sys
before = logging.getLogger().handlers[:]
from webapp.models import init_db; init_db()
from webapp.job_manager import JobManager
JobManager.get_statistics(); JobManager.get_active_jobs(); JobManager.get_recent_jobs(limit=20)
assert logging.getLogger().handlers == before
"""
CLEANING = """
from webapp.tasks import cleanup_old_jobs
cleanup_old_jobs.delay(days_to_keep=7)
"""
WEB = """
import sys
from webapp.app import create_app
create_app()
print([name for name in ("pandas", "pyarrow", "numpy", "yfinance") if name in sys.modules])
"""


def python(code: str, environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environ, capture_output=True, text=True, timeout=60, check=False
    )


def test_a_plain_session_needs_no_word_about_applications(tmp_path: Path) -> None:
    session = python(SESSION, environment(tmp_path))
    assert session.returncode == 0, session.stderr


def test_a_plain_session_can_send_a_task(tmp_path: Path, redis_server: RedisServer) -> None:
    with Redis.from_url(redis_server.url) as redis:
        redis.flushall()
        session = python(CLEANING, {**environment(tmp_path), "REDIS_URL": redis_server.url})
        assert session.returncode == 0, session.stderr
        assert [redis.llen(name) for name in redis.scan_iter("celery*")] == [1]


def test_the_web_process_starts_without_heavy_libraries(tmp_path: Path) -> None:
    answer = python(WEB, environment(tmp_path))
    assert answer.stdout.strip() == "[]", answer.stderr


def test_jobs_are_moved_by_id_several_or_as_a_batch(terminal: Terminal) -> None:
    with terminal.app.app_context():
        batch = JobManager.submit("aapl, msft, nope", start="2024-01-01", end="2024-02-01")
        first, second, third = batch.job_ids
        assert [job["state"] for job in JobManager.pause(first, "lunch").changed] == ["paused"]
        assert JobManager.prioritize([second, third], "high").refused == {}
        came = JobManager.resume([first, second, 99])
        assert [job["id"] for job in came.changed] == [first]
        assert came.refused[99] == "There is no job 99."
        finish(third, JobState.FAILED)
        assert [job["id"] for job in JobManager.cancel(batch).changed] == [first, second]
        assert [job["id"] for job in JobManager.retry(batch).changed] == [third]
        assert JobManager.clone(first).repeated == frozenset()
        assert JobManager.clone(third).repeated == {third}


def test_a_contract_is_submitted_and_read_with_its_options(terminal: Terminal) -> None:
    with terminal.app.app_context():
        batch = JobManager.submit("EUR.USD", source="ibkr", period="1y", sec_type="CASH", what="BID")
        JobManager.submit("AAPL", source="ibkr", period="1y", rth=False, exchange="SMART", currency="USD")
        finish(batch.job_ids[0])
        newest = JobManager.get_recent_jobs(limit=2)
        assert [(job["symbol"], job["variant"]) for job in newest] == [
            ("AAPL", "TRADES-all"),
            ("EUR.CASH.IDEALPRO.USD", "BID"),
        ]
        assert len(JobManager.bars("EUR.USD", source="ibkr", sec_type="CASH", what="BID")) == 5
        with pytest.raises(NotFoundError):
            JobManager.bars("EUR.USD", source="ibkr", sec_type="CASH", what="ASK")
        with pytest.raises(InvalidRequestError, match="is not an option of Yahoo Finance"):
            JobManager.submit("AAPL", period="1y", what="BID")
        JobManager.submit("AAPL", period="1y", prepost=False)
