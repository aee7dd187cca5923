"""What is said of jobs: notes of successes, also of before they had a column, and sentences inside sentences."""

import dataclasses
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy.dialects import sqlite

from tests.applications import application
from tests.tables import make_tables
from tests.web.factories import finish, make_job, start
from webapp.config import load_settings
from webapp.database import schema
from webapp.database.transactions import reading
from webapp.database.types import SentenceText
from webapp.errors import sentence
from webapp.jobs import queries_jobs
from webapp.jobs.claims import Release
from webapp.kernel.job_states import ErrorKind, JobState

NOTE = sentence("Nothing was missing; no request was needed.")
WRONG = sentence("There is no %(symbol)s.", symbol="X")


def _move(revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(schema.__file__).parent / "migrations"))
    (command.downgrade if revision == "0018" else command.upgrade)(config, revision)


def test_a_sentence_inside_a_sentence_is_kept_as_one() -> None:
    outer = sentence("Job %(job)d failed: %(why)s", job=1, why=WRONG)
    column, dialect = SentenceText(), sqlite.dialect()
    assert column.process_result_value(column.process_bind_param(outer, dialect), dialect) == outer
    assert str(outer) == "Job 1 failed: There is no X."


def test_what_was_said_of_a_success_becomes_a_note(tmp_path: Path) -> None:
    settings = load_settings(tmp_path, read_dotenv=False)
    settings = dataclasses.replace(settings, database_url=f"sqlite:///{tmp_path / 'test.db'}")
    with application(settings) as app, app.app_context():
        make_tables()
        done = make_job()
        finish(start(done), told=Release(JobState.SUCCEEDED, note=NOTE))
        failed = make_job()
        finish(start(failed), told=Release(JobState.FAILED, None, ErrorKind.UNKNOWN_SYMBOL.value, WRONG))
        for revision in ("0018", "0019"):
            _move(revision)
        with reading() as connection:
            rows = [queries_jobs.get(connection, job_id) for job_id in (done, failed)]
    assert [(row.message, row.note) for row in rows if row] == [(None, NOTE), (WRONG, None)]
