"""Parsing what a person asks of an export, as a form, a link or a command says it."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from webapp.errors import InvalidRequestError, sentence
from webapp.exporting.counts import rows_of
from webapp.exporting.export_fields import EXPORT_FIELDS
from webapp.exporting.rules_exports import EXCHANGE, FORMATS, MOST_SERIES, UTC, ExportRequest
from webapp.exporting.zones import zone_named
from webapp.kernel.days import require_order
from webapp.kernel.intervals import Interval
from webapp.kernel.request_fields import (
    FieldProblems,
    parse_choice,
    parse_day,
    parse_flag,
    parse_interval_field,
    parse_text,
)
from webapp.reading.derived_bars import larger_intervals
from webapp.reading.rules_adjustment import Adjust
from webapp.series.queries_series import SeriesRow

NAMED_ZONE = "other"
"""In the field ``zone``: the field ``zone_name`` says which."""
_DIGITS = 9


def parse_series_ids(text: str) -> tuple[int, ...]:
    """Return the ids in a text like ``3,1,2``, each once.

    :raises InvalidRequestError: with the field ``series`` when there are none, too many, or something else.
    """
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not all(part.isascii() and part.isdigit() and len(part) <= _DIGITS for part in parts):
        raise InvalidRequestError({"series": sentence("The link does not say which series. Choose them anew.")})
    ids = tuple(dict.fromkeys(int(part) for part in parts))
    if not ids:
        raise InvalidRequestError({"series": sentence("Choose at least one series.")})
    if len(ids) > MOST_SERIES:
        message = sentence("At most %(most)d series fit into one export. Choose fewer.", most=MOST_SERIES)
        raise InvalidRequestError({"series": message})
    return ids


@dataclass(frozen=True, slots=True)
class BarsFields:
    """Which bars, and how they are written, by the names of ``EXPORT_FIELDS``; ``interval`` is None where not said."""

    fmt: str
    adjust: str
    start: dt.date | None
    end: dt.date | None
    zone: str
    interval: Interval | None
    complete_only: bool

    def of(self, series_ids: tuple[int, ...]) -> ExportRequest:
        """Return the request for these bars of some series."""
        return ExportRequest(
            series_ids=series_ids,
            fmt=self.fmt,
            adjust=self.adjust,
            start=self.start,
            end=self.end,
            zone=self.zone,
            step=self.interval.value if self.interval else None,
            complete_only=self.complete_only,
        )


def read_bars_fields(values: Mapping[str, object], problems: FieldProblems) -> BarsFields:
    """Return what values by the names of ``EXPORT_FIELDS`` say; what was not said has its usual value.

    What is wrong goes to ``problems``; where there are any, there are stand-ins for what could not be read.
    """
    read, fields = problems.read, EXPORT_FIELDS
    start = read(lambda: parse_day(fields["start"], values.get("start")))
    end = read(lambda: parse_day(fields["end"], values.get("end")))
    zone = read(lambda: parse_text(fields["zone"], values.get("zone")))
    zone_name = read(lambda: parse_text(fields["zone_name"], values.get("zone_name")))
    read(lambda: require_order(start, end))
    return BarsFields(
        fmt=read(lambda: parse_choice(fields["format"], values.get("format"))) or FORMATS[0],
        adjust=read(lambda: parse_choice(fields["adjust"], values.get("adjust"))) or Adjust.SPLITS.value,
        start=start,
        end=end,
        zone=read(lambda: _zone(zone or "", zone_name or "")) or UTC,
        interval=read(lambda: parse_interval_field(fields["interval"], values.get("interval"))),
        complete_only=bool(read(lambda: parse_flag(fields["complete_only"], values.get("complete_only")))),
    )


def parse_export_request(values: Mapping[str, object]) -> ExportRequest:
    """Return what the fields ``series`` (ids with commas) and those of ``EXPORT_FIELDS`` ask for.

    Fields that are missing or empty have their usual value.

    :raises InvalidRequestError: with a sentence for each field that is wrong.
    :raises NotFoundError: when a series is not there.
    """
    problems = FieldProblems()
    ids = problems.read(lambda: parse_series_ids(str(values.get("series") or ""))) or ()
    fields = read_bars_fields(values, problems)
    request = fields.of(ids)
    if fields.interval and ids:
        problems.read(lambda: _require_step(fields.interval, rows_of(request)))
    problems.check()
    return request


def _zone(text: str, name: str) -> str:
    if not text or text == EXCHANGE:
        return text
    return zone_named(name if text == NAMED_ZONE else text).key


def possible_steps(rows: list[SeriesRow]) -> list[Interval]:
    """Return the larger intervals that the bars of all these series can be merged into, ascending."""
    if not rows:
        return []
    common = set.intersection(*({row.interval, *larger_intervals(row)} for row in rows))
    stored = {row.interval for row in rows}
    return [step for step in Interval if step in common and stored != {step}]


def _require_step(step: Interval | None, rows: list[SeriesRow]) -> None:
    if step not in possible_steps(rows) and {row.interval for row in rows} != {step}:
        message = sentence("The bars of these series cannot be merged into this interval. Choose one from the list.")
        raise InvalidRequestError({"interval": message})
