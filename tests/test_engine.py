"""How the database is opened: what SQLAlchemy does for each statement, and what it need not do."""

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.engine.cursor import CursorResultMetaData

from webapp.database.transactions import reading
from webapp.jobs.tables import Job


def test_columns_of_a_statement_are_not_fitted_to_those_of_the_one_compiled_before(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    fitted: list[object] = []
    original = CursorResultMetaData._adapt_to_context  # noqa: SLF001 -- what must not be called

    def count(self: CursorResultMetaData, context: object) -> object:
        fitted.append(context)
        return original(self, context)  # type: ignore[arg-type]

    monkeypatch.setattr(CursorResultMetaData, "_adapt_to_context", count)
    with reading() as connection:
        for job_id in (1, 2):
            assert connection.execute(select(Job.id, Job.state).where(Job.id == job_id)).first() is None
        assert fitted == []
        for job_id in (1, 2):  # and this test would see it
            plain = connection.execution_options(_result_disable_adapt_to_context=False)
            plain.execute(select(Job.id, Job.state).where(Job.id == job_id)).first()
    assert fitted
