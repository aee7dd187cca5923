"""The names of what the catalogue shows, as people read them."""

from webapp.catalogue.queries_catalogue import Completeness, Freshness, Sorting
from webapp.errors import Sentence, sentence

FRESHNESS: dict[Freshness, Sentence] = {
    Freshness.CURRENT: sentence("Up to date"),
    Freshness.ONE_BEHIND: sentence("One session behind"),
    Freshness.BEHIND: sentence("Further behind"),
}

COMPLETENESS: dict[Completeness, Sentence] = {
    Completeness.COMPLETE: sentence("Complete"),
    Completeness.GAPS: sentence("With gaps"),
    Completeness.UNKNOWN: sentence("Not known yet"),
}

COLUMNS: dict[Sorting, Sentence] = {
    Sorting.SYMBOL: sentence("Symbol"),
    Sorting.INTERVAL: sentence("Interval"),
    Sorting.SOURCE: sentence("Source"),
    Sorting.FIRST: sentence("First bar"),
    Sorting.LAST: sentence("Last bar"),
    Sorting.ROWS: sentence("Bars"),
    Sorting.BYTES: sentence("Size"),
    Sorting.COMPLETENESS: sentence("Completeness"),
    Sorting.FRESHNESS: sentence("Freshness"),
    Sorting.JOB: sentence("Last collection"),
}

EXPLAINED: dict[Sorting, Sentence] = {
    Sorting.BYTES: sentence("About: bars and candles kept ready, times the bytes that each takes in this database."),
    Sorting.COMPLETENESS: sentence("The share of the sessions asked for, by the exchange’s calendar, that are there."),
    Sorting.FRESHNESS: sentence("How many sessions have closed since the last one that is stored."),
}

NUMERIC = (Sorting.ROWS, Sorting.BYTES)
