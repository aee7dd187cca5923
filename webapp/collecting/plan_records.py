"""A plan as plain data, for ``--json`` and the JSON API (docs/http.md)."""

from collections.abc import Callable, Iterable

from webapp.errors import Sentence
from webapp.jobs.records import instant
from webapp.kernel.plans import Plan


def plan_record(plan: Plan, notes: Iterable[Sentence], say: Callable[[Sentence], str] = str) -> dict[str, object]:
    """Return a plan as JSON can hold it.

    :param notes: what is to be said of the request beside it.
    :param say: what puts a sentence into words; English without it.
    """
    series = [
        {
            "symbol": planned.symbol,
            "start": instant(planned.asked.start),
            "end": instant(planned.asked.end),
            "requests": planned.requests,
            "rows": planned.rows,
            "stored_rows": planned.stored_rows,
        }
        for planned in plan.series
    ]
    refusals = [
        {"start": instant(refused.span.start), "end": instant(refused.span.end), "reason": say(refused.reason)}
        for refused in plan.refusals
    ]
    return {
        "requests": plan.requests,
        "seconds": plan.seconds,
        "rows": plan.rows,
        "stored_rows": plan.stored_rows,
        "series": series,
        "refusals": refusals,
        "notes": [say(note) for note in notes],
    }
