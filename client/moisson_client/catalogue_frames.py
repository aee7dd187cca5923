"""What is stored, what is known of it, and what happened to an instrument, as frames; pandas is loaded on first use."""

import importlib
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from moisson_client.answers import Record
from moisson_client.errors import MoissonError

if TYPE_CHECKING:
    import pandas as pd

_UTC = "datetime64[us, UTC]"


def pandas() -> Any:  # noqa: ANN401 -- the module
    """Return pandas.

    :raises MoissonError: when it is not installed here.
    """
    return package("pandas")


def package(name: str) -> Any:  # noqa: ANN401 -- a module
    """Return a package that not everybody needs.

    :raises MoissonError: when it is not installed here.
    """
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as err:
        message = f"This needs the package {name}. Install it with: pip install {name}"
        raise MoissonError(message, code="missing_package") from err


def series_frame(rows: Sequence[Record]) -> "pd.DataFrame":
    """Return series, by symbol; the index is their ``id``."""
    pd = pandas()
    columns = {
        **{
            name: pd.Series([row[name] or "" for row in rows], dtype="str")
            for name in ("source", "symbol", "interval", "variant", "name", "currency")
        },
        "rows": pd.Series([row["rows"] for row in rows], dtype="int64"),
        "first_bar": _instants(row["first_bar"] for row in rows),
        "last_bar": _instants(row["last_bar"] for row in rows),
        "updated_at": _instants(row["updated_at"] for row in rows),
    }
    frame = pd.DataFrame(columns)
    frame.index = pd.Index([row["id"] for row in rows], name="id", dtype="int64")
    return frame


def coverage_frame(spans: Sequence[Record]) -> "pd.DataFrame":
    """Return what is known, a row a span; the index is its ``start``."""
    columns = {
        "end": _instants(span["end"] for span in spans),
        "verdict": pandas().Series([span["verdict"] for span in spans], dtype="str"),
    }
    return _by_time(columns, "start", (span["start"] for span in spans))


def gaps_frame(gaps: Sequence[Record]) -> "pd.DataFrame":
    """Return what is missing; the index is the ``start`` of a gap."""
    columns = {
        "end": _instants(gap["end"] for gap in gaps),
        "sessions": pandas().Series([gap["sessions"] for gap in gaps], dtype="int64"),
    }
    return _by_time(columns, "start", (gap["start"] for gap in gaps))


def actions_frame(actions: Sequence[Record]) -> "pd.DataFrame":
    """Return actions; the index ``time`` is the ex-date."""
    pd = pandas()
    columns = {
        "kind": pd.Series([action["kind"] for action in actions], dtype="str"),
        "value": pd.Series([action["value"] for action in actions], dtype="float64"),
        "currency": pd.Series([action["currency"] for action in actions], dtype="str"),
    }
    return _by_time(columns, "time", (action["time"] for action in actions))


def calendars_frame(calendars: Sequence[Record]) -> "pd.DataFrame":
    """Return calendars; the index is their ``code``."""
    pd = pandas()
    columns = {name: pd.Series([calendar[name] for calendar in calendars], dtype="str") for name in ("name", "zone")}
    frame = pd.DataFrame(columns)
    frame.index = pd.Index([calendar["code"] for calendar in calendars], name="code", dtype="str")
    return frame


def sessions_frame(listed: Record) -> "pd.DataFrame":
    """Return sessions, by their dates."""
    rows = listed["sessions"]
    columns = {
        name: _instants(session[name] for session in rows) for name in ("open", "close", "break_start", "break_end")
    }
    frame = _by_time(columns, "session", (session["session"] for session in rows))
    frame.attrs.update(calendar=listed["calendar"], zone=listed["zone"])
    return frame


def _by_time(columns: "dict[str, pd.Series[Any]]", name: str, times: Iterable[str]) -> "pd.DataFrame":
    pd = pandas()
    frame = pd.DataFrame(columns)
    frame.index = pd.DatetimeIndex(_instants(times), name=name)
    return frame


def _instants(times: Iterable[str | None]) -> "pd.Series[Any]":
    """Return ISO 8601 as a column of UTC times."""
    pd = pandas()
    return pd.Series(pd.to_datetime(list(times), utc=True, format="ISO8601")).astype(_UTC)
