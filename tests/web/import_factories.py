"""A file that somebody has uploaded, for pages to show."""

import datetime as dt
import io

from webapp.context import context
from webapp.database.transactions import writing
from webapp.importing import uploads
from webapp.inquiring import queries_inquiries

TOKEN = "0" * 32
FILE = b"time,open,high,low,close,volume\n2024-02-01,1,2,1,2,3\n2024-02-02,1,2,1,2,3\n"


def make_upload() -> str:
    """Keep a file under a token that is known beforehand."""
    folder = uploads.folder_of(context())
    (folder / uploads.receive(context(), io.BytesIO(FILE), "data.csv")).rename(folder / TOKEN)
    return TOKEN


def make_look() -> int:
    """Write down a question about that file (id 3 after ``make_inquiries``), asked now."""
    with writing() as connection:
        return queries_inquiries.insert_new(connection, "look", {"token": TOKEN, "ask": ""}, dt.datetime.now(dt.UTC))
