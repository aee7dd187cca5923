"""Write the sessions of one exchange to a file; run as a program of its own, never imported by the product.

``exchange_calendars`` brings pandas: 90 MB and more than a second. A child process that ends pays for it once a
calendar and year, and web processes stay small. The file holds rows of five 64-bit numbers in the machine's order:
``(day, open, break start, break end, close)``, days since 1970-01-01 and epoch seconds, zeros where there is no break.

Usage: ``python -P exchange_sessions.py CODE FIRST LAST FILE`` (dates in ISO 8601).
"""

import os
import sys
from pathlib import Path

import exchange_calendars
import numpy as np
from numpy.typing import NDArray

_SECONDS_A_DAY = 86_400
_FUTURES_HALT_SECONDS = 3_600
"""CME trades 23 hours of 24, and the library's calendar leaves the daily halt out."""


def sessions(code: str, first: str, last: str) -> NDArray[np.int64]:
    """Return the rows of one exchange between two dates, as far as the library's rules for it reach."""
    rules = type(exchange_calendars.get_calendar(code, start="2024-01-02", end="2024-01-31"))  # twenty years by default
    earliest, latest = rules.bound_min(), rules.bound_max()
    start = max(first, earliest.date().isoformat()) if earliest is not None else first
    end = min(last, latest.date().isoformat()) if latest is not None else last
    schedule = exchange_calendars.get_calendar(code, start=start, end=end).schedule
    rows = np.zeros((len(schedule), 5), dtype=np.int64)
    rows[:, 0] = schedule.index.to_numpy(dtype="datetime64[D]").astype(np.int64)
    for column, name in enumerate(("open", "break_start", "break_end", "close"), start=1):
        instants = schedule[name].to_numpy(dtype="datetime64[s]")
        rows[:, column] = np.where(np.isnat(instants), 0, instants.astype(np.int64))
    if code == "CMES":
        whole_day = rows[:, 4] - rows[:, 1] == _SECONDS_A_DAY
        rows[whole_day, 4] -= _FUTURES_HALT_SECONDS
    return rows


def _write(rows: NDArray[np.int64], target: Path) -> None:
    """Write atomically: two processes may do this at the same time."""
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    draft.write_bytes(rows.tobytes())
    draft.replace(target)


if __name__ == "__main__":
    _write(sessions(*sys.argv[1:4]), Path(sys.argv[4]))
