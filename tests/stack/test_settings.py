"""Wrong settings are told in a sentence, once, before anything is started."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers import ROOT
from tests.stack.conftest import StartStack
from webapp.sources.ibkr.nightly import NightlyWindow
from webapp.stack import __main__ as stack
from webapp.stack import parts


@pytest.mark.parametrize(
    ("setting", "value", "told"),
    [
        ("HOST", "0.0.0.0", "HOST is 0.0.0.0, but this version has no sign-in yet"),  # noqa: S104 -- to be refused
        ("PORT", "70000", "PORT is 70000, which is not a port"),
        ("PORT", "eight", "PORT"),
        ("TASK_TIME_LIMIT", "soon", "TASK_TIME_LIMIT"),
    ],
)
def test_a_wrong_setting_is_told_in_a_line_and_nothing_is_started(
    setting: str, value: str, told: str, start_stack: StartStack, tmp_path: Path
) -> None:
    running = start_stack("run", **{setting: value})
    assert running.ended(60) == 2
    assert told in running.text
    assert len(running.text.splitlines()) == 1
    assert not (tmp_path / "installation" / "logs").exists()


def test_gunicorn_alone_refuses_an_open_address_once_and_does_not_try_again() -> None:
    command = [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", "wsgi:app"]
    environment = {**os.environ, "HOST": "0.0.0.0"}  # noqa: S104 -- to be refused
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode != 0
    assert (done.stdout + done.stderr).count("HOST is 0.0.0.0, but this version has no sign-in yet") == 1


def test_the_demonstration_keeps_away_from_the_real_installation(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, value in (
        ("DATABASE_URL", "postgresql://real/money"),
        ("MOISSON_FOLDER", "/real"),
        ("REDIS_URL", "redis://real/0"),
    ):
        monkeypatch.setenv(name, value)
    wanted = stack._parser().parse_args(["demo", "--folder", str(tmp_path)])  # noqa: SLF001 -- without starting it
    assert stack._installation(wanted) == (tmp_path, f"sqlite:///{tmp_path / 'moisson.db'}")  # noqa: SLF001
    assert stack._embeds_redis(is_demo=True)  # noqa: SLF001
    assert not stack._embeds_redis(is_demo=False)  # noqa: SLF001


def test_the_demonstration_goes_to_the_offline_market_by_night_as_by_day(tmp_path: Path) -> None:
    ready = tmp_path / "market.json"
    ready.write_text('{"proxy": "http://127.0.0.1:1", "ca_bundle": "ca.pem", "tws": "127.0.0.1:7497"}')
    told = parts.market_environment({"IB_NIGHTLY_WINDOW": "00:15-01:45 America/New_York"}, ready)
    assert (told["IB_HOST"], told["IB_PORT"]) == ("127.0.0.1", "7497")
    assert NightlyWindow.parse(told["IB_NIGHTLY_WINDOW"]) is None
