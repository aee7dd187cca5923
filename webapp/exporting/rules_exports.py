"""Exports as values: what is asked of one, the states of one that is made in the background, and what is large."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from webapp.kernel.request_fields import moment_of

FORMATS = ("csv", "parquet", "arrow")
UTC = "UTC"
EXCHANGE = "exchange"
"""In the place of a time zone's name: that of each instrument's own exchange."""
MOST_SERIES = 500
FILE_KEPT_FOR = dt.timedelta(days=7)
"""For how long a file that a worker made is kept; the pages say “a week”."""
STREAMED_ROWS = 5_000_000
"""A file of more bars is made by a worker: a browser's download would take minutes, and begin anew when it breaks."""
STREAMED_SERIES = 50
"""An archive of more series is made by a worker."""


class ExportState(StrEnum):
    """Where an export that is made in the background stands."""

    PENDING = "pending"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


OVER = frozenset({ExportState.DONE, ExportState.FAILED, ExportState.CANCELLED, ExportState.EXPIRED})
REPEATABLE = OVER - {ExportState.DONE}
"""The states in which there is no file, and it can be made again."""


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """What a file is to hold: bars of some series, from ``start`` to ``end``: days of the exchange, the last included.

    Either may be an instant, too, an end exclusive then; for bars of a day or longer only its date counts.

    ``zone`` is what times are written in: a name of the IANA's, or ``EXCHANGE``. ``step`` is a larger interval that
    the bars are merged into, None for the stored ones; ``complete_only`` leaves out those of them that are partial.
    """

    series_ids: tuple[int, ...]
    fmt: str = "csv"
    adjust: str = "splits"
    start: dt.date | None = None
    end: dt.date | None = None
    zone: str = UTC
    step: str | None = None
    complete_only: bool = False

    @property
    def is_archive(self) -> bool:
        """Whether it is several files in one."""
        return len(self.series_ids) > 1

    def to_json(self) -> dict[str, Any]:
        """Return it as it is kept."""
        return {
            "series": list(self.series_ids),
            "format": self.fmt,
            "adjust": self.adjust,
            "start": self.start.isoformat() if self.start else None,
            "end": self.end.isoformat() if self.end else None,
            "zone": self.zone,
            "interval": self.step,
            "complete_only": "true" if self.complete_only else None,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "ExportRequest":
        """Return what ``to_json`` kept."""
        start, end = (moment_of(name, stored[name]) if stored[name] else None for name in ("start", "end"))
        return cls(
            series_ids=tuple(stored["series"]),
            fmt=stored["format"],
            adjust=stored["adjust"],
            start=start,
            end=end,
            zone=stored["zone"],
            step=stored["interval"],
            complete_only=stored.get("complete_only") == "true",  # older rows do not say
        )


def is_large(series: int, rows: int) -> bool:
    """Tell whether a file of so many series and bars is better made in the background."""
    return rows > STREAMED_ROWS or series > STREAMED_SERIES


def percent(state: ExportState, done: int, total: int) -> int:
    """Return progress in whole percents: 100 only for a file that is there, and never for one that failed."""
    if state is ExportState.DONE:
        return 100
    return min(99, 100 * done // total) if total else 0
