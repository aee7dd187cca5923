"""Requests to a TWS, each in its turn, for any thread of a process.

Everything that waits long waits here, in the caller's thread; what must be done at once is done in the loop's.
"""

import time
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, TypeVar

from webapp.errors import sentence
from webapp.kernel.gateways import Gateway
from webapp.kernel.job_states import ErrorKind
from webapp.sources.base import ClientTools, SourceError
from webapp.sources.ibkr.budget import Budget
from webapp.sources.ibkr.budget_rules import Ask, AskKind, PacingRules
from webapp.sources.ibkr.connection import Lines
from webapp.sources.ibkr.details import Details, Sample
from webapp.sources.ibkr.history import HistoryQuestion
from webapp.sources.ibkr.link import Link
from webapp.sources.ibkr.loop import LoopThread
from webapp.sources.ibkr.receiver import RawBar
from webapp.sources.ibkr.refusals import GOES_ON
from webapp.sources.ibkr.verdicts import is_pacing_violation
from webapp.sources.ibkr.wire_errors import StaleTurnError, WireError
from webapp.sources.pace import Pace

T = TypeVar("T")

_TURNS_TRIED = 5
_CONNECTING_SECONDS = 90.0
_SPARE_SECONDS = 10.0
_SEARCH_SECONDS = 8.0
_HEAD_SECONDS = 20.0
_SEARCH_INTERVAL = 1.05  # IBKR Campus: at least one second between two calls of reqMatchingSymbols
_EPOCH_DATES = 2
_LONGEST_PROOF = 8.0


class Asking:
    """What a process asks of gateways. Threads share it."""

    def __init__(self, loop: LoopThread, lines: Lines, tools: ClientTools) -> None:
        self._loop = loop
        self._lines = lines
        self._tools = tools
        self.timeout = float(tools.settings.get("request_timeout") or 60.0)
        self._budget = Budget(tools.redis, rules_of(tools, self.timeout), tools.last_used)

    def link(self, gateway: Gateway, *, is_test: bool = False) -> Link:
        """Return the connection to a gateway; see ``Lines.link``.

        :raises SourceError: when there is none to be had.
        """
        return self._run(lambda: self._lines.link(gateway, is_test=is_test), _CONNECTING_SECONDS)

    def time(self, link: Link) -> int:
        """Ask for the time.

        :raises WireError: when there is no answer.
        """
        return self._run(lambda: link.time(_LONGEST_PROOF, told_within=1.0), _LONGEST_PROOF)

    def details(self, link: Link, question: object) -> list[Details]:
        """Ask which contracts fit.

        :raises WireError: when there is no answer.
        """
        send = partial(self._send_details, link, question)
        return self._run(lambda: link.ask(send, self.timeout), self.timeout)

    def head(self, link: Link, contract: object, key: str, what: str) -> str:
        """Ask for the time of the earliest data: a text of epoch seconds.

        :raises WireError: when there is no answer.
        :raises SourceError: when it is not its turn for a while.
        """
        ask = Ask(link.login, AskKind.STRICT, f"{key} {what}", f"head {key} {what}")

        def send(number: int) -> None:
            link.wire.reqHeadTimeStamp(number, contract, what, False, _EPOCH_DATES)  # noqa: FBT003 -- the library's

        rows = self._in_turn(link, ask, send, link.wire.cancelHeadTimeStamp, is_head=True)
        return str(rows[0])

    def history(self, link: Link, contract: object, key: str, question: HistoryQuestion) -> list[RawBar]:
        """Ask for bars; a list without any is TWS's own answer.

        :raises WireError: when there is no whole answer.
        :raises SourceError: when it is not its turn for a while.
        """
        kind = AskKind.STRICT if question.is_strict else AskKind.SOFT
        identity = f"{key} {question.bar_size} {question.duration} {question.end} {question.what} {question.is_regular}"
        ask = Ask(link.login, kind, f"{key} {question.what}", identity, question.cost)
        how = (question.end, question.duration, question.bar_size, question.what, question.is_regular)

        def send(number: int) -> None:
            link.wire.reqHistoricalData(number, contract, *how, _EPOCH_DATES, False, [])  # noqa: FBT003 -- the library's

        return self._in_turn(link, ask, send, link.wire.cancelHistoricalData)

    def matching(self, link: Link, text: str) -> list[Sample]:
        """Ask which instruments have such a name.

        :raises WireError: when there is no answer.
        :raises SourceError: when too many people search at once.
        """
        pace = Pace(self._tools.redis, f"ibkr:search:{link.login}", _SEARCH_INTERVAL, 60.0)
        turn = pace.take()
        if turn.is_refused:
            message = sentence("Many searches wait at Interactive Brokers, which allows one a second.")
            raise SourceError(ErrorKind.RATE_LIMITED, message, turn.wait, sentence("Search again in a moment."))
        time.sleep(turn.wait)

        def send(number: int) -> None:
            link.wire.reqMatchingSymbols(number, text)

        return self._run(lambda: link.ask(send, _SEARCH_SECONDS), _SEARCH_SECONDS)

    def _send_details(self, link: Link, question: object, number: int) -> None:
        link.wire.reqContractDetails(number, question)

    def _in_turn(
        self,
        link: Link,
        ask: Ask,
        send: Callable[[int], None],
        cancel: Callable[[int], None],
        *,
        is_head: bool = False,
    ) -> list[Any]:
        """Send a request of history when it is its turn; a turn that was missed is taken anew."""
        seconds = min(self.timeout, _HEAD_SECONDS) if is_head else self.timeout
        for _ in range(_TURNS_TRIED):
            with self._budget.acquire(ask) as grant:
                time.sleep(grant.remaining())
                if ask.kind is AskKind.STRICT:
                    self._tools.note_use()
                how = {"is_history": True, "always_cancel": is_head}
                try:
                    return self._run(partial(link.ask, send, seconds, cancel, grant.is_fresh, **how), seconds)
                except StaleTurnError:
                    continue
                except WireError as err:
                    if is_pacing_violation(err):
                        self._budget.widen(ask.login)
                    raise
        raise StaleTurnError

    def _run(self, work: Callable[[], Coroutine[object, object, T]], seconds: float) -> T:
        """Run in the loop, which keeps to its own time-outs; ours is for a loop that hangs."""
        try:
            return self._loop.run(work, seconds + _SPARE_SECONDS)
        except TimeoutError as err:
            message = sentence("The connection to TWS does not move any more in this worker.")
            raise SourceError(ErrorKind.TIMEOUT, message, hint=GOES_ON) from err


def rules_of(tools: ClientTools, timeout: float) -> PacingRules:
    """Return the pacing rules that the settings give."""

    def number(name: str, usual: float) -> float:
        value = tools.settings.get(name)
        return usual if value is None else float(value)

    usual = PacingRules()
    return PacingRules(
        window_seconds=number("window_seconds", usual.window_seconds),
        window_requests=int(number("window_requests", usual.window_requests)),
        identical_seconds=number("identical_seconds", usual.identical_seconds),
        burst_seconds=number("burst_seconds", usual.burst_seconds),
        max_open=int(number("max_open", usual.max_open)),
        soft_per_second=number("soft_per_second", usual.soft_per_second),
        lease_seconds=max(usual.lease_seconds, timeout + 3 * _SPARE_SECONDS),
    )
