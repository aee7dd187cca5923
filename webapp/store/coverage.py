"""What is known of a series: spans with a verdict."""

from sqlalchemy import Connection, delete, insert, select

from webapp.domain.plans import Covered, Verdict
from webapp.domain.spans import Span, subtract
from webapp.store.tables import Coverage


def read(connection: Connection, series_id: int) -> list[Covered]:
    """Return what is known of a series, oldest span first; the spans are disjoint."""
    query = select(Coverage.start, Coverage.end, Coverage.verdict, Coverage.checked_at)
    rows = connection.execute(query.where(Coverage.series_id == series_id).order_by(Coverage.start))
    return [Covered(Span(row.start, row.end), Verdict(row.verdict), row.checked_at) for row in rows]


def record(connection: Connection, series_id: int, told: Covered) -> None:
    """Add what a source told; it replaces what was known of the same span, and melts into equal neighbours.

    Only "have" melts: each "empty" keeps the time it was told at, which decides how long it is believed.
    """
    if not told.span:
        return
    touching = (Coverage.series_id == series_id) & (Coverage.start <= told.span.end) & (Coverage.end >= told.span.start)
    query = select(Coverage.start, Coverage.end, Coverage.verdict, Coverage.checked_at).where(touching)
    old = [Covered(Span(r.start, r.end), Verdict(r.verdict), r.checked_at) for r in connection.execute(query)]
    connection.execute(delete(Coverage).where(touching))
    rows = [_row(series_id, covered) for covered in _merged(old, told)]
    connection.execute(insert(Coverage), rows)


def _merged(old: list[Covered], told: Covered) -> list[Covered]:
    start, end = told.span.start, told.span.end
    kept: list[Covered] = []
    for covered in old:
        if covered.verdict is Verdict.HAVE and told.verdict is Verdict.HAVE:
            start, end = min(start, covered.span.start), max(end, covered.span.end)
        else:
            kept.extend(
                Covered(rest, covered.verdict, covered.checked_at) for rest in subtract([covered.span], [told.span])
            )
    return [*kept, Covered(Span(start, end), told.verdict, told.checked_at)]


def _row(series_id: int, covered: Covered) -> dict[str, int | str]:
    return {
        "series_id": series_id,
        "start": covered.span.start,
        "end": covered.span.end,
        "verdict": covered.verdict.value,
        "checked_at": covered.checked_at,
    }
