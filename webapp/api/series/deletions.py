"""Deleting a series; the history of its jobs stays."""

from webapp.api.endpoints import Answers, Endpoints
from webapp.api.series.series import SERIES
from webapp.api.series.series_schemas import Series
from webapp.catalogue import deletion
from webapp.catalogue.series_records import series_record
from webapp.context import context

endpoints = Endpoints("deletions", __name__, "Delete a series; 409 while one of its jobs is not over.")


@endpoints.delete(SERIES, Answers(Series, 200, (409,)))
def delete(series_id: int) -> dict[str, object]:
    """Delete a series with its bars, and show it as it was; a collection afterwards makes a new one."""
    return series_record(deletion.delete(context(), series_id))
