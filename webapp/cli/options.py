"""Options that several commands take."""

from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import Any

import click

from webapp.cli.completion import COLLECTED_SOURCE, SOURCE, Symbol
from webapp.kernel.collect_fields import COLLECT_FIELDS, SERIES_FIELDS
from webapp.kernel.request_fields import FieldKind, FieldProblems, RequestField
from webapp.reading.lookup import find_series
from webapp.reading.series_names import read_series_fields
from webapp.series.queries_series import SeriesRow
from webapp.sources.option_fields import OPTION_FIELDS, STORED_OPTIONS

Decorated = Callable[..., Any]


class Day(click.ParamType[str]):
    """A date (``2024-03-01``) or a date-time (``2024-03-01T14:30``, UTC unless it says otherwise), as it was typed."""

    name = "date"


class Listed(click.Choice[str]):
    """A word of a list, which help and completion show; what is typed is read with all the rest, or refused with it."""

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the word as it was typed."""
        del param, ctx
        return value


def own_options(command: Decorated) -> Decorated:
    """Add the options by which sources tell stored series apart; see ``_bundled``."""
    return _bundled(command, [field for name, field in OPTION_FIELDS.items() if name in STORED_OPTIONS])


def request_options(command: Decorated) -> Decorated:
    """Add all options of sources, also those that only say how to ask; see ``_bundled``."""
    return _bundled(command, OPTION_FIELDS.values())


def _bundled(command: Decorated, fields: Iterable[RequestField]) -> Decorated:
    """Add options of sources; the command gets them as ``options``, as they were typed (None: they were not)."""

    @wraps(command)
    def bundled(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 -- click hands over whatever the command declares
        options = {name: kwargs.pop(name) for name in OPTION_FIELDS.keys() & kwargs.keys()}
        return command(*args, **kwargs, options=options)

    extended: Decorated = bundled
    for field in reversed(list(fields)):
        extended = option_of(field)(extended)
    return extended


def option_of(field: RequestField, **changed: Any) -> Callable[[Decorated], Decorated]:  # noqa: ANN401 -- click's
    """Return the option for a field of a request, with what a command has otherwise."""
    names = [f"--{field.name.replace('_', '-')}"]
    settings: dict[str, Any] = {"help": field.help}
    if field.default:
        settings |= {"default": field.default, "show_default": True}
    match field.kind:
        case FieldKind.FLAG:
            settings["is_flag"] = True
        case FieldKind.SWITCH:
            names = [f"{names[0]}/--{field.opposite}", field.name]
            settings["default"] = None
        case FieldKind.CHOICE | FieldKind.INTERVAL:
            settings["type"] = Listed(field.values)
        case FieldKind.DAY:
            settings["type"] = Day()
    return click.option(*names, *changed.pop("names", ()), **settings | changed)


source_option = option_of(COLLECT_FIELDS["source"], type=COLLECTED_SOURCE)
interval_option = option_of(COLLECT_FIELDS["interval"])


_any_source = option_of(SERIES_FIELDS["source"], type=SOURCE)


def series_options(command: Decorated) -> Decorated:
    """Add the argument and the options that name one series; its source need not be said."""
    return click.argument("symbol", type=Symbol())(source_and_interval_options(command))


def source_and_interval_options(command: Decorated) -> Decorated:
    """Add the options that say which series of a symbol is meant; its source need not be said."""
    for add in (own_options, interval_option, _any_source):
        command = add(command)
    return command


def find_named(symbol: str, source: str | None, interval: str, options: Mapping[str, object]) -> SeriesRow:
    """Return the series that ``series_options`` name.

    :raises InvalidRequestError: with a sentence for each of them that is wrong.
    :raises NotFoundError: see ``find_series``.
    """
    problems = FieldProblems()
    values = {"symbol": symbol, "source": source, "interval": interval, "options": options}
    name = read_series_fields(values, problems)
    problems.check()
    return find_series(name.symbol, name.source, name.interval, name.options)
