"""The stores on SQLite and on a real PostgreSQL: each test runs on both."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from tests.applications import application
from tests.tables import make_tables
from webapp.config import load_settings
from webapp.database.engine import database_url
from webapp.database.transactions import writing
from webapp.extensions import Base


def empty_tables() -> None:
    """Delete what earlier tests left, in every table that there is; what refers to others goes first."""
    with writing() as connection:
        for table in reversed(Base.metadata.sorted_tables):
            connection.execute(table.delete())


@pytest.fixture(params=["sqlite", "postgresql"])
def app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    url = f"sqlite:///{tmp_path / 'test.db'}"
    if request.param == "postgresql":
        url = database_url(request.getfixturevalue("postgres_url"))
    settings = dataclasses.replace(load_settings(tmp_path, read_dotenv=False), database_url=url)
    with application(settings) as app, app.app_context():
        make_tables()
        if request.param == "postgresql":
            empty_tables()
        yield app
