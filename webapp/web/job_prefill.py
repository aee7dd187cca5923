"""A form or a link that asks for the same as a job."""

from typing import Any

from webapp.jobs.queries_jobs import JobRow
from webapp.kernel.days import day_of
from webapp.kernel.request_fields import FieldKind
from webapp.kernel.requests import DATES, EARLIEST
from webapp.sources import choices
from webapp.sources.option_fields import OPTION_FIELDS


def like_job(job: JobRow) -> dict[str, object]:
    """Return the form's values that ask for the same as a job."""
    values: dict[str, object] = {
        "symbols": job.symbol,
        "source": job.source,
        "interval": job.interval.value,
        "priority": job.priority.name.lower(),
        "refresh": job.refresh,
    }
    for name, field in OPTION_FIELDS.items():
        if field.kind is FieldKind.FLAG:
            values[name] = job.options.get(name) == "true"
        elif name in job.options:
            values[name] = job.options[name]
    values |= choices.implied_options(job.source, job.symbol)
    if job.span.start <= EARLIEST:
        return values | {"period": "max"}
    start, last = map(day_of, job.days)
    return values | {"period": DATES, "start": start, "end": last}


def link_values(job: JobRow, symbol: str) -> dict[str, Any]:
    """Return the query string of a form that asks for the same as a job, of another symbol."""
    values = like_job(job) | {"symbols": symbol, **choices.implied_options(job.source, symbol)}
    switches = {name: "true" for name, field in OPTION_FIELDS.items() if field.kind is FieldKind.SWITCH}
    usual = {"priority": "normal"} | switches
    texts = {name: "" if value is False else "y" if value is True else str(value) for name, value in values.items()}
    return {name: text for name, text in texts.items() if text and usual.get(name) != text}
