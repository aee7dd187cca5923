"""Frames of the wire protocol: four bytes of length, then fields that end with a zero byte each."""

import socket
import struct
from collections.abc import Iterable

Field = str | int | float
_LONGEST = 1 << 20


class BrokenFrameError(ValueError):
    """What arrived is no frame."""


def frame(fields: Iterable[Field]) -> bytes:
    """Return a message as it goes over the wire."""
    body = "".join(f"{_text(field)}\0" for field in fields).encode()
    return struct.pack(">I", len(body)) + body


def _text(field: Field) -> str:
    """Write a number without a needless exponent or zeros."""
    if isinstance(field, float):
        return repr(int(field)) if field == int(field) and abs(field) < 1e15 else repr(field)  # noqa: PLR2004
    return str(field)


def read_frame(connection: socket.socket) -> list[str] | None:
    """Return the fields of the next message, None at the end of the connection.

    :raises BrokenFrameError: it is longer than any message, or the connection ended within it.
    :raises OSError: the connection broke off.
    """
    head = _exactly(connection, 4)
    if head is None:
        return None
    length = struct.unpack(">I", head)[0]
    if length > _LONGEST:
        message = f"a frame of {length} bytes"
        raise BrokenFrameError(message)
    body = _exactly(connection, length)
    if body is None:
        message = "nothing but the length of a frame"
        raise BrokenFrameError(message)
    return body.decode("utf-8", "replace").split("\0")[:-1]


def read_greeting(connection: socket.socket) -> tuple[int, int] | None:
    """Return the oldest and the newest protocol version that a client offers; None when it is no such client."""
    if _exactly(connection, 4) != b"API\0":
        return None
    head = _exactly(connection, 4)
    body = _exactly(connection, min(struct.unpack(">I", head)[0], 200)) if head else None
    words = (body or b"").decode("ascii", "replace").split(" ")[0].removeprefix("v").split("..")
    if not all(word.isdigit() for word in words):
        return None
    return int(words[0]), int(words[-1])


def _exactly(connection: socket.socket, count: int) -> bytes | None:
    pieces = b""
    while len(pieces) < count:
        piece = connection.recv(count - len(pieces))
        if not piece and pieces:
            message = f"{len(pieces)} bytes of {count}"
            raise BrokenFrameError(message)
        if not piece:
            return None
        pieces += piece
    return pieces
