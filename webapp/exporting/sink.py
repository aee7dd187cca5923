"""A file that is emptied while it is written: what turns a library that writes files into a stream."""

import io
from collections.abc import Iterator
from typing import Any

_LARGE = 65_536


class Sink(io.RawIOBase):
    """A file that is only written to, front to back, and holds no more than was written since the last ``take``."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []
        self._written = 0

    def writable(self) -> bool:
        """Say yes."""
        return True

    def write(self, data: Any) -> int:  # noqa: ANN401 -- any buffer, as the base class says
        """Keep a copy of the data until it is taken."""
        piece = bytes(data)
        self._pieces.append(piece)
        self._written += len(piece)
        return len(piece)

    def tell(self) -> int:
        """Return how much was written in all: file formats note where things stand."""
        return self._written

    def take(self) -> bytes:
        """Return what was written since the last time."""
        written = b"".join(self._pieces)
        self._pieces.clear()
        return written

    def take_pieces(self) -> Iterator[bytes]:
        """Yield what was written since the last time, large pieces as they are: joining them would copy them all."""
        small: list[bytes] = []
        for piece in self._pieces:
            if len(piece) < _LARGE:
                small.append(piece)
                continue
            if small:
                yield b"".join(small)
                small.clear()
            yield piece
        self._pieces.clear()
        if small:
            yield b"".join(small)
