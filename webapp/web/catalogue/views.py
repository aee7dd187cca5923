"""The lines of the catalogue, as its table shows them."""

import math
from dataclasses import dataclass

from babel.numbers import format_percent
from flask_babel import gettext

from webapp.catalogue import queries_catalogue
from webapp.catalogue.queries_catalogue import Entry, LastJob, Sorting, Totals
from webapp.context import context
from webapp.coverage.completeness import MOST_BEHIND
from webapp.coverage.rules_freshness import sessions_behind
from webapp.database.transactions import reading
from webapp.series.queries_series import SeriesRow
from webapp.sources import choices
from webapp.web.catalogue.query import CatalogueQuery
from webapp.web.file_sizes import file_size
from webapp.web.formats import language
from webapp.web.session_counts import count_sessions

_PROMILLE = 1000


@dataclass(frozen=True, slots=True)
class Judged:
    """What is said of a series in a few words. ``kind`` is ``good``, ``warn``, ``bad`` or ``unknown``."""

    kind: str
    text: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the table."""

    series: SeriesRow
    source: str
    size: str
    completeness: Judged
    freshness: Judged
    last_job: LastJob | None
    flags: int


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of the catalogue; ``size`` is about how many bytes all that matches takes, in words."""

    query: CatalogueQuery
    lines: list[Line]
    totals: Totals
    size: str
    pages: int

    @property
    def is_filtered(self) -> bool:
        """Whether only some series are wanted."""
        return bool(self.query.filter_params())


def listing(query: CatalogueQuery) -> Listing:
    """Return a page of the catalogue."""
    wanted = query.filter()
    with reading() as connection:
        entries = queries_catalogue.page(
            connection,
            wanted,
            Sorting(query.sort),
            descending=query.order == "desc",
            limit=query.size,
            offset=(query.page - 1) * query.size,
        )
        totals = queries_catalogue.totals(connection, wanted)
    pages = max(1, -(-totals.series // query.size))
    return Listing(query, [line(entry) for entry in entries], totals, file_size(totals.size), pages)


def line(entry: Entry) -> Line:
    """Return the line of a series."""
    return Line(
        series=entry.series,
        source=choices.label(entry.series.source),
        size=file_size(entry.size),
        completeness=_completeness(entry),
        freshness=_freshness(entry),
        last_job=entry.last_job,
        flags=entry.flags,
    )


def _unknown(entry: Entry) -> Judged:
    if entry.figures is None:
        return Judged("unknown", "–", gettext("being counted"))
    return Judged("unknown", "–", gettext("The exchange’s calendar could not be read. The log says why."))


def _completeness(entry: Entry) -> Judged:
    known = entry.figures
    if known is None or known.completeness is None or known.missing is None:
        return _unknown(entry)
    if not known.missing:
        return Judged("good", gettext("complete"))
    share = min(_PROMILLE - 1, math.floor(known.completeness * _PROMILLE)) / _PROMILLE
    lacking = gettext("Missing: %(count)s", count=count_sessions(known.missing, entry.series.interval))
    return Judged("warn", format_percent(share, locale=language(), decimal_quantization=False), lacking)


def _freshness(entry: Entry) -> Judged:
    known, interval = entry.figures, entry.series.interval
    if known is None or known.sessions is None:
        return _unknown(entry)
    if not known.closings:
        return Judged("unknown", "–", gettext("No further session is expected."))
    behind = sessions_behind(known.closings, context().now().timestamp())
    if not behind:
        return Judged("good", gettext("up to date"))
    if behind > MOST_BEHIND:
        return Judged("bad", gettext("more than %(count)s behind", count=count_sessions(MOST_BEHIND, interval)))
    return Judged("warn" if behind == 1 else "bad", gettext("%(count)s behind", count=count_sessions(behind, interval)))
