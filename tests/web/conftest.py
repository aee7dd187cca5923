"""The pages over a database of their own, made by the migrations; no Redis, no worker, no source."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.applications import application
from tests.tables import make_tables
from webapp.config import Settings, load_settings
from webapp.context import EXTENSION, context
from webapp.errors import QueueAwayError, sentence
from webapp.importing.looking import look
from webapp.inquiring import inquiries
from webapp.inquiring.inquiries import Kind
from webapp.kernel.job_states import Priority
from webapp.queue import TaskName


class AwayQueue:
    """A queue that does not answer, and says so at once."""

    def enqueue(self, task: TaskName, ident: int, priority: Priority = Priority.NORMAL) -> None:
        raise QueueAwayError(sentence("The queue (Redis) does not answer."))

    def is_up(self) -> bool:
        return False

    def workers(self) -> list[str] | None:
        return None


class WorkerAtHand:
    """A queue whose worker answers before the one who asks goes on; it takes no job."""

    def enqueue(self, task: TaskName, ident: int, priority: Priority = Priority.NORMAL) -> None:
        if task is TaskName.INQUIRE:
            answer_inquiry(ident)

    def is_up(self) -> bool:
        return True

    def workers(self) -> list[str] | None:
        return None


def answer_inquiry(ident: int) -> None:
    """Answer a question as a worker does."""
    inquiries.answer(context(), ident, {Kind.LOOK: look})


class Browser(FlaskClient):
    """Sends each request in a context of its own, though the test holds one open: ``g`` must not leak between them."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:  # noqa: ANN401 -- as its base class has it
        """Send a request."""
        with self.application.app_context():
            return super().open(*args, **kwargs)


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    """Make an application on an empty database; a form needs no token here (``guarded`` has the check)."""
    with application(_settings(tmp_path)) as app, app.app_context():
        app.test_client_class = Browser
        app.extensions[EXTENSION] = dataclasses.replace(app.extensions[EXTENSION], queue=AwayQueue())
        app.config["TESTING"] = True
        app.config["WTF_CSRF_ENABLED"] = False
        make_tables()
        yield app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Return a browser that reads English."""
    return app.test_client()


@pytest.fixture
def guarded(app: Flask) -> FlaskClient:
    """Return a browser whose forms must carry a token."""
    app.config["WTF_CSRF_ENABLED"] = True
    return app.test_client()


@pytest.fixture
def worker(app: Flask) -> None:
    """Let a worker answer what pages ask, at once."""
    app.extensions[EXTENSION] = dataclasses.replace(app.extensions[EXTENSION], queue=WorkerAtHand())


def _settings(folder: Path) -> Settings:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("DATABASE_URL", f"sqlite:///{folder / 'moisson.db'}")
        environment.setenv("MOISSON_SIMULATED", "true")
        environment.setenv("REDIS_URL", "redis://127.0.0.1:1/0")
        return load_settings(folder, read_dotenv=False)
