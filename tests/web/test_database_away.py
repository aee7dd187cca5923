"""A database that takes no writes, as with a full disk: the page says so, and nothing looks like a defect."""

import sqlite3

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from webapp.extensions import db

FORM = {"symbols": "AAPL", "source": "yahoo", "interval": "1d", "period": "1y", "priority": "normal"}
WORDS = "The database does not answer, or cannot be written"


def take_no_writes(connection: sqlite3.Connection, _record: object) -> None:
    connection.execute("PRAGMA query_only = ON")


@pytest.fixture
def unwritable(app: Flask) -> None:
    """Let each connection be for reading only, whoever runs the test."""
    db.engine.dispose()
    event.listen(db.engine, "connect", take_no_writes)


@pytest.mark.usefixtures("unwritable")
@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["page", "fragment"])
def test_submitting_says_that_nothing_was_done(client: FlaskClient, headers: dict[str, str]) -> None:
    answer = client.post("/jobs", data=FORM, headers=headers)
    assert answer.status_code == 503
    assert WORDS in answer.text


def test_looking_at_pages_goes_on(client: FlaskClient, unwritable: None) -> None:
    assert client.get("/jobs").status_code == 200
