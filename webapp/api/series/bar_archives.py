"""The bars of several series as one ZIP archive, streamed."""

from collections.abc import Mapping
from typing import Any

from flask import Response

from webapp.api.endpoints import Accepts, Answers, Endpoints
from webapp.api.fields import Read, Text, query_field
from webapp.api.negotiation.acceptance import BYTES_MEDIA, negotiate
from webapp.api.requests import archive_of
from webapp.context import context
from webapp.exporting.archive import MIMETYPE, open_archive
from webapp.exporting.export_fields import EXPORT_FIELDS
from webapp.exporting.requests import parse_export_request
from webapp.exporting.rules_exports import MOST_SERIES

endpoints = Endpoints("bar_archives", __name__, "Bars of several series in one file.")
_LONGEST_LIST = 5000
_MEDIA = (MIMETYPE, BYTES_MEDIA)
_IDS = f"The numbers of the series, with commas between them; at most {MOST_SERIES}."


class ArchiveQuery(Read):
    """Which series, which of their bars, and in what form. Days are each exchange's, both included."""

    series = Text(_LONGEST_LIST, _IDS, "3,5,8", required=True)
    format = query_field(EXPORT_FIELDS["format"])
    start = query_field(EXPORT_FIELDS["start"])
    end = query_field(EXPORT_FIELDS["end"])
    adjust = query_field(EXPORT_FIELDS["adjust"])
    interval = query_field(EXPORT_FIELDS["interval"])
    zone = query_field(EXPORT_FIELDS["zone"])
    complete_only = query_field(EXPORT_FIELDS["complete_only"])

    def read(self, values: Mapping[str, Any]) -> object:
        """Read which bars are meant."""
        return archive_of(values)


@endpoints.get("/bars.zip", Answers(None, errors=(404,), media=_MEDIA), Accepts(query=ArchiveQuery))
def read(query: dict[str, Any]) -> Response:
    """Send the bars of several series: a file for each, and series.csv, which says what each of them holds."""
    archive = open_archive(parse_export_request(query), context().now())
    answer = Response(archive.chunks, mimetype=negotiate(_MEDIA))
    answer.headers.set("Content-Disposition", "attachment", filename=archive.filename)
    return answer
