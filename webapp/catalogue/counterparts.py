"""Which stored series of two sources hold prices of one instrument, however each of them writes its name."""

from sqlalchemy import Connection

from webapp.catalogue.rules_counterparts import Listing, contract_listing, yahoo_listing
from webapp.kernel.contracts import shows_prices
from webapp.series import queries_alike_series
from webapp.series.queries_alike_series import AlikeSeries
from webapp.series.queries_series import SeriesRow
from webapp.sources import choices


def same_instrument(connection: Connection, row: SeriesRow) -> list[AlikeSeries]:
    """Return the series of other sources with prices of the same instrument and interval, the usual variant first."""
    mine = listing_of(row)
    if mine is None or not shows_prices(row.variant):
        return []
    others = queries_alike_series.read(connection, row.interval, without=row.source)
    same = [series for series in others if shows_prices(series.variant) and listing_of(series) == mine]
    return sorted(same, key=lambda series: (series.variant, series.id))


def listing_of(row: SeriesRow | AlikeSeries) -> Listing | None:
    """Return what a series is of; None when nothing else can be said to be the same."""
    means = contract_listing if choices.has_contracts(row.source) else yahoo_listing
    return means(row.symbol, row.facts)
