"""Watchlists, and what stands in one, as DataFrames."""

from collections.abc import Sequence

import pandas as pd

from webapp.watchlists.lists import every, find
from webapp.watchlists.watchlist import Watchlist, WatchlistSummary


def read_lists(name: str | None) -> pd.DataFrame:
    """Return all lists, or with a name the entries of that one, in their order.

    Lists: a row each, its ``name`` the index; columns ``title note`` (text), ``entries`` (how many), ``sources`` (their
    names, with commas between) and ``changed_at`` (UTC). Entries: columns ``source symbol section note`` (text) and
    ``options`` (a dict each).

    :raises NotFoundError: when there is no list of this name.
    """
    return _list_frame(every()) if name is None else _entry_frame(find(name))


def _list_frame(summaries: Sequence[WatchlistSummary]) -> pd.DataFrame:
    changed = pd.Series(pd.to_datetime([summary.changed_at for summary in summaries], utc=True))
    columns = {
        "title": pd.Series([summary.title for summary in summaries], dtype="str"),
        "note": pd.Series([summary.note for summary in summaries], dtype="str"),
        "entries": pd.Series([summary.total for summary in summaries], dtype="int64"),
        "sources": pd.Series([", ".join(summary.counts) for summary in summaries], dtype="str"),
        "changed_at": changed.astype("datetime64[us, UTC]"),
    }
    frame = pd.DataFrame(columns)
    frame.index = pd.Index([summary.name for summary in summaries], name="name", dtype="str")
    return frame


def _entry_frame(watchlist: Watchlist) -> pd.DataFrame:
    texts = ("source", "symbol", "section", "note")
    columns = {text: pd.Series([getattr(entry, text) for entry in watchlist.entries], dtype="str") for text in texts}
    options = pd.Series([dict(entry.options) for entry in watchlist.entries], dtype="object")
    return pd.DataFrame(columns | {"options": options})
