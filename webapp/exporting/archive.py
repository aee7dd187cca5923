"""Many series as one ZIP file, streamed: a file each, and ``series.csv``, which says what each of them holds."""

import csv
import datetime as dt
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

from webapp.exporting.counts import rows_of, span_of
from webapp.exporting.csv_text import moments
from webapp.exporting.files import Export, Tally, open_export
from webapp.exporting.names import safe_text
from webapp.exporting.rules_exports import EXCHANGE, UTC, ExportRequest
from webapp.exporting.sink import Sink
from webapp.kernel.intervals import Interval
from webapp.series.queries_series import SeriesRow

MANIFEST = "series.csv"
MIMETYPE = "application/zip"
_COLUMNS = (
    *("file", "symbol", "name", "source", "interval", "variant", "currency", "exchange"),
    *("rows", "first", "last", "adjustment", "timezone"),
)
_COMPRESSION = {"csv": zipfile.ZIP_DEFLATED, "arrow": zipfile.ZIP_DEFLATED, "parquet": zipfile.ZIP_STORED}
LEVEL = 1
"""The quickest: beyond it a download waits for the processor."""


@dataclass(frozen=True, slots=True)
class _Member:
    """A series on its way into the archive."""

    name: str
    row: SeriesRow
    export: Export


def open_file(request: ExportRequest, now: dt.datetime) -> Export:
    """Return what is asked for as one file: that of the series, or an archive of several.

    :param now: what the archive gives as the time of its files.
    :raises NotFoundError: when one of the series is not there.
    :raises InvalidRequestError: with the name of the field that is wrong.
    """
    return open_archive(request, now) if request.is_archive else _members(request)[0].export


def open_archive(request: ExportRequest, now: dt.datetime) -> Export:
    """Return an archive even of a single series; the rest as for ``open_file``."""
    members = _members(request)
    tally = Tally()
    filename = archive_name(request, now)
    return Export(filename, MIMETYPE, _written(members, request, tally, now), tally)


def archive_name(request: ExportRequest, now: dt.datetime) -> str:
    """Return the file name of an archive."""
    return f"moisson_{len(request.series_ids)}_series_{now:%Y-%m-%d}.zip"


def is_compressed(fmt: str) -> bool:
    """Tell whether files of a format get smaller in an archive; Parquet is compressed already."""
    return _COMPRESSION[fmt] == zipfile.ZIP_DEFLATED


def _members(request: ExportRequest) -> list[_Member]:
    members: list[_Member] = []
    step = Interval(request.step) if request.step else None
    names: set[str] = set()
    for row in rows_of(request):
        larger = step if step is not row.interval else None
        export = open_export(
            row.id,
            request.fmt,
            request.adjust,
            span_of(row, request),
            zone=request.zone,
            step=larger,
            complete_only=request.complete_only,
        )
        name = export.filename
        if name.lower() in names:  # two names that some systems do not tell apart
            stem, _, extension = name.rpartition(".")
            name = f"{stem}_{row.id}.{extension}"
        names.add(name.lower())
        members.append(_Member(name, row, export))
    return members


def _written(members: list[_Member], request: ExportRequest, tally: Tally, now: dt.datetime) -> Iterator[bytes]:
    sink = Sink()
    method = _COMPRESSION[request.fmt]
    with zipfile.ZipFile(sink, "w", method, allowZip64=True, compresslevel=LEVEL) as archive:
        for member in members:
            before = tally.rows
            with archive.open(_entry(member.name, method, now), "w", force_zip64=True) as file:
                yield sink.take()
                for chunk in member.export.chunks:
                    file.write(chunk)
                    tally.rows = before + member.export.tally.rows
                    yield sink.take()
        archive.writestr(_entry(MANIFEST, zipfile.ZIP_DEFLATED, now), _manifest(members, request))
    yield sink.take()


def _entry(name: str, method: int, now: dt.datetime) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, (now.year, now.month, now.day, now.hour, now.minute, now.second))
    entry.compress_type = method
    entry.external_attr = 0o644 << 16
    return entry


def _manifest(members: list[_Member], request: ExportRequest) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for member in members:
        writer.writerow(_line(member, request))
    return text.getvalue()


def _line(member: _Member, request: ExportRequest) -> list[str | int]:
    row, tally = member.row, member.export.tally
    interval = Interval(request.step) if request.step else row.interval
    zone = (row.facts.timezone or UTC) if request.zone == EXCHANGE else request.zone
    moment = moments(is_dated=interval.is_dated)
    first, last = ("" if time is None else moment(time) for time in (tally.first, tally.last))
    texts = [member.name, row.symbol, row.facts.name or "", row.source, interval.value, row.variant]
    texts += [row.facts.currency or "", row.facts.exchange or ""]
    return [*map(safe_text, texts), tally.rows, first, last, request.adjust, "" if interval.is_dated else zone]
