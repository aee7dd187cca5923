"""The same question put through every entrance, and what comes of it in a form that can be compared."""

import csv
import datetime as dt
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pandas as pd
from flask.testing import FlaskClient
from markupsafe import escape

from tests.cli.conftest import Terminal
from webapp.access import tokens
from webapp.access.queries_tokens import Scope
from webapp.collecting import submit
from webapp.context import context
from webapp.database.transactions import reading
from webapp.errors import InvalidRequestError, MoissonError
from webapp.job_manager import JobManager
from webapp.jobs import queries_jobs
from webapp.jobs.queries_jobs import JobFilter

ARGUMENTS = ("symbols", "symbol")
"""What stands in a command without an option's name."""
_SHORT = {"all-hours": "rth"}


@dataclass(frozen=True)
class Outcome:
    """What came of a question: what was understood, or a sentence for each field that was not."""

    understood: object = None
    refused: tuple[tuple[str, str], ...] = ()

    @classmethod
    def refusing(cls, fields: Mapping[str, object]) -> "Outcome":
        return cls(refused=tuple(sorted((name, str(said)) for name, said in fields.items())))


def is_json(value: object) -> bool:
    """Whether a program can send the value as JSON."""
    try:
        return bool(json.loads(json.dumps(value)) == value)
    except (TypeError, ValueError):
        return False


def can_be_typed(value: object) -> bool:
    """Whether a person can type it: a text, or several words; a flag is there or not."""
    words = value if isinstance(value, list) else [value]
    return bool(words) and all(isinstance(word, str) and not word.startswith("-") for word in words)


class Entrances:
    """Python, HTTP and the command line over one database, each asked for itself."""

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal
        with terminal.app.app_context():
            token = tokens.create(context(), "test", [Scope.READ, Scope.WRITE]).text
        self.client: FlaskClient = terminal.app.test_client()
        self.headers = {"Authorization": f"Bearer {token}"}

    # --- Collecting ---

    def collect_in_python(self, values: Mapping[str, Any]) -> Outcome:
        options = values.get("options") or {}
        with self.terminal.app.app_context():
            try:
                batch = JobManager.submit(**{n: v for n, v in values.items() if n != "options"}, **options)
            except InvalidRequestError as err:
                return Outcome.refusing(err.fields)
        return self._collected(batch.job_ids)

    def collect_over_http(self, values: Mapping[str, Any]) -> Outcome:
        answers = [self.client.post(f"/api/v1/{noun}", json=values, headers=self.headers) for noun in ("plans", "jobs")]
        plan, jobs = (answer.get_json() for answer in answers)
        if answers[1].status_code == 202:
            assert answers[0].status_code == 200
            return self._collected(tuple(job["id"] for job in jobs["jobs"]))
        assert answers[1].status_code == 422, jobs
        if "gateway" not in jobs["error"]["fields"]:
            assert plan == jobs, "a plan says the same"
        return Outcome.refusing(jobs["error"]["fields"])

    def collect_by_command(self, values: Mapping[str, Any]) -> Outcome:
        answer = self.terminal.type("collect", *_words(values))
        if answer.exit_code == 0:
            with self.terminal.app.app_context(), reading() as connection:
                newest = queries_jobs.page(connection, JobFilter(), limit=1)[0].batch_id
                ids = queries_jobs.ids(connection, JobFilter(batch_id=newest))
            return self._collected(tuple(ids))
        assert answer.exit_code == 2, answer.output
        return Outcome.refusing(_said(answer.stderr))

    def _collected(self, job_ids: tuple[int, ...]) -> Outcome:
        """What the jobs of a batch are about; they are cancelled, so that the next one asks anew."""
        with self.terminal.app.app_context():
            rows = [submit.find(job_id) for job_id in job_ids]
            JobManager.cancel(job_ids)
        return Outcome(
            tuple(
                (
                    r.source,
                    r.symbol,
                    r.interval,
                    r.variant,
                    r.span,
                    r.priority,
                    r.refresh,
                    tuple(sorted(r.options.items())),
                )
                for r in rows
            )
        )

    # --- Reading ---

    def read_in_python(self, values: Mapping[str, Any]) -> Outcome:
        with self.terminal.app.app_context():
            try:
                frame = JobManager.bars(**values)
            except InvalidRequestError as err:
                return Outcome.refusing(err.fields)
            except MoissonError as err:
                return Outcome(str(err))
        return Outcome(tuple((int(at.timestamp()), round(close, 6)) for at, close in _of_times(frame)["close"].items()))

    def read_over_http(self, series_id: int, values: Mapping[str, Any]) -> Outcome:
        answer = self.client.get(f"/api/v1/series/{series_id}/bars?{_query(values)}", headers=self.headers)
        if answer.status_code == 422:
            return Outcome.refusing(answer.get_json()["error"]["fields"])
        assert answer.status_code == 200, answer.text
        if answer.mimetype == "text/csv":
            return _lines(answer.text)
        if answer.mimetype != "application/json":
            return Outcome(len(answer.data) > 0)
        return Outcome(tuple((_epoch(bar["time"]), round(bar["close"], 6)) for bar in answer.get_json()["bars"]))

    def read_by_command(self, values: Mapping[str, Any]) -> Outcome:
        answer = self.terminal.type("export", *_words(values))
        if answer.exit_code == 2 and ": " in answer.stderr and not answer.stderr.startswith("There are no"):
            return Outcome.refusing(_said(answer.stderr))
        if answer.exit_code != 0:
            return Outcome(answer.stderr.strip())
        is_text = values.get("format", "csv").strip().lower() in ("csv", "")
        return _lines(answer.stdout) if is_text else Outcome(len(answer.stdout_bytes) > 0)

    def download(self, series_id: int, values: Mapping[str, Any], refusal: str) -> bool:
        """Whether the page's download says the same: the sentence, or a file."""
        fmt = values.get("format", "csv").strip() or "csv"
        if fmt not in ("csv", "parquet", "arrow"):
            return True  # its address is another then
        answer = self.client.get(f"/series/{series_id}/export.{fmt}?{_query(values)}")
        return str(escape(refusal)) in answer.text if refusal else answer.status_code == 200


def _words(values: Mapping[str, Any]) -> list[str]:
    words: list[str] = []
    plain = {name: value for name, value in values.items() if name != "options"} | dict(values.get("options") or {})
    for name, value in plain.items():
        option = f"--{name.replace('_', '-')}"
        if name in ARGUMENTS:
            words += value if isinstance(value, list) else [value]
        elif isinstance(value, bool):
            words += [option] if value else [f"--{opposite}" for opposite, of in _SHORT.items() if of == name]
        else:
            words += [option, value]
    return words


def _said(stderr: str) -> dict[str, str]:
    said = dict(line.split(": ", 1) for line in stderr.splitlines() if ": " in line)
    return {name.removeprefix("--").replace("-", "_").lower(): text for name, text in said.items()}


def _query(values: Mapping[str, Any]) -> str:
    return urlencode(values, errors="surrogatepass")


def _lines(text: str) -> Outcome:
    rows = list(csv.DictReader(io.StringIO(text)))
    return Outcome(tuple((_epoch(row["time"]), round(float(row["close"]), 6)) for row in rows))


def _epoch(text: str) -> int:
    at = dt.datetime.fromisoformat(text)
    return int((at if at.tzinfo else at.replace(tzinfo=dt.UTC)).timestamp())


def _of_times(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame by its times alone; that of a list has its symbols beside them."""
    return frame.droplevel("symbol") if frame.index.nlevels > 1 else frame
