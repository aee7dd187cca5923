"""Questions that pages ask of workers: each is answered once, in its row, whatever goes wrong."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from tests.world import World
from webapp.database.transactions import writing
from webapp.errors import ConflictError, NotFoundError, sentence
from webapp.gateways import queries_gateways as store
from webapp.inquiring import inquiries
from webapp.inquiring.inquiries import PATIENCE, WORTH_ANSWERING, Inquiry, Kind
from webapp.kernel.gateways import Gateway, GatewayReport
from webapp.kernel.job_states import ErrorKind
from webapp.queue import TaskName
from webapp.sources.base import Answer, ChunkRequest, SearchHit, SourceError
from webapp.upkeep.clean_up import clean_up

PLACE = {"name": "paper", "host": "127.0.0.1", "port": "4002", "client_id": "21"}
LVMH = SearchHit("MC.STK.SMART.EUR.SBF", "LVMH", "SBF", "STK")
REPORT = GatewayReport(176, ("DU•••567", "DU•••568"), is_paper=True, farms={"ushmds": "inactive", "usfarm": "ok"})


def refuse(_: object) -> None:
    raise SourceError(
        ErrorKind.GATEWAY_DOWN,
        sentence("Nobody listens at %(place)s.", place="127.0.0.1:4002"),
        hint=sentence("Start TWS."),
    )


def crash(_: object) -> None:
    raise ZeroDivisionError


@dataclass
class HandClient:
    """A client that notes what it is asked, and does before what the test says."""

    before: Callable[[object], None] = lambda _: None
    asked: list[Gateway | None] = field(default_factory=list)

    def fetch(self, request: ChunkRequest) -> Answer:
        raise NotImplementedError

    def search(self, text: str, gateway: Gateway | None = None) -> list[SearchHit]:
        self.asked.append(gateway)
        self.before(text)
        return [LVMH]

    def check(self, gateway: Gateway) -> GatewayReport:
        self.asked.append(gateway)
        self.before(gateway)
        return REPORT


@dataclass
class Asking:
    """A page and a worker, both played by the test."""

    world: World
    client: HandClient

    def ask(self, kind: Kind = Kind.CHECK, **asked: str) -> int:
        return inquiries.ask(self.world.context, kind, asked or PLACE)

    def answer(self, inquiry_id: int) -> None:
        inquiries.answer(self.world.context, inquiry_id)

    def read(self, inquiry_id: int, kind: Kind = Kind.CHECK) -> Inquiry:
        return inquiries.read(self.world.context, inquiry_id, kind)


@pytest.fixture
def asking(world: World) -> Asking:
    client = HandClient()
    object.__setattr__(world.context, "open_client", lambda _name: client)
    return Asking(world, client)


def test_a_gateway_is_checked_by_a_worker_and_the_page_reads_what_it_found(asking: Asking) -> None:
    inquiry_id = asking.ask()
    assert asking.world.queue.sent == [inquiry_id]
    assert asking.read(inquiry_id).is_open
    asking.answer(inquiry_id)
    told = asking.read(inquiry_id)
    assert asking.client.asked == [Gateway("paper", "127.0.0.1", 4002, 21)]
    assert (told.is_open, told.is_late, told.report) == (False, False, REPORT)


def test_a_search_goes_through_the_gateway_that_is_meant(asking: Asking) -> None:
    with writing() as connection:
        store.save(connection, Gateway("paper", "127.0.0.1", 4002, 21), asking.world.clock())
    for name in ("", "paper"):
        inquiry_id = asking.ask(Kind.SEARCH, source="ibkr", text="lvmh", gateway=name)
        asking.answer(inquiry_id)
        assert asking.read(inquiry_id, Kind.SEARCH).hits == [LVMH]
    yahoo = asking.ask(Kind.SEARCH, source="yahoo", text="lvmh", gateway="")
    asking.answer(yahoo)
    names = [gateway.name if gateway else None for gateway in asking.client.asked]
    assert names == ["default", "paper", None]


def test_a_question_is_answered_once(asking: Asking) -> None:
    inquiry_id = asking.ask()
    asking.answer(inquiry_id)
    asking.answer(inquiry_id)
    asking.answer(99)
    assert len(asking.client.asked) == 1


def test_why_there_is_no_answer_is_kept_with_its_hint(asking: Asking) -> None:
    asking.client.before = refuse
    inquiry_id = asking.ask()
    asking.answer(inquiry_id)
    told = asking.read(inquiry_id)
    assert (str(told.message), str(told.hint)) == ("Nobody listens at 127.0.0.1:4002.", "Start TWS.")
    assert (told.is_open, told.report) == (False, None)


def test_a_defect_leaves_no_page_waiting(asking: Asking) -> None:
    asking.client.before = crash
    inquiry_id = asking.ask()
    asking.answer(inquiry_id)
    assert str(asking.read(inquiry_id).message) == "An unexpected error (ZeroDivisionError)."


def test_what_has_become_wrong_meanwhile_is_said(asking: Asking) -> None:
    gone = asking.ask(Kind.SEARCH, source="ibkr", text="lvmh", gateway="gone")
    asking.answer(gone)
    assert "There is no gateway “gone”" in str(asking.read(gone, Kind.SEARCH).message)
    elsewhere = asking.ask(Kind.CHECK, **PLACE | {"host": "169.254.169.254"})
    asking.answer(elsewhere)
    assert "IB_ALLOWED_HOSTS" in str(asking.read(elsewhere).message)
    assert asking.client.asked == []


def test_a_page_gives_up_after_a_while_and_a_late_answer_still_counts(asking: Asking) -> None:
    inquiry_id = asking.ask()
    asking.world.clock.advance(PATIENCE.total_seconds() - 1)
    assert asking.read(inquiry_id).is_open
    asking.world.clock.advance(1)
    told = asking.read(inquiry_id)
    assert (told.is_open, told.is_late) == (False, True)
    asking.answer(inquiry_id)
    assert asking.read(inquiry_id).report == REPORT


def test_a_question_that_nobody_waits_for_is_not_asked_any_more(asking: Asking) -> None:
    inquiry_id = asking.ask()
    asking.world.clock.advance(WORTH_ANSWERING.total_seconds() + 1)
    asking.answer(inquiry_id)
    assert asking.client.asked == []
    assert "No worker had time" in str(asking.read(inquiry_id).message)


def test_without_a_queue_the_answer_is_there_at_once_and_says_so(asking: Asking) -> None:
    asking.world.queue.is_away = True
    told = asking.read(asking.ask())
    assert not told.is_open
    assert "The queue (Redis) does not answer" in str(told.message)


def test_at_most_five_checks_and_sixty_searches_are_asked_in_a_minute(asking: Asking) -> None:
    for kind, most in ((Kind.CHECK, 5), (Kind.SEARCH, 60)):
        for _ in range(most):
            asking.ask(kind)
        with pytest.raises(ConflictError, match=f"At most {most} "):
            asking.ask(kind)
    asking.world.clock.advance(60)
    asking.ask()


def test_questions_are_deleted_after_a_day(asking: Asking) -> None:
    old = asking.ask()
    asking.world.clock.advance(dt.timedelta(hours=12).total_seconds())
    new = asking.ask()
    asking.world.clock.advance(dt.timedelta(hours=12, seconds=1).total_seconds())
    clean_up(asking.world.context, 90)
    with pytest.raises(NotFoundError):
        asking.read(old)
    assert asking.read(new).is_late


def test_the_task_is_registered_and_takes_an_id(asking: Asking) -> None:
    inquiry_id = asking.ask()
    asking.world.app.extensions["celery"].tasks[TaskName.INQUIRE.value].run(inquiry_id)
    assert asking.read(inquiry_id).report == REPORT
