"""What people write by hand to store bars: the drivers' own ways, and pandas."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol, cast

import pandas as pd
from sqlalchemy import Engine, text

from webapp.kernel.bars import Bar

_COLUMNS = ("time", "open", "high", "low", "close", "volume", "wap", "count")
_SQLITE = """
CREATE TABLE by_hand (series_id INTEGER NOT NULL, time INTEGER NOT NULL, open REAL NOT NULL, high REAL NOT NULL,
low REAL NOT NULL, close REAL NOT NULL, volume REAL NOT NULL, wap REAL, count INTEGER,
PRIMARY KEY (series_id, time)) WITHOUT ROWID
"""
_POSTGRES = """
CREATE TABLE by_hand (series_id integer NOT NULL, time bigint NOT NULL, open float8 NOT NULL, high float8 NOT NULL,
low float8 NOT NULL, close float8 NOT NULL, volume float8 NOT NULL, wap float8, count integer,
PRIMARY KEY (series_id, time))
"""
_CONFLICT = "ON CONFLICT (series_id, time) DO UPDATE SET " + ", ".join(f"{c} = excluded.{c}" for c in _COLUMNS[1:])


class Peer(Protocol):
    """A way to write bars. ``write`` commits one batch."""

    @property
    def name(self) -> str: ...

    def write(self, several: Sequence[Bar]) -> None: ...


class ExecuteMany:
    """An upsert by ``sqlite3``'s ``executemany``."""

    name = "sqlite3 executemany upsert"

    def __init__(self, engine: Engine) -> None:
        with engine.begin() as connection:
            connection.execute(text(_SQLITE))
            connection.execute(text(f"INSERT INTO by_hand SELECT series_id, {', '.join(_COLUMNS)} FROM bar"))
        self._connection = cast("Any", engine.raw_connection().driver_connection)

    def write(self, several: Sequence[Bar]) -> None:
        """Write rows one by one, in one transaction."""
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.executemany(
            f"INSERT INTO by_hand VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) {_CONFLICT}", ((1000, *bar) for bar in several)
        )
        self._connection.execute("COMMIT")


class Copy:
    """COPY to a staging table, and an upsert from there."""

    name = "psycopg COPY, then upsert"

    def __init__(self, engine: Engine) -> None:
        with engine.begin() as connection:
            connection.execute(text(_POSTGRES))
        self._connection = cast("Any", engine.raw_connection().driver_connection)
        self._connection.execute(
            f"CREATE TEMP TABLE staged ON COMMIT DELETE ROWS AS SELECT {', '.join(_COLUMNS)} FROM by_hand LIMIT 0"
        )
        self._connection.commit()

    def write(self, several: Sequence[Bar]) -> None:
        """Copy rows and take them over, in one transaction."""
        with self._connection.cursor() as cursor:
            with cursor.copy(f"COPY staged ({', '.join(_COLUMNS)}) FROM STDIN") as copy:
                for bar in several:
                    copy.write_row(bar)
            cursor.execute(f"INSERT INTO by_hand SELECT 1000, staged.* FROM staged {_CONFLICT}")
        self._connection.commit()


class ToSql:
    """``pandas.to_sql`` into the same kind of table; it can only append."""

    name = "pandas.to_sql"

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        made = _SQLITE if engine.dialect.name == "sqlite" else _POSTGRES
        with engine.begin() as connection:
            connection.execute(text(made.replace("by_hand", "by_pandas")))

    def write(self, several: Sequence[Bar]) -> None:
        """Append rows."""
        frame = pd.DataFrame(several, columns=list(_COLUMNS)).assign(series_id=1000)
        frame = frame.astype({"wap": "float64", "count": "Int64"})
        with self._engine.connect().execution_options(writes=True) as connection, connection.begin():
            frame.to_sql("by_pandas", connection, if_exists="append", index=False)


PEERS: dict[str, list[Callable[[Engine], Peer]]] = {"sqlite": [ExecuteMany, ToSql], "postgresql": [Copy, ToSql]}
