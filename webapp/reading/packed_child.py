"""The process that ``packed_bars`` starts for a long series in an SQLite file: it writes an Arrow stream to its output.

``python -P packed_child.py URI QUERY``. It imports nothing of the product, so that it starts in a tenth of a second.
"""

import sys

# PyArrow does without NumPy, and loading that takes twice as long as all the rest.
sys.modules["numpy"] = None  # type: ignore[assignment]

import adbc_driver_sqlite
import pyarrow as pa
from adbc_driver_manager import AdbcConnection, AdbcStatement

_BATCH = "65536"


def main() -> None:
    """Run the query and write what it returns.

    :raises Exception: whatever the driver says; the status is not 0 then, and the output is worth nothing.
    """
    uri, query = sys.argv[1:]
    with (
        adbc_driver_sqlite.connect(uri) as database,
        AdbcConnection(database) as connection,
        AdbcStatement(connection) as statement,
    ):
        statement.set_options(**{"adbc.sqlite.query.batch_rows": _BATCH})
        statement.set_sql_query(query)
        stream, _ = statement.execute_query()
        with (
            pa.RecordBatchReader._import_from_c(stream.address) as rows,  # noqa: SLF001 -- the driver's own way
            pa.ipc.new_stream(sys.stdout.buffer, rows.schema) as writer,
        ):
            for batch in rows:
                writer.write_batch(batch)


if __name__ == "__main__":
    main()
