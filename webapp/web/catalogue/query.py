"""Which page of which series the URL asks for."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, TypeVar

from flask import request

from webapp.catalogue.queries_catalogue import Completeness, Filter, Freshness, Sorting
from webapp.context import context
from webapp.kernel.intervals import Interval
from webapp.web.pages import whole_number

SIZES = (25, 50, 100, 200)
_USUAL_SIZE = 50
_FEWER_FIRST = (Sorting.SYMBOL, Sorting.INTERVAL, Sorting.SOURCE, Sorting.COMPLETENESS, Sorting.FRESHNESS)
"""What is sorted upwards at the first click; all else begins with the most or the newest."""
_LONGEST = 64
_Choice = TypeVar("_Choice", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class CatalogueQuery:
    """What the URL says; an empty text means any."""

    q: str = ""
    source: str = ""
    interval: str = ""
    kind: str = ""
    fresh: str = ""
    complete: str = ""
    sort: str = Sorting.SYMBOL.value
    order: str = "asc"
    size: int = _USUAL_SIZE
    page: int = 1

    def params(self, **changed: str | int) -> dict[str, Any]:
        """Return the query string's values that differ from the usual ones, with some changed."""
        usual = asdict(CatalogueQuery())
        values = asdict(self) | changed
        return {name: value for name, value in values.items() if value != usual[name]}

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
        """Return the filter for the store."""
        return Filter(
            now=context().now(),
            search=self.q,
            source=self.source,
            interval=Interval(self.interval) if self.interval else None,
            kind=self.kind,
            freshness=Freshness(self.fresh) if self.fresh else None,
            completeness=Completeness(self.complete) if self.complete else None,
        )


def asked_for(values: Mapping[str, str] | None = None) -> CatalogueQuery:
    """Return the query of the current URL, or of a form; what there is none of asks for nothing.

    :raises BadRequest: for a number that is none.
    """
    values = request.args if values is None else values
    size = whole_number("size", _USUAL_SIZE)
    return CatalogueQuery(
        q=values.get("q", "").strip()[:_LONGEST].replace("\0", ""),
        source=values.get("source", "")[:16].replace("\0", ""),
        interval=_one_of(Interval, values.get("interval", ""), ""),
        kind=values.get("kind", "")[:32].replace("\0", ""),
        fresh=_one_of(Freshness, values.get("fresh", ""), ""),
        complete=_one_of(Completeness, values.get("complete", ""), ""),
        sort=_one_of(Sorting, values.get("sort", ""), Sorting.SYMBOL.value),
        order="desc" if values.get("order") == "desc" else "asc",
        size=min(SIZES, key=lambda one: abs(one - size)),
        page=whole_number("page", 1, most=100_000),
    )


def _one_of(kind: type[_Choice], text: str, usual: str) -> str:
    return text if text in set(kind) else usual
