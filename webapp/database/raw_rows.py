"""The driver's own tuples of many rows: SQLAlchemy's rows would take as long again as reading them."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, CursorResult, TextClause
from sqlalchemy.engine.interfaces import DBAPICursor


def fetched(connection: Connection, query: TextClause, values: Mapping[str, object]) -> list[Any]:
    """Return all rows of a query as plain tuples, as the driver gives them.

    :raises RuntimeError: when the statement returns no rows at all.
    """
    with connection.execute(query, values) as result:
        return list(_cursor(result).fetchall())


def streamed(connection: Connection, query: TextClause, values: Mapping[str, object]) -> Iterator[Any]:
    """Yield the rows of a query as ``fetched`` returns them, for whoever keeps none: the quickest way of all.

    :raises RuntimeError: when the statement returns no rows at all.
    """
    cursor: Any = _cursor(connection.execute(query, values))
    yield from cursor


def _cursor(result: CursorResult[Any]) -> DBAPICursor:
    if result.cursor is None:
        raise RuntimeError("not a query")
    return result.cursor
