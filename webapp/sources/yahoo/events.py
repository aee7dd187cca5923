"""The dividends, splits and capital gains of a chart answer, each read for itself: one that cannot be spoils no other.

Seen in answers of Yahoo's: splits of ``0/0`` and ``1/0``, an amount of ``null``.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

from webapp.errors import Sentence, sentence
from webapp.kernel.bars import CAPITAL_GAIN, DIVIDEND, SPLIT, Action
from webapp.kernel.requests import EARLIEST, LATEST
from webapp.sources.yahoo.stamps import Stamps

_PAYOUTS = {"dividends": DIVIDEND, "capitalGains": CAPITAL_GAIN}
_SPLITS = "splits"
_LONGEST = 80
_NOTHING = float("nan")


@dataclass(frozen=True, slots=True)
class ParsedEvents:
    """The actions that events mean, and what the events that cannot be say of themselves."""

    actions: tuple[Action, ...]
    impossible: tuple[str, ...]


def parse_events(events: object, stamps: Stamps) -> ParsedEvents:
    """Return the actions of a chart answer's ``events``.

    Left out is what has no date, and what is no positive and finite number: of money, or of new shares for an old one.
    """
    actions: list[Action] = []
    impossible: list[str] = []
    for name, event in _list_events(events):
        action = _parse_event(name, event, stamps)
        if action is None:
            impossible.append(f"{name} {event}"[:_LONGEST])
        else:
            actions.append(action)
    return ParsedEvents(tuple(actions), tuple(impossible))


def describe_impossible(impossible: Sequence[str]) -> Sentence | None:
    """Return the sentence about events that were left out; None without any."""
    if not impossible:
        return None
    return sentence(
        "Yahoo told of %(events)d dividends, splits or capital gains that cannot be (%(first)s). They were left out.",
        events=len(impossible),
        first=impossible[0],
    )


def _list_events(events: object) -> Iterator[tuple[str, Any]]:
    if not isinstance(events, Mapping):
        yield "events", events
        return
    for name in (*_PAYOUTS, _SPLITS):
        section = events.get(name) or {}
        listed: Iterable[Any] = section.values() if isinstance(section, Mapping) else [section]
        yield from ((name, event) for event in listed)


def _parse_event(name: str, event: object, stamps: Stamps) -> Action | None:
    """Return what an event means, None when it cannot be."""
    if not isinstance(event, Mapping):
        return None
    date = event.get("date")
    if type(date) is not int or not EARLIEST <= date < LATEST:
        return None
    if name == _SPLITS:
        value = _divide(_number(event.get("numerator")), _number(event.get("denominator")))
    else:
        value = _number(event.get("amount"))
    if not (isfinite(value) and value > 0):
        return None
    return Action(_PAYOUTS.get(name, SPLIT), stamps.date_of(date), value)


def _number(value: object) -> float:
    """Return a number as such, NaN for what is none."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else _NOTHING


def _divide(new: float, old: float) -> float:
    """Return new shares for an old one; NaN unless both are more than nothing."""
    return new / old if new > 0 and old > 0 else _NOTHING
