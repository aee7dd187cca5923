"""Questions that a page asks of a worker, since no page asks a source itself.

``ask`` writes the question down and sends its id; a worker's task calls ``answer``, which writes into the same row; the
page looks with ``read``. A page gives up by itself (``Inquiry.is_late``), so that a task that dies leaves none waiting.
"""

import dataclasses
import datetime as dt
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import cast

from webapp.context import Context
from webapp.database.transactions import reading, writing
from webapp.errors import ConflictError, MoissonError, NotFoundError, QueueAwayError, Sentence, sentence
from webapp.gateways import saved
from webapp.inquiring import queries_inquiries
from webapp.inquiring.queries_inquiries import Answer, InquiryRow
from webapp.kernel.gateways import GatewayReport
from webapp.kernel.job_states import Priority
from webapp.queue import TaskName
from webapp.sources.base import GatewayClient, SearchHit, SourceError
from webapp.sources.registry import capabilities_of, gateway_source, offer

log = logging.getLogger(__name__)

PATIENCE = dt.timedelta(seconds=20)
"""After so long without an answer a page stops looking by itself."""
WORTH_ANSWERING = dt.timedelta(seconds=60)
"""A question that is older when a worker takes it is left: nobody waits for it any more."""
LONGEST_TEXT = 64
_MINUTE = dt.timedelta(minutes=1)


class Kind(StrEnum):
    """What may be asked."""

    CHECK = "check"
    """Is a gateway at this host and port? Asked: ``name``, ``host``, ``port``, ``client_id``."""
    SEARCH = "search"
    """Which instruments have this text in symbol or name? Asked: ``source``, ``text``, ``gateway`` (may be empty)."""
    LOOK = "look"
    """What is this uploaded file, and what becomes of it when read so? Asked: ``token``, ``ask`` (may be empty)."""


_A_MINUTE = {Kind.CHECK: 5, Kind.SEARCH: 60, Kind.LOOK: 240}
"""How many of a kind may be asked in a minute."""


@dataclass(frozen=True, slots=True)
class Inquiry:
    """A question as it stands. ``is_late``: nobody has answered for so long that looking on is of no use."""

    id: int
    kind: Kind
    asked: Mapping[str, str]
    answer: Answer | None
    message: Sentence | None
    hint: Sentence | None
    is_answered: bool
    is_late: bool

    @property
    def is_open(self) -> bool:
        """Whether to look again in a moment."""
        return not self.is_answered and not self.is_late

    @property
    def hits(self) -> list[SearchHit]:
        """The instruments that a search found."""
        return [SearchHit(**row) for row in self.answer or []]

    @property
    def report(self) -> GatewayReport | None:
        """What a check found; None for anything else than a good answer to one."""
        if self.kind is not Kind.CHECK or not self.answer:
            return None
        first, *farms = self.answer
        return GatewayReport(
            server_version=int(first["server_version"]),
            accounts=tuple(first["accounts"].split()),
            is_paper=first["is_paper"] == "true",
            farms={farm["name"]: farm["state"] for farm in farms},
        )


def ask(context: Context, kind: Kind, question: Mapping[str, str]) -> int:
    """Write a question down, send it to a worker, and return its id; without a queue it is answered at once, with that.

    :raises ConflictError: when too many of the kind were asked in the last minute.
    """
    now = context.now()
    with writing() as connection:
        if queries_inquiries.count_since(connection, kind.value, now - _MINUTE) >= _A_MINUTE[kind]:
            raise ConflictError(_too_many(kind))
        inquiry_id = queries_inquiries.insert_new(connection, kind.value, question, now)
    try:
        context.queue.enqueue(TaskName.INQUIRE, inquiry_id, Priority.HIGH)
    except QueueAwayError:
        message = sentence("The queue (Redis) does not answer, so no worker can be asked.")
        hint = sentence("Start Redis, or check REDIS_URL; then try again.")
        with writing() as connection:
            queries_inquiries.write_failure(connection, inquiry_id, now, message, hint)
    return inquiry_id


def _too_many(kind: Kind) -> Sentence:
    if kind is Kind.CHECK:
        return sentence("At most %(most)d connections are tested in a minute. Wait a little.", most=_A_MINUTE[kind])
    if kind is Kind.LOOK:
        return sentence("At most %(most)d looks at files are made in a minute. Wait a little.", most=_A_MINUTE[kind])
    return sentence("At most %(most)d searches are made in a minute. Wait a little.", most=_A_MINUTE[kind])


def read(context: Context, inquiry_id: int, kind: Kind) -> Inquiry:
    """Return a question of a kind with its answer, if there is one.

    :raises NotFoundError: when there is none of this id; they are deleted after a day.
    """
    with reading() as connection:
        row = queries_inquiries.get(connection, inquiry_id)
    if row is None or row.kind != kind.value:
        raise NotFoundError(sentence("This question is no longer there. Ask it again."))
    is_answered = row.answered_at is not None
    return Inquiry(
        id=row.id,
        kind=kind,
        asked=row.asked,
        answer=row.answer,
        message=row.message,
        hint=row.hint,
        is_answered=is_answered,
        is_late=not is_answered and context.now() - row.asked_at >= PATIENCE,
    )


Answering = Callable[[Context, Mapping[str, str]], Answer]


def answer(context: Context, inquiry_id: int, others: Mapping[Kind, Answering] = MappingProxyType({})) -> None:
    """Ask the source, and write down what it says, or why it does not; only a worker calls this.

    :param others: who answers kinds that no source is asked.
    """
    with reading() as connection:
        row = queries_inquiries.get(connection, inquiry_id)
    if row is None or row.answered_at is not None:
        return
    if context.now() - row.asked_at > WORTH_ANSWERING:
        log.info("left: it was asked %s ago", context.now() - row.asked_at)
        _fail(context, row, sentence("No worker had time for this question. Ask it again."))
        return
    try:
        reply = {**_ANSWERS, **others}[Kind(row.kind)](context, row.asked)
    except SourceError as error:
        _fail(context, row, error.message, error.hint)
    except MoissonError as error:
        _fail(context, row, error.message)
    except Exception as error:
        log.exception("a defect of ours")
        hint = sentence("The worker's log says more. If it happens again, please report it.")
        _fail(context, row, sentence("An unexpected error (%(error)s).", error=type(error).__name__), hint)
    else:
        with writing() as connection:
            queries_inquiries.write_answer(connection, row.id, reply, context.now())


def _fail(context: Context, row: InquiryRow, message: Sentence, hint: Sentence | None = None) -> None:
    with writing() as connection:
        queries_inquiries.write_failure(connection, row.id, context.now(), message, hint)


def _check(context: Context, question: Mapping[str, str]) -> Answer:
    gateway = saved.validate_gateway(context, question)
    report = cast("GatewayClient", context.open_client(gateway_source())).check(gateway)
    facts = {
        "server_version": str(report.server_version),
        "accounts": " ".join(report.accounts),
        "is_paper": str(report.is_paper).lower(),
    }
    return [facts, *({"name": name, "state": state} for name, state in sorted(report.farms.items()))]


def _search(context: Context, question: Mapping[str, str]) -> Answer:
    source = offer(question["source"]).name
    gateway = saved.chosen(context, question) if capabilities_of(source).has_gateways else None
    hits = context.open_client(source).search(question["text"][:LONGEST_TEXT], gateway)
    return [dataclasses.asdict(hit) for hit in hits]


_ANSWERS: Mapping[Kind, Answering] = {Kind.CHECK: _check, Kind.SEARCH: _search}
