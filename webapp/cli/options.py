"""Options that several commands take."""

import datetime as dt
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

import click

from webapp.cli.completion import COLLECTED_SOURCE, SOURCE, Symbol
from webapp.cli.speaking import said
from webapp.errors import InvalidRequestError
from webapp.kernel.collect_fields import COLLECT_FIELDS
from webapp.kernel.request_fields import FieldKind, RequestField, moment_of
from webapp.sources.choices import option_texts
from webapp.sources.option_fields import OPTION_FIELDS, STORED_OPTIONS

Decorated = Callable[..., Any]


class Day(click.ParamType[dt.date]):
    """A date (``2024-03-01``) or a date-time (``2024-03-01T14:30``, UTC unless it says otherwise)."""

    name = "date"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> dt.date:
        """Read the text."""
        try:
            return moment_of(self.name, value)
        except InvalidRequestError as err:
            self.fail(said(err.message), param, ctx)


def own_options(command: Decorated) -> Decorated:
    """Add the options by which sources tell stored series apart; see ``_bundled``."""
    return _bundled(command, [field for name, field in OPTION_FIELDS.items() if name in STORED_OPTIONS])


def request_options(command: Decorated) -> Decorated:
    """Add all options of sources, also those that only say how to ask; see ``_bundled``."""
    return _bundled(command, OPTION_FIELDS.values())


def _bundled(command: Decorated, fields: Iterable[RequestField]) -> Decorated:
    """Add options of sources; the command gets them as ``options``, as its ``source`` takes them."""

    @wraps(command)
    def bundled(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 -- click hands over whatever the command declares
        options = {name: kwargs.pop(name) for name in OPTION_FIELDS.keys() & kwargs.keys()}
        return command(*args, **kwargs, options=option_texts(kwargs["source"], options))

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
            settings["type"] = click.Choice(field.values)
        case FieldKind.DAY:
            settings["type"] = Day()
    return click.option(*names, *changed.pop("names", ()), **settings | changed)


source_option = option_of(COLLECT_FIELDS["source"], type=COLLECTED_SOURCE)
interval_option = option_of(COLLECT_FIELDS["interval"])


_any_source = option_of(
    COLLECT_FIELDS["source"],
    default=None,
    show_default=False,
    type=SOURCE,
    help="Where the bars come from; without it, wherever the symbol is stored.",
)


def series_options(command: Decorated) -> Decorated:
    """Add the argument and the options that name one series; its source need not be said."""
    return click.argument("symbol", type=Symbol())(source_and_interval_options(command))


def source_and_interval_options(command: Decorated) -> Decorated:
    """Add the options that say which series of a symbol is meant; its source need not be said."""
    for add in (own_options, interval_option, _any_source):
        command = add(command)
    return command
