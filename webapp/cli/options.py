"""Options that several commands take."""

import datetime as dt
from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from webapp.cli.speaking import said
from webapp.errors import InvalidRequestError
from webapp.kernel.contracts import SecType, What
from webapp.kernel.intervals import Interval
from webapp.kernel.request_fields import moment_of
from webapp.sources.choices import OPTIONS, option_texts

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
    for add in (own_options, interval_option, source_option, click.argument("symbol")):
        command = add(command)
    return command


_OWN_OPTIONS = (
    click.option("--prepost", is_flag=True, help="With pre- and post-market bars (Yahoo, intraday)."),
    click.option("--sec-type", help=f"Type of contract (IBKR): {', '.join(kind.value for kind in SecType)}."),
    click.option("--exchange", help="Exchange (IBKR), such as SMART, IDEALPRO or CME."),
    click.option("--currency", help="Currency (IBKR), such as USD or EUR."),
    click.option("--primary-exchange", help="Tells a share from its namesakes (IBKR), such as NASDAQ."),
    click.option("--expiry", help="Month or last trading day (IBKR): 202603 or 20260320."),
    click.option("--strike", help="An option's strike (IBKR)."),
    click.option("--right", help="An option's right (IBKR): C or P."),
    click.option("--what", help=f"What bars show (IBKR): {', '.join(What)}."),
    click.option("--rth/--all-hours", "rth", default=None, help="Regular hours only (the usual), or all hours (IBKR)."),
)
_NAMES = {name for names in OPTIONS.values() for name in names}


def own_options(command: Decorated) -> Decorated:
    """Add the options of sources; the command gets them as ``options``, as its ``source`` takes them."""

    @wraps(command)
    def bundled(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 -- click hands over whatever the command declares
        given = {name: kwargs.pop(name) for name in _NAMES & kwargs.keys()}
        return command(*args, **kwargs, options=option_texts(kwargs["source"], given))

    for add in reversed(_OWN_OPTIONS):
        bundled = add(bundled)
    return bundled


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
