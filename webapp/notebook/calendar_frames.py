"""Calendars and their sessions as DataFrames."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from webapp.coverage.rules_exchanges import CALENDARS, zone_of
from webapp.coverage.session_lists import SessionList

_NOT_A_TIME = np.iinfo(np.int64).min
"""What NumPy takes for no time at all."""


def calendars_frame() -> pd.DataFrame:
    """Return the calendars as ``JobManager.calendars`` describes them."""
    columns = {
        "name": pd.Series(list(CALENDARS.values()), dtype="str"),
        "zone": pd.Series([zone_of(code) or "" for code in CALENDARS], dtype="str"),
    }
    frame = pd.DataFrame(columns)
    frame.index = pd.Index(list(CALENDARS), name="code", dtype="str")
    return frame


def sessions_frame(listed: SessionList) -> pd.DataFrame:
    """Return sessions as ``JobManager.sessions`` describes them."""
    breaks = [each.pause or (_NOT_A_TIME, _NOT_A_TIME) for each in listed.sessions]
    columns = {
        "open": _times([each.open for each in listed.sessions]),
        "close": _times([each.close for each in listed.sessions]),
        "break_start": _times([start for start, _ in breaks]),
        "break_end": _times([end for _, end in breaks]),
    }
    index = pd.DatetimeIndex(_times([each.label for each in listed.sessions]), name="session")
    frame = pd.DataFrame(columns, index=index)
    frame.attrs.update(calendar=listed.calendar, zone=listed.zone)
    return frame


def _times(seconds: Sequence[int]) -> pd.DatetimeIndex:
    """Return epoch seconds as times of UTC; the least number of all is none."""
    return pd.DatetimeIndex(np.array(seconds, np.int64).astype("datetime64[s]").astype("datetime64[us]")).tz_localize(
        "UTC"
    )
