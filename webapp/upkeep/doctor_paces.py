"""What the doctor says of a source that was asked too fast: it is asked slower than configured for a while."""

import logging
from collections.abc import Iterator

from webapp.context import Context
from webapp.errors import Sentence, sentence
from webapp.sources.base import SourceError
from webapp.sources.pace import Pace, PaceState

log = logging.getLogger(__name__)

_AS_CONFIGURED = 0.99
"""A rate of this share of the configured one is as good as that."""


def pace_findings(context: Context, source: str, rate: float) -> Iterator[Sentence]:
    """Say that a source is asked slower than at its configured rate (requests a second), how fast, and why."""
    state = _read_state(context, source, rate)
    if state is None:
        return
    if state.cooling:
        yield sentence(
            "%(source)s said that there were too many requests: all workers pause for %(seconds)d seconds more.",
            source=source,
            seconds=round(state.cooling),
        )
    if state.rate < rate * _AS_CONFIGURED:
        yield sentence(
            "%(source)s is asked %(rate).2g times a second for now, since it refused more; the rate comes back slowly.",
            source=source,
            rate=state.rate,
        )


def _read_state(context: Context, source: str, rate: float) -> PaceState | None:
    """Return the pace as it is; None while Redis, which knows, is away: the doctor says that already."""
    try:
        return Pace(context.redis, source, 1 / rate, cooldown=0).state()
    except SourceError as err:
        log.info("the rate of %s is not known: %s", source, err)
        return None
