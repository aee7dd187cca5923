"""``series origin``: which job wrote a bar, which confirmed it, and what changed it."""

import click
from flask_babel import gettext

from webapp.cli.options import find_named, series_options
from webapp.cli.speaking import SpokenCommand, answer, said, table
from webapp.jobs.records import instant, moment
from webapp.kernel.intervals import Interval
from webapp.kernel.request_fields import moment_of
from webapp.reading.bars import bars_span
from webapp.restating.provenance import BarOrigin, Credit, origin_of


@click.command("origin", cls=SpokenCommand)
@series_options
@click.option("--time", required=True, help="A date (2024-03-01) or a date-time (2024-03-01T14:30, UTC).")
def origin(symbol: str, source: str | None, interval: str, *, time: str, options: dict[str, object]) -> None:
    """Say which job wrote the bar of SYMBOL at a time."""
    row = find_named(symbol, source, interval, options)
    origin = origin_of(row.id, bars_span(row, moment_of("time", time), None).start)
    answer(_plain(origin), lambda: _text(origin, row.interval))


def _text(origin: BarOrigin, interval: Interval) -> str:
    if origin.start is None:
        is_dated = interval.is_dated
        return str(
            gettext("No bar is stored for that day.") if is_dated else gettext("No bar is stored for that time.")
        )
    rows = [(gettext("bar"), instant(origin.start), "")]
    if origin.first:
        rows.append((gettext("first collected"), *_words(origin.first)))
    else:
        rows.append((gettext("first collected"), gettext("by no job on record"), ""))
    for change in origin.changes:
        rows.append((gettext("changed") if change.is_certain else gettext("perhaps changed"), *_words(change.credit)))
        rows.append(("", said(change.message), ""))
    if origin.last and origin.last != origin.first:
        rows.append((gettext("last confirmed"), *_words(origin.last)))
    return table(rows[0], rows[1:])


def _words(credit: Credit) -> tuple[str, str]:
    return gettext("job %(id)s", id=credit.job_id), f"{credit.at:%Y-%m-%d %H:%M:%S}"


def _plain(origin: BarOrigin) -> dict[str, object]:
    return {
        "time": None if origin.start is None else instant(origin.start),
        "first": _credit(origin.first),
        "last": _credit(origin.last),
        "changes": [
            {"by": _credit(change.credit), "is_certain": change.is_certain, "message": str(change.message)}
            for change in origin.changes
        ],
    }


def _credit(credit: Credit | None) -> dict[str, object] | None:
    if credit is None:
        return None
    url = f"/api/v1/jobs/{credit.job_id}" if credit.has_job else None
    return {"job_id": credit.job_id, "at": moment(credit.at), "job_url": url}
