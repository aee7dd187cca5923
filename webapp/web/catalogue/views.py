"""The lines of the catalogue, as its table shows them."""

import math
from dataclasses import dataclass

from babel.numbers import format_percent
from flask_babel import gettext, ngettext

from webapp.catalogue import queries_catalogue
from webapp.catalogue.queries_catalogue import Entry, LastJob, Sorting, Totals
from webapp.context import context
from webapp.coverage.completeness import MOST_BEHIND
from webapp.coverage.rules_freshness import sessions_behind
from webapp.database.transactions import reading
from webapp.errors import Sentence
from webapp.scheduling.promises import LateSeries, find_late
from webapp.series.queries_series import SeriesRow
from webapp.sources import choices
from webapp.watchlists.expansion import read_filter
from webapp.web.catalogue.query import CatalogueQuery
from webapp.web.file_sizes import file_size
from webapp.web.formats import count_sessions, language, moment, number

_PROMILLE = 1000


@dataclass(frozen=True, slots=True)
class StatusLabel:
    """What is said of a series in a few words. ``kind`` is ``good``, ``warn``, ``bad`` or ``unknown``."""

    kind: str
    text: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class SeriesLine:
    """A line of the table."""

    series: SeriesRow
    source: str
    size: str
    completeness: StatusLabel
    freshness: StatusLabel
    last_job: LastJob | None
    flags: int
    late: StatusLabel | None = None
    """Said when a schedule promises more than is there."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of the catalogue; ``size`` is about how many bytes all that matches takes, in words."""

    query: CatalogueQuery
    lines: list[SeriesLine]
    totals: Totals
    size: str
    pages: int
    problem: Sentence | None = None
    """That there is no list of the name that is searched for."""

    @property
    def is_filtered(self) -> bool:
        """Whether only some series are wanted."""
        return bool(self.query.filter_params())


def listing(query: CatalogueQuery) -> Listing:
    """Return a page of the catalogue."""
    series_filter = query.filter()
    with reading() as connection:
        entries = queries_catalogue.page(
            connection,
            series_filter,
            Sorting(query.sort),
            descending=query.order == "desc",
            limit=query.size,
            offset=(query.page - 1) * query.size,
        )
        totals = queries_catalogue.totals(connection, series_filter)
    pages = max(1, -(-totals.series // query.size))
    late = find_late(context(), [entry.series for entry in entries])
    lines = [line(entry, late.get(entry.series.id)) for entry in entries]
    problem = None if totals.series else read_filter(query.q).problem
    return Listing(query, lines, totals, file_size(totals.size), pages, problem)


def line(entry: Entry, late: LateSeries | None = None) -> SeriesLine:
    """Return the line of a series."""
    return SeriesLine(
        series=entry.series,
        source=choices.label(entry.series.source),
        size=file_size(entry.size),
        completeness=_completeness(entry),
        freshness=_freshness(entry),
        last_job=entry.last_job,
        flags=entry.flags,
        late=None if late is None else _late(late),
    )


def _late(late: LateSeries) -> StatusLabel:
    return StatusLabel("bad", gettext("late"), gettext("Late since %(time)s", time=moment(late.since)))


def _unknown(entry: Entry) -> StatusLabel:
    if entry.figures is None:
        return StatusLabel("unknown", "–", gettext("being counted"))
    return StatusLabel("unknown", "–", gettext("The exchange’s calendar could not be read. The log says why."))


def _completeness(entry: Entry) -> StatusLabel:
    figures = entry.figures
    if figures is None or figures.completeness is None or figures.missing is None:
        return _unknown(entry)
    if not figures.missing:
        return StatusLabel("good", _complete(figures.confirmed or 0))
    share = min(_PROMILLE - 1, math.floor(figures.completeness * _PROMILLE)) / _PROMILLE
    lacking = gettext("Missing: %(count)s", count=count_sessions(figures.missing, entry.series.interval))
    return StatusLabel("warn", format_percent(share, locale=language(), decimal_quantization=False), lacking)


def _complete(confirmed: int) -> str:
    if not confirmed:
        return str(gettext("complete"))
    text = ngettext(
        "complete, %(count)s confirmed empty", "complete, %(count)s confirmed empty", confirmed, count=number(confirmed)
    )
    return str(text)


def _freshness(entry: Entry) -> StatusLabel:
    figures, interval = entry.figures, entry.series.interval
    if figures is None or figures.sessions is None:
        return _unknown(entry)
    if not figures.closings:
        return StatusLabel("unknown", "–", gettext("No further session is expected."))
    behind = sessions_behind(figures.closings, context().now().timestamp())
    if not behind:
        return StatusLabel("good", gettext("up to date"))
    if behind > MOST_BEHIND:
        return StatusLabel("bad", gettext("more than %(count)s behind", count=count_sessions(MOST_BEHIND, interval)))
    return StatusLabel(
        "warn" if behind == 1 else "bad", gettext("%(count)s behind", count=count_sessions(behind, interval))
    )
