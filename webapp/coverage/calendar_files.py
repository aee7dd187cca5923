"""Files of exchanges' sessions: made once a calendar and year by a program of its own, read by whoever asks.

``exchange_calendars`` brings pandas, which a web process does without: ``exchange_sessions.py`` takes about half a
second and writes 0.3 to 0.7 MB into the user's cache folder.
"""

import datetime as dt
import os
import subprocess
import sys
import time
from array import array
from collections.abc import Sequence
from functools import lru_cache
from http import HTTPStatus
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

import platformdirs

from webapp.errors import MoissonError, sentence

WIDTH = 5
"""The numbers of a session: its day since 1970-01-01, when it opens, breaks, goes on and closes (epoch seconds)."""
_FIRST = "1960-01-01"
_TIME_LIMIT = 120
_PATIENCE = 600.0
"""So many seconds after a failure it is tried again: a page asks often, and each attempt takes a second."""
_FOLDER = platformdirs.user_cache_path("moisson") / "calendars"
failures: dict[str, float] = {}
"""When (monotonic seconds) each calendar could not be made."""


class CalendarError(MoissonError):
    """The program that makes calendars failed; what it says of it stands in the log."""

    status = HTTPStatus.SERVICE_UNAVAILABLE


def rows(code: str) -> Sequence[int]:
    """Return all sessions of an exchange to the end of next year, or as far as is known, ``WIDTH`` numbers each.

    :raises CalendarError: when they are not there yet and cannot be made.
    """
    return _rows(code, dt.datetime.now(dt.UTC).year + 1)


@lru_cache(maxsize=16)
def _rows(code: str, last_year: int) -> Sequence[int]:
    if _keeps_files():
        return _from_file(code, last_year, _FOLDER)
    with TemporaryDirectory() as folder:
        return _from_file(code, last_year, Path(folder))


def _keeps_files() -> bool:
    try:
        _FOLDER.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(_FOLDER, os.W_OK)


def _from_file(code: str, last_year: int, folder: Path) -> Sequence[int]:
    """Read an exchange's file; holidays are announced and libraries corrected, so that it serves one edition only."""
    file = folder / f"{code}-{version('exchange_calendars')}-{last_year}.bin"
    if not file.exists():
        _make(code, last_year, file)
    rows = array("q")
    rows.frombytes(file.read_bytes())
    return rows


def _make(code: str, last_year: int, file: Path) -> None:
    if time.monotonic() - failures.get(code, -_PATIENCE) < _PATIENCE:
        raise _error(code)
    program = str(Path(__file__).with_name("exchange_sessions.py"))
    # -P: beside the program lie modules that must not hide the standard library's.
    command = [sys.executable, "-P", program, code, _FIRST, f"{last_year}-12-31", str(file)]
    try:
        subprocess.run(command, check=True, timeout=_TIME_LIMIT)  # noqa: S603 (our own program, no shell)
    except (OSError, subprocess.SubprocessError) as err:
        failures[code] = time.monotonic()
        raise _error(code) from err


def _error(code: str) -> CalendarError:
    return CalendarError(sentence("The trading calendar %(code)s could not be made. The log says why.", code=code))
