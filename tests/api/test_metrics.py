"""The metrics, as Prometheus reads them."""

import dataclasses

from flask import Flask
from prometheus_client.parser import text_string_to_metric_families

from tests.api.conftest import HandQueue, Program
from tests.web.factories import clock_beats, one_of_each
from webapp.context import EXTENSION, context
from webapp.kernel.cached import Cached
from webapp.kernel.job_states import JobState
from webapp.sources.pace import PaceState


def read(nobody: Program) -> dict[tuple[str, ...], float]:
    answer = nobody.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    found = {}
    for family in text_string_to_metric_families(answer.text):
        assert family.documentation
        for sample in family.samples:
            found[(sample.name, *sample.labels.values())] = sample.value
    return found


def test_jobs_bars_and_heartbeats_are_counted(nobody: Program, queue: HandQueue) -> None:
    one_of_each()
    clock_beats()
    queue.alive = ["worker@host:1", 'odd"name\\']
    queue.sent = [1, 2, 3]
    metrics = read(nobody)
    assert all(metrics["moisson_jobs", state.value] == 1 for state in JobState)
    assert metrics["moisson_bars_written", "yahoo"] > 0
    assert metrics["moisson_bars_stored",] == metrics["moisson_bars_written", "yahoo"]
    assert metrics["moisson_clock_beat_timestamp_seconds",] > 1.7e9
    assert metrics["moisson_queue_messages",] == 3
    assert metrics["moisson_workers",] == 2
    assert metrics["moisson_worker_up", 'odd"name\\'] == 1


def test_what_is_not_known_is_left_out(nobody: Program, queue: HandQueue) -> None:
    queue.alive = None
    metrics = read(nobody)
    assert metrics["moisson_queue_up",] == 0
    assert metrics["moisson_jobs", "failed"] == 0
    assert ("moisson_workers",) not in metrics
    assert ("moisson_queue_messages",) not in metrics
    assert ("moisson_clock_beat_timestamp_seconds",) not in metrics


def test_another_host_is_refused(nobody: Program) -> None:
    assert nobody.get("/metrics", headers={"Host": "evil.com"}).status_code == 400


def test_the_rate_that_a_source_is_asked_at_now_stands_beside_the_configured_one(
    nobody: Program, queue: HandQueue, app: Flask
) -> None:
    queue.alive = ["worker@host:1"]
    paces = Cached[dict[str, PaceState]](fresh=60, failed=60)
    paces.get(context().now, lambda: {"yahoo": PaceState(rate=0.25, cooling=42.0)})
    app.extensions[EXTENSION] = dataclasses.replace(context(), pace_states=paces)
    metrics = read(nobody)
    assert metrics["moisson_source_pace_requests_per_second", "yahoo"] == 0.25
    assert metrics["moisson_source_requests_per_second", "yahoo"] == 0.5
    assert metrics["moisson_source_cool_down_seconds", "yahoo"] == 42
    page = nobody.get("/").text
    assert "all requests pause" in page or "marquent une pause" in page


def test_the_sidebar_says_since_when_a_source_is_asked_slower_than_configured(
    nobody: Program, queue: HandQueue, app: Flask
) -> None:
    queue.alive = ["worker@host:1"]
    paces = Cached[dict[str, PaceState]](fresh=60, failed=60)
    paces.get(context().now, lambda: {"yahoo": PaceState(rate=0.25, cooling=0.0, slowed_at=1_700_000_000.0)})
    app.extensions[EXTENSION] = dataclasses.replace(context(), pace_states=paces)
    page = nobody.get("/").text
    assert "Slowed since" in page or "Ralentie depuis" in page
    assert "2023-11-14T22:13:20" in page


def test_a_rate_that_nobody_knows_is_left_out(nobody: Program, queue: HandQueue) -> None:
    queue.alive = ["worker@host:1"]  # but Redis does not tell the rates
    assert ("moisson_source_pace_requests_per_second", "yahoo") not in read(nobody)
