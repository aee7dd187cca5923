"""Empty databases for tests: the migrations are run once a process, and other databases in files are copies."""

import shutil
import tempfile
from functools import cache
from pathlib import Path

from webapp.database import schema
from webapp.extensions import db


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    """Where the empty database lies; it goes with the process."""
    return tempfile.TemporaryDirectory(prefix="moisson-tables-")


def make_tables() -> None:
    """Give the current application's database its tables; the file of an SQLite database must not be there yet."""
    file = db.engine.url.database
    if db.engine.dialect.name != "sqlite" or not file or Path(file).exists():
        schema.upgrade()
        return
    empty = Path(_folder().name) / "empty.db"
    if not empty.exists():
        schema.upgrade()
        db.engine.dispose()  # the last to close merges the write-ahead log into the file
        shutil.copy(file, empty)
        return
    shutil.copy(empty, file)
