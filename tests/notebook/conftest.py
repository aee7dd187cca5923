"""Frames are read from both databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import empty_tables
from tests.stored import Store, opened
from tests.tables import make_tables
from webapp.database.engine import database_url


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    folder = tmp_path / "été 100%? #1"
    folder.mkdir()
    url = f"sqlite:///{folder / 'test.db'}"
    if request.param == "postgresql":
        url = database_url(request.getfixturevalue("postgres_url"))
    with opened(folder, url) as opened_store:
        make_tables()
        empty_tables()
        yield opened_store
