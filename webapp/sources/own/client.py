"""Bars of an uploaded file, chunk by chunk, as if a source had been asked for them.

A file tells what it holds, and nothing of what it does not hold: that nobody traded on a day is not known by it.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

from webapp.errors import sentence
from webapp.kernel.bars import Bar
from webapp.kernel.day_runs import ExchangeClock
from webapp.kernel.gateways import Gateway
from webapp.kernel.intervals import DAY, Interval, next_start
from webapp.kernel.job_states import ErrorKind
from webapp.kernel.spans import Span, within
from webapp.sources.base import Answer, ChunkRequest, ClientTools, SearchHit, SourceError
from webapp.sources.own.offer import UPLOAD
from webapp.sources.own.staged import bars_between
from webapp.sources.own.uploads import upload_of


class OwnClient:
    """See ``webapp.sources.base.Client``. It holds nothing open: files are read as chunks are asked for."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def fetch(self, request: ChunkRequest) -> Answer:
        """Return the file's bars of a span.

        :raises SourceError: when the file has been cleared away, or this process does not see it.
        """
        upload = upload_of(self._root, request.options.get(UPLOAD, ""))
        if upload is None:
            raise _gone(self._root)
        try:
            facts = upload.facts()
            clock = ExchangeClock(ZoneInfo(facts.timezone or "UTC"))
            # A chunk may begin and end within a day; that day is known if there is any bar of it in the file.
            around = request.span if request.interval.is_dated else clock.whole_days(request.span)
            inside = bars_between(upload.bars, around)
        except OSError as err:
            raise _gone(self._root) from err
        days = _labelled(inside, request.interval) if request.interval.is_dated else _days(inside, clock)
        bars = [bar for bar in inside if request.span.start <= bar[0] < request.span.end]
        return Answer(bars, (), facts, request.span.end, known_spans=within(days, request.span))

    def search(self, text: str, gateway: Gateway | None = None) -> list[SearchHit]:  # noqa: ARG002 -- nobody is asked
        """Return nothing: what people bring has the name that they gave it."""
        return []

    def close(self) -> None:
        """Do nothing: nothing is held."""


def _labelled(bars: Iterable[Bar], interval: Interval) -> Iterator[Span]:
    """Yield the day, week or month of each bar."""
    return (Span(bar[0], next_start(bar[0], interval)) for bar in bars)


def _days(bars: Iterable[Bar], clock: ExchangeClock) -> Iterator[Span]:
    """Yield the days of the exchange, from midnight to midnight, on which any of the bars starts, oldest first.

    Of a day with bars, the minutes without any are those in which nobody traded.
    """
    end: int | None = None
    for bar in bars:
        if end is None or bar[0] >= end:
            label = clock.label(bar[0])
            end = clock.midnight(label + DAY)
            yield Span(clock.midnight(label), end)


def _gone(root: Path) -> SourceError:
    return SourceError(
        ErrorKind.BAD_REQUEST,
        sentence("The imported file is no longer there."),
        hint=sentence(
            "Import it once more; files are kept for a day. If it is new, see that web and workers share the folder "
            "%(folder)s.",
            folder=str(root),
        ),
    )


def open_client(tools: ClientTools) -> OwnClient:
    """Return a client that reads from the folder of uploads."""
    return OwnClient(Path(str(tools.settings["uploads"])))
