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
from webapp.sources.ibkr.budget.budget import Budget
from webapp.sources.ibkr.budget.rules import PacedRequest, PacingClass, PacingRules
from webapp.sources.ibkr.connection.connection_pool import ConnectionPool
from webapp.sources.ibkr.connection.details import Details, Sample
from webapp.sources.ibkr.connection.loop import LoopThread
from webapp.sources.ibkr.connection.receiver import RawBar
from webapp.sources.ibkr.connection.tws_connection import GatewayRequest, TwsConnection
from webapp.sources.ibkr.history_request import HistoryRequest
from webapp.sources.ibkr.messages.error_codes import GOES_ON
from webapp.sources.ibkr.messages.error_mapping import is_pacing_violation
from webapp.sources.ibkr.messages.wire_errors import StaleTurnError, WireError
from webapp.sources.pace import Pace

T = TypeVar("T")

_MAX_TURNS = 5
_CONNECTING_SECONDS = 90.0
_SPARE_SECONDS = 10.0
_SEARCH_SECONDS = 8.0
_HEAD_SECONDS = 20.0
_SEARCH_INTERVAL = 1.05  # IBKR Campus: at least one second between two calls of reqMatchingSymbols
_EPOCH_DATES = 2
_LONGEST_PROOF = 8.0


class GatewayRequests:
    """What a process asks of gateways. Threads share it."""

    def __init__(self, loop: LoopThread, pool: ConnectionPool, tools: ClientTools) -> None:
        self._loop = loop
        self._pool = pool
        self._tools = tools
        self.timeout = float(tools.settings.get("request_timeout") or 60.0)
        self._budget = Budget(tools.redis, pacing_rules(tools, self.timeout), tools.last_used)

    def get_connection(self, gateway: Gateway, *, is_test: bool = False) -> TwsConnection:
        """Return the connection to a gateway; see ``ConnectionPool.get_connection``.

        :raises SourceError: when there is none to be had.
        """
        return self._run(lambda: self._pool.get_connection(gateway, is_test=is_test), _CONNECTING_SECONDS)

    def time(self, connection: TwsConnection) -> int:
        """Ask for the time.

        :raises WireError: when there is no answer.
        """
        return self._run(lambda: connection.time(_LONGEST_PROOF, max_age=1.0), _LONGEST_PROOF)

    def details(self, connection: TwsConnection, query: object) -> list[Details]:
        """Ask which contracts fit.

        :raises WireError: when there is no answer.
        """
        request = GatewayRequest(lambda number: connection.wire.reqContractDetails(number, query), self.timeout)
        return self._run(lambda: connection.send_request(request), self.timeout)

    def head(self, connection: TwsConnection, contract: object, key: str, what: str) -> str:
        """Ask for the time of the earliest data: a text of epoch seconds.

        :raises WireError: when there is no answer.
        :raises SourceError: when it is not its turn for a while.
        """
        paced = PacedRequest(connection.login, PacingClass.STRICT, f"{key} {what}", f"head {key} {what}")

        def send(number: int) -> None:
            connection.wire.reqHeadTimeStamp(number, contract, what, False, _EPOCH_DATES)  # noqa: FBT003 -- the library's

        request = GatewayRequest(
            send,
            min(self.timeout, _HEAD_SECONDS),
            connection.wire.cancelHeadTimeStamp,
            needs_history=True,
            cancels_always=True,
        )
        return str(self._send_paced(connection, paced, request)[0])

    def history(self, connection: TwsConnection, contract: object, key: str, query: HistoryRequest) -> list[RawBar]:
        """Ask for bars; a list without any is TWS's own answer.

        :raises WireError: when there is no whole answer.
        :raises SourceError: when it is not its turn for a while.
        """
        pacing_class = PacingClass.STRICT if query.is_strict else PacingClass.SOFT
        identity = f"{key} {query.bar_size} {query.duration} {query.end} {query.what} {query.is_regular}"
        paced = PacedRequest(connection.login, pacing_class, f"{key} {query.what}", identity, query.cost)
        how = (query.end, query.duration, query.bar_size, query.what, query.is_regular)

        def send(number: int) -> None:
            connection.wire.reqHistoricalData(number, contract, *how, _EPOCH_DATES, False, [])  # noqa: FBT003 -- the library's

        request = GatewayRequest(send, self.timeout, connection.wire.cancelHistoricalData, needs_history=True)
        return self._send_paced(connection, paced, request)

    def search(self, connection: TwsConnection, text: str) -> list[Sample]:
        """Ask which instruments have such a name.

        :raises WireError: when there is no answer.
        :raises SourceError: when too many people search at once.
        """
        pace = Pace(self._tools.redis, f"ibkr:search:{connection.login}", _SEARCH_INTERVAL, 60.0)
        turn = pace.take()
        if turn.is_refused:
            message = sentence("Many searches wait at Interactive Brokers, which allows one a second.")
            raise SourceError(ErrorKind.RATE_LIMITED, message, turn.wait, sentence("Search again in a moment."))
        time.sleep(turn.wait)
        request = GatewayRequest(lambda number: connection.wire.reqMatchingSymbols(number, text), _SEARCH_SECONDS)
        return self._run(lambda: connection.send_request(request), _SEARCH_SECONDS)

    def _send_paced(self, connection: TwsConnection, paced: PacedRequest, request: GatewayRequest) -> list[Any]:
        """Send a request of history when it is its turn; a turn that was missed is taken anew.

        Redis is asked in this thread only: the loop's is everybody's, and must not wait for an answer of Redis.
        """
        for _ in range(_MAX_TURNS):
            with self._budget.acquire(paced) as grant:
                time.sleep(grant.remaining())
                if paced.pacing_class is PacingClass.STRICT:
                    self._tools.note_use()
                if not grant.confirm():
                    continue
                try:
                    return self._run(partial(connection.send_request, request, grant.is_fresh), request.timeout)
                except StaleTurnError:
                    continue
                except WireError as err:
                    if is_pacing_violation(err):
                        self._budget.report_violation(paced.login)
                    raise
        raise StaleTurnError

    def _run(self, work: Callable[[], Coroutine[object, object, T]], seconds: float) -> T:
        """Run in the loop, which keeps to its own time-outs; ours is for a loop that hangs."""
        try:
            return self._loop.run(work, seconds + _SPARE_SECONDS)
        except TimeoutError as err:
            message = sentence("The connection to TWS does not move any more in this worker.")
            raise SourceError(ErrorKind.TIMEOUT, message, hint=GOES_ON) from err


def pacing_rules(tools: ClientTools, timeout: float) -> PacingRules:
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
