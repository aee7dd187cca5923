"""What arrives from TWS: answers are brought to the requests they belong to, everything else is a notice.

The library's decoder calls these methods by name, from the event loop's thread.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from webapp.sources.ibkr.connection.details import Details, Sample, parse_details, parse_sample
from webapp.sources.ibkr.messages.wire_errors import BrokenError, RefusedError, TwsMessage, WireError

TIME = -49
"""The number under which the question for the time is kept; TWS gives it none."""
FARM_PATIENCE = 10.0
"""Seconds that a request waits after TWS said that it reconnects to the history farm (165)."""
_FARM = 165
_DELAYED = 10167
_REMARKS = range(2100, 2200)


@dataclass(frozen=True, slots=True)
class RawBar:
    """A bar as it came: ``date`` is a text; volume, wap and count are −1 where there is none."""

    date: str
    open: float
    high: float
    low: float
    close: float
    volume: float
    wap: float
    count: int


@dataclass(slots=True)
class Pending:
    """An open request: what has arrived, what was remarked, and the future of its whole answer."""

    future: "asyncio.Future[list[Any]]"
    rows: list[Any] = field(default_factory=list)
    messages: list[TwsMessage] = field(default_factory=list)
    is_history: bool = False
    timer: asyncio.TimerHandle | None = None

    def succeed(self, rows: list[Any]) -> None:
        """Bring the whole answer."""
        if not self.future.done():
            self.future.set_result(rows)

    def fail(self, error: WireError) -> None:
        """Tell that no answer will come."""
        if not self.future.done():
            self.future.set_exception(error)

    def wait_for_farm(self, message: TwsMessage) -> None:
        """Wait a little for TWS to reach its history farm again, and no longer."""
        if self.timer is not None:
            self.timer.cancel()
        if "successful" not in message.text:
            loop = asyncio.get_running_loop()
            self.timer = loop.call_later(FARM_PATIENCE, self.fail, RefusedError(message.code, message.text))


class Receiver:
    """See the module. ``on_message`` takes what belongs to no request, ``on_closed`` that the connection is gone."""

    def __init__(self, on_message: Callable[[TwsMessage], None], on_closed: Callable[[], None]) -> None:
        self._pending: dict[int, Pending] = {}
        self._on_message = on_message
        self._on_closed = on_closed

    def begin(self, number: int, *, is_history: bool = False) -> Pending:
        """Expect the answer to a request."""
        pending = Pending(asyncio.get_running_loop().create_future(), is_history=is_history)
        self._pending[number] = pending
        return pending

    def forget(self, number: int) -> None:
        """Expect nothing any more; what still comes for the request is dropped."""
        pending = self._pending.pop(number, None)
        if pending and pending.timer:
            pending.timer.cancel()
        if pending and not pending.future.done():
            pending.future.cancel()

    def fail_all(self, error: WireError, *, only_history: bool = False) -> None:
        """Tell all open requests that no answer will come."""
        for pending in list(self._pending.values()):
            if pending.is_history or not only_history:
                pending.fail(error)

    # What the library calls

    def error(self, number: int, code: int, text: str, _json: str = "") -> None:
        """Take an error, a warning or a notice."""
        pending = self._pending.get(number)
        message = TwsMessage(code, text)
        if pending is None:
            self._on_message(message)
            return
        pending.messages.append(message)
        if code == _FARM:
            pending.wait_for_farm(message)
        elif code != _DELAYED and code not in _REMARKS:
            pending.fail(RefusedError(code, text))

    def connectAck(self) -> None:  # noqa: N802 -- the library's name
        """Do nothing: the library begins by itself."""

    def setEventsDone(self) -> None:  # noqa: N802 -- the library's name
        """Hear that the socket is closed, at whatever stage."""
        self.fail_all(BrokenError("the connection was closed"))
        self._on_closed()

    def connectionClosed(self) -> None:  # noqa: N802 -- the library's name
        """Do nothing: ``setEventsDone`` comes with it."""

    def contractDetails(self, number: int, data: Any) -> None:  # noqa: N802, ANN401 -- the library's
        """Take one contract that fits."""
        self._row(number, parse_details(data))

    def bondContractDetails(self, number: int, data: Any) -> None:  # noqa: N802, ANN401 -- the library's
        """Take one bond that fits."""
        self._row(number, parse_details(data))

    def contractDetailsEnd(self, number: int) -> None:  # noqa: N802 -- the library's name
        """Hear that all contracts are there."""
        self._end(number)

    def historicalData(self, number: int, bar: Any) -> None:  # noqa: N802, ANN401 -- the library's
        """Take one bar."""
        row = RawBar(
            bar.date, bar.open, bar.high, bar.low, bar.close, float(bar.volume), bar.average, int(bar.barCount)
        )
        self._row(number, row)

    def historicalDataEnd(self, number: int, _start: str, _end: str) -> None:  # noqa: N802 -- the library's name
        """Hear that all bars are there: only now is the answer one, be it empty."""
        self._end(number)

    def headTimestamp(self, number: int, text: str) -> None:  # noqa: N802 -- the library's name
        """Take the time of the earliest data."""
        self._row(number, text)
        self._end(number)

    def symbolSamples(self, number: int, data: list[Any]) -> None:  # noqa: N802 -- the library's name
        """Take all instruments of such a name."""
        for sample_data in data:
            self._row(number, parse_sample(sample_data))
        self._end(number)

    def currentTime(self, time: int) -> None:  # noqa: N802 -- the library's name
        """Take the time."""
        self._row(TIME, time)
        self._end(TIME)

    def _row(self, number: int, row: Details | Sample | RawBar | str | int) -> None:
        if pending := self._pending.get(number):
            pending.rows.append(row)

    def _end(self, number: int) -> None:
        if pending := self._pending.get(number):
            pending.succeed(pending.rows)
