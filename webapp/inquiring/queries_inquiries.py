"""Questions that pages ask of workers, and the answers."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, select, update

from webapp.errors import Sentence
from webapp.inquiring.tables import Inquiry

Answer = list[dict[str, str]]


@dataclass(frozen=True, slots=True)
class InquiryRow:
    """A question; without ``answered_at`` nobody has answered. ``answer`` is None when ``message`` says why."""

    id: int
    kind: str
    asked: Mapping[str, str]
    asked_at: dt.datetime
    answered_at: dt.datetime | None
    answer: Answer | None
    message: Sentence | None
    hint: Sentence | None


_COLUMNS = (
    *(Inquiry.id, Inquiry.kind, Inquiry.asked, Inquiry.asked_at, Inquiry.answered_at),
    *(Inquiry.answer, Inquiry.message, Inquiry.hint),
)


def get(connection: Connection, inquiry_id: int) -> InquiryRow | None:
    """Return a question, or None."""
    row = connection.execute(select(*_COLUMNS).where(Inquiry.id == inquiry_id)).first()
    return None if row is None else InquiryRow(*row)


def insert_new(connection: Connection, kind: str, question: Mapping[str, str], at: dt.datetime) -> int:
    """Write a question down and return its id."""
    values = {"kind": kind, "asked": dict(question), "asked_at": at}
    return int(connection.execute(insert(Inquiry).values(**values).returning(Inquiry.id)).scalar_one())


def count_since(connection: Connection, kind: str, since: dt.datetime) -> int:
    """Return how many questions of a kind were asked since a moment."""
    is_recent = (Inquiry.kind == kind) & (Inquiry.asked_at > since)
    return int(connection.execute(select(func.count()).select_from(Inquiry).where(is_recent)).scalar_one())


def is_waiting(connection: Connection, after: dt.datetime, before: dt.datetime) -> bool:
    """Tell whether a question that was asked between two moments has no answer yet."""
    is_open = Inquiry.answered_at.is_(None) & Inquiry.asked_at.between(after, before)
    return connection.execute(select(Inquiry.id).where(is_open).limit(1)).first() is not None


def write_answer(connection: Connection, inquiry_id: int, answer: Answer, at: dt.datetime) -> None:
    """Write down what was answered, unless something was before."""
    _close(connection, inquiry_id, {"answered_at": at, "answer": answer})


def write_failure(
    connection: Connection, inquiry_id: int, at: dt.datetime, message: Sentence, hint: Sentence | None = None
) -> None:
    """Write down why there is no answer, unless something was answered before."""
    _close(connection, inquiry_id, {"answered_at": at, "message": message, "hint": hint})


def delete_before(connection: Connection, before: dt.datetime) -> None:
    """Delete questions that were asked before a moment."""
    connection.execute(delete(Inquiry).where(Inquiry.asked_at < before))


def _close(connection: Connection, inquiry_id: int, values: Mapping[str, object]) -> None:
    is_open = (Inquiry.id == inquiry_id) & Inquiry.answered_at.is_(None)
    connection.execute(update(Inquiry).where(is_open).values(**values))
