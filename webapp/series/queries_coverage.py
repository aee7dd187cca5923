"""What is known of a series: spans with a verdict."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, delete, insert, select

from webapp.kernel.plans import Covered, Verdict
from webapp.kernel.spans import Span, subtract, union
from webapp.series.tables import Coverage


def read(connection: Connection, series_id: int) -> list[Covered]:
    """Return what is known of a series, oldest span first; the spans are disjoint."""
    query = select(Coverage.start, Coverage.end, Coverage.verdict, Coverage.checked_at)
    rows = connection.execute(query.where(Coverage.series_id == series_id).order_by(Coverage.start))
    return [Covered(Span(row.start, row.end), Verdict(row.verdict), row.checked_at) for row in rows]


def record(connection: Connection, series_id: int, answer: Covered) -> None:
    """Add what a source told; it replaces what was known of the same span, and melts into equal neighbours.

    Only "have" melts: each "empty" keeps the time it was told at, which decides how long it is believed.
    """
    if answer.verdict is Verdict.HAVE:
        record_bars(connection, series_id, [answer.span], answer.checked_at)
    elif answer.span:
        old = _taken_out(connection, series_id, answer.span)
        _add(connection, series_id, [*_without(old, [answer.span]), answer])


def record_bars(connection: Connection, series_id: int, spans: Iterable[Span], checked_at: int) -> None:
    """Add spans with bars, as ``record`` does, but however many in the same few statements.

    :param checked_at: when they were told, epoch seconds.
    """
    answered = union(spans)
    if not answered:
        return
    old = _taken_out(connection, series_id, Span(answered[0].start, answered[-1].end))
    have = union([*answered, *(part.span for part in old if part.verdict is Verdict.HAVE)])
    empty = _without([part for part in old if part.verdict is Verdict.EMPTY], answered)
    _add(connection, series_id, [*empty, *(Covered(span, Verdict.HAVE, checked_at) for span in have)])


def _taken_out(connection: Connection, series_id: int, span: Span) -> list[Covered]:
    """Delete what is known of a span and of what touches it, and return it."""
    touching = (Coverage.series_id == series_id) & (Coverage.start <= span.end) & (Coverage.end >= span.start)
    query = select(Coverage.start, Coverage.end, Coverage.verdict, Coverage.checked_at).where(touching)
    old = [Covered(Span(r.start, r.end), Verdict(r.verdict), r.checked_at) for r in connection.execute(query)]
    connection.execute(delete(Coverage).where(touching))
    return old


def _without(parts: Iterable[Covered], spans: Sequence[Span]) -> list[Covered]:
    return [Covered(rest, part.verdict, part.checked_at) for part in parts for rest in subtract([part.span], spans)]


def _add(connection: Connection, series_id: int, parts: Iterable[Covered]) -> None:
    connection.execute(insert(Coverage), [_row(series_id, covered) for covered in parts])


def _row(series_id: int, covered: Covered) -> dict[str, int | str]:
    return {
        "series_id": series_id,
        "start": covered.span.start,
        "end": covered.span.end,
        "verdict": covered.verdict.value,
        "checked_at": covered.checked_at,
    }
