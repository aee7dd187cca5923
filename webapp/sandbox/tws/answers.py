"""Answers to questions about contracts and history, with what goes wrong on command."""

import sys
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import Any

from webapp.sandbox.listings import UnknownSymbolError
from webapp.sandbox.tws import bars, details, wire
from webapp.sandbox.tws.asked import DAILY, HistoryAsked, check
from webapp.sandbox.tws.bars import Row
from webapp.sandbox.tws.book import Described
from webapp.sandbox.tws.dates import bar_time, head_time, span_texts
from webapp.sandbox.tws.papers import Paper
from webapp.sandbox.tws.refusals import NO_DEFINITION, TOO_MANY_OPEN, USUAL, RefusalError, pacing_violation
from webapp.sandbox.tws.schedule import schedule
from webapp.sandbox.tws.state import Line
from webapp.sandbox.tws.wire import Field

_WARNINGS = {165, *range(2100, 2200)}
Told = Callable[[Mapping[str, Any]], bytes]
"""Returns the answer as it goes over the wire, spoilt as the action says."""


class Answers:
    """Answers one session's questions, history in threads of its own so that one may be slow or never come."""

    def __init__(self, session: Line) -> None:
        self._session = session
        self._tws = session.tws
        self._open: set[int] = set()
        self._lock = threading.Lock()
        self._kinds: dict[str, Callable[[list[str]], None]] = {
            "9": self._details,
            "81": self._matching,
            "87": self._head,
            "90": self._cancel_head,
            "20": self._history,
            "25": self._cancel,
        }

    def answer(self, kind: str, fields: list[str]) -> None:
        """Answer a message; one that nobody knows is noted, and left unanswered."""
        handler = self._kinds.get(kind)
        if handler is None:
            self._tws.journal.add(self._session.client_id, kind, {})
        else:
            handler(fields)

    def end(self) -> bool:
        """Count nothing as open any more: the connection has ended. Tell whether anything was."""
        were_open = [self._close(number) for number in list(self._open)]
        return any(were_open)

    def _details(self, fields: list[str]) -> None:
        number = int(fields[2])
        described = Described.read(fields[3:15], include_expired=fields[15] == "1")
        facts = {"symbol": described.symbol, "number": number}

        def told(_action: Mapping[str, Any]) -> bytes:
            papers = self._tws.book.find(described, self._tws.today)
            if not papers:
                raise RefusalError(*NO_DEFINITION)
            views = ((paper, self._tws.market.view(paper.listing.symbol)) for paper in papers)
            version = self._session.version
            rows = [wire.frame(details.contract_data(number, paper, view, version)) for paper, view in views]
            return b"".join(rows) + wire.frame([52, 1, number])

        self._begin(number, "details", facts, told)

    def _matching(self, fields: list[str]) -> None:
        number, text = int(fields[1]), fields[2]

        def told(_action: Mapping[str, Any]) -> bytes:
            papers = self._tws.book.samples(text, self._tws.today)
            rows: list[Field] = []
            for paper in papers:
                rows += [paper.con_id, paper.symbol, paper.sec_type, paper.primary or paper.exchange, paper.currency, 0]
                if self._session.version >= 176:  # noqa: PLR2004 (a version)
                    rows += [paper.name, ""]
            return wire.frame([79, number, len(papers), *rows])

        is_good = self._tws.pacing.searched(self._session.client_id, text)
        self._begin(number, "matching", {"symbol": text, "number": number, "is_violation": not is_good}, told)

    def _head(self, fields: list[str]) -> None:
        number = int(fields[1])
        described = Described.read(fields[2:14], include_expired=fields[14] == "1")
        what, date_format = fields[16], int(fields[17] or 1)
        group = f"{self._tws.book.key(described, self._tws.today)} {what}"
        facts = {"symbol": described.symbol, "number": number, "what": what}

        def told(_action: Mapping[str, Any]) -> bytes:
            paper = self._one(described)
            view = self._tws.market.view(paper.listing.symbol)
            return wire.frame([88, number, head_time(bars.first_bar(paper, view), date_format)])

        self._paced("head", facts, group, f"head {group}", 1)
        self._begin(number, "head", facts, told, is_history=True)

    def _history(self, fields: list[str]) -> None:
        request = HistoryAsked.read(fields)
        described = request.described
        facts = {
            "number": request.number,
            "symbol": described.symbol,
            "size": request.size,
            "duration": request.duration,
            "end": request.end_text,
            "what": request.what,
            "rth": request.is_regular,
        }
        group = f"{self._tws.book.key(described, self._tws.today)} {request.what}"
        identity = f"{group} {request.size} {request.duration} {request.end_text} {request.is_regular}"
        if request.is_small:
            self._paced("history", facts, group, identity, 2 if request.what == "BID_ASK" else 1)

        def told(action: Mapping[str, Any]) -> bytes:
            paper = self._one(described)
            check(request, paper, self._tws.market.now())
            view = self._tws.market.view(paper.listing.symbol)
            if request.what == "SCHEDULE":
                return wire.frame(schedule(view, request))
            rows = [] if "empty" in action else bars.rows(self._tws.book, paper, view, request)
            return self._bars(request, paper, rows, action)

        self._begin(request.number, "history", facts, told, is_history=True)

    def _bars(self, request: HistoryAsked, paper: Paper, rows: list[Row], action: Mapping[str, Any]) -> bytes:
        style, zone = self._tws.settings.style_for(self._session.version), paper.listing.venue.timezone
        is_dated = request.step >= DAILY
        body: list[Field] = []
        for row in rows:
            when = bar_time(row.start, is_dated=is_dated, date_format=request.date_format, style=style, timezone=zone)
            body += [when, row.open, row.high, row.low, row.close, row.volume, row.wap, row.count]
        if "garbage" in action and body:
            body[len(rows) // 2 * 8] = "no date at all"
        span = span_texts(request.end(self._tws.market.now()), *request.count_and_unit, style, zone)
        return wire.frame([17, request.number, *span, len(rows), *body])

    def _one(self, described: Described) -> Paper:
        """Return the contract that is meant.

        :raises RefusalError: there is none, or there are several.
        """
        papers = self._tws.book.find(described, self._tws.today)
        if not papers:
            raise RefusalError(*NO_DEFINITION)
        if len(papers) > 1:
            text = f"The contract description specified for {described.symbol} is ambiguous."
            raise RefusalError(200, text)
        return papers[0]

    def _cancel_head(self, fields: list[str]) -> None:
        number = int(fields[1])
        self._tws.journal.add(self._session.client_id, "cancel head", {"number": number})
        self._close(number)

    def _cancel(self, fields: list[str]) -> None:
        number = int(fields[2])
        self._tws.journal.add(self._session.client_id, "cancel", {"number": number})
        if self._close(number):
            text = f"Historical Market Data Service error message:API historical data query cancelled: {number}"
            self._session.error(number, 162, text)
        else:
            self._session.error(number, 366, f"No historical data query found for ticker id:{number}")

    def _paced(self, kind: str, facts: dict[str, Any], group: str, identity: str, cost: int) -> None:
        """Count a request that the rules hold for; one too early is noted, and answered with an error if so set."""
        is_good = self._tws.pacing.arrived(self._session.client_id, group, identity, cost)
        facts |= {"strict": kind, "is_violation": not is_good}

    def _begin(self, number: int, kind: str, facts: dict[str, Any], tell: Told, *, is_history: bool = False) -> None:
        """Note a request, and answer it in a thread, with what goes wrong on command."""
        entry = self._tws.journal.add(self._session.client_id, kind, facts)
        action = self._tws.faults.strike(facts | {"kind": kind, "client_id": self._session.client_id})
        entry["fault"] = next(iter(action), "")
        if is_history and number in self._open:
            entry["answer"] = "386"
            self._session.error(number, 386, USUAL[386])
            return
        if is_history and not self._opened(number):
            self._tws.pacing.note("open", self._session.client_id, str(facts["symbol"]))
            entry["answer"] = "322"
            self._session.error(number, 322, TOO_MANY_OPEN)
            return
        if facts.get("is_violation") and self._tws.pacing.is_enforced:
            # A search too soon is left unanswered, as the real ones are.
            action = (
                {"never": True}
                if kind == "matching"
                else {"error": pacing_violation().code, "text": pacing_violation().text}
            )
        if "delay" in action:
            rest = {name: value for name, value in action.items() if name != "delay"}
            timer = threading.Timer(float(action["delay"]), self._answer, (number, tell, rest, entry))
            timer.daemon = True
            timer.start()
        else:
            self._tws.work.submit(self._answer, number, tell, action, entry).add_done_callback(_show)

    def _answer(self, number: int, tell: Told, action: Mapping[str, Any], entry: dict[str, object]) -> None:
        is_cancelled = entry["kind"] in ("history", "head") and number not in self._open
        if "never" in action or not self._tws.is_linked or is_cancelled:
            return
        if "reset" in action:
            self._session.reset()
        elif "close" in action:
            self._session.drop()
        else:
            self._tell(number, tell, action, entry)

    def _tell(self, number: int, tell: Told, action: Mapping[str, Any], entry: dict[str, object]) -> None:
        """Give the answer, or an error.

        It is noted, and the request is over, before the answer leaves: whoever has it finds it in the log, and may
        open the next request.
        """
        try:
            _raise_asked(action)
            answer = tell(action)
        except RefusalError as refusal:
            self._refuse(number, refusal, entry)
        except UnknownSymbolError:
            self._refuse(number, RefusalError(*NO_DEFINITION), entry)
        else:
            if not self._over(number, entry, "data"):
                return
            self._session.send_bytes(answer[: len(answer) // 2] if "cut" in action else answer)
            if "cut" in action:
                self._session.reset()

    def _refuse(self, number: int, refusal: RefusalError, entry: dict[str, object]) -> None:
        """Answer with an error; a warning leaves the request open."""
        if refusal.code in _WARNINGS:
            entry["answer"] = str(refusal.code)
        elif not self._over(number, entry, str(refusal.code)):
            return
        self._session.error(number, refusal.code, refusal.text)

    def _over(self, number: int, entry: dict[str, object], answer: str) -> bool:
        """Note an answer and end its request; False when it was cancelled meanwhile."""
        is_current = entry["kind"] not in ("history", "head") or self._close(number)
        entry["answer"] = answer if is_current else "cancelled"
        return is_current

    def _opened(self, number: int) -> bool:
        """Count a request as open; tell whether there are not too many."""
        if not self._tws.pacing.opened():
            return False
        with self._lock:
            self._open.add(number)
        return True

    def _close(self, number: int) -> bool:
        """Count a request as over; tell whether it was open."""
        with self._lock:
            if number not in self._open:
                return False
            self._open.discard(number)
        self._tws.pacing.closed()
        return True


def _show(work: Future[None]) -> None:
    """Let nobody wait for an answer without a trace of why it never comes."""
    error = work.exception()
    if error is not None:
        sys.excepthook(type(error), error, error.__traceback__)


def _raise_asked(action: Mapping[str, Any]) -> None:
    if "error" in action:
        code = int(action["error"])
        raise RefusalError(code, str(action.get("text") or USUAL.get(code, "")))
