"""One program's connection: greeting, then a request after the other."""

import contextlib
import datetime as dt
import socket
import struct
import threading
from collections.abc import Callable

from webapp.sandbox.tws import wire
from webapp.sandbox.tws.answers import Answers
from webapp.sandbox.tws.state import LINK_LOST, NOTICES, Tws
from webapp.sandbox.tws.wire import Field

_OLDEST = 157
_ORDERS = {"3", "4", "21", "58"}
"""Place, cancel, exercise, cancel all."""


class Session:
    """Serves one connection until it ends."""

    def __init__(self, tws: Tws, connection: socket.socket) -> None:
        self.tws = tws
        self.client_id = -1
        self.version = 0
        self._connection = connection
        self._lock = threading.Lock()
        self._answers = Answers(self)
        self._plain: dict[str, Callable[[list[str]], list[Field]]] = {
            "5": lambda _: [53, 1],
            "6": lambda _: [54, 1, tws.settings.account],
            "7": lambda fields: [55, 1, fields[2]],
            "49": lambda _: [49, 1, int(tws.market.now())],
            "61": lambda _: [62, 1],
            "62": lambda fields: [64, 1, fields[2]],
            "76": lambda fields: [74, 1, fields[2]],
            "99": lambda _: [102],
        }

    def serve(self) -> None:
        """Greet, then answer until the connection ends."""
        try:
            offered = wire.read_greeting(self._connection)
            if offered is None or self.tws.is_closed or offered[1] < _OLDEST:
                return
            self.version = min(offered[1], self.tws.settings.server_version)
            told = dt.datetime.fromtimestamp(self.tws.market.now(), dt.UTC).strftime("%Y%m%d %H:%M:%S GMT")
            self.send([self.version, told])
            while (fields := wire.read_frame(self._connection)) is not None:
                if not self._handle(fields):
                    return
        except (OSError, wire.BrokenFrameError):
            return
        finally:
            self._answers.end()
            self.tws.leave(self)
            self.drop()

    def send(self, fields: list[Field]) -> None:
        """Send a message; a client that has gone misses it."""
        self.send_bytes(wire.frame(fields))

    def send_bytes(self, data: bytes) -> None:
        """Send raw bytes; a client that has gone misses them."""
        with self._lock, contextlib.suppress(OSError):
            self._connection.sendall(data)

    def error(self, number: int, code: int, text: str) -> None:
        """Send an error of a request, or with -1 a notice."""
        self.send([4, 2, number, code, text, *([""] if self.version >= 166 else [])])  # noqa: PLR2004 (a version)

    def notice(self, code: int, text: str) -> None:
        """Tell the client something that belongs to no request."""
        self.error(-1, code, text)

    def drop(self) -> None:
        """End the connection in good order."""
        with contextlib.suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)
        self._connection.close()

    def reset(self) -> None:
        """Break the connection off."""
        with contextlib.suppress(OSError):
            self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self._connection.shutdown(socket.SHUT_RD)
        self._connection.close()

    def _handle(self, fields: list[str]) -> bool:
        """Answer a message; False when the connection must end."""
        kind = fields[0] if fields else ""
        if kind == "71":
            return self._start(int(fields[2]))
        if kind in _ORDERS:
            self.tws.journal.add_order(self.client_id, fields)
            self.error(int(fields[1]) if fields[1].isdigit() else -1, 201, "Order rejected - reason:No orders here.")
        elif kind in self._plain:
            self.tws.journal.add(self.client_id, kind, {})
            self.send(self._plain[kind](fields))
        else:
            self._answers.answer(kind, fields)
        return True

    def _start(self, client_id: int) -> bool:
        self.client_id = client_id
        if not self.tws.enter(self):
            self.client_id = -1
            self.error(-1, 326, "Unable to connect as the client id is already in use. Retry with a unique client id.")
            return False
        self.send([15, 1, self.tws.settings.account])
        self.send([9, 1, 1])
        for notice in NOTICES if self.tws.is_linked else (LINK_LOST,):
            self.notice(*notice)
        return True
