"""The form of a schedule: that of a collection, and when it is made again."""

import datetime as dt

from webapp.kernel.days import date_of
from webapp.kernel.request_fields import FieldKind
from webapp.kernel.requests import DATES
from webapp.scheduling.definitions import ScheduleDraft, draft_from, draft_of, texts_of
from webapp.scheduling.queries_schedules import Definition
from webapp.scheduling.schedule_fields import TIMING_FIELDS
from webapp.sources.option_fields import OPTION_FIELDS
from webapp.web.collect.forms import CollectForm
from webapp.web.forms import described_by


@described_by(TIMING_FIELDS.values())
class ScheduleForm(CollectForm):
    """What to collect, again and again, and when; its first day stands alone, since it never ends."""

    fields_endpoint = "schedules.fields"
    is_scheduled = True

    def to_draft(self) -> ScheduleDraft:
        """Return what was asked for.

        :raises InvalidRequestError: with a sentence for each field that cannot be read.
        """
        return draft_from(self.to_request(), {name: self[name].data or "" for name in TIMING_FIELDS})


SHOWN = frozenset(TIMING_FIELDS)
"""The fields that stand beside those of a collection."""


def form_values(definition: Definition) -> dict[str, object]:
    """Return the form's values that say the same as a schedule."""
    draft = draft_of(definition)
    request = draft.request
    values: dict[str, object] = {
        "symbols": ", ".join(request.symbols),
        "source": request.source,
        "interval": request.interval.value,
        "period": request.period or DATES,
        "start": _date(request.start),
        "priority": request.priority.name.lower(),
    }
    for name, field in OPTION_FIELDS.items():
        if field.kind is FieldKind.FLAG:
            values[name] = request.options.get(name) == "true"
        elif name in request.options:
            values[name] = request.options[name]
    return values | texts_of(draft)


def _date(start: dt.date | None) -> dt.date | None:
    return None if start is None else date_of(start)
