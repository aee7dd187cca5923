"""Being inside an application for one call of a notebook, with sentences instead of a driver's errors."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import ProgrammingError

from webapp.app import in_app
from webapp.context import Context
from webapp.database import queries_health, schema
from webapp.database.transactions import DATABASE_FAILURES, explain_failure
from webapp.errors import DatabaseAwayError, sentence

_NO_TABLES = sentence(
    "The database has no tables yet: init_db() makes them. Call it once: from webapp.models import init_db; init_db()"
)
_OLD_TABLES = sentence(
    "The database is of an older version: init_db() brings it up to date. Call it once: from webapp.models import "
    "init_db; init_db()"
)


@contextmanager
def opened() -> Iterator[Context]:
    """Be inside an application: the current one, or else a script's own.

    :raises DatabaseAwayError: when the database has no tables yet or old ones, or does not answer.
    """
    with in_app() as context:
        try:
            yield context
        except (*DATABASE_FAILURES, ProgrammingError) as err:
            if schema.is_outdated():
                raise DatabaseAwayError(_OLD_TABLES if queries_health.revision() else _NO_TABLES) from err
            if isinstance(err, ProgrammingError):
                raise  # a defect of ours: what a table lacks says so in these words, and nothing else does
            raise DatabaseAwayError(explain_failure(err)) from err
