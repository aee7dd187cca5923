"""Parsing what a person asks of an export, as a form, a link or a command says it."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import TypeVar

from webapp.errors import InvalidRequestError, Sentence, sentence
from webapp.exporting.counts import rows_of
from webapp.exporting.rules_exports import EXCHANGE, FORMATS, MOST_SERIES, UTC, ExportRequest
from webapp.exporting.zones import zone_named
from webapp.kernel.intervals import Interval
from webapp.reading import adjusting
from webapp.reading.derived_bars import larger_intervals
from webapp.series.queries_series import SeriesRow

NAMED_ZONE = "other"
"""In the field ``zone``: the field ``zone_name`` says which."""
_TRUE = ("true", "y", "on", "1")
"""What a box that is ticked sends, and how a link or a command says yes."""
_DIGITS = 9
_DATE_LENGTH = 10
_NOT_A_DATE = sentence("This is not a date. Write it as year-month-day, for example 2024-03-01.")
_Value = TypeVar("_Value")


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


def parse_export_request(values: Mapping[str, str]) -> ExportRequest:
    """Return what the fields ``series format adjust start end zone zone_name interval complete_only`` ask for.

    Fields that are missing or empty have their usual value.

    :raises InvalidRequestError: with a sentence for each field that is wrong.
    :raises NotFoundError: when a series is not there.
    """
    reader = _Reader(values)
    ids = reader.read("series", parse_series_ids)
    request = ExportRequest(
        series_ids=ids or (),
        fmt=reader.read("format", _format) or FORMATS[0],
        adjust=reader.read("adjust", _adjustment) or "splits",
        first_day=reader.read("start", _date),
        last_day=reader.read("end", _date),
        zone=reader.read("zone", lambda text: _zone(text, values.get("zone_name", ""))) or UTC,
        step=values.get("interval") or None,
        complete_only=values.get("complete_only", "").lower() in _TRUE,
    )
    if request.first_day and request.last_day and request.last_day < request.first_day:
        reader.problems["end"] = sentence("The last day lies before the first. Exchange the two.")
    if request.step and ids:
        reader.read("interval", lambda text: _step(text, rows_of(request)))
    if reader.problems:
        raise InvalidRequestError(reader.problems)
    return request


class _Reader:
    """Reads fields and collects what is wrong with them."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values
        self.problems: dict[str, Sentence] = {}

    def read(self, name: str, convert: Callable[[str], _Value]) -> _Value | None:
        """Return a field's value; None when it is empty or wrong."""
        text = self._values.get(name, "").strip()
        if not text and name != "series":
            return None
        try:
            return convert(text)
        except InvalidRequestError as err:
            self.problems[name] = err.message
            return None


def _format(text: str) -> str:
    if text not in FORMATS:
        raise InvalidRequestError({"format": sentence("Choose a format from the list.")})
    return text


def _adjustment(text: str) -> str:
    return adjusting.parse_adjust(text).value


def _date(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text if len(text) == _DATE_LENGTH else "")
    except ValueError as err:
        raise InvalidRequestError({"date": _NOT_A_DATE}) from err


def _zone(text: str, name: str) -> str:
    if text == EXCHANGE:
        return text
    return zone_named(name.strip() if text == NAMED_ZONE else text).key


def possible_steps(rows: list[SeriesRow]) -> list[Interval]:
    """Return the larger intervals that the bars of all these series can be merged into, ascending."""
    if not rows:
        return []
    common = set.intersection(*({row.interval, *larger_intervals(row)} for row in rows))
    stored = {row.interval for row in rows}
    return [step for step in Interval if step in common and stored != {step}]


def _step(text: str, rows: list[SeriesRow]) -> str:
    possible = possible_steps(rows)
    if text not in possible:
        message = sentence("The bars of these series cannot be merged into this interval. Choose one from the list.")
        raise InvalidRequestError({"interval": message})
    return text
