"""What the stand-in answers with, and how Yahoo words a refusal."""

from dataclasses import dataclass
from typing import Any

import orjson

JSON = "application/json;charset=utf-8"
TEXT = "text/plain;charset=utf-8"
HTML = "text/html;charset=utf-8"

Document = dict[str, Any]
"""A JSON object, numbers in NumPy arrays; ``Any`` because its shape is Yahoo's, not ours."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer: a document is written as JSON when it leaves, a body is sent as it is."""

    status: int = 200
    document: Document | None = None
    body: bytes = b""
    content_type: str = JSON
    headers: tuple[tuple[str, str], ...] = ()

    def payload(self) -> bytes:
        """Return the bytes of the body."""
        return self.body if self.document is None else _json(self.document)


def plain(document: Document) -> Document:
    """Return a copy of a document with lists in place of arrays, for those who change it."""
    copy: Document = orjson.loads(_json(document))
    return copy


def _json(document: Document) -> bytes:
    return orjson.dumps(document, option=orjson.OPT_SERIALIZE_NUMPY)


class RefusalError(Exception):
    """Yahoo will not answer this; the texts are its own."""

    def __init__(self, status: int, code: str, description: str) -> None:
        super().__init__(description)
        self.status = status
        self.code = code
        self.description = description

    def answer(self, envelope: str) -> Answer:
        """Return the answer in the envelope of the called service, such as ``chart``."""
        error = {"code": self.code, "description": self.description}
        return Answer(self.status, {envelope: {"result": None, "error": error}})


def not_found() -> RefusalError:
    """Return what Yahoo says of a symbol that it does not know, or knows no more."""
    return RefusalError(404, "Not Found", "No data found, symbol may be delisted")


def text(status: int, body: str, *headers: tuple[str, str], content_type: str = TEXT) -> Answer:
    """Return an answer that is not JSON."""
    return Answer(status, None, body.encode(), content_type, headers)
