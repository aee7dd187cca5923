"""``export``: a series as a file, or on standard output."""

import os
import sys
from pathlib import Path

import click
from flask_babel import gettext

from webapp.cli.options import option_of, series_options
from webapp.cli.speaking import BAD_INPUT, SpokenCommand, complain, said
from webapp.context import context
from webapp.database.transactions import reading
from webapp.exporting.archive import open_file
from webapp.exporting.export_fields import EXPORT_FIELDS
from webapp.exporting.files import Export
from webapp.exporting.requests import parse_export_request
from webapp.kernel.intervals import Interval
from webapp.reading import adjusting
from webapp.reading.lookup import FoundBars, find_listed_bars
from webapp.reading.rules_adjustment import Adjust


@click.command("export", cls=SpokenCommand)
@series_options
@option_of(EXPORT_FIELDS["format"], names=("fmt",))
@option_of(EXPORT_FIELDS["adjust"])
@option_of(EXPORT_FIELDS["start"], default="")
@option_of(EXPORT_FIELDS["end"], default="")
@option_of(EXPORT_FIELDS["zone"])
@option_of(EXPORT_FIELDS["complete_only"])
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="A file; standard output without.")
@click.pass_context
def export(  # noqa: PLR0913 -- click hands over each option by its name
    ctx: click.Context,
    symbol: str,
    source: str | None,
    interval: str,
    *,
    options: dict[str, str],
    fmt: str,
    adjust: str,
    start: str,
    end: str,
    zone: str,
    complete_only: bool,
    output: Path | None,
) -> None:
    """Write the stored bars of SYMBOL as CSV, Parquet or Arrow; of a list, @NAME, as a ZIP archive of such files.

    Where no bars of the interval are stored, they are made of smaller ones, and the command says so.
    """
    listed = find_listed_bars(symbol, source, Interval(interval), options)
    for missing in listed.missing:
        complain(said(missing))
    for match in listed.matches:
        _complain_of(match, adjust)
    fields = {"format": fmt, "adjust": adjust, "start": start, "end": end, "zone": zone}
    fields |= {"complete_only": "true" if complete_only else ""}
    larger = next((match.step.value for match in listed.matches if match.step), "")
    ids = ",".join(str(match.series.id) for match in listed.matches)
    file = open_file(parse_export_request(fields | {"series": ids, "interval": larger}), context().now())
    if output is not None:
        rows = _write(file, output)
        complain(gettext("%(rows)d bars written to %(path)s.", rows=rows, path=str(output)))
    elif (fmt != "csv" or len(listed.matches) > 1) and sys.stdout.isatty():
        complain(gettext("This format is not text. Give a file with --output."))
        ctx.exit(BAD_INPUT)
    else:
        sys.stdout.buffer.writelines(file.chunks)


def _complain_of(match: FoundBars, adjust: str) -> None:
    """Say what is not to be expected of a series' bars."""
    row = match.series
    if match.step:
        complain(gettext("Made of stored bars of %(interval)s.", interval=row.interval.value))
    if not row.rows:
        complain(gettext("No bars of it are stored yet; the file is empty."))
    if adjust == Adjust.ALL:
        with reading() as connection:
            for note in adjusting.find_omitted(connection, row):
                complain(said(note))


def _write(file: Export, output: Path) -> int:
    """Write beside the file and exchange the two at the end, so that a failed export leaves the old one whole.

    What is no file (a pipe, a device) is written to as it is. Return how many bars were written.
    """
    is_special = output.exists() and not output.is_file()
    target = output.resolve()  # a link stays a link
    beside = output if is_special else target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with beside.open("wb") as stream:
            stream.writelines(file.chunks)
        if not is_special:
            beside.replace(target)
    except OSError as err:
        raise click.FileError(str(output), err.strerror) from err
    finally:
        if not is_special:
            beside.unlink(missing_ok=True)
    return file.tally.rows
