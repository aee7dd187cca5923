"""What is known of a series: spans with a verdict."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, delete, func, insert, select

from webapp.kernel.plans import LOOKS, Covered, Verdict, after_look
from webapp.kernel.spans import Span, subtract, union
from webapp.series.tables import Bar, Coverage

_SERIES_A_STATEMENT = 1000
_COLUMNS = (Coverage.start, Coverage.end, Coverage.verdict, Coverage.checked_at, Coverage.looks)


def read(connection: Connection, series_id: int) -> list[Covered]:
    """Return what is known of a series, oldest span first; the spans are disjoint."""
    query = select(*_COLUMNS).where(Coverage.series_id == series_id).order_by(Coverage.start)
    return [_covered(*row) for row in connection.execute(query)]


def read_many(connection: Connection, series_ids: Sequence[int]) -> dict[int, list[Covered]]:
    """Return the same of many series, with a query for each thousand; those of which nothing is known are left out."""
    coverage: dict[int, list[Covered]] = {}
    for first in range(0, len(series_ids), _SERIES_A_STATEMENT):
        some = series_ids[first : first + _SERIES_A_STATEMENT]
        query = select(Coverage.series_id, *_COLUMNS).where(Coverage.series_id.in_(some))
        for row in connection.execute(query.order_by(Coverage.series_id, Coverage.start)):
            known_span = _covered(row.start, row.end, row.verdict, row.checked_at, row.looks)
            coverage.setdefault(row.series_id, []).append(known_span)
    return coverage


def has_answer(connection: Connection, series_id: int) -> bool:
    """Tell whether a source has told anything of a series, were it that nothing was traded."""
    return (
        connection.execute(select(Coverage.start).where(Coverage.series_id == series_id).limit(1)).first() is not None
    )


def doubted(connection: Connection, series_id: int, span: Span) -> list[Covered]:
    """Return the parts of a span that are in doubt, oldest first."""
    inside = (Coverage.start < span.end) & (Coverage.end > span.start)
    query = select(*_COLUMNS).where(Coverage.series_id == series_id, inside)
    rows = connection.execute(query.where(Coverage.verdict == Verdict.DOUBTED.value).order_by(Coverage.start))
    parts = [_covered(*row) for row in rows]
    return [Covered(part.span.intersection(span), part.verdict, part.checked_at, part.looks) for part in parts]


def _covered(start: int, end: int, verdict: str, checked_at: int, looks: int) -> Covered:
    return Covered(Span(start, end), Verdict(verdict), checked_at, looks)


def record(connection: Connection, series_id: int, answer: Covered) -> None:
    """Add what a source told; it replaces what was known of the same span, and melts into equal neighbours.

    Only "have" melts: each "empty" keeps the time it was told at, which decides how long it is believed.
    """
    if answer.verdict is Verdict.HAVE:
        record_bars(connection, series_id, [answer.span], answer.checked_at)
    elif answer.span:
        old = _taken_out(connection, series_id, answer.span)
        _add(connection, series_id, [*_without(old, [answer.span]), answer])


def record_doubt(connection: Connection, series_id: int, span: Span, now: int) -> None:
    """Count a look at a span of which the source told nothing that can be believed (``now``: epoch seconds).

    It takes nothing away from what is known with bars. What the last look confirms is empty, or, where bars are stored
    that lack something, known with what there is.
    """
    if not span:
        return
    old = _taken_out(connection, series_id, span)
    have = [part for part in old if part.verdict is Verdict.HAVE]
    others = [part for part in old if part.verdict is not Verdict.HAVE]
    inside = subtract([span], [part.span for part in have])
    looked = [_judged(connection, series_id, part) for part in _looked_at(inside, others, now)]
    settled = [part.span for part in looked if part.verdict is Verdict.HAVE]
    _add(connection, series_id, [*have, *_without(others, [span]), *_without(looked, settled)])
    record_bars(connection, series_id, settled, now)


def confirm(connection: Connection, series_id: int, span: Span, now: int) -> bool:
    """Take the doubted parts of a span for what the source says, at a person's word; tell whether there were any."""
    parts = doubted(connection, series_id, span)
    for part in parts:
        confirmed = Covered(part.span, Verdict.EMPTY, now, LOOKS)
        record(connection, series_id, _judged(connection, series_id, confirmed))
    return bool(parts)


def _looked_at(inside: Sequence[Span], old: Sequence[Covered], now: int) -> list[Covered]:
    """Return what is known of normal spans after one more look, by the parts that they had before."""
    looked: list[Covered] = []
    for span in inside:
        parts = [(part, common) for part in old if (common := part.span.intersection(span))]
        looked += [after_look(part, common, now) for part, common in parts]
        looked += [after_look(None, rest, now) for rest in subtract([span], [common for _, common in parts])]
    return looked


def _judged(connection: Connection, series_id: int, part: Covered) -> Covered:
    """Return a confirmed part as one with bars, where any are stored."""
    if part.verdict is not Verdict.EMPTY or not part.is_confirmed:
        return part
    inside = (Bar.series_id == series_id) & (Bar.time >= part.span.start) & (Bar.time < part.span.end)
    has_bars = connection.execute(select(func.count()).select_from(Bar).where(inside)).scalar_one()
    return Covered(part.span, Verdict.HAVE, part.checked_at, part.looks) if has_bars else part


def record_bars(connection: Connection, series_id: int, spans: Iterable[Span], checked_at: int) -> None:
    """Add spans with bars, as ``record`` does, but however many in the same few statements.

    :param checked_at: when they were told, epoch seconds.
    """
    answered = union(spans)
    if not answered:
        return
    old = _taken_out(connection, series_id, Span(answered[0].start, answered[-1].end))
    have = union([*answered, *(part.span for part in old if part.verdict is Verdict.HAVE)])
    others = _without([part for part in old if part.verdict is not Verdict.HAVE], answered)
    _add(connection, series_id, [*others, *(Covered(span, Verdict.HAVE, checked_at) for span in have)])


def _taken_out(connection: Connection, series_id: int, span: Span) -> list[Covered]:
    """Delete what is known of a span and of what touches it, and return it."""
    touching = (Coverage.series_id == series_id) & (Coverage.start <= span.end) & (Coverage.end >= span.start)
    old = [_covered(*row) for row in connection.execute(select(*_COLUMNS).where(touching))]
    connection.execute(delete(Coverage).where(touching))
    return old


def _without(parts: Iterable[Covered], spans: Sequence[Span]) -> list[Covered]:
    return [
        Covered(rest, part.verdict, part.checked_at, part.looks)
        for part in parts
        for rest in subtract([part.span], spans)
    ]


def _add(connection: Connection, series_id: int, parts: Iterable[Covered]) -> None:
    rows = [_row(series_id, covered) for covered in parts]
    if rows:  # an INSERT of no rows would be one of a row without values
        connection.execute(insert(Coverage), rows)


def _row(series_id: int, covered: Covered) -> dict[str, int | str]:
    return {
        "series_id": series_id,
        "start": covered.span.start,
        "end": covered.span.end,
        "verdict": covered.verdict.value,
        "checked_at": covered.checked_at,
        "looks": covered.looks,
    }
