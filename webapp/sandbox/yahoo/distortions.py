"""Single bars that come wrong, as Yahoo's sometimes do."""

import threading
from dataclasses import asdict, dataclass
from typing import Any

from webapp.sandbox.calendars import DAY, local_day
from webapp.sandbox.yahoo.answers import Document, plain
from webapp.sandbox.yahoo.asked import LONG

KINDS = ("x100", "negative", "zero", "high_below_low")
_PRICES = ("open", "high", "low", "close")
_FACTORS = {"x100": 100.0, "negative": -1.0, "zero": 0.0}


@dataclass(frozen=True, slots=True)
class Distortion:
    """One wrong bar.

    :param time: the bar's start in UTC epoch seconds; of a daily or longer bar its date at 00:00 UTC.
    :param kind: one of ``KINDS``.
    """

    symbol: str
    interval: str
    time: int
    kind: str


class Distortions:
    """All wrong bars; safe for threads."""

    def __init__(self) -> None:
        self._known: list[Distortion] = []
        self._lock = threading.Lock()

    def add(self, distortion: Distortion) -> None:
        """Let a bar come wrong from now on."""
        with self._lock:
            self._known.append(distortion)

    def clear(self) -> None:
        """Let all bars come right again."""
        with self._lock:
            self._known.clear()

    def described(self) -> list[dict[str, Any]]:
        """Return all wrong bars."""
        with self._lock:
            return [asdict(distortion) for distortion in self._known]

    def applied(self, document: Document, symbol: str, interval: str) -> Document:
        """Return a chart document with its wrong bars."""
        with self._lock:
            distortions = [
                distortion
                for distortion in self._known
                if (distortion.symbol, distortion.interval) == (symbol, interval)
            ]
        result = document["chart"]["result"][0]
        if not distortions or "timestamp" not in result:
            return document
        document = plain(document)
        result = document["chart"]["result"][0]
        times = [_label(stamp, interval, result["meta"]) for stamp in result["timestamp"]]
        for distortion in distortions:
            if distortion.time in times:
                _distort(result["indicators"], times.index(distortion.time), distortion.kind)
        return document


def _label(stamp: int, interval: str, meta: Document) -> int:
    return local_day(stamp, meta["exchangeTimezoneName"]) * DAY if interval in LONG else stamp


def _distort(indicators: Document, row: int, kind: str) -> None:
    quote = indicators["quote"][0]
    if kind == "high_below_low":
        quote["high"][row], quote["low"][row] = quote["low"][row], quote["high"][row] + 0.01
        return
    factor = _FACTORS[kind]
    columns = [quote[name] for name in _PRICES]
    columns += [column["adjclose"] for column in indicators.get("adjclose", ())]
    for column in columns:
        column[row] *= factor
