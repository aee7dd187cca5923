"""The API over a database of its own, made by the migrations; no Redis, no worker, no source."""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.applications import application
from tests.tables import make_tables
from webapp.access import tokens
from webapp.access.queries_tokens import Scope
from webapp.app import create_app
from webapp.config import Settings, load_settings
from webapp.context import EXTENSION, context
from webapp.kernel.job_states import Priority
from webapp.queue import Queue, TaskName

BODY: dict[str, Any] = {
    "source": "yahoo",
    "symbols": ["AAPL", "MSFT"],
    "interval": "1d",
    "start": "2024-01-02",
    "end": "2024-03-28",
}


@dataclass
class HandQueue:
    """A queue that remembers what was sent; nobody works."""

    sent: list[int] = field(default_factory=list)
    alive: list[str] | None = field(default_factory=list)

    def enqueue(self, task: TaskName, ident: int, priority: Priority = Priority.NORMAL) -> None:
        self.sent.append(ident)

    def length(self) -> int | None:
        return None if self.alive is None else len(self.sent)

    def workers(self) -> list[str] | None:
        return self.alive

    def is_up(self) -> bool:
        return self.alive is not None

    __hash__ = object.__hash__


@dataclass
class HandTime:
    """A clock on which sleeping takes no time."""

    at: float = 0.0

    def monotonic(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += seconds


class Program(FlaskClient):
    """Sends each request in a context of its own, with a token unless it is told not to."""

    token: str | None = None

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:  # noqa: ANN401 -- as its base class has it
        headers = dict(kwargs.pop("headers", None) or {})
        if self.token:
            headers.setdefault("Authorization", f"Bearer {self.token}")
        with self.application.app_context():
            return super().open(*args, headers=headers, **kwargs)


def make_app(folder: Path, database: str = "") -> Flask:
    """An application for a whole module; a test's own is lent by ``app``."""
    return _as_api(create_app(_settings(folder, database or f"sqlite:///{folder / 'test.db'}")))


def _settings(folder: Path, database: str) -> Settings:
    plain = load_settings(folder, read_dotenv=False)
    return dataclasses.replace(plain, database_url=database, redis_url="redis://127.0.0.1:1/0")


def _as_api(app: Flask) -> Flask:
    app.test_client_class = Program
    queue = cast("Queue", HandQueue())
    app.extensions[EXTENSION] = dataclasses.replace(app.extensions[EXTENSION], queue=queue)
    return app


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    with application(_settings(tmp_path, f"sqlite:///{tmp_path / 'test.db'}")) as lent:
        app = _as_api(lent)
        with app.app_context():
            make_tables()
            yield app


@pytest.fixture
def queue(app: Flask) -> HandQueue:
    return cast("HandQueue", context().queue)


def program(app: Flask, *scopes: Scope) -> Program:
    """A program with a token of these scopes; without any, one without a token."""
    client = cast("Program", app.test_client())
    with app.app_context():
        client.token = tokens.create(context(), "test", scopes).text if scopes else None
    return client


@pytest.fixture
def client(app: Flask) -> Program:
    return program(app, Scope.READ, Scope.WRITE)


@pytest.fixture
def nobody(app: Flask) -> Program:
    return program(app)
