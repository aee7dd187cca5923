"""``series``: what is stored, and what is known of it."""

import click
from flask.cli import AppGroup
from flask_babel import gettext

from webapp.catalogue.series_records import series_record
from webapp.cli.options import find_named, series_options
from webapp.cli.origin import origin
from webapp.cli.speaking import SpokenCommand, answer, table
from webapp.jobs.records import instant
from webapp.reading.lookup import KnownSpan, known_span_record, known_spans, stored_series
from webapp.series.queries_series import SeriesRow


@click.group("series", cls=AppGroup)
def series() -> None:
    """See what is stored, and what is known of it."""


@series.command("list", cls=SpokenCommand, with_appcontext=False)
@click.option("--search", default="", help="Part of a symbol or of a name.")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(min=1), help="At most so many.")
def list_(search: str, limit: int) -> None:
    """List the series that hold bars, by symbol."""
    rows = stored_series(search, limit)
    answer([series_record(row) for row in rows], lambda: _series_text(rows))


def _series_text(rows: list[SeriesRow]) -> str:
    if not rows:
        return str(gettext("Nothing is stored yet."))
    heads = ("id", gettext("symbol"), gettext("source"), gettext("interval"), gettext("variant"))
    cells = [
        (
            row.id,
            row.symbol,
            row.source,
            row.interval.value,
            row.variant,
            row.rows,
            *map(_instant, (row.first_bar, row.last_bar)),
        )
        for row in rows
    ]
    return table([*heads, gettext("bars"), gettext("first"), gettext("last")], cells)


def _instant(time: int | None) -> str:
    return "" if time is None else instant(time)


@series.command("coverage", cls=SpokenCommand, with_appcontext=False)
@series_options
def coverage(symbol: str, source: str | None, interval: str, *, options: dict[str, object]) -> None:
    """Show what is known of SYMBOL: spans with bars, spans the source says are empty, and what was never asked."""
    spans = known_spans(find_named(symbol, source, interval, options))
    answer([known_span_record(span) for span in spans], lambda: _coverage_text(spans))


def _coverage_text(spans: list[KnownSpan]) -> str:
    words = {
        "have": gettext("bars"),
        "empty": gettext("empty, says the source"),
        "doubted": gettext("in doubt, asked again later"),
        "unknown": gettext("not asked yet"),
    }
    rows = [(instant(span.start), instant(span.end), words[span.verdict]) for span in spans]
    return table((gettext("from"), gettext("to"), gettext("known")), rows)


for _command in (origin,):
    series.add_command(_command)
