"""Watchlists as plain data, for scripts, ``--json`` and the JSON API (docs/http.md)."""

import datetime as dt

from webapp.watchlists.watchlist import Entry, Watchlist, WatchlistSummary

ListRecord = dict[str, object]


def summary_record(summary: WatchlistSummary | Watchlist) -> ListRecord:
    """Return a list without its entries; times in ISO 8601 UTC."""
    return {
        "name": summary.name,
        "title": summary.title,
        "note": summary.note,
        "revision": summary.revision,
        "changed_at": _moment(summary.changed_at),
        "total": sum(summary.counts.values()),
        "sources": dict(summary.counts),
    }


def list_record(watchlist: Watchlist) -> ListRecord:
    """Return a list with its entries."""
    return summary_record(watchlist) | {"entries": [entry_record(entry) for entry in watchlist.entries]}


def entry_record(entry: Entry) -> ListRecord:
    """Return an entry."""
    return {
        "source": entry.source,
        "symbol": entry.symbol,
        "options": dict(entry.options),
        "section": entry.section,
        "note": entry.note,
    }


def _moment(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
