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


def test_a_row_that_the_database_refuses_is_a_defect_and_not_told_as_a_database_away(
    app: Flask, client: FlaskClient
) -> None:
    with db.engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER refuse BEFORE INSERT ON job BEGIN SELECT RAISE(ABORT, 'NOT NULL constraint failed'); END"
        )
    app.config.update(TESTING=False, PROPAGATE_EXCEPTIONS=False)
    answer = client.post("/jobs", data=FORM)
    assert answer.status_code == 500
    assert WORDS not in answer.text
