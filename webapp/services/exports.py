"""A series as a file: CSV, Parquet or Arrow, streamed, with little memory and no transaction left open."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from webapp.domain.spans import Span
from webapp.errors import InvalidRequestError, sentence
from webapp.services import export_arrow, export_csv
from webapp.services.export_names import file_name
from webapp.services.stored_bars import EVER, StoredBars, open_bars
from webapp.store.series import SeriesRow

_CSV_ROWS = 2_000
_TABLE_ROWS = {"parquet": 50_000, "arrow": 10_000}  # a Parquet row group of few rows compresses badly
MIMETYPES = {
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
    "arrow": "application/vnd.apache.arrow.file",
}


@dataclass(frozen=True, slots=True)
class Export:
    """A file on its way. ``chunks`` may be read after the request's application context has gone."""

    filename: str
    mimetype: str
    chunks: Iterator[bytes]


def open_export(series_id: int, fmt: str, adjust: str = "splits", span: Span = EVER) -> Export:
    """Return the bars that start in ``span`` as a ``csv``, ``parquet`` or ``arrow`` file, prices adjusted as asked.

    :raises NotFoundError: when there is no series of this id.
    :raises InvalidRequestError: with the field ``format`` or ``adjust`` for an unknown one.
    """
    if fmt not in MIMETYPES:
        message = sentence(
            "“%(format)s” is not a format. Use one of: %(formats)s.", format=fmt[:20], formats=", ".join(MIMETYPES)
        )
        raise InvalidRequestError({"format": message})
    stored = open_bars(series_id, adjust, span)
    row = stored.series
    name = file_name(row.source, row.symbol, row.interval.value, row.variant, adjust, fmt)
    if fmt == "csv":
        return Export(name, MIMETYPES[fmt], _csv(stored))
    pages = stored.adjusted(_TABLE_ROWS[fmt]) if stored.has_wap else stored.adjusted_short(_TABLE_ROWS[fmt])
    table = export_arrow.Table(_facts(row, adjust), is_dated=row.interval.is_dated, has_wap=stored.has_wap)
    return Export(name, MIMETYPES[fmt], export_arrow.stream(pages, table, fmt))


def write_export(series_id: int, fmt: str, adjust: str, stream: BinaryIO) -> None:
    """Write a series into an open binary file; errors as for ``open_export``."""
    stream.writelines(open_export(series_id, fmt, adjust).chunks)


def _csv(stored: StoredBars) -> Iterator[bytes]:
    yield export_csv.header(has_wap=stored.has_wap)
    stamps = export_csv.Stamps(is_dated=stored.series.interval.is_dated)
    if stored.has_wap:
        for page in stored.adjusted(_CSV_ROWS):
            yield export_csv.long_lines(page, stamps)
        return
    for short in stored.adjusted_short(_CSV_ROWS):
        yield export_csv.short_lines(short, stamps)


def _facts(row: SeriesRow, adjust: str) -> Mapping[str, str]:
    facts = {
        "symbol": row.symbol,
        "source": row.source,
        "interval": row.interval.value,
        "variant": row.variant,
        "currency": row.facts.currency or "",
        "timezone": row.facts.timezone or "",
        "adjustment": adjust,
    }
    return {name: fact for name, fact in facts.items() if fact}
