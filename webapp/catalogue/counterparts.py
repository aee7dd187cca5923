"""Which stored series of two sources hold prices of one instrument, however each of them writes its name."""

from sqlalchemy import Connection

from webapp.catalogue.rules_counterparts import comparable
from webapp.kernel.instruments import Listing
from webapp.kernel.intervals import Interval
from webapp.series import queries_alike_series, queries_series
from webapp.series.queries_alike_series import AlikeSeries
from webapp.series.queries_series import SeriesRow
from webapp.sources import choices


def same_instrument(connection: Connection, row: SeriesRow) -> list[AlikeSeries]:
    """Return the series of other sources with prices of the same instrument and interval, the usual variant first."""
    mine = listing_of(row)
    if mine is None or not has_prices(row):
        return []
    others = queries_alike_series.read(connection, row.interval, without=row.source)
    same = [series for series in others if has_prices(series) and listing_of(series) == mine]
    return sorted(same, key=lambda series: (series.variant, series.id))


def read_counterparts(connection: Connection, row: SeriesRow) -> list[SeriesRow]:
    """Return the series of other sources with prices of the same instrument, of any interval, by interval and id."""
    mine = listing_of(row)
    if mine is None or not has_prices(row):
        return []
    every = (alike for step in Interval for alike in queries_alike_series.read(connection, step, without=row.source))
    same = [alike.id for alike in every if has_prices(alike) and listing_of(alike) == mine]
    return [series for series_id in same if (series := queries_series.get(connection, series_id)) is not None]


def listing_of(row: SeriesRow | AlikeSeries) -> Listing | None:
    """Return what a series is of, as its source says; None when nothing else can be said to be the same."""
    listing = choices.listing_of(row.source, row.symbol, row.facts)
    return None if listing is None else comparable(listing, row.facts)


def has_prices(row: SeriesRow | AlikeSeries) -> bool:
    """Tell whether a series' bars are prices."""
    return choices.variant_of(row.source, row.variant).has_prices
