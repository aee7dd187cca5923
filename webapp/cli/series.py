"""``series``: what is stored, and what is known of it."""

import json

import click
from flask.cli import AppGroup
from flask_babel import gettext

from webapp.cli.options import json_option, series_options
from webapp.cli.origin import origin
from webapp.cli.speaking import SpokenCommand, table
from webapp.jobs.records import instant
from webapp.kernel.intervals import Interval
from webapp.reading.lookup import find_series, known_spans, stored_series


@click.group("series", cls=AppGroup)
def series() -> None:
    """See what is stored, and what is known of it."""


@series.command("list", cls=SpokenCommand, with_appcontext=False)
@click.option("--search", default="", help="Part of a symbol or of a name, or a list: @name.")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(min=1))
@json_option
def list_(search: str, limit: int, *, as_json: bool) -> None:
    """List the series that hold bars, by symbol."""
    listed = stored_series(search, limit)
    rows = [
        {
            "id": row.id,
            "symbol": row.symbol,
            "source": row.source,
            "interval": row.interval.value,
            "variant": row.variant,
            "rows": row.rows,
            "first_bar": None if row.first_bar is None else instant(row.first_bar),
            "last_bar": None if row.last_bar is None else instant(row.last_bar),
        }
        for row in listed
    ]
    if as_json:
        click.echo(json.dumps(rows, indent=2))
    elif rows:
        heads = ("id", gettext("symbol"), gettext("source"), gettext("interval"), gettext("variant"))
        click.echo(table([*heads, gettext("bars"), gettext("first"), gettext("last")], [row.values() for row in rows]))
    else:
        click.echo(gettext("Nothing is stored yet."))


@series.command("coverage", cls=SpokenCommand, with_appcontext=False)
@series_options
@json_option
def coverage(symbol: str, source: str | None, interval: str, *, options: dict[str, str], as_json: bool) -> None:
    """Show what is known of SYMBOL: spans with bars, spans the source says are empty, and what was never asked."""
    row = find_series(symbol, source, Interval(interval), options)
    spans = known_spans(row)
    if as_json:
        values = [{"start": instant(s.start), "end": instant(s.end), "verdict": s.verdict} for s in spans]
        click.echo(json.dumps(values, indent=2))
        return
    words = {
        "have": gettext("bars"),
        "empty": gettext("empty, says the source"),
        "doubted": gettext("in doubt, asked again later"),
        "unknown": gettext("not asked yet"),
    }
    rows = [(instant(span.start), instant(span.end), words[span.verdict]) for span in spans]
    click.echo(table((gettext("from"), gettext("to"), gettext("known")), rows))


for _command in (origin,):
    series.add_command(_command)
