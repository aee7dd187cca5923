"""A TWS of a few lines that says byte for byte what a test wants it to say, at the worst moment.

Source of the frames: recorded traffic of TWS, server version 176.
"""

import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

VERSION = 176
HOURS = "20261123:0930-20261123:1600;20261124:0930-20261124:1600;20261125:CLOSED;20261127:0930-20261127:1300"
ALL_HOURS = HOURS.replace(":0930", ":0400").replace(":1600", ":2000")
BAR = ("1.0", "2.0", "0.5", "1.5", "100.25", "1.25", "7")
Answer = Callable[["Connection", list[str]], None]


@dataclass
class Connection:
    """One client. ``requests`` are the fields of all that it asked."""

    tws: "ScriptedTws"
    socket: socket.socket
    client_id: int = -1
    requests: list[list[str]] = field(default_factory=list)

    def send(self, *fields: object) -> None:
        body = "".join(f"{value}\0" for value in fields).encode()
        self.socket.sendall(struct.pack(">I", len(body)) + body)

    def error(self, number: object, code: int, text: str) -> None:
        self.send(4, 2, number, code, text, "")

    def bars(self, number: object, *bars: tuple[object, ...]) -> None:
        rows = [value for bar in bars for value in bar]
        self.send(17, number, "20261101 00:00:00", "20261123 00:00:00", len(bars), *rows)

    def cut(self, half: bytes = b"") -> None:
        """Send half a frame, then reset the connection."""
        if half:
            self.socket.sendall(half)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def finish(self) -> None:
        self.socket.shutdown(socket.SHUT_RDWR)

    def read(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            received = self.socket.recv(count - len(data))
            if not received:
                raise ConnectionError("closed")
            data += received
        return data

    def frame(self) -> list[str]:
        (length,) = struct.unpack(">I", self.read(4))
        return self.read(length).decode().split("\0")[:-1]


def details(connection: Connection, number: str, symbol: str, **parts: object) -> None:
    """Send the details of a contract; the usual one is AAPL's."""
    of: dict[str, object] = {
        "kind": "STK",
        "expiry": "",
        "strike": "0",
        "right": "",
        "exchange": "SMART",
        "currency": "USD",
    }
    of |= {"id": 265598, "tick": "0.01", "multiplier": "", "name": "APPLE INC", "primary": "NASDAQ"}
    of |= {"zone": "US/Eastern", "all": ALL_HOURS, "liquid": HOURS, "stock": "COMMON"} | parts
    connection.send(
        10, number, symbol, of["kind"], of["expiry"], of["strike"], of["right"], of["exchange"], of["currency"],
        symbol, "NMS", of.get("class", symbol), of["id"], of["tick"], of["multiplier"], "ACTIVETIM,", "SMART,NASDAQ",
        1, 0, of["name"], of["primary"], "", "Technology", "Computers", "Computers", of["zone"], of["all"],
        of["liquid"], "", "", 0, 1, "", "", "26,26", "", of["stock"], "0.0001", "0.0001", "100",
    )  # fmt: skip


def one_contract(connection: Connection, fields: list[str]) -> None:
    number = 265598 if fields[4] == "AAPL" else sum(fields[4].encode())
    details(connection, fields[2], fields[4], id=number)
    connection.send(52, 1, fields[2])


def a_head(connection: Connection, fields: list[str]) -> None:
    connection.send(88, fields[1], "345479400")


def no_bars(connection: Connection, fields: list[str]) -> None:
    connection.bars(fields[1])


def a_time(connection: Connection, fields: list[str]) -> None:
    connection.send(49, 1, 1795000000)


def silence(connection: Connection, fields: list[str]) -> None:
    pass


class ScriptedTws:
    """Listens on a free port of the loopback interface until ``end``; ``answers`` are by kind of request."""

    def __init__(self) -> None:
        self.accounts = "DU1234567"
        self.version = VERSION
        self.held_ids: set[int] = set()
        self.greets = True
        self.connections: list[Connection] = []
        self.answers: dict[str, Answer] = {"9": one_contract, "87": a_head, "20": no_bars, "49": a_time}
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def requests(self, kind: str) -> list[list[str]]:
        """Return the fields of all requests of a kind, by their number in the protocol."""
        return [fields for connection in self.connections for fields in connection.requests if fields[0] == kind]

    def say(self, code: int, text: str) -> None:
        """Give a notice to all clients."""
        for connection in self.connections:
            connection.error(-1, code, text)

    def drop(self) -> None:
        """Close all connections, and go on listening."""
        for connection in self.connections:
            try:
                connection.finish()
            except OSError:
                continue

    def end(self) -> None:
        self._listener.close()
        self.drop()

    def _accept(self) -> None:
        while True:
            try:
                accepted, _ = self._listener.accept()
            except OSError:
                return
            accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._serve, args=(Connection(self, accepted),), daemon=True).start()

    def _serve(self, connection: Connection) -> None:
        try:
            self._greet(connection)
            while True:
                fields = connection.frame()
                connection.requests.append(fields)
                if answer := self.answers.get(fields[0]):
                    answer(connection, fields)
        except (OSError, struct.error):
            connection.socket.close()

    def _greet(self, connection: Connection) -> None:
        connection.read(4)
        connection.frame()
        while not self.greets:
            connection.read(1)
        connection.send(self.version, "20261123 22:21:01 GMT")
        start: list[Any] = connection.frame()
        connection.client_id = int(start[2])
        if connection.client_id in self.held_ids:
            connection.error(-1, 326, "Unable to connect as the client id is already in use.")
            raise ConnectionError("id in use")
        self.connections.append(connection)
        connection.send(15, 1, self.accounts)
        connection.send(9, 1, 1)
        connection.error(-1, 2106, "HMDS data farm connection is OK:ushmds")
        connection.error(-1, 2104, "Market data farm connection is OK:usfarm")
