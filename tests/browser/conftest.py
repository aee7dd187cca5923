"""A real browser (Debian's Chromium through Playwright) and a real web server on a free port.

``site`` serves pages alone; a test that needs a worker starts its own stack and uses ``browser`` and ``Watched``.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import flask_migrate
import pytest
from flask import Flask
from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page, Request, expect, sync_playwright

from tests.servers import untraced
from webapp.app import create_app
from webapp.config import ROOT, load_settings
from webapp.extensions import db

expect.set_options(timeout=30_000)  # milliseconds: a wait ends when its condition holds, on a busy machine later

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
]


@dataclass
class Watched:
    """A page whose complaints and requests are noted."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", self._dialog)
        self.page.on("request", self._request)

    def polls(self, path: str) -> int:
        """Return how many requests went to a path so far."""
        return sum(path in url for url in self.requests)

    def _console(self, message: ConsoleMessage) -> None:
        # A refused form (422) and a conflict (409) are logged by Chromium and by htmx as errors; they are no defect.
        refused = "status of 4" in message.text or "Response Status Error Code 4" in message.text
        if message.type in ("error", "warning") and not refused:
            self.complaints.append(message.text)

    def _dialog(self, dialog: Dialog) -> None:
        self.complaints.append(f"a dialog opened: {dialog.message}")
        dialog.dismiss()

    def _request(self, request: Request) -> None:
        self.requests.append(request.url)


@dataclass(frozen=True, slots=True)
class Site:
    """A served application: its address, and the same database for the test to change."""

    url: str
    app: Flask


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start Chromium once."""
    if not Path(CHROMIUM).exists():
        reason = "Chromium is not installed (apt-get install chromium)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield started
        started.close()


@contextmanager
def opened(
    browser: Browser, *, language: str = "en", theme: str = "light", width: int = 1440, script: bool = True
) -> Iterator[Watched]:
    """Open a page of a new reader, who sees times of Paris."""
    reader = browser.new_context(
        viewport={"width": width, "height": 900},
        locale=language,
        color_scheme="dark" if theme == "dark" else "light",
        timezone_id="Europe/Paris",
        java_script_enabled=script,
    )
    watched = Watched(reader.new_page())
    try:
        yield watched
    finally:
        reader.close()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """Serve the pages alone over an empty database: no Redis, no worker, no source."""
    environment = {
        "DATABASE_URL": f"sqlite:///{tmp_path / 'moisson.db'}",
        "MOISSON_FOLDER": str(tmp_path),
        "REDIS_URL": f"redis://127.0.0.1:{free_port()}/0",
        "LOG_LEVEL": "WARNING",
    }
    with pytest.MonkeyPatch.context() as patched:
        for name, value in environment.items():
            patched.setenv(name, value)
        app = create_app(load_settings(tmp_path, read_dotenv=False))
    with app.app_context():
        flask_migrate.upgrade()
        with serving(environment) as url:
            yield Site(url, app)
        db.engine.dispose()


@contextmanager
def serving(environment: dict[str, str]) -> Iterator[str]:
    """Run the web server as a process of its own, until it is ready and until the test is over."""
    port = free_port()
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "run", "--port", str(port), "--with-threads"]
    process = subprocess.Popen(command, cwd=ROOT, env=untraced() | environment)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until_up(f"{url}/healthz")
        yield url
    finally:
        process.terminate()
        process.wait(10)


def wait_until_up(url: str, seconds: float = 30) -> None:
    """Wait until a URL answers."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def free_port() -> int:
    """Return a port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
