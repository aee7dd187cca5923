"""Reading an Arrow stream while it comes: what has come is taken apart while the server still reads the rest."""

from collections.abc import Iterator

import pyarrow as pa


class Pieces:
    """A file, as PyArrow reads one, of pieces that come one after the other."""

    closed = False

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = memoryview(b"")

    def read(self, size: int = -1) -> bytearray:
        """Return so many bytes, fewer only at the end; all that are left without a size."""
        taken = bytearray(max(size, 0))
        place = 0
        while size < 0 or place < size:
            if not self._rest:
                self._rest = memoryview(next(self._pieces, b""))
                if not self._rest:
                    break
            part = self._rest if size < 0 else self._rest[: size - place]
            taken[place : place + len(part)] = part
            place += len(part)
            self._rest = self._rest[len(part) :]
        del taken[place:]
        return taken


def read_table(pieces: Iterator[bytes]) -> pa.Table:
    """Return what a stream holds, once it has come whole.

    :raises pyarrow.ArrowInvalid: when it is none.
    """
    table = pa.ipc.open_stream(Pieces(pieces)).read_all()
    for _ in pieces:  # the end of the answer tells that nothing broke off
        continue
    return table
