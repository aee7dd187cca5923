"""``export``: a series as a file, or on standard output."""

import os
import sys
from pathlib import Path

import click
from flask_babel import gettext

from webapp.cli.options import series_options
from webapp.cli.speaking import BAD_INPUT, SpokenCommand, complain
from webapp.domain.adjustment import Adjust
from webapp.domain.intervals import Interval
from webapp.services.exports import MIMETYPES, open_export, write_export
from webapp.services.series_lookup import FoundBars, find_bars


@click.command("export", cls=SpokenCommand)
@series_options
@click.option("--format", "fmt", type=click.Choice(list(MIMETYPES)), default="csv", show_default=True)
@click.option(
    "--adjust",
    type=click.Choice([adjust.value for adjust in Adjust]),
    default="splits",
    show_default=True,
    help="none: as traded on the day. splits: on today's split basis. all: dividends taken out as well.",
)
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="A file; standard output without.")
@click.pass_context
def export(  # noqa: PLR0913 -- click hands over each option by its name
    ctx: click.Context,
    symbol: str,
    source: str,
    interval: str,
    *,
    options: dict[str, str],
    fmt: str,
    adjust: str,
    output: Path | None,
) -> None:
    """Write the stored bars of SYMBOL as CSV, Parquet or Arrow.

    Where no bars of the interval are stored, they are made of smaller ones, and the command says so.
    """
    found = find_bars(symbol, source, Interval(interval), options)
    row = found.series
    if found.step:
        complain(gettext("Made of stored bars of %(interval)s.", interval=row.interval.value))
    if not row.rows:
        complain(gettext("No bars of it are stored yet; the file is empty."))
    if output is not None:
        rows = _write(found, fmt, adjust, output)
        complain(gettext("%(rows)d bars written to %(path)s.", rows=rows, path=str(output)))
    elif fmt != "csv" and sys.stdout.isatty():
        complain(gettext("This format is not text. Give a file with --output."))
        ctx.exit(BAD_INPUT)
    else:
        write_export(row.id, fmt, adjust, sys.stdout.buffer, found.step)


def _write(found: FoundBars, fmt: str, adjust: str, output: Path) -> int:
    """Write beside the file and exchange the two at the end, so that a failed export leaves the old one whole.

    Return how many bars were written.
    """
    beside = output.with_name(f".{output.name}.{os.getpid()}")
    try:
        with beside.open("wb") as stream:
            export = open_export(found.series.id, fmt, adjust, step=found.step)
            stream.writelines(export.chunks)
        beside.replace(output)
    except OSError as err:
        raise click.FileError(str(output), err.strerror) from err
    finally:
        beside.unlink(missing_ok=True)
    return export.tally.rows
