"""When an instrument trades: real holidays, half days and lunch breaks, without pandas in the process that asks.

Sessions come from ``exchange_calendars`` through ``exchange_sessions.py``, a program that runs once a calendar and
year (about half a second) and writes a file of 0.3 to 0.7 MB into the user's cache folder.
"""

import datetime as dt
import os
import subprocess
import sys
from array import array
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import platformdirs

from webapp.domain.closing import local_instant
from webapp.domain.exchanges import ALWAYS, CALENDARS, WEEKDAYS, calendar_of
from webapp.domain.expected import Session
from webapp.domain.instruments import InstrumentFacts
from webapp.domain.intervals import DAY
from webapp.domain.spans import Span
from webapp.errors import InvalidRequestError, MoissonError, sentence
from webapp.store import calendars as store
from webapp.store import figures
from webapp.store.transactions import reading, writing

_FIRST = "1960-01-01"
_WIDTH = 5
_TIME_LIMIT = 120
_SATURDAY = 5
_MONDAYS_OFFSET = 3  # 1970-01-01 was a Thursday
_FOLDER = platformdirs.user_cache_path("moisson") / "calendars"


class CalendarError(MoissonError):
    """The program that makes calendars failed; what it says of it stands in the log."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """The sessions of an instrument. ``is_chosen`` tells that a person chose the calendar."""

    code: str
    facts: InstrumentFacts
    is_chosen: bool = False

    def sessions(self, span: Span) -> list[Session]:
        """Return the sessions whose dates (00:00 UTC) lie in ``span``, oldest first.

        :raises CalendarError: when the exchange's calendar is not there yet and cannot be made.
        """
        zone = ZoneInfo(self.facts.timezone or "UTC")
        if self.code in (ALWAYS, WEEKDAYS):
            return self._around_the_clock(span, zone)
        rows = _rows(self.code, dt.datetime.now(dt.UTC).year + 1)
        days = rows[::_WIDTH]
        first, last = bisect_left(days, -(-span.start // DAY)), bisect_left(days, -(-span.end // DAY))
        return [_session(rows[index * _WIDTH : (index + 1) * _WIDTH], zone) for index in range(first, last)]

    def _around_the_clock(self, span: Span, zone: ZoneInfo) -> list[Session]:
        """Return days from midnight to midnight; currencies at IBKR trade from one close to the next."""
        days = range(-(-span.start // DAY), -(-span.end // DAY))
        if self.code == WEEKDAYS:
            days_open = [day for day in days if (day + _MONDAYS_OFFSET) % 7 < _SATURDAY]
        else:
            days_open = list(days)
        closes = self.facts.session_close
        evening = self.code == WEEKDAYS and self.facts.session_open is None and closes is not None
        end = closes if evening and closes is not None else DAY
        return [_whole_day(day * DAY, end, zone) for day in days_open]


def _whole_day(label: int, end: int, zone: ZoneInfo) -> Session:
    """Return the 24 hours up to ``end`` seconds after local midnight; 23 or 25 when the clock changes."""
    trading = Span(local_instant(label, end - DAY, zone), local_instant(label, end, zone))
    return Session(label, (trading,), local_instant(label, 0, zone))


def _session(row: Sequence[int], zone: ZoneInfo) -> Session:
    day, opens, break_start, break_end, closes = row
    has_break = break_start != break_end
    parts = (Span(opens, break_start), Span(break_end, closes)) if has_break else (Span(opens, closes),)
    return Session(day * DAY, parts, local_instant(day * DAY, 0, zone))


def calendar(instrument_id: int, facts: InstrumentFacts) -> Calendar:
    """Return the calendar of an instrument: the one that a person chose, or that of its exchange."""
    with reading() as connection:
        chosen = store.chosen(connection, instrument_id)
    return Calendar(chosen or calendar_of(facts), facts, is_chosen=chosen is not None)


def choose(instrument_id: int, code: str) -> None:
    """Let an instrument follow another calendar; with the empty text, that of its exchange again.

    :raises InvalidRequestError: with the field ``calendar`` when there is none of this code.
    """
    if code and code not in CALENDARS:
        raise InvalidRequestError({"calendar": sentence("There is no calendar “%(code)s”.", code=code[:20])})
    with writing() as connection:
        store.choose(connection, instrument_id, code or None)
        figures.forget(connection, instrument_id)


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
        program = str(Path(__file__).with_name("exchange_sessions.py"))
        # -P: beside the program lie modules that must not hide the standard library's.
        command = [sys.executable, "-P", program, code, _FIRST, f"{last_year}-12-31", str(file)]
        try:
            subprocess.run(command, check=True, timeout=_TIME_LIMIT)  # noqa: S603 (our own program, no shell)
        except (OSError, subprocess.SubprocessError) as err:
            raise CalendarError(
                sentence("The trading calendar %(code)s could not be made. The log says why.", code=code)
            ) from err
    rows = array("q")
    rows.frombytes(file.read_bytes())
    return rows
