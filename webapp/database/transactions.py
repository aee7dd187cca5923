"""The two ways to open a transaction. Keep both short: no network and no waiting inside."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection
from sqlalchemy.exc import (
    InterfaceError,
    InternalError,
    OperationalError,
    SQLAlchemyError,
    TimeoutError,  # noqa: A004 -- of a pool
)

from webapp.errors import Sentence, sentence
from webapp.extensions import db

DATABASE_FAILURES = (OperationalError, InterfaceError, InternalError, TimeoutError)
"""What says that the database failed: it is away, full, locked, read-only, or has no connection free, and asking again
later may help. What else a driver says (a value that a column does not take, a statement that is wrong) is a defect of
ours: it never helps."""

_LOCKED_SIGNS = ("database is locked", "database table is locked", "lock timeout", "could not obtain lock")
"""What SQLite and PostgreSQL say when somebody else holds what is to be written for longer than our patience."""
_LOCKED = sentence(
    "Another process has been writing to the database for too long, so nothing was done. Try again in a moment; if it "
    "goes on, see which process holds the file (a backup, a database browser)."
)
_AWAY = sentence("The database does not answer, or cannot be written to (%(words)s). The command doctor says more.")


def explain_failure(error: SQLAlchemyError) -> Sentence:
    """Return a sentence for a failure of the database; a driver's words have no secret, and no statement of ours."""
    words = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
    if any(sign in words for sign in _LOCKED_SIGNS):
        return _LOCKED
    return Sentence(_AWAY.text, {"words": words[:200]})


@contextmanager
def reading() -> Iterator[Connection]:
    """Open a transaction that only reads: it never waits for a writer on SQLite."""
    with db.engine.connect() as connection, connection.begin():
        yield connection


@contextmanager
def writing() -> Iterator[Connection]:
    """Open a transaction that writes: on SQLite it takes the write lock at once, and commits at the end."""
    with db.engine.connect() as connection:
        writer = connection.execution_options(writes=True)
        with writer.begin():
            yield writer
