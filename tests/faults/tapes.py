"""Tapes: what a source answers wrongly and when, made at random from a seed.

A tape has nothing that the product cannot undo by its own rules (docs/data.md).
"""

import dataclasses
import datetime as dt
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.faults.tape_share import (
    Blank,
    Empty,
    LateBasis,
    Lie,
    Preliminary,
    Share,
    Told,
    Wrong,
    label_of,
    make_share,
    sessions,
)
from webapp.kernel.bars import DIVIDEND, SPLIT, Action
from webapp.kernel.intervals import DAY, HOUR
from webapp.kernel.spans import Span

WHOLE, RECENT = dt.date(2024, 1, 2), dt.date(2024, 2, 1)
"""Since when the share is collected: at once, or what is recent first and the rest later."""
_FIRST = dt.datetime(2024, 3, 4, 22, tzinfo=dt.UTC)
LYING_DAYS = 21
_LONGEST_BLANK = 6
"""Days: a row that stays blank for longer than a week is confirmed to be (docs/data.md#nothing-and-failed)."""
_LATEST_BASIS = 15
"""Days after which a source has brought its history to a split's basis, at most."""
_WRONG_DAYS = 2
"""Days from a row's session: what is put right while an update still overlaps it is taken; older bars are not asked."""


@dataclass(frozen=True, slots=True)
class Ask:
    """That the share is asked for at an instant (epoch seconds): since a date, or brought up to date without one."""

    at: int
    since: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Tape:
    """A share, when it is asked for while its source lies, from when on (epoch seconds) it is honest, and the lies."""

    seed: int
    share: Share
    asks: tuple[Ask, ...]
    honest_from: int
    lies: tuple[Lie, ...]


def make_tape(seed: int) -> Tape:
    """Return the tape of a seed."""
    return _Maker(random.Random(seed), seed).make()  # noqa: S311 -- no secret


class _Maker:
    """What a tape is made with: chance, and what of it is settled already."""

    def __init__(self, chance: random.Random, seed: int) -> None:
        self.chance, self.seed = chance, seed
        self.share = make_share(chance)
        self.first = int(_FIRST.timestamp()) + chance.randrange(5) * DAY
        self.honest_from = self.first + LYING_DAYS * DAY - HOUR
        hours = (-10 * HOUR, -5 * HOUR, 0, 0)  # before the opening, while it trades, after the close
        days = sorted(chance.sample(range(1, LYING_DAYS), chance.randrange(1, 5)))
        self.moments = [self.first, *(self.first + day * DAY + chance.choice(hours) for day in days)]

    def make(self) -> Tape:
        """Return the tape; of lies about the actions of one day only the first: nobody leaves out what is not."""
        kinds: Sequence[Callable[[], Lie | None]] = (
            *(self._blank, self._blank, self._wrong, self._preliminary),
            *(self._empty, self._untold, self._invented, self._late_basis),
        )
        lies: dict[object, Lie] = {}
        for place in range(self.chance.randrange(1, 7)):
            lie = self.chance.choice(kinds)()
            if lie is not None and lie.during:
                lies.setdefault(_day_of_action(lie) or (place,), lie)
        return Tape(self.seed, self.share, self._asks(), self.honest_from, tuple(lies.values()))

    def _asks(self) -> tuple[Ask, ...]:
        """Return an ask for each moment; where what is recent comes first, one of them is for the rest."""
        is_whole = self.chance.random() < 0.7
        widened = None if is_whole else self.chance.choice(self.moments[1:])
        first = Ask(self.first, WHOLE if is_whole else RECENT)
        return (first, *(Ask(moment, WHOLE if moment == widened else None) for moment in self.moments[1:]))

    def _window(self, longest: int) -> Span:
        """Return a span of up to so many days that begins with an ask and ends before the source is honest."""
        start = self.chance.choice(self.moments) - HOUR
        return Span(start, min(start + self.chance.randrange(1, longest + 1) * DAY, self.honest_from))

    def _blank(self) -> Lie:
        during = self._window(_LONGEST_BLANK)
        days = days_until(during.end)
        day = self.chance.choice(days if self.chance.random() < 0.5 else days[-8:])
        columns = (None, None, "open", "high", "low", "close", "volume")
        return Blank(during=during, day=day, column=self.chance.choice(columns))

    def _wrong(self) -> Lie:
        newest = [days_until(moment)[-1] for moment in self.moments]
        day = self.chance.choice([day for day in newest if day + _WRONG_DAYS * DAY < self.honest_from])
        return Wrong(during=Span(day, day + _WRONG_DAYS * DAY), day=day)

    def _preliminary(self) -> Lie:
        return Preliminary(during=self._window(3))

    def _empty(self) -> Lie:
        return Empty(during=self._window(2))

    def _untold(self) -> Lie | None:
        during = self._window(LYING_DAYS)
        actions = [action for action in self.share.actions if action.time < during.end]
        return self._told(during, self.chance.choice(actions), is_untold=True) if actions else None

    def _invented(self) -> Lie | None:
        during = self._window(LYING_DAYS)
        taken = {action.time for action in self.share.actions}
        kind = self.chance.choice((DIVIDEND, SPLIT))
        value = self.chance.uniform(0.2, 1.5) if kind == DIVIDEND else self.chance.choice((2.0, 3.0))
        day = self.chance.choice([day for day in days_until(during.end) if day not in taken])
        return self._told(during, Action(kind, day, value), is_untold=False)

    def _told(self, during: Span, action: Action, *, is_untold: bool) -> Lie | None:
        is_in_prices, is_in_list = self.chance.random() < 0.5, self.chance.random() < 0.5
        return Told(during=during, action=action, is_untold=is_untold, is_in_prices=is_in_prices, is_in_list=is_in_list)

    def _late_basis(self) -> Lie | None:
        splits = [action for action in self.share.actions if action.kind == SPLIT]
        felt = [split for split in splits if self.first - _LATEST_BASIS * DAY < split.time < self.honest_from]
        if not felt:
            return None
        split = self.chance.choice(felt)
        end = split.time + self.chance.randrange(1, _LATEST_BASIS) * DAY
        return LateBasis(during=Span(split.time, min(end, self.honest_from)), split=split)


def _day_of_action(lie: Lie) -> int | None:
    match lie:
        case Told():
            return lie.action.time
        case LateBasis():
            return lie.split.time
    return None


def days_until(end: int) -> list[int]:
    """Return the sessions of what is collected that begin before an instant, as labels."""
    return [day for day in sessions() if label_of(WHOLE) <= day < end]


def count_kinds(tapes: Sequence[Tape]) -> Counter[str]:
    """Return how many lies of each kind tapes hold."""
    return Counter(type(lie).__name__ for tape in tapes for lie in tape.lies)


def describe(tape: Tape, disagreements: Sequence[str]) -> str:
    """Return a tape and what became of it, in lines."""
    lines = [f"tape {tape.seed}, honest from {_format_instant(tape.honest_from)}"]
    lines += [f"  asked {_format_instant(ask.at)} since {ask.since or 'the last bar'}" for ask in tape.asks]
    lines += [f"  true: {_format(action)}" for action in tape.share.actions]
    for lie in tape.lies:
        fields = [field.name for field in dataclasses.fields(lie) if field.name != "during"]
        values = ", ".join(f"{name} {_format(getattr(lie, name))}" for name in fields)
        start, end = _format_instant(lie.during.start), _format_instant(lie.during.end)
        lines.append(f"  {type(lie).__name__} from {start} to {end}: {values}")
    return "\n".join([*lines, *(f"    {disagreement}" for disagreement in disagreements)])


def _format(value: object) -> str:
    if isinstance(value, Action):
        return f"{value.kind} of {value.value:.4g} on {_format(value.time)}"
    return str(value) if isinstance(value, bool) or not isinstance(value, int) else f"{_format_instant(value):.5}"


def _format_instant(at: int) -> str:
    return f"{dt.datetime.fromtimestamp(at, dt.UTC):%m-%d %H h}"
