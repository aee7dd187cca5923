"""A series as plain data, for ``--json`` and the JSON API (docs/http.md)."""

from webapp.jobs.records import instant, moment
from webapp.series.queries_series import SeriesRow


def series_record(row: SeriesRow) -> dict[str, object]:
    """Return a series as JSON can hold it: times in ISO 8601 UTC, None for what is not known."""
    facts = row.facts
    return {
        "id": row.id,
        "source": row.source,
        "symbol": row.symbol,
        "name": facts.name,
        "kind": facts.kind,
        "currency": facts.currency,
        "exchange": facts.exchange,
        "timezone": facts.timezone,
        "interval": row.interval.value,
        "variant": row.variant,
        "rows": row.rows,
        "first_bar": None if row.first_bar is None else instant(row.first_bar),
        "last_bar": None if row.last_bar is None else instant(row.last_bar),
        "updated_at": moment(row.updated_at),
    }
