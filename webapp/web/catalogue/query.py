"""Which page of which series the URL asks for."""

from dataclasses import dataclass
from typing import Any

from webapp.catalogue.queries_catalogue import Completeness, Filter, Freshness, Sorting
from webapp.context import context
from webapp.kernel.intervals import Interval
from webapp.watchlists.expansion import read_filter
from webapp.web.pages import parse_number
from webapp.web.url_queries import Parse, UrlQuery, choice, number, parameter

SIZES = (25, 50, 100, 200)
_USUAL_SIZE = 50
_FEWER_FIRST = (Sorting.SYMBOL, Sorting.INTERVAL, Sorting.SOURCE, Sorting.COMPLETENESS, Sorting.FRESHNESS)
"""What is sorted upwards at the first click; all else begins with the most or the newest."""
_LONGEST = 64


def _cut(longest: int) -> Parse:
    return lambda value: value[:longest].replace("\0", "")


def _nearest_size(value: str) -> int:
    size = parse_number(value, _USUAL_SIZE, 1_000_000_000)
    return min(SIZES, key=lambda offered: abs(offered - size))


@dataclass(frozen=True, slots=True)
class CatalogueQuery(UrlQuery):
    """What the URL says; an empty text means any."""

    q: str = parameter("", lambda value: value.strip()[:_LONGEST].replace("\0", ""))
    source: str = parameter("", _cut(16))
    interval: str = parameter("", choice(set(Interval)))
    kind: str = parameter("", _cut(32))
    fresh: str = parameter("", choice(set(Freshness)))
    complete: str = parameter("", choice(set(Completeness)))
    sort: str = parameter(Sorting.SYMBOL.value, choice(set(Sorting), Sorting.SYMBOL.value))
    order: str = parameter("asc", choice(("desc",), "asc"))
    size: int = parameter(_USUAL_SIZE, _nearest_size)
    page: int = parameter(1, number(1, 100_000))

    def filter_params(self) -> dict[str, Any]:
        """Return those of them that say which series are wanted."""
        return {name: value for name, value in self.params().items() if name not in ("sort", "order", "size", "page")}

    def sorted_by(self, sorting: Sorting) -> dict[str, Any]:
        """Return the values for a click on a column's head: sorted by it, the other way round when it is already."""
        order = "asc" if sorting in _FEWER_FIRST else "desc"
        if self.sort == sorting.value:
            order = "desc" if self.order == "asc" else "asc"
        return self.params(sort=sorting.value, order=order, page=1)

    def filter(self) -> Filter:
        """Return the filter for the queries."""
        return Filter(
            now=context().now(),
            search=self.q,
            source=self.source,
            interval=Interval(self.interval) if self.interval else None,
            kind=self.kind,
            freshness=Freshness(self.fresh) if self.fresh else None,
            completeness=Completeness(self.complete) if self.complete else None,
            instruments=read_filter(self.q).instruments,
        )
