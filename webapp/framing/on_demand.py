"""Arrow streams for whoever starts without NumPy and PyArrow: these are loaded with the first frame."""

import importlib
from collections.abc import Iterable, Iterator
from typing import Protocol, cast

from webapp.context import Context
from webapp.framing.bars_request import BarsRequest
from webapp.framing.lacking import BarsNeeds
from webapp.jobs.queries_jobs import JobRow

MIMETYPE = "application/vnd.apache.arrow.stream"


class Streams(Protocol):
    """What ``framing.streams`` offers; it says more of each."""

    def stream_symbol(self, context: Context, symbol: str, request: BarsRequest) -> Iterator[bytes]:
        """Yield the bars of one symbol."""
        ...

    def stream_symbols(self, context: Context, symbols: Iterable[str], request: BarsRequest) -> Iterator[bytes]:
        """Yield the bars of several symbols."""
        ...

    def stream_collected(
        self, context: Context, needed: BarsNeeds, jobs: Iterable[JobRow], request: BarsRequest, *, is_single: bool
    ) -> Iterator[bytes]:
        """Yield the bars of symbols that were collected."""
        ...


def load_streams() -> Streams:
    """Return ``framing.streams``."""
    return cast("Streams", importlib.import_module("webapp.framing.streams"))
