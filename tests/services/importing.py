"""Somebody who imports files: uploads, looks, imports, and lets a worker write."""

import dataclasses
import io
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from webapp.app import create_app
from webapp.domain.bars import Bar
from webapp.extensions import db
from webapp.services import imports, imports_uploads, jobs, schema
from webapp.services.collect import run
from webapp.services.context import EXTENSION
from webapp.services.imports import Begun
from webapp.services.imports_preview import Preview, preview
from webapp.services.imports_reading import Ask, first_ask
from webapp.services.imports_uploads import Uploaded
from webapp.sources.own.client import OwnClient
from webapp.store import bars
from webapp.store.jobs import JobRow
from webapp.store.transactions import reading

from .conftest import Clock, HandQueue, HandSource, World, settings

PLAIN = "time,open,high,low,close,volume\n"
DAY = "2024-02-0{day},1.5,2.5,1,2,{volume}\n"
FEBRUARY = 1_706_745_600


@dataclass
class Desk:
    """Somebody who imports files."""

    world: World

    def upload(self, content: bytes | str, name: str = "data.csv") -> tuple[Uploaded, Ask]:
        """Upload a file; return it with what it looks like, under a symbol."""
        raw = content.encode() if isinstance(content, str) else content
        found = imports_uploads.find(
            self.world.context, imports_uploads.receive(self.world.context, io.BytesIO(raw), name)
        )
        lines = [cells for _, cells in imports_uploads.head_of(found)]
        return found, dataclasses.replace(first_ask(found.about.layout, lines, name), symbol="MINE")

    def look(self, content: bytes | str, **said: Any) -> Preview:  # noqa: ANN401 -- what a person says
        uploaded, ask = self.upload(content)
        head = imports_uploads.head_of(uploaded)
        return preview(self.world.context, uploaded.about, head, dataclasses.replace(ask, **said))

    def begin(self, content: bytes | str, **said: Any) -> Begun:  # noqa: ANN401 -- what a person says
        uploaded, ask = self.upload(content)
        return imports.begin(self.world.context, uploaded, dataclasses.replace(ask, **said))

    def write(self, content: bytes | str, **said: Any) -> JobRow:  # noqa: ANN401 -- what a person says
        """Import a file and let a worker write it."""
        begun = self.begin(content, **said)
        assert begun.job_id is not None, begun.report
        return self.work(begun.job_id)

    def work(self, job_id: int) -> JobRow:
        run(self.world.context, job_id, "worker", lambda: False)
        return jobs.find(job_id)


def made_tables(folder: Path) -> Path:
    """Make a database with its tables, and return its file."""
    with create_app(settings(folder)).app_context():
        schema.upgrade()
        db.engine.dispose()  # the last to close merges the write-ahead log into the file
    return folder / "test.db"


@contextmanager
def opened_desk(folder: Path, tables: Path) -> Iterator[Desk]:
    """Open a desk on a copy of a database."""
    shutil.copy(tables, folder / "test.db")
    app = create_app(settings(folder))
    clock, queue = Clock(), HandQueue()
    client = OwnClient(folder / "uploads")
    held = {"now": clock, "queue": queue, "open_client": lambda _name: client}
    context = dataclasses.replace(app.extensions[EXTENSION], **held)
    app.extensions[EXTENSION] = context
    with app.app_context():
        yield Desk(World(app, context, clock, queue, HandSource()))
        db.engine.dispose()


def days(*several: int, volume: int = 10) -> str:
    return PLAIN + "".join(DAY.format(day=day, volume=volume) for day in several)


def stored(job: JobRow) -> list[Bar]:
    with reading() as connection:
        return bars.read(connection, job.series_id)
