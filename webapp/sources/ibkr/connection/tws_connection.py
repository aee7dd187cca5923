"""One open connection to a TWS or IB Gateway: requests go out with a number, answers and notices come in.

It asks for as little as possible at the start: no positions, orders or account values, so that Read-Only API may stay
ticked in TWS. Everything here happens in the thread of the event loop.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from webapp.kernel.gateways import Gateway, GatewayReport
from webapp.sources.ibkr import library
from webapp.sources.ibkr.connection.connection_status import are_paper, login_key, mask_account
from webapp.sources.ibkr.connection.receiver import TIME, Pending, Receiver
from webapp.sources.ibkr.messages.system_messages import GatewayCondition
from webapp.sources.ibkr.messages.wire_errors import (
    BrokenError,
    IdInUseError,
    NobodyListensError,
    NoGreetingError,
    StaleTurnError,
    TooOldError,
    TwsMessage,
    UnansweredError,
    UnlinkedError,
)

OPENING_SECONDS = 8.0
_ID_IN_USE = 326


@dataclass(frozen=True, slots=True)
class GatewayRequest:
    """A request to a TWS, as often as it is sent. ``send`` and ``cancel`` are given its number.

    An answer that is not whole after ``timeout`` seconds is not waited for. ``cancel`` gives the request up at TWS: it
    is called whenever no whole answer came and TWS did not refuse; with ``cancels_always`` after every sending, since
    the request counts as open at TWS until then. ``needs_history`` says that it takes a farm of history.
    """

    send: Callable[[int], None]
    timeout: float
    cancel: Callable[[int], None] | None = None
    needs_history: bool = False
    cancels_always: bool = False


class TwsConnection:
    """A connection. ``connected_since`` is in epoch seconds, ``used`` on the steady clock.

    ``is_suspect`` since it left a request unanswered, until it answers one.
    """

    def __init__(self, gateway: Gateway, client_id: int) -> None:
        self.gateway = gateway
        self.client_id = client_id
        self.condition = GatewayCondition()
        self.is_open = False
        self.open_requests = 0
        self.connected_since = 0.0
        self.used = time.monotonic()
        self.is_suspect = False
        self.server_version = 0
        self.accounts: tuple[str, ...] = ()
        self.login = ""
        self.handshake_messages: list[TwsMessage] = []
        self._receiver = Receiver(self._on_message, self._on_disconnected)
        self._wire = library.new_wire(self._receiver)
        self._wire.apiError += self._on_library_error
        self._time_request_lock = asyncio.Lock()
        self._last_time: tuple[int, float] | None = None
        self._disconnected = asyncio.get_running_loop().create_future()

    @property
    def wire(self) -> library.Wire:
        """The library's client, to send requests with."""
        return self._wire

    def report(self) -> GatewayReport:
        """Return what is known of the gateway."""
        accounts = tuple(mask_account(account) for account in self.accounts)
        return GatewayReport(self.server_version, accounts, are_paper(self.accounts), dict(self.condition.farms))

    async def open(self, seconds: float = OPENING_SECONDS) -> None:
        """Connect.

        :raises OpeningError: which says what is there instead of a TWS that takes us.
        """
        host, port = self.gateway.host, self.gateway.port
        connecting = asyncio.ensure_future(self._wire.connectAsync(host, port, self.client_id, None))
        try:
            await asyncio.wait({connecting, self._disconnected}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            if not connecting.done() or self._disconnected.done():
                raise self._handshake_error()
            connecting.result()
        except (OSError, ValueError, OverflowError) as err:  # the latter: a host or port that cannot be one
            raise NobodyListensError(str(err)) from err
        finally:
            if not connecting.done():
                connecting.cancel()
            await asyncio.gather(connecting, return_exceptions=True)
        self._on_connected()

    def close(self) -> None:
        """End the connection; open requests fail."""
        was_open, self.is_open = self.is_open, False
        self._receiver.fail_all(BrokenError("the connection was closed"))
        if was_open:
            self._wire.disconnect()

    async def send_request(self, request: GatewayRequest, is_fresh: Callable[[], bool] = lambda: True) -> list[Any]:
        """Send a request and return all rows of its answer.

        :param is_fresh: asked immediately before sending; it must not wait for anything.
        :raises WireError: when there is no whole answer.
        """
        self._raise_if_unusable(is_history=request.needs_history)
        return await self._await_answer(self._wire.getReqId(), request, is_fresh)

    async def time(self, seconds: float, max_age: float = 0.0) -> int:
        """Ask TWS for the time (epoch seconds): the sign that it is alive.

        :param max_age: an answer of the last so many seconds holds: TWS may leave rapid repeats unanswered
            (ib_insync #479).
        :raises WireError: when there is no answer.
        """
        if not self.is_open:
            raise BrokenError("the connection is closed")
        async with self._time_request_lock:
            if self._last_time is None or time.monotonic() - self._last_time[1] > max_age:
                rows = await self._await_answer(TIME, GatewayRequest(lambda _: self._wire.reqCurrentTime(), seconds))
                self._last_time = int(rows[0]), time.monotonic()
            return self._last_time[0]

    async def _await_answer(
        self, number: int, request: GatewayRequest, is_fresh: Callable[[], bool] = lambda: True
    ) -> list[Any]:
        pending = self._receiver.begin(number, is_history=request.needs_history)
        self.open_requests += 1
        try:
            if not is_fresh():
                raise StaleTurnError
            self.used = time.monotonic()
            return await self._exchange(number, request, pending)
        finally:
            self.open_requests -= 1
            self.used = time.monotonic()
            self._receiver.forget(number)

    async def _exchange(self, number: int, request: GatewayRequest, pending: Pending) -> list[Any]:
        """Send and wait for the answer; what TWS still counts as open afterwards is cancelled there."""
        counts_as_open = request.cancels_always
        try:
            request.send(number)
            rows = await asyncio.wait_for(pending.future, request.timeout)
        except TimeoutError as err:
            self.is_suspect = counts_as_open = True
            raise UnansweredError(request.timeout, tuple(pending.messages)) from err
        except (asyncio.CancelledError, UnlinkedError):
            counts_as_open = True
            raise
        except ConnectionError as err:
            raise BrokenError(str(err)) from err
        else:
            self.is_suspect = False
            return rows
        finally:
            if counts_as_open and request.cancel is not None and self.is_open:
                request.cancel(number)

    def _raise_if_unusable(self, *, is_history: bool) -> None:
        if not self.is_open:
            raise BrokenError("the connection is closed")
        if obstacle := self.condition.obstacle(is_history=is_history):
            raise UnlinkedError(obstacle)

    def _on_connected(self) -> None:
        self.is_open = True
        self.connected_since = time.time()
        self.used = time.monotonic()
        self.server_version = self._wire.serverVersion()
        self.accounts = tuple(self._wire.getAccounts())
        self.login = login_key(self.accounts)

    def _handshake_error(self) -> Exception:
        """Say why the greeting did not come to its end."""
        if any(message.code == _ID_IN_USE for message in self.handshake_messages):
            return IdInUseError(str(self.client_id))
        if any("version must be" in message.text for message in self.handshake_messages):
            return TooOldError(self.handshake_messages[-1].text)
        if self._disconnected.done() or self._wire.conn.isConnected():
            return NoGreetingError("closed" if self._disconnected.done() else "silent")
        return NobodyListensError("no answer")

    def _on_message(self, message: TwsMessage) -> None:
        """Take a notice that belongs to no request."""
        if not self.is_open:
            self.handshake_messages.append(message)
        obstacle = self.condition.take(message)
        if obstacle is not None:
            self._receiver.fail_all(UnlinkedError(obstacle), only_history=not self.condition.is_cut)

    def _on_library_error(self, text: str) -> None:
        """Take what the library says while it connects."""
        self.handshake_messages.append(TwsMessage(0, text))

    def _on_disconnected(self) -> None:
        """Hear that the socket is closed, by whichever side."""
        self.is_open = False
        if not self._disconnected.done():
            self._disconnected.set_result(None)
