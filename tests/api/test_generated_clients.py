"""Clients that people generate of the description work: against a server, with each form of bars."""

import importlib.util
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.serving import make_server

from tests.api.conftest import Program
from tests.web.factories import Asked, make_series
from webapp.kernel.intervals import Interval

OPENAPI_PYTHON_CLIENT = """
import io, json, sys
import pyarrow.feather, pyarrow.parquet
from moisson_client import AuthenticatedClient
from moisson_client.api.api_bars import read_arrow_bars, read_csv_bars, read_json_bars, read_parquet_bars
from moisson_client.api.api_jobs import index_jobs, submit_jobs
from moisson_client.api.api_series import index_series
from moisson_client.models import Bars, CollectBody, CollectBodyInterval, Problem, ReadJsonBarsInterval

client = AuthenticatedClient(base_url=sys.argv[1], token=sys.argv[2])
[series] = index_series.sync(client=client, symbol="aapl").series
span = {"start": "2024-03-01", "end": "2024-03-28"}
bars = read_json_bars.sync(series.id, client=client, **span)
assert isinstance(bars, Bars)
weeks = read_json_bars.sync(series.id, client=client, interval=ReadJsonBarsInterval.W1, **span)
parquet = pyarrow.parquet.read_table(read_parquet_bars.sync(series.id, client=client, **span).payload)
arrow = pyarrow.feather.read_table(read_arrow_bars.sync(series.id, client=client, **span).payload)
lines = read_csv_bars.sync(series.id, client=client, **span).splitlines()
refused = read_json_bars.sync(series.id, client=client, zone="nowhere")
assert isinstance(refused, Problem)
asked = {"source": "yahoo", "symbols": ["MSFT"], "interval": CollectBodyInterval.D1}
body = CollectBody(**asked, start="2024-01-02", end="2024-01-31")
batch = submit_jobs.sync(client=client, body=body)
first = read_json_bars.sync_detailed(series.id, client=client, **span)
again = read_json_bars.sync_detailed(series.id, client=client, if_none_match=first.headers["ETag"], **span)
print(json.dumps({
    "json": [bar.close for bar in bars.bars],
    "weeks": [len(weeks.bars), weeks.interval],
    "parquet": parquet.column("close").to_pylist(),
    "arrow": arrow.column("close").to_pylist(),
    "csv": [float(line.split(",")[4]) for line in lines[1:]],
    "refused": refused.error.fields.additional_properties,
    "batch": batch.batch_id,
    "jobs": [job.symbol for job in index_jobs.sync(client=client, batch=batch.batch_id).jobs],
    "again": int(again.status_code),
}))
"""

DATAMODEL_CODEGEN = """
import json, sys, urllib.request
from moisson_models import Bars, Batch, JobPage, Problem, SeriesPage, Sources

def answer(path):
    headers = {"Authorization": f"Bearer {sys.argv[2]}"}
    with urllib.request.urlopen(urllib.request.Request(sys.argv[1] + path, headers=headers)) as reply:
        return reply.read()

[series] = SeriesPage.model_validate_json(answer("/api/v1/series")).series
bars = Bars.model_validate_json(answer(f"/api/v1/series/{series.id}/bars.json?start=2024-03-01&end=2024-03-28"))
sources = Sources.model_validate_json(answer("/api/v1/sources")).sources
jobs = JobPage.model_validate_json(answer("/api/v1/jobs")).jobs
newer = Bars.model_validate(bars.model_dump() | {"told": "by a newer server"})
print(json.dumps({
    "json": [bar.close for bar in bars.bars],
    "sources": [source.name for source in sources],
    "jobs": len(jobs),
    "newer": newer.symbol,
}))
"""


def require(module: str) -> None:
    """Skip where a generator is not installed; requirements-dev.txt pins them, so that in CI it is a failure."""
    if importlib.util.find_spec(module) is None:
        assert not os.environ.get("CI"), f"{module} is not installed"
        pytest.skip(f"{module} is not installed: pip install -r requirements-dev.txt")


@pytest.fixture
def server(app: Flask) -> Iterator[str]:
    """A server of the application, on a port of its own."""
    make_series(Asked("AAPL", Interval.D1, 1200))
    running = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=running.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{running.server_port}"
    running.shutdown()
    thread.join()
    running.server_close()


def generate(command: list[str], client: Program, folder: Path) -> None:
    """Write the description down and run a generator over it."""
    document = folder / "openapi.json"
    document.write_bytes(client.get("/api/v1/openapi.json").data)
    run(["-m", *command], folder)


def run(arguments: list[str], folder: Path) -> str:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), *sys.path])}
    command = [sys.executable, *arguments]
    finished = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished.stdout


def use(script: str, server: str, client: Program, folder: Path) -> dict[str, Any]:
    """Run a script that uses what was generated, and return what it prints."""
    (folder / "script.py").write_text(script)
    told: dict[str, Any] = json.loads(run(["script.py", server, str(client.token)], folder))
    return told


def closes(client: Program) -> list[float]:
    [series] = client.get("/api/v1/series").get_json()["series"]
    bars = client.get(f"/api/v1/series/{series['id']}/bars?start=2024-03-01&end=2024-03-28").get_json()["bars"]
    return [bar["close"] for bar in bars]


def test_a_client_of_openapi_python_client_reads_every_form_of_bars(
    server: str, client: Program, tmp_path: Path
) -> None:
    require("openapi_python_client")
    command = ["openapi_python_client", "generate", "--path", "openapi.json", "--output-path", "moisson_client"]
    (tmp_path / "config.yml").write_text("post_hooks: []\n")
    generate([*command, "--meta", "none", "--config", "config.yml", "--fail-on-warning"], client, tmp_path)
    told = use(OPENAPI_PYTHON_CLIENT, server, client, tmp_path)
    expected = closes(client)
    assert len(expected) > 15
    assert told["json"] == told["parquet"] == told["arrow"] == told["csv"] == expected
    assert told["weeks"] == [4, "1wk"]
    assert list(told["refused"]) == ["zone"]
    assert (told["jobs"], told["again"]) == (["MSFT"], 304)


def test_models_of_datamodel_code_generator_take_the_answers(server: str, client: Program, tmp_path: Path) -> None:
    require("datamodel_code_generator")
    command = ["datamodel_code_generator", "--input", "openapi.json", "--input-file-type", "openapi"]
    more = ["--output", "moisson_models.py", "--output-model-type", "pydantic_v2.BaseModel"]
    generate([*command, *more], client, tmp_path)
    told = use(DATAMODEL_CODEGEN, server, client, tmp_path)
    assert told == {"json": closes(client), "sources": ["yahoo", "ibkr", "own"], "jobs": 0, "newer": "AAPL"}
