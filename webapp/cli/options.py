"""Options that several commands take."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import click

from webapp.cli.speaking import said
from webapp.domain.intervals import Interval
from webapp.domain.request_fields import moment_of
from webapp.errors import InvalidRequestError

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


def series_options(command: Decorated) -> Decorated:
    """Add the argument and the options that name one series."""
    for add in (prepost_option, interval_option, source_option, click.argument("symbol")):
        command = add(command)
    return command


def prepost_option(command: Decorated) -> Decorated:
    """Add ``--prepost``."""
    return click.option("--prepost", is_flag=True, help="With pre- and post-market bars (Yahoo, intraday).")(command)


def source_option(command: Decorated) -> Decorated:
    """Add ``--source``."""
    return click.option("--source", default="yahoo", show_default=True, help="Where the bars come from.")(command)


def interval_option(command: Decorated) -> Decorated:
    """Add ``--interval``."""
    kinds = click.Choice([interval.value for interval in Interval])
    return click.option("--interval", type=kinds, default="1d", show_default=True, help="Length of a bar.")(command)


def json_option(command: Decorated) -> Decorated:
    """Add ``--json``."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")(command)


def source_options(*, prepost: bool) -> dict[str, str]:
    """Return the options as the source takes them."""
    return {"prepost": "true"} if prepost else {}
