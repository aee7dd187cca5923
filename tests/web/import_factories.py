"""A file that somebody has uploaded, for pages to show."""

import io

from webapp.context import context
from webapp.importing import uploads

TOKEN = "0" * 32
FILE = b"time,open,high,low,close,volume\n2024-02-01,1,2,1,2,3\n2024-02-02,1,2,1,2,3\n"


def make_upload() -> str:
    """Keep a file under a token that is known beforehand."""
    folder = uploads.folder_of(context())
    (folder / uploads.receive(context(), io.BytesIO(FILE), "data.csv")).rename(folder / TOKEN)
    return TOKEN
