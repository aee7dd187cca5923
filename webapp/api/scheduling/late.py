"""Series that are not as fresh as a schedule promises."""

from webapp.api.endpoints import Answers, Endpoints
from webapp.api.scheduling.schedule_schemas import Late
from webapp.context import context
from webapp.scheduling.promises import list_late
from webapp.scheduling.schedule_records import late_record

endpoints = Endpoints("late", __name__, "Series that are not as fresh as a schedule promises.")


@endpoints.get("/late", Answers(Late))
def index() -> dict[str, object]:
    """List the series that are late, those first that have been for longest."""
    return {"series": [late_record(late) for late in list_late(context())]}
