"""One program's connection: greeting, then a request after the other."""

import contextlib
import datetime as dt
import socket
import struct
import threading
from collections.abc import Callable

from webapp.sandbox.tws import wire
from webapp.sandbox.tws.answers import Answers
from webapp.sandbox.tws.message_rate import MessageRate, Verdict
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
        self._rate = MessageRate()
        self._is_dropped = False
        self._is_broken = False
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
            if self._greeted():
                self._listen()
        except (OSError, wire.BrokenFrameError):
            self._is_broken = True
        finally:
            was_busy = self._answers.end()
            self.tws.leave(self, is_unclean=(self._is_broken or was_busy) and not self._is_dropped)
            self.drop()

    def send(self, fields: list[Field]) -> None:
        """Send a message; a client that has gone misses it."""
        self.send_bytes(wire.frame(fields))

    def send_bytes(self, data: bytes) -> None:
        """Send raw bytes; a client that has gone misses them, and one that does not read is sent away."""
        try:
            with self._lock:
                self._connection.sendall(data)
        except BrokenPipeError:
            return  # the client has ended in good order, which the next read will tell
        except OSError:
            self.reset()

    def error(self, number: int, code: int, text: str) -> None:
        """Send an error of a request, or with -1 a notice."""
        self.send([4, 2, number, code, text, *([""] if self.version >= 166 else [])])  # noqa: PLR2004 (a version)

    def notice(self, code: int, text: str) -> None:
        """Tell the client something that belongs to no request."""
        self.error(-1, code, text)

    def drop(self) -> None:
        """End the connection in good order."""
        self._is_dropped = True
        with contextlib.suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)
        self._connection.close()

    def reset(self) -> None:
        """Break the connection off."""
        self._is_broken = True
        with contextlib.suppress(OSError):
            self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self._connection.shutdown(socket.SHUT_RD)
        self._connection.close()

    def _greeted(self) -> bool:
        """Agree upon a version; False when there is nobody to talk to."""
        offered = wire.read_greeting(self._connection)
        if offered is None or self.tws.is_closed or offered[1] < _OLDEST:
            return False
        self.version = min(offered[1], self.tws.settings.server_version)
        time_text = dt.datetime.fromtimestamp(self.tws.market.now(), dt.UTC).strftime("%Y%m%d %H:%M:%S GMT")
        self.send([self.version, time_text])
        return True

    def _listen(self) -> None:
        """Answer until the client ends the connection, or must be sent away."""
        while (fields := wire.read_frame(self._connection)) is not None:
            kind = fields[0] if fields else ""
            if kind in _ORDERS:
                self._refuse_order(fields)
                continue
            verdict = self._counted()
            if verdict is Verdict.LAST_STRAW:
                self.drop()
                return
            try:
                if verdict is Verdict.FINE and not self._handle(kind, fields):
                    return
            except (ValueError, IndexError) as err:
                self.error(-1, 320, f"Error reading request. {err}")

    def _counted(self) -> Verdict:
        """Count a message, and tell the client when it sends too many."""
        tws, most = self.tws, self.tws.pacing.rules.messages_per_second
        verdict = self._rate.arrived(most)
        if verdict is Verdict.FINE:
            return verdict
        tws.pacing.note("messages", self.client_id, self._rate.text(most))
        if not tws.settings.rejects_messages:
            return Verdict.FINE
        self.error(-1, 100, self._rate.text(most))
        return verdict

    def _refuse_order(self, fields: list[str]) -> None:
        """Note an order, of which there may be none."""
        self.tws.journal.add_order(self.client_id, fields)
        number = int(fields[1]) if fields[1:] and fields[1].isdigit() else -1
        self.error(number, 201, "Order rejected - reason:No orders here.")

    def _handle(self, kind: str, fields: list[str]) -> bool:
        """Answer a message; False when the connection must end.

        :raises ValueError, IndexError: it has not the fields that it should have.
        """
        if kind == "71":
            return self._start(int(fields[2]))
        if kind in self._plain:
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
