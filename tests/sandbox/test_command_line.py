"""``python -m webapp.sandbox``: how it begins and ends."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def begin(*options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "webapp.sandbox", *options],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_says_where_it_is_and_ends_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    ready = tmp_path / "ready.json"
    process = begin("--ready-file", str(ready), "--now", "2026-03-02T18:00:00Z", "--running")
    assert process.stdout
    line = process.stdout.readline()
    until = time.monotonic() + 30
    while not ready.exists():
        assert time.monotonic() < until
        time.sleep(0.02)
    told = json.loads(ready.read_text())
    assert list(told) == ["proxy", "ca_bundle", "control", "tws", "pid"]
    assert told["pid"] == process.pid
    assert all(told[name] in line for name in ("proxy", "ca_bundle", "control", "tws"))
    assert Path(told["ca_bundle"]).read_text().startswith("-----BEGIN CERTIFICATE-----")
    os.kill(process.pid, number)
    rest, errors = process.communicate(timeout=30)
    assert (process.returncode, rest, errors) == (0, "", "")
    assert not ready.exists()
    assert not Path(told["ca_bundle"]).exists()


def test_a_taken_port_is_a_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        process = begin("--dir", str(tmp_path), "--proxy-port", str(taken.getsockname()[1]))
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 1
    assert errors.startswith("The offline market cannot start: ")
    assert "Traceback" not in errors


def test_help_tells_the_rules_of_the_offline_tws() -> None:
    text, _ = begin("--help").communicate(timeout=30)
    for option in ("--tws-port", "--pacing-window", "--identical-seconds", "--burst-seconds", "--max-open"):
        assert option in text
    assert "(default: 600)" in " ".join(text.split())


def test_a_moment_needs_a_zone() -> None:
    _, errors = begin("--now", "2026-03-02T18:00:00").communicate(timeout=30)
    assert "has no time zone" in errors
