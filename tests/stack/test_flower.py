"""Flower, started as ``make run`` starts it: it shows the worker and every task, and knows nothing but ids."""

import datetime as dt
import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.plant import plant, succeeded
from tests.servers import Market, RedisServer, find_free_port, start_market, wait_until


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Market]:
    started = start_market(tmp_path_factory.mktemp("market"))
    yield started
    started.running.end()


def read(url: str) -> Any:  # noqa: ANN401 -- JSON
    with urllib.request.urlopen(url, timeout=5) as answer:
        return json.loads(answer.read())


def tasks(port: int) -> list[dict[str, Any]]:
    query = "draw=1&start=0&length=100&search[value]=&order[0][column]=0&order[0][dir]=asc&columns[0][data]=name"
    found: list[dict[str, Any]] = read(f"http://127.0.0.1:{port}/tasks/datatable?{query}")["data"]
    return found


def test_flower_shows_the_worker_and_every_task_with_ids_only(
    tmp_path: Path, redis_server: RedisServer, market: Market
) -> None:
    port = find_free_port()
    with plant(tmp_path, redis_server, market) as made:
        flower = made.begin("flower", "celery", "-A", "worker", "flower", "--address=127.0.0.1", f"--port={port}")
        wait_until(lambda: "Visit me at" in flower.text, "Flower listens")
        made.worker(), made.clock()
        wait_until(lambda: _workers(port), "Flower knows the worker")
        ids = made.submit("AAPL", "MSFT", "MC.PA", start=dt.date(2024, 1, 1), end=dt.date(2024, 3, 1))
        assert succeeded(made.wait(*ids))
        wait_until(lambda: len(_finished(port)) >= len(ids), "Flower has seen every task end")
        shown = tasks(port)
        assert {task["name"] for task in shown} == {"moisson.collect"}
        assert sorted(task["args"].strip("[](),") for task in shown) == sorted(str(job_id) for job_id in ids)
        assert {task["kwargs"] for task in shown} == {"{}"}


def _workers(port: int) -> bool:
    found = read(f"http://127.0.0.1:{port}/workers?json=1")["data"]
    return any(worker.get("status") for worker in found)


def _finished(port: int) -> list[dict[str, Any]]:
    return [task for task in tasks(port) if task["state"] == "SUCCESS"]
