"""Write the sessions of exchanges to NumPy files; run as a program of its own, never imported by the sandbox.

``exchange_calendars`` brings pandas, about 80 MB of it. A child process that ends pays for it once a machine,
and the servers stay small. Each file holds rows of ``(day, open, break start, break end, close)``: days since
1970-01-01 and epoch seconds, zeros where there is no break.

Usage: ``python -P exchange_sessions.py FIRST LAST CODE=FILE …`` (dates in ISO 8601).
"""

import os
import sys
from pathlib import Path

import exchange_calendars
import numpy as np
from numpy.typing import NDArray

_SECONDS_A_DAY = 86_400
_EARLIEST = {"XTKS": "1997-01-01"}
"""Where the library's rules for an exchange begin later than this market does."""
_FUTURES_HALT_SECONDS = 3_600
"""CME trades 23 hours of 24, and the library's calendar leaves the daily halt out."""


def sessions(code: str, first: str, last: str) -> NDArray[np.int64]:
    """Return the rows of one exchange between two dates, as far as its calendar reaches."""
    start = max(first, _EARLIEST.get(code, first))
    schedule = exchange_calendars.get_calendar(code, start=start, end=last).schedule
    rows = np.zeros((len(schedule), 5), dtype=np.int64)
    rows[:, 0] = schedule.index.to_numpy(dtype="datetime64[D]").astype(np.int64)
    for column, name in enumerate(("open", "break_start", "break_end", "close"), start=1):
        instants = schedule[name].to_numpy(dtype="datetime64[s]").astype(np.int64)
        rows[:, column] = np.maximum(instants, 0)  # "no time" is the smallest number there is
    if code == "CMES":
        whole_day = rows[:, 4] - rows[:, 1] == _SECONDS_A_DAY
        rows[whole_day, 4] -= _FUTURES_HALT_SECONDS
    return rows


def _write(rows: NDArray[np.int64], target: Path) -> None:
    """Write atomically: two processes may do this at the same time."""
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    with draft.open("wb") as file:
        np.save(file, rows, allow_pickle=False)
    draft.replace(target)


def _main(first: str, last: str, orders: list[str]) -> None:
    for order in orders:
        code, _, target = order.partition("=")
        _write(sessions(code, first, last), Path(target))


if __name__ == "__main__":
    _main(sys.argv[1], sys.argv[2], sys.argv[3:])
