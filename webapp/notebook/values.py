"""What a notebook gives, values of NumPy and pandas among them, read as every other entrance reads it."""

import datetime as dt
from collections.abc import Iterable, Mapping
from numbers import Real

import numpy as np
import pandas as pd

from webapp.collecting.verbs import LONGEST_REASON, JobCommand, Verb
from webapp.errors import InvalidRequestError, sentence
from webapp.exporting.requests import BarsFields, read_bars_fields
from webapp.kernel.job_states import Priority
from webapp.kernel.request_fields import FieldProblems, RequestField, describe_type, parse_text, parse_whole
from webapp.reading.lookup import find_series
from webapp.reading.series_names import SeriesFields, read_series_fields
from webapp.series.queries_series import SeriesRow

_SEARCH = RequestField("search")
_REASON = RequestField("reason", longest=10 * LONGEST_REASON)
_DATES = frozenset("YMWD")


def plain(value: object) -> object:
    """Return a value of NumPy or pandas as Python's own: numbers, times, lists; any other as it is.

    A ``datetime64`` of days is a date; one of years, months or weeks is no date, and stays what it is. An index or a
    column is a list of its values. Nanoseconds are left out.
    """
    if isinstance(value, np.datetime64):
        return _plain_time(value)
    if isinstance(value, pd.Timestamp):
        return value if value is pd.NaT else value.floor("us").to_pydatetime(warn=False)
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray | pd.Series | pd.Index | pd.api.extensions.ExtensionArray):
        return [plain(item) for item in np.asarray(value, object).ravel()] if value.ndim == 1 else value
    return value


def _plain_time(value: np.datetime64) -> object:
    if np.isnat(value):
        return pd.NaT
    unit, _ = np.datetime_data(value.dtype)
    if unit in _DATES:
        return value.item() if unit == "D" else value
    return pd.Timestamp(value).floor("us").to_pydatetime(warn=False)


def plain_values(values: Mapping[str, object]) -> dict[str, object]:
    """Return values by their names, each as ``plain`` does, and those of options, too."""
    return {
        name: {option: plain(item) for option, item in value.items()} if isinstance(value, dict) else plain(value)
        for name, value in values.items()
    }


def parse_bars(
    chosen: Mapping[str, object], symbol: object, source: object, interval: object, options: object
) -> tuple[BarsFields, SeriesFields]:
    """Return which bars are meant (``EXPORT_FIELDS``), and of which series (``SERIES_FIELDS`` and ``options``).

    :raises InvalidRequestError: with a sentence for each argument that is wrong.
    """
    problems = FieldProblems()
    bars = read_bars_fields(plain_values(chosen), problems)
    series = {"symbol": symbol, "source": source, "interval": interval, "options": options}
    name = read_series_fields(plain_values(series), problems)
    problems.check()
    return bars, name


def parse_series(symbol: object, source: object, interval: object, options: object) -> SeriesFields:
    """Return which series is meant.

    :raises InvalidRequestError: with a sentence for each argument that is wrong.
    """
    return parse_bars({}, symbol, source, interval, options)[1]


def find_named(symbol: object, source: object, interval: object, options: object) -> SeriesRow:
    """Return the series that is meant.

    :raises InvalidRequestError: see ``parse_series``.
    :raises NotFoundError: see ``find_series``.
    """
    name = parse_series(symbol, source, interval, options)
    return find_series(name.symbol, name.source, name.interval, name.options)


def parse_search(value: object) -> str:
    """Return a part of a symbol or name.

    :raises InvalidRequestError: for what is no text.
    """
    return parse_text(_SEARCH, plain(value)) or ""


def command_of(verb: Verb, reason: object, priority: Priority = Priority.NORMAL) -> JobCommand:
    """Return what is asked of jobs.

    :raises InvalidRequestError: when the reason is no text, or too long.
    """
    return JobCommand(verb, "python", parse_text(_REASON, plain(reason)) or "", priority)


def parse_ids(name: str, value: object) -> list[int]:
    """Return ids: of a single one, or of several.

    :raises InvalidRequestError: with the name, for anything else.
    """
    is_several = isinstance(value, Iterable) and not isinstance(value, str | bytes | Mapping)
    if isinstance(value, Iterable) and is_several:
        return [parse_whole(name, plain(item)) for item in value]
    return [parse_whole(name, value)]


def parse_seconds(name: str, value: object) -> float:
    """Return a number of seconds, none of them negative.

    :raises InvalidRequestError: with the name, for anything else.
    """
    seconds = float(value) if isinstance(value, Real) and not isinstance(value, bool) else float("nan")
    if not seconds >= 0:
        message = sentence(
            "“%(field)s” takes %(kind)s; this is %(type)s.",
            field=name,
            kind=sentence("a number of seconds"),
            type=describe_type(value) if isinstance(value, bool) or not isinstance(value, Real) else str(value),
        )
        raise InvalidRequestError({name: message})
    return seconds


def parse_timeout(value: object) -> float | None:
    """Return how many seconds to wait at most; None for as long as it takes.

    :raises InvalidRequestError: for what is no number of seconds.
    """
    return None if value is None else parse_seconds("timeout", plain(value))


def parse_dates(start: object, end: object) -> tuple[dt.date | None, dt.date | None]:
    """Return the first and the last day, or instant, that were asked for.

    :raises InvalidRequestError: with a sentence for each that is wrong.
    """
    problems = FieldProblems()
    bars = read_bars_fields(plain_values({"start": start, "end": end}), problems)
    problems.check()
    return bars.start, bars.end
