"""What bars that are about to be written say of flags: which to raise, which to resolve, and who stays out. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from webapp.flagging.queries_flags import FlagRow, NewFlag
from webapp.flagging.rules_leaps import LONGEST_SPIKE, Explains
from webapp.flagging.rules_suspicion import Reply, SuspicionRule, is_same, suspicions
from webapp.kernel.bars import Action, Bar
from webapp.kernel.flag_states import FlagState
from webapp.kernel.intervals import Interval
from webapp.kernel.spans import Span
from webapp.series.queries_series import SeriesRow

Suspicions = Mapping[int, tuple[SuspicionRule, ...]]
"""The rules that bars break, by the starts of these bars."""


@dataclass(frozen=True, slots=True)
class IncomingBars:
    """Bars that are about to be written, ascending, and the span that was asked for.

    ``actions`` came with them; ``job_id`` is None when no job brought them.
    """

    row: SeriesRow
    bars: Sequence[Bar]
    span: Span
    actions: Sequence[Action] = ()
    job_id: int | None = None
    incomplete: frozenset[int] = frozenset()
    """The starts of bars of which a part did not come."""


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Stored bars on both sides of incoming ones, ascending, and all flags that may concern any of them."""

    before: Sequence[Bar] = ()
    after: Sequence[Bar] = ()
    flags: Mapping[int, FlagRow] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FlagChanges:
    """What is to be written of flags, once.

    ``exclude`` are the starts of incoming bars that stay out of the series. ``resolve`` are flags whose bars came with
    values that raise no doubt, with these bars. ``answered`` are flags whose source was asked again, to no avail.
    """

    exclude: frozenset[int] = frozenset()
    raise_: tuple[NewFlag, ...] = ()
    resolve: tuple[tuple[FlagRow, Bar], ...] = ()
    answered: tuple[tuple[FlagRow, Reply], ...] = ()


def find_excluded(bars: Sequence[Bar], flags: Mapping[int, FlagRow]) -> frozenset[int]:
    """Return the starts of bars that somebody has excluded and that come with the same values again."""
    out = {time: flag for time, flag in flags.items() if flag.state is FlagState.EXCLUDED}
    if not out:
        return frozenset()
    return frozenset(bar[0] for bar in bars if bar[0] in out and is_same(out[bar[0]].bar, bar))


def find_suspicions(bars: Sequence[Bar], neighbours: Neighbours, interval: Interval, explains: Explains) -> Suspicions:
    """Return what looks wrong of bars to write, and of their nearest neighbours, which they may cast doubt on."""
    if not bars:
        return {}
    broken = suspicions([*neighbours.before, *bars, *neighbours.after], interval, explains)
    if not broken:
        return broken
    first = (*neighbours.before[-LONGEST_SPIKE:], bars[0])[0][0]
    last = (bars[-1], *neighbours.after[:1])[-1][0]
    return {time: rules for time, rules in broken.items() if first <= time <= last}


def add_incomplete(broken: Suspicions, incomplete: frozenset[int]) -> Suspicions:
    """Return the suspicions with the bars of which the source left a part blank."""
    added = {time: (*broken.get(time, ()), SuspicionRule.INCOMPLETE) for time in sorted(incomplete)}
    return {**broken, **added} if added else broken


def plan_changes(
    incoming: IncomingBars, neighbours: Neighbours, exclude: frozenset[int], broken: Suspicions
) -> FlagChanges:
    """Return what becomes of flags.

    A bar with the values that it was flagged with before is left as it was decided; with others it is judged anew.
    """
    flags = neighbours.flags
    if not broken and not flags:
        return FlagChanges(exclude)
    around = (*neighbours.before, *incoming.bars, *neighbours.after)
    suspicious = [bar for bar in around if bar[0] in broken and bar[0] not in exclude]
    new = [bar for bar in suspicious if not _is_flagged(bar, flags.get(bar[0]))]
    delivered = {bar[0]: bar for bar in incoming.bars} if flags else {}
    fates = [(flag, delivered.get(time)) for time, flag in flags.items()]
    replies = [(flag, _reply(flag, bar, incoming.span)) for flag, bar in fates]
    return FlagChanges(
        exclude,
        raise_=tuple(NewFlag(bar, broken[bar[0]], incoming.job_id) for bar in new),
        resolve=tuple((flag, bar) for flag, bar in fates if bar is not None and _is_resolved(flag, bar, broken)),
        answered=tuple((flag, reply) for flag, reply in replies if reply is not None),
    )


def _is_flagged(bar: Bar, flag: FlagRow | None) -> bool:
    return flag is not None and flag.state is not FlagState.SETTLED and is_same(flag.bar, bar)


def _is_resolved(flag: FlagRow, bar: Bar, broken: Suspicions) -> bool:
    is_other = SuspicionRule.INCOMPLETE in flag.rules or not is_same(flag.bar, bar)
    return flag.state is not FlagState.SETTLED and flag.time not in broken and is_other


def _reply(flag: FlagRow, bar: Bar | None, span: Span) -> Reply | None:
    """Return what asking again has brought when it changed nothing: the same values, or no bar at all."""
    if flag.state is not FlagState.ASKED:
        return None
    if bar is None:
        return Reply.NOTHING if span.start <= flag.time < span.end else None
    return Reply.SAME if is_same(flag.bar, bar) else None
