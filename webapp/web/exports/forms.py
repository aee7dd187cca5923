"""The form that asks for an export: what was typed, what can be chosen, and what it would give."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import request, url_for
from wtforms import StringField

from webapp.errors import InvalidRequestError, Sentence
from webapp.exporting.counts import rows_of
from webapp.exporting.export_fields import EXPORT_FIELDS
from webapp.exporting.preview import Preview, preview
from webapp.exporting.requests import NAMED_ZONE, parse_export_request, parse_series_ids, possible_steps
from webapp.exporting.rules_exports import EXCHANGE, FORMATS, UTC, ExportRequest
from webapp.kernel.intervals import Interval
from webapp.series.queries_series import SeriesRow
from webapp.web.exports.wording import FORMAT_NAMES, PLACES
from webapp.web.file_sizes import file_size
from webapp.web.forms import RequestForm, described_by

FIELDS = tuple(EXPORT_FIELDS)
_ZONES = (
    *("Europe/Paris", "Europe/London", "Europe/Berlin", "Europe/Zurich", "America/New_York", "America/Chicago"),
    *("America/Los_Angeles", "America/Toronto", "America/Sao_Paulo", "Asia/Tokyo", "Asia/Hong_Kong", "Asia/Shanghai"),
    *("Asia/Singapore", "Asia/Kolkata", "Australia/Sydney"),
)


@described_by(EXPORT_FIELDS.values(), is_cut=True)
class ExportFields(RequestForm):
    """What is typed; ``series`` are the ids of the series, as the form carries them."""

    series = StringField()


@dataclass(frozen=True, slots=True)
class ExportForm:
    """All that the form shows. ``preview`` is None while it has not been counted, or when the ``fields`` have problems.

    ``exchange_zone`` is the exchanges' time zone when the series have one in common, and empty otherwise.
    """

    rows: list[SeriesRow]
    fields: ExportFields
    steps: list[Interval]
    preview: Preview | None

    @property
    def ids(self) -> str:
        """The ids of the series, as the form carries them."""
        return ",".join(str(row.id) for row in self.rows)

    @property
    def has_zone(self) -> bool:
        """Whether the file has instants, which a time zone shows, and not dates alone."""
        return any(not row.interval.is_dated for row in self.rows)

    @property
    def exchange_zone(self) -> str:
        """The exchanges' common time zone."""
        zones = {row.facts.timezone or UTC for row in self.rows if not row.interval.is_dated}
        return zones.pop() if len(zones) == 1 else ""

    @property
    def size(self) -> str:
        """About how large the file is, in words; empty while nobody knows."""
        size = self.preview.size if self.preview else None
        return "" if size is None else file_size(size)

    @property
    def formats(self) -> Mapping[str, str]:
        """The formats with their names."""
        return {fmt: FORMAT_NAMES[fmt] for fmt in FORMATS}

    @property
    def zones(self) -> Mapping[str, Sentence]:
        """The kinds of time zones with their names."""
        return {value: PLACES[value] for value in (UTC, EXCHANGE, NAMED_ZONE)}

    @property
    def zone_names(self) -> tuple[str, ...]:
        """Time zones to choose from; others may be typed."""
        return _ZONES

    @property
    def strays(self) -> list[Sentence]:
        """What is wrong with what the form does not show."""
        shown = {"format", "adjust", "start", "end"} | ({"zone"} if self.has_zone else set())
        shown |= {"interval"} if self.steps else set()
        return self.fields.problems_beside(shown)


def empty_form(ids: tuple[int, ...]) -> ExportForm:
    """Return the form as it is before anything was chosen, but for what a link says.

    :raises NotFoundError: when a series is not there.
    """
    return _form(rows_of(ExportRequest(ids)), ExportFields(request.args))


def filled_form(problems: Mapping[str, Sentence] | None = None) -> ExportForm:
    """Return the form as it was sent, with what is wrong, or else with what it would give.

    :param problems: what is wrong, when that is known already.
    :raises NotFoundError: when a series is not there.
    :raises InvalidRequestError: when it does not say which series.
    """
    fields = ExportFields(request.form)
    rows = rows_of(ExportRequest(parse_series_ids(fields.texts["series"])))
    try:
        counted = None if problems else preview(sent_request())
    except InvalidRequestError as err:
        counted, problems = None, err.fields
    fields.refuse(problems or {})
    return _form(rows, fields, counted)


def sent_request() -> ExportRequest:
    """Return what the sent form asks for.

    :raises InvalidRequestError: with a sentence for each field that is wrong.
    """
    return parse_export_request(ExportFields(request.form).texts)


def download_url(export: ExportRequest) -> str:
    """Return the address that streams a file."""
    usual = ExportRequest(export.series_ids, export.fmt).to_json()
    chosen = {name: value for name, value in export.to_json().items() if value != usual[name]}
    if export.is_archive:
        ids = ",".join(str(series_id) for series_id in export.series_ids)
        return url_for("exports.archive", ids=ids, format=export.fmt, **chosen)
    return url_for("exports.series_file", series_id=export.series_ids[0], fmt=export.fmt, **chosen)


def _form(rows: list[SeriesRow], fields: ExportFields, counted: Preview | None = None) -> ExportForm:
    return ExportForm(rows, fields, possible_steps(rows), counted)
