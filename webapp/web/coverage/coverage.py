"""What a series should have by its exchange's calendar: a heatmap, its gaps, and filling them with one click."""

from dataclasses import dataclass

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from wtforms import IntegerField, StringField
from wtforms.validators import InputRequired

from webapp.collecting.doubts import confirm
from webapp.collecting.missing import fill_gaps
from webapp.context import context
from webapp.coverage import calendars, gaps
from webapp.coverage.calendar_files import CalendarError
from webapp.coverage.gaps import CoverageReport
from webapp.coverage.rules_exchanges import CALENDARS, calendar_of
from webapp.errors import Sentence, sentence
from webapp.kernel.spans import EVER, Span
from webapp.series.existing import require_series
from webapp.series.queries_series import SeriesRow
from webapp.web.catalogue.picking import picked_series
from webapp.web.coverage.corrections import corrected_days
from webapp.web.coverage.drawing import STATES, YEARS_A_PAGE, CalendarDrawing, GapLine, draw, gap_lines
from webapp.web.formats import count_sessions, number, say
from webapp.web.forms import RequestForm
from webapp.web.htmx import go_to
from webapp.web.pages import render_page, whole_number
from webapp.web.toasts import Toast, show_on_next_page

blueprint = Blueprint("coverage", __name__)
_ID = "<int(max=2147483647):series_id>"
_GAPS_SHOWN = 20
_MOST_SERIES = 50


class CalendarForm(RequestForm):
    """The calendar that an instrument is to follow; empty for that of its exchange."""

    calendar = StringField()


class SpanForm(RequestForm):
    """A span that a list of gaps names: epoch seconds, the end exclusive."""

    start = IntegerField(validators=[InputRequired()])
    end = IntegerField(validators=[InputRequired()])

    @property
    def span(self) -> Span:
        """The span, of a form that is valid."""
        return Span(self.start.data, self.end.data).intersection(EVER)


@dataclass(frozen=True, slots=True)
class CoverageView:
    """What the heatmap's section shows; ``newer`` and ``older`` are years to page to, None where there are none."""

    drawings: list[CalendarDrawing]
    gaps: list[GapLine]
    more_gaps: int
    fillable: int
    doubted: int
    missing: str
    refusals: list[Sentence]
    guessed_from: int | None
    """The first date (00:00 UTC) for which no holidays are known, when that much was asked for."""
    newer: int | None
    older: int | None


@blueprint.get(f"/series/{_ID}/coverage")
def show(series_id: int) -> str:
    """Show the heatmap and the gaps of a series on a page of their own."""
    row = require_series(series_id)
    return render_page("coverage/show.html", series=row, **_values(row))


@blueprint.get(f"/ui/series/{_ID}/coverage")
def panel(series_id: int) -> str:
    """Return the same as a fragment, which the page of the series asks for once it is shown."""
    row = require_series(series_id)
    return render_template("coverage/_panel.html", series=row, **_values(row))


@blueprint.post(f"/series/{_ID}/fillings")
def fillings(series_id: int) -> ResponseReturnValue:
    """Submit jobs for the gaps of a series, and go to the one, or to the history."""
    ids = fill_gaps.fill(context(), require_series(series_id))
    show_on_next_page(_toast_for(len(ids), 1, []))
    if not ids:
        return go_to(url_for("coverage.show", series_id=series_id))
    return go_to(url_for("jobs.show", job_id=ids[0]) if len(ids) == 1 else url_for("jobs.index"))


@blueprint.post(f"/series/{_ID}/looks")
def looks(series_id: int) -> ResponseReturnValue:
    """Ask again for what is doubted, and go to the job, or to the history."""
    ids = fill_gaps.look_again(context(), require_series(series_id))
    show_on_next_page(_toast_for(len(ids), 1, []))
    if not ids:
        return go_to(url_for("coverage.show", series_id=series_id))
    return go_to(url_for("jobs.show", job_id=ids[0]) if len(ids) == 1 else url_for("jobs.index"))


@blueprint.post(f"/series/{_ID}/confirmations")
def confirmations(series_id: int) -> ResponseReturnValue:
    """Believe what the source answered of a doubted span, at the person's word."""
    form = SpanForm(request.form)
    has_doubts = form.validate() and confirm(context(), require_series(series_id), form.span)
    text = gettext("Noted: nothing is there.") if has_doubts else gettext("Nothing of that is in doubt.")
    show_on_next_page(Toast("success" if has_doubts else "warning", text, []))
    return go_to(url_for("coverage.show", series_id=series_id))


@blueprint.post("/series/fillings")
def selected_fillings() -> ResponseReturnValue:
    """Submit jobs for the gaps of the series picked in the table, and go to the history."""
    message = sentence("The gaps of at most %(most)d series can be filled at once.", most=_MOST_SERIES)
    rows = [require_series(series_id) for series_id in picked_series(_MOST_SERIES, message)]
    ids: list[int] = []
    problems: set[str] = set()
    for row in rows:
        try:
            ids += fill_gaps.fill(context(), row)
        except CalendarError as err:
            problems.add(say(err.message))
    show_on_next_page(_toast_for(len(ids), len(rows), sorted(problems)))
    return go_to(url_for("jobs.index") if ids else url_for("series.index"))


@blueprint.post(f"/series/{_ID}/calendar")
def calendar(series_id: int) -> ResponseReturnValue:
    """Let the instrument of a series follow another calendar, or that of its exchange again."""
    row = require_series(series_id)
    calendars.choose(row.instrument_id, CalendarForm(request.form).texts["calendar"])
    return go_to(url_for("coverage.show", series_id=series_id))


def _values(row: SeriesRow) -> dict[str, object]:
    """Return what the templates need; a calendar that cannot be made leaves the choice of another one."""
    own = calendars.calendar(row.instrument_id, row.facts)
    values: dict[str, object] = {
        "state_names": STATES,
        "calendars": CALENDARS,
        "chosen": own.code if own.is_chosen else "",
        "usual": calendar_of(row.facts),
        "corrected": corrected_days(own),
    }
    try:
        return values | {"view": _view(gaps.report(context(), row)), "problem": None}
    except CalendarError as err:
        return values | {"view": None, "problem": err.message}


def _view(report: CoverageReport) -> CoverageView:
    years = report.years
    last = min(whole_number("until", 9999, most=9999), years[-1]) if years else 0
    count = YEARS_A_PAGE[report.row.interval.is_dated]
    shown = [year for year in range(last, last - count, -1) if year in years]
    lines = gap_lines(report)
    return CoverageView(
        drawings=[draw(report, year) for year in shown],
        gaps=lines[:_GAPS_SHOWN],
        more_gaps=max(0, len(lines) - _GAPS_SHOWN),
        fillable=len(report.fillable),
        doubted=len(report.doubted),
        missing=count_sessions(sum(line.found_gap.gap.sessions for line in lines), report.row.interval),
        refusals=list({str(gap.refusal): gap.refusal for gap in report.gaps if gap.refusal}.values()),
        guessed_from=_guessed_from(report),
        newer=min(last + count, years[-1]) if shown and last < years[-1] else None,
        older=last - count if shown and shown[-1] > years[0] else None,
    )


def _guessed_from(report: CoverageReport) -> int | None:
    until = report.calendar.known_until
    return until if until is not None and report.coverage.frame.end > until else None


def _toast_for(jobs: int, series: int, problems: list[str]) -> Toast:
    if not jobs:
        text = ngettext("There is no gap to fill.", "There are no gaps to fill.", series)
        return Toast("warning", text, problems)
    text = ngettext(
        "%(count)s collection fills the gaps.", "%(count)s collections fill the gaps.", jobs, count=number(jobs)
    )
    return Toast("warning" if problems else "success", text, problems)
