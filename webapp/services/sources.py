"""What the sources offer, as plain values for forms; nothing is asked of them."""

from dataclasses import dataclass

from webapp.domain.intervals import Interval
from webapp.domain.requests import EARLIEST
from webapp.domain.spans import Span
from webapp.errors import Sentence
from webapp.services.context import Context
from webapp.sources.base import Wanted
from webapp.sources.registry import OFFERS


@dataclass(frozen=True, slots=True)
class IntervalChoice:
    """An interval that a source serves, and why it does not reach back for ever (None when it does)."""

    interval: Interval
    limit: Sentence | None


@dataclass(frozen=True, slots=True)
class SourceChoice:
    """A source that a form may offer."""

    name: str
    label: str
    intervals: tuple[IntervalChoice, ...]


def choices(context: Context) -> tuple[SourceChoice, ...]:
    """Return every source with the intervals it serves, shortest first."""
    now = context.now().timestamp()
    everything = Span(EARLIEST, int(now))
    found = []
    for offer in OFFERS.values():
        intervals = []
        for interval in sorted(offer.intervals, key=lambda one: one.seconds):
            _, refusals = offer.servable(Wanted(offer.example, interval), everything, now)
            intervals.append(IntervalChoice(interval, refusals[0].reason if refusals else None))
        found.append(SourceChoice(offer.name, offer.label, tuple(intervals)))
    return tuple(found)


def options_of(source: str, variant: str) -> dict[str, str]:
    """Return the options that select a variant; none for a source that is no longer there."""
    offer = OFFERS.get(source)
    return offer.options_of(variant) if offer else {}


def label(name: str) -> str:
    """Return a source's name as people write it; the bare name for a source that is no longer there."""
    offer = OFFERS.get(name)
    return offer.label if offer else name
