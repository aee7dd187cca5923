"""How the database is opened: SQLite in WAL with honest transactions, PostgreSQL as it is.

Python's sqlite3 begins transactions late and lazily; a transaction that reads and then writes loses updates or fails
at once with "database is locked" whatever the timeout (SQLITE_BUSY_SNAPSHOT). So we send BEGIN ourselves: plain for
reading, IMMEDIATE for writing. See https://docs.sqlalchemy.org/en/21/dialects/sqlite.html (transactions).
"""

from typing import Any

from sqlalchemy import Connection, Engine, ExceptionContext, event
from sqlalchemy.pool import ConnectionPoolEntry

BUSY_SECONDS = 30
_POSTGRESQL = {"connect_timeout": 5, "tcp_user_timeout": 20_000}
"""Seconds and milliseconds. Without them libpq waits for ever for a server that has gone without a word, and a clock
that waits for ever delivers nothing. https://www.postgresql.org/docs/current/libpq-connect.html"""
_EXECUTION = {"_result_disable_adapt_to_context": True}
"""Rows are read by the names of their columns, so the columns of a statement need not be fitted to those of the equal
one that was compiled before it; that took a tenth of a job's processor time. SQLAlchemy's ORM sets the same for itself.
A row's value must not be asked for by a column of its statement, then (``row._mapping[Job.id]``)."""
_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=NORMAL",
    f"busy_timeout={BUSY_SECONDS * 1000}",
    "foreign_keys=ON",
    "cache_size=-16384",
    "mmap_size=268435456",
    "journal_size_limit=67108864",
)


def database_url(text: str) -> str:
    """Return the URL with the driver that we use: Heroku's ``postgres://`` is understood too."""
    scheme, separator, rest = text.partition("://")
    if scheme in ("postgres", "postgresql"):
        return f"postgresql+psycopg{separator}{rest}"
    return text


def engine_options(url: str) -> dict[str, Any]:
    """Return the options for ``create_engine``."""
    if url.startswith("sqlite"):
        return {"connect_args": {"timeout": BUSY_SECONDS}, "execution_options": dict(_EXECUTION)}
    return {
        "pool_pre_ping": True,
        "pool_recycle": 1800,
        "execution_options": dict(_EXECUTION),
        "connect_args": dict(_POSTGRESQL),
    }


def _open_sqlite(dbapi: Any, _entry: ConnectionPoolEntry) -> None:  # noqa: ANN401 -- a driver's connection
    dbapi.isolation_level = None
    for pragma in _PRAGMAS:
        dbapi.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    if connection.get_execution_options().get("writes", False):
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        return
    # This takes no lock and waits for nobody: past SQLAlchemy it takes a tenth of the time.
    driver: Any = connection.connection.driver_connection
    driver.execute("BEGIN")


def _drop_read_only(context: ExceptionContext) -> None:
    """SQLite opens a file that it may not write for reading only, and that connection stays so: forget it."""
    context.is_disconnect |= "readonly database" in str(context.original_exception)


def prepare(engine: Engine) -> None:
    """Attach what SQLite needs to an engine; nothing to do for others."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _open_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        event.listen(engine, "handle_error", _drop_read_only)
