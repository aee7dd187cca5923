"""Daily series of one instrument from two sources beside each other."""

import math
from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.errors import InvalidRequestError, sentence
from webapp.reviewing import comparisons
from webapp.reviewing.comparisons import Compared
from webapp.reviewing.rules_comparisons import TOLERANCE, Disagreement
from webapp.series.existing import require_series
from webapp.series.queries_alike_series import AlikeSeries
from webapp.series.queries_series import SeriesRow
from webapp.sources import choices
from webapp.web.comparisons.drawing import RatioDrawing, draw
from webapp.web.comparisons.wording import Names, basis, difference, names, share, summary
from webapp.web.formats import decimals_of
from webapp.web.pages import render_page, whole_number
from webapp.web.url_queries import UrlQuery, number, parameter

blueprint = Blueprint("comparisons", __name__)
_ID = "<int(max=2147483647):series_id>"
_PAIR = "<int(max=2147483647):first_id>/<int(max=2147483647):second_id>"
PAGE_SIZE = 25
TOLERANCES = ("0.01", "0.1", "0.5", "1", "5")
"""In percent, as the URL has them."""
_DAYS_SHOWN = 60
_MOST_CHOICES = 500
_MOST_LOOKED_AT = 3
_LONGEST = 12


@dataclass(frozen=True, slots=True)
class PairQuery(UrlQuery):
    """The ids of the series to compare; 0 where none is chosen yet."""

    first: int = parameter(0, number(0, 2**31 - 1))
    second: int = parameter(0, number(0, 2**31 - 1))


@dataclass(frozen=True, slots=True)
class MissingDays:
    """The days that one series alone has: the newest ones, and how many more."""

    name: str
    days: tuple[int, ...]
    total: int
    more: int


@dataclass(frozen=True, slots=True)
class DisagreementLine:
    """A day on which closes disagree, with the difference in percent as text."""

    disagreement: Disagreement
    difference: str


@dataclass(frozen=True, slots=True)
class ComparisonView:
    """What the page of a comparison shows.

    ``tolerance`` is percent as the URL has it, ``decimals`` those of the prices of either series.
    """

    compared: Compared
    names: Names
    summary: list[str]
    basis: str
    agrees: bool
    drawing: RatioDrawing | None
    lines: list[DisagreementLine]
    decimals: tuple[int, int]
    page: int
    pages: int
    missing: list[MissingDays]
    tolerance: str
    tolerances: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Counterpart:
    """A series of another source, and what the comparison with it says; empty where it was not looked at."""

    series: AlikeSeries
    label: str
    agrees: bool
    summary: list[str]


@dataclass(frozen=True, slots=True)
class PairLine:
    """Two series of one instrument."""

    first: AlikeSeries
    second: AlikeSeries


@blueprint.get("/comparisons")
def index() -> ResponseReturnValue:
    """List the instruments that two sources have, and let a person choose any two daily series."""
    query = PairQuery.parse()
    if query.first and query.second:
        return redirect(url_for(".show", first_id=query.first, second_id=query.second), 303)
    candidates = comparisons.candidates()
    pairs = [PairLine(first, second) for first, second in comparisons.pairs(candidates)]
    return render_page(
        "comparisons/index.html",
        pairs=pairs,
        choices=candidates[:_MOST_CHOICES],
        source_label=choices.label,
        form=query.form,
    )


@blueprint.get(f"/comparisons/{_PAIR}")
def show(first_id: int, second_id: int) -> str:
    """Show what two daily series say about each other; ``tolerance`` (percent) and ``page`` stand in the URL."""
    return render_page("comparisons/show.html", view=_view(first_id, second_id), source_label=choices.label)


@blueprint.get(f"/ui/series/{_ID}/comparisons")
def panel(series_id: int) -> str:
    """Return the series of other sources that are of the same instrument, as a fragment of a series' page."""
    row = require_series(series_id)
    counterparts = comparisons.counterparts(row)
    shown = [
        _counterpart(row, counterpart, is_looked_at=place < _MOST_LOOKED_AT)
        for place, counterpart in enumerate(counterparts)
    ]
    return render_template("comparisons/_panel.html", series=row, counterparts=shown, words_of=choices.label)


def _view(first_id: int, second_id: int) -> ComparisonView:
    text, tolerance = _tolerance()
    compared = comparisons.compare(first_id, second_id, tolerance)
    comparison, labels = compared.result, names(compared.first, compared.second)
    pages = max(1, -(-len(comparison.disagreements) // PAGE_SIZE))
    page = min(whole_number("page", 1, most=100_000), pages)
    shown = comparison.disagreements[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    missing = ((labels.first, comparison.only_first), (labels.second, comparison.only_second))
    return ComparisonView(
        compared=compared,
        names=labels,
        summary=summary(compared),
        basis=basis(compared),
        agrees=_agrees(compared),
        drawing=draw(comparison, tolerance),
        lines=[DisagreementLine(day, difference(day.rest)) for day in shown],
        decimals=(
            decimals_of((day.first for day in shown), compared.first.facts.price_decimals),
            decimals_of((day.second for day in shown), compared.second.facts.price_decimals),
        ),
        page=page,
        pages=pages,
        missing=[
            MissingDays(name, days[:_DAYS_SHOWN], len(days), max(0, len(days) - _DAYS_SHOWN))
            for name, days in missing
            if days
        ],
        tolerance=text,
        tolerances=[(percents, share(float(percents) / 100)) for percents in dict.fromkeys((*TOLERANCES, text))],
    )


def _agrees(compared: Compared) -> bool:
    comparison = compared.result
    return comparison.both > 0 and not (comparison.factors or comparison.disagreements or comparison.unpriced)


def _counterpart(row: SeriesRow, counterpart: AlikeSeries, *, is_looked_at: bool) -> Counterpart:
    if not is_looked_at:
        return Counterpart(counterpart, choices.label(counterpart.source), agrees=False, summary=[])
    compared = comparisons.compare(row.id, counterpart.id)
    return Counterpart(counterpart, choices.label(counterpart.source), _agrees(compared), summary(compared))


def _tolerance() -> tuple[str, float]:
    """Return the tolerance as the URL has it (percent), and as a part of one.

    :raises InvalidRequestError: with the field ``tolerance``, for what is no such number.
    """
    text = request.args.get("tolerance", "").strip().replace(",", ".")[:_LONGEST]
    if not text:
        return f"{TOLERANCE * 100:g}", TOLERANCE
    try:
        value = float(text) / 100
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        message = sentence("“%(text)s” is not a tolerance. Give percents, for example 0.1.", text=text)
        raise InvalidRequestError({"tolerance": message})
    return text, value
