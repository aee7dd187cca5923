"""The two ways to open a transaction. Keep both short: no network and no waiting inside."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection
from sqlalchemy.exc import InterfaceError, InternalError, OperationalError, TimeoutError  # noqa: A004 -- of a pool

from webapp.extensions import db

DATABASE_FAILURES = (OperationalError, InterfaceError, InternalError, TimeoutError)
"""What says that the database failed: it is away, full, locked, read-only, or has no connection free, and asking again
later may help. What else a driver says (a value that a column does not take, a statement that is wrong) is a defect of
ours: it never helps."""


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
