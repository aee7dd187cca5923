"""Answers to questions about contracts and history, with what goes wrong on command."""

import threading
from collections.abc import Callable, Mapping
from typing import Any

from webapp.sandbox.listings import UnknownSymbolError
from webapp.sandbox.tws import bars, details, wire
from webapp.sandbox.tws.asked import DAILY, HistoryAsked, check
from webapp.sandbox.tws.bars import Row
from webapp.sandbox.tws.book import Described
from webapp.sandbox.tws.dates import bar_time, head_time
from webapp.sandbox.tws.papers import Paper
from webapp.sandbox.tws.refusals import NO_DEFINITION, TOO_MANY_OPEN, RefusalError, pacing_violation
from webapp.sandbox.tws.state import Line
from webapp.sandbox.tws.wire import Field

Told = Callable[[Mapping[str, Any]], None]
"""Gives the answer, spoilt as the action says."""


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
        """Answer a message; one that nobody knows is left unanswered."""
        handler = self._kinds.get(kind)
        if handler is not None:
            handler(fields)

    def end(self) -> None:
        """Count nothing as open any more: the connection has ended."""
        for number in list(self._open):
            self._close(number)

    def _details(self, fields: list[str]) -> None:
        number = int(fields[2])
        described = Described.read(fields[3:15], include_expired=fields[15] == "1")
        facts = {"symbol": described.symbol, "number": number}

        def told(_action: Mapping[str, Any]) -> None:
            found = self._tws.book.find(described, self._tws.today)
            if not found:
                raise RefusalError(*NO_DEFINITION)
            for paper in found:
                view = self._tws.market.view(paper.listing.symbol)
                self._session.send(details.contract_data(number, paper, view, self._session.version))
            self._session.send([52, 1, number])

        self._begin(number, "details", facts, told)

    def _matching(self, fields: list[str]) -> None:
        number, text = int(fields[1]), fields[2]

        def told(_action: Mapping[str, Any]) -> None:
            found = self._tws.book.samples(text, self._tws.today)
            rows: list[Field] = []
            for paper in found:
                rows += [paper.con_id, paper.symbol, paper.sec_type, paper.primary or paper.exchange, paper.currency, 0]
                if self._session.version >= 176:  # noqa: PLR2004 (a version)
                    rows += [paper.name, ""]
            self._session.send([79, number, len(found), *rows])

        self._begin(number, "matching", {"symbol": text, "number": number}, told)

    def _head(self, fields: list[str]) -> None:
        number = int(fields[1])
        described = Described.read(fields[2:14], include_expired=fields[14] == "1")
        what, date_format = fields[16], int(fields[17] or 1)
        group = f"{described.con_id or described.symbol} {what}"
        facts = {"symbol": described.symbol, "number": number, "what": what}

        def told(_action: Mapping[str, Any]) -> None:
            paper = self._one(described)
            view = self._tws.market.view(paper.listing.symbol)
            self._session.send([88, number, head_time(bars.first_bar(paper, view), date_format)])

        self._paced("head", facts, group, f"head {group}", 1)
        self._begin(number, "head", facts, told, is_history=True)

    def _history(self, fields: list[str]) -> None:
        asked = HistoryAsked.read(fields)
        described = asked.described
        facts = {
            "number": asked.number,
            "symbol": described.symbol,
            "size": asked.size,
            "duration": asked.duration,
            "end": asked.end_text,
            "what": asked.what,
            "rth": asked.is_regular,
        }
        group = f"{described.con_id or described.symbol} {described.exchange} {asked.what}"
        identity = f"{group} {asked.size} {asked.duration} {asked.end_text} {asked.is_regular}"
        if asked.is_small:
            self._paced("history", facts, group, identity, 2 if asked.what == "BID_ASK" else 1)

        def told(action: Mapping[str, Any]) -> None:
            paper = self._one(described)
            check(asked, paper, self._tws.market.now())
            view = self._tws.market.view(paper.listing.symbol)
            rows = [] if "empty" in action else bars.rows(self._tws.book, paper, view, asked)
            self._send_bars(asked, paper, rows, action)

        self._begin(asked.number, "history", facts, told, is_history=True)

    def _send_bars(self, asked: HistoryAsked, paper: Paper, rows: list[Row], action: Mapping[str, Any]) -> None:
        style, zone = self._tws.settings.date_style, paper.listing.venue.timezone
        is_dated = asked.step >= DAILY
        body: list[Field] = []
        for row in rows:
            when = bar_time(row.start, is_dated=is_dated, date_format=asked.date_format, style=style, timezone=zone)
            body += [when, row.open, row.high, row.low, row.close, row.volume, row.wap, row.count]
        if "garbage" in action and body:
            body[len(rows) // 2 * 8] = "no date at all"
        message = wire.frame([17, asked.number, "20000101  00:00:00", "20000101  00:00:00", len(rows), *body])
        if "cut" in action:
            self._session.send_bytes(message[: len(message) // 2])
            self._session.reset()
        else:
            self._session.send_bytes(message)

    def _one(self, described: Described) -> Paper:
        """Return the contract that is meant.

        :raises RefusalError: there is none, or there are several.
        """
        found = self._tws.book.find(described, self._tws.today)
        if not found:
            raise RefusalError(*NO_DEFINITION)
        if len(found) > 1:
            text = f"The contract description specified for {described.symbol} is ambiguous."
            raise RefusalError(200, text)
        return found[0]

    def _cancel_head(self, fields: list[str]) -> None:
        self._close(int(fields[1]))

    def _cancel(self, fields: list[str]) -> None:
        number = int(fields[2])
        if self._close(number):
            text = f"Historical Market Data Service error message:API historical data query cancelled: {number}"
            self._session.error(number, 162, text)
        else:
            self._session.error(number, 366, f"No historical data query found for ticker id:{number}")

    def _paced(self, kind: str, facts: dict[str, Any], group: str, identity: str, cost: int) -> None:
        """Count a request that the rules hold for; one too early is noted, and answered with an error if so set."""
        is_good = self._tws.pacing.arrived(self._session.client_id, group, identity, cost)
        facts |= {"strict": kind, "is_violation": not is_good}

    def _begin(self, number: int, kind: str, facts: dict[str, Any], told: Told, *, is_history: bool = False) -> None:
        """Note a request, and answer it in a thread, with what goes wrong on command."""
        entry = self._tws.journal.add(self._session.client_id, kind, facts)
        action = self._tws.faults.strike(facts | {"kind": kind, "client_id": self._session.client_id})
        entry["fault"] = next(iter(action), "")
        if is_history and not self._opened(number):
            action = {"error": 322, "text": TOO_MANY_OPEN}
        elif facts.get("is_violation") and self._tws.pacing.is_enforced:
            action = {"error": pacing_violation().code, "text": pacing_violation().text}
        if "delay" in action:
            rest = {name: value for name, value in action.items() if name != "delay"}
            timer = threading.Timer(float(action["delay"]), self._answer, (number, told, rest, entry))
            timer.daemon = True
            timer.start()
        else:
            self._tws.work.submit(self._answer, number, told, action, entry)

    def _answer(self, number: int, told: Told, action: Mapping[str, Any], entry: dict[str, object]) -> None:
        is_cancelled = entry["kind"] in ("history", "head") and number not in self._open
        if "never" in action or not self._tws.is_linked or is_cancelled:
            return
        if "reset" in action:
            self._session.reset()
        elif "close" in action:
            self._session.drop()
        elif self._told(number, told, action, entry):
            self._close(number)

    def _told(self, number: int, told: Told, action: Mapping[str, Any], entry: dict[str, object]) -> bool:
        """Give the answer, or an error; tell whether the request is over then (a warning leaves it open)."""
        try:
            _raise_asked(action)
            told(action)
        except RefusalError as refusal:
            entry["answer"] = str(refusal.code)
            self._session.error(number, refusal.code, refusal.text)
            return not (2100 <= refusal.code < 2200 or refusal.code == 165)  # noqa: PLR2004 (codes of warnings)
        except UnknownSymbolError:
            entry["answer"] = str(NO_DEFINITION[0])
            self._session.error(number, *NO_DEFINITION)
            return True
        entry["answer"] = "data"
        return True

    def _opened(self, number: int) -> bool:
        """Count a request as open; tell whether there are not too many."""
        with self._lock:
            self._open.add(number)
        return self._tws.pacing.opened()

    def _close(self, number: int) -> bool:
        """Count a request as over; tell whether it was open."""
        with self._lock:
            if number not in self._open:
                return False
            self._open.discard(number)
        self._tws.pacing.closed()
        return True


def _raise_asked(action: Mapping[str, Any]) -> None:
    if "error" in action:
        raise RefusalError(int(action["error"]), str(action.get("text", "")))
