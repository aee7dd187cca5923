"""What is stored, what is known of it, and what happened to an instrument, as DataFrames."""

from collections.abc import Iterable, Sequence

import pandas as pd

from webapp.kernel.bars import Action
from webapp.kernel.spans import Span
from webapp.reading.lookup import KnownSpan
from webapp.series.queries_series import SeriesRow

_UTC = "datetime64[us, UTC]"


def series_frame(rows: Sequence[SeriesRow]) -> pd.DataFrame:
    """Return series as ``JobManager.series`` describes them."""
    columns = {
        "source": pd.Series([row.source for row in rows], dtype="str"),
        "symbol": pd.Series([row.symbol for row in rows], dtype="str"),
        "interval": pd.Series([row.interval.value for row in rows], dtype="str"),
        "variant": pd.Series([row.variant for row in rows], dtype="str"),
        "name": pd.Series([row.facts.name or "" for row in rows], dtype="str"),
        "currency": pd.Series([row.facts.currency or "" for row in rows], dtype="str"),
        "rows": pd.Series([row.rows for row in rows], dtype="int64"),
        "first_bar": _instants(row.first_bar or 0 for row in rows),
        "last_bar": _instants(row.last_bar or 0 for row in rows),
        "updated_at": pd.Series(pd.to_datetime([row.updated_at for row in rows], utc=True)).dt.floor("ms").astype(_UTC),
    }
    frame = pd.DataFrame(columns)
    frame.index = pd.Index([row.id for row in rows], name="id", dtype="int64")
    return frame


def coverage_frame(spans: Sequence[KnownSpan]) -> pd.DataFrame:
    """Return spans as ``JobManager.coverage`` describes them."""
    columns = {
        "end": _instants(span.end for span in spans),
        "verdict": pd.Series([span.verdict for span in spans], dtype="str"),
    }
    return _by_time(columns, "start", (span.start for span in spans))


def gaps_frame(gaps: Sequence[tuple[Span, int]]) -> pd.DataFrame:
    """Return what is missing as ``JobManager.gaps`` describes it."""
    columns = {
        "end": _instants(span.end for span, _ in gaps),
        "sessions": pd.Series([sessions for _, sessions in gaps], dtype="int64"),
    }
    return _by_time(columns, "start", (span.start for span, _ in gaps))


def actions_frame(actions: Sequence[Action]) -> pd.DataFrame:
    """Return actions as ``JobManager.actions`` describes them."""
    columns = {
        "kind": pd.Series([action.kind for action in actions], dtype="str"),
        "value": pd.Series([action.value for action in actions], dtype="float64"),
        "currency": pd.Series([action.currency or "" for action in actions], dtype="str"),
    }
    return _by_time(columns, "time", (action.time for action in actions))


def _by_time(columns: dict[str, "pd.Series"], name: str, times: Iterable[int]) -> pd.DataFrame:
    frame = pd.DataFrame(columns)
    frame.index = pd.DatetimeIndex(_instants(times), name=name)
    return frame


def _instants(times: Iterable[int]) -> "pd.Series":
    """Return epoch seconds as a column of UTC times."""
    return pd.Series(list(times), dtype="int64").astype("datetime64[s]").astype("datetime64[us]").dt.tz_localize("UTC")
