"""Actions that an answer leaves out of its events although its adjusted closes contain them, as Yahoo's lists do."""

import threading
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from webapp.sandbox.calendars import day_number, local_day
from webapp.sandbox.yahoo.answers import Document, plain


@dataclass(frozen=True, slots=True)
class Silence:
    """Dates of which no event is told.

    :param interval: in whose answers; an empty text for all.
    :param start: the first date, ``YYYY-MM-DD``; ``end`` is the last one.
    """

    symbol: str
    start: str
    end: str
    interval: str = ""

    def hides(self, day: int) -> bool:
        """Return whether the events of a day (its number) are left out."""
        return day_number(date.fromisoformat(self.start)) <= day <= day_number(date.fromisoformat(self.end))


class Silences:
    """All silences; safe for threads."""

    def __init__(self) -> None:
        self._silences: list[Silence] = []
        self._lock = threading.Lock()

    def add(self, silence: Silence) -> None:
        """Leave events out from now on."""
        with self._lock:
            self._silences.append(silence)

    def clear(self) -> None:
        """Tell everything again."""
        with self._lock:
            self._silences.clear()

    def described(self) -> list[dict[str, Any]]:
        """Return all silences."""
        with self._lock:
            return [asdict(silence) for silence in self._silences]

    def applied(self, document: Document, symbol: str, interval: str) -> Document:
        """Return a chart document without the events that are not told."""
        with self._lock:
            silences = [s for s in self._silences if s.symbol == symbol and s.interval in ("", interval)]
        if not silences or "events" not in document["chart"]["result"][0]:
            return document
        document = plain(document)
        result = document["chart"]["result"][0]
        zone = result["meta"]["exchangeTimezoneName"]
        for name, events in result["events"].items():
            result["events"][name] = {
                stamp: event
                for stamp, event in events.items()
                if not any(silence.hides(local_day(int(stamp), zone)) for silence in silences)
            }
        return document
