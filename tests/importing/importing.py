"""Somebody who imports files: uploads, looks, imports, and lets a worker write."""

import dataclasses
import io
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.applications import application
from tests.world import Clock, HandQueue, HandSource, World, settings
from webapp.app import create_app
from webapp.collecting import submit
from webapp.collecting.work import run
from webapp.context import EXTENSION
from webapp.database import schema
from webapp.database.transactions import reading
from webapp.extensions import db
from webapp.importing import imports, uploads
from webapp.importing.imports import Begun
from webapp.importing.looking import look, look_at
from webapp.importing.preview import Preview, preview
from webapp.importing.reading import Ask, first_ask
from webapp.importing.series import Choice
from webapp.importing.uploads import Uploaded
from webapp.jobs.queries_jobs import JobRow
from webapp.kernel.bars import Bar
from webapp.series import queries_bars
from webapp.sources.own.client import OwnClient
from webapp.sources.own.opening import count_tickers, head_of
from webapp.sources.own.rules_imported import TICKER

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
        token = uploads.receive(self.world.context, io.BytesIO(raw), name)
        look(self.world.context, {"token": token, "ask": ""})
        uploaded = uploads.find(self.world.context, token)
        return uploaded, dataclasses.replace(first_ask(uploaded.about), symbol="MINE")

    def look(self, content: bytes | str, **said: Any) -> Preview:  # noqa: ANN401 -- what a person says
        uploaded, ask = self.upload(content)
        ask = dataclasses.replace(ask, **said)
        head = head_of(uploaded.upload, uploaded.about)
        place = ask.columns.get(TICKER)
        tickers = {} if place is None else count_tickers(uploaded.upload, uploaded.about.layout, place)
        return preview(self.world.context, uploaded.about, head, ask, tickers)

    def series(self, content: str, **said: Any) -> list[Choice]:  # noqa: ANN401 -- what a person says
        uploaded, ask = self.upload(content)
        return list(look_at(self.world.context, uploaded.upload, dataclasses.replace(ask, **said)).series)

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
        return submit.find(job_id)


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
    clock, queue = Clock(), HandQueue()
    client = OwnClient(folder / "uploads")
    replaced = {"now": clock, "queue": queue, "open_client": lambda _name: client}
    with application(settings(folder)) as app, app.app_context():
        context = dataclasses.replace(app.extensions[EXTENSION], **replaced)
        app.extensions[EXTENSION] = context
        yield Desk(World(app, context, clock, queue, HandSource(now=clock)))


def days(*numbers: int, volume: int = 10) -> str:
    return PLAIN + "".join(DAY.format(day=day, volume=volume) for day in numbers)


def stored(job: JobRow) -> list[Bar]:
    with reading() as connection:
        return queries_bars.read(connection, job.series_id)
