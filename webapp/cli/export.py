"""``export``: the stored bars of symbols as a file, or on standard output."""

import dataclasses
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
from click.core import ParameterSource
from flask_babel import gettext

from webapp.cli.completion import Symbol
from webapp.cli.options import option_of, source_and_interval_options
from webapp.cli.outputs import STANDARD, write_file, write_standard_output
from webapp.cli.speaking import StreamingCommand, confirm, explain, remark, said, wants_json
from webapp.context import context
from webapp.coverage.answered import describe_empty
from webapp.database.transactions import reading
from webapp.errors import MoissonError
from webapp.exporting.archive import open_archive, open_file
from webapp.exporting.export_fields import EXPORT_FIELDS
from webapp.exporting.files import Export
from webapp.exporting.long_file import JSON_LINES, LongFile, open_long
from webapp.exporting.requests import BarsFields, read_bars_fields
from webapp.exporting.rules_exports import ExportRequest
from webapp.kernel.intervals import Interval
from webapp.kernel.request_fields import FieldProblems
from webapp.reading import adjusting
from webapp.reading.lookup import FoundBars, find_bars
from webapp.reading.rules_adjustment import Adjust
from webapp.reading.series_names import SeriesFields, read_series_fields


class ExportCommand(StreamingCommand):
    """Its JSON is the bars themselves, or what was written of them."""

    json_help = "Print the bars as JSON lines; with --output, one JSON document that says what was written."


@dataclass(frozen=True, slots=True)
class _Shape:
    """How the bars of several symbols are put together, and where they go; None is standard output."""

    is_long: bool
    is_zip: bool
    output: Path | None

    @property
    def is_json(self) -> bool:
        """Whether standard output gets the bars as JSON."""
        return wants_json() and self.output is None


@click.command("export", cls=ExportCommand)
@click.argument("symbols", nargs=-1, required=True, type=Symbol())
@source_and_interval_options
@option_of(EXPORT_FIELDS["format"], names=("fmt",))
@option_of(EXPORT_FIELDS["adjust"])
@option_of(EXPORT_FIELDS["start"], default="")
@option_of(EXPORT_FIELDS["end"], default="")
@option_of(EXPORT_FIELDS["zone"])
@option_of(EXPORT_FIELDS["complete_only"])
@click.option("--long", "is_long", is_flag=True, help="A column symbol comes first; always so for several symbols.")
@click.option("--zip", "is_zip", is_flag=True, help="A ZIP archive, with a file for each symbol and a list of them.")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    help="A file, written whole or not at all; standard output with - or without.",
)
@click.pass_context
def export(  # noqa: PLR0913 -- click hands over each option by its name
    ctx: click.Context,
    symbols: tuple[str, ...],
    source: str | None,
    interval: str,
    *,
    options: dict[str, object],
    fmt: str,
    adjust: str,
    start: str,
    end: str,
    zone: str,
    complete_only: bool,
    is_long: bool,
    is_zip: bool,
    output: Path | None,
) -> None:
    """Write the stored bars of SYMBOLS as CSV, Parquet or Arrow.

    Several symbols become one long table, the column symbol first; or an archive, with --zip. Where no bars of the
    interval are stored, they are made of smaller ones, and the command says so. When one of the symbols is not stored,
    nothing is written.
    """
    shape = _Shape(is_long or len(symbols) > 1, is_zip, None if output == STANDARD else output)
    problems = FieldProblems()
    chosen = {"format": fmt, "adjust": adjust, "start": start, "end": end, "zone": zone, "complete_only": complete_only}
    bars = read_bars_fields(chosen, problems)
    series = {"source": source, "interval": interval, "options": options}
    names = [read_series_fields({"symbol": symbol, **series}, problems) for symbol in symbols]
    problems.check()
    _check(ctx, shape, bars.fmt)
    matches = _find(ctx, names)
    _remark_on(matches, bars.adjust)
    request = _request(matches, bars, names[0].interval)
    file = _open(matches, request, shape)
    if shape.output is None:
        write_standard_output(file.chunks)
        return
    write_file(file.chunks, shape.output)
    rows = file.rows if isinstance(file, LongFile) else file.tally.rows
    text = gettext("%(rows)d bars written to %(path)s.", rows=rows, path=str(shape.output))
    if wants_json():
        confirm(_record(matches, request, names[0].interval, rows, shape), text)
    else:
        remark(text)


def _check(ctx: click.Context, shape: _Shape, fmt: str) -> None:
    """Refuse what does not go together.

    :raises UsageError: with a sentence.
    """
    has_format = ctx.get_parameter_source("fmt") is ParameterSource.COMMANDLINE
    if shape.is_long and shape.is_zip and ctx.params["is_long"]:
        raise click.UsageError(gettext("Choose --long or --zip: one table, or a file for each symbol."))
    if shape.is_json and (shape.is_zip or has_format):
        raise click.UsageError(gettext("JSON lines have no other format. Leave --json out, or give --output as well."))
    is_text = fmt == "csv" and not shape.is_zip
    if shape.output is None and not is_text and sys.stdout.isatty():
        raise click.UsageError(gettext("This format is not text. Give a file with --output."))


def _find(ctx: click.Context, names: Sequence[SeriesFields]) -> list[FoundBars]:
    """Return the series of the symbols, each once; say of each that is not there that it is not, and end then."""
    matches: dict[int, FoundBars] = {}
    statuses: list[int] = []
    for name in names:
        try:
            match = find_bars(name.symbol, name.source, name.interval, name.options)
        except MoissonError as err:
            statuses.append(explain(err))
        else:
            matches.setdefault(match.series.id, match)
    if statuses:
        ctx.exit(max(statuses))
    return list(matches.values())


def _remark_on(matches: Sequence[FoundBars], adjust: str) -> None:
    for match in matches:
        start = f"{match.series.symbol}: " if len(matches) > 1 else ""
        for text in _remarks(match, adjust):
            remark(start + text)


def _remarks(match: FoundBars, adjust: str) -> Iterator[str]:
    row = match.series
    if match.step:
        yield gettext("Made of stored bars of %(interval)s.", interval=row.interval.value)
    with reading() as connection:
        empty = describe_empty(connection, row)
        omitted = adjusting.find_omitted(connection, row) if adjust == Adjust.ALL else []
    yield from map(said, [empty] if empty else omitted)


def _request(matches: Sequence[FoundBars], bars: BarsFields, interval: Interval) -> ExportRequest:
    """Return what is to be written: bars of the interval, made of smaller ones where any series has only these."""
    step = interval if any(match.step for match in matches) else None
    return dataclasses.replace(bars, interval=step).of(tuple(match.series.id for match in matches))


def _open(matches: Sequence[FoundBars], request: ExportRequest, shape: _Shape) -> Export | LongFile:
    """Return the file on its way."""
    if shape.is_zip:
        return open_archive(request, context().now())
    if not shape.is_long and not shape.is_json:
        return open_file(request, context().now())
    fmt = JSON_LINES if shape.is_json else request.fmt
    return open_long(matches, dataclasses.replace(request, fmt=fmt, step=None), has_symbol=shape.is_long)


def _record(
    matches: Sequence[FoundBars], request: ExportRequest, interval: Interval, rows: int, shape: _Shape
) -> dict[str, object]:
    series = [
        {
            "id": match.series.id,
            "source": match.series.source,
            "symbol": match.series.symbol,
            "interval": interval.value,
            "variant": match.series.variant,
            "made_of": match.series.interval.value if match.step else None,
        }
        for match in matches
    ]
    fmt = "zip" if shape.is_zip else request.fmt
    return {"path": str(shape.output), "format": fmt, "adjust": request.adjust, "rows": rows, "series": series}
