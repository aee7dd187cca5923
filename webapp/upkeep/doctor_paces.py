"""What the doctor says of a source that was asked too fast: it is asked slower than configured for a while."""

import logging
from collections.abc import Iterator

from webapp.context import Context
from webapp.errors import Sentence, sentence
from webapp.sources.base import SourceError
from webapp.upkeep.paces import is_slowed, read_pace

log = logging.getLogger(__name__)


def pace_findings(context: Context, source: str, rate: float) -> Iterator[Sentence]:
    """Say that a source is asked slower than at its configured rate (requests a second), how fast, and why.

    Nothing is said while Redis, which knows, is away: the doctor says that already.
    """
    try:
        state = read_pace(context, source, rate)
    except SourceError as err:
        log.info("the rate of %s is not known: %s", source, err)
        return
    if state.cooling:
        yield sentence(
            "%(source)s said that there were too many requests: all workers pause for %(seconds)d seconds more.",
            source=source,
            seconds=round(state.cooling),
        )
    if is_slowed(state, rate):
        yield sentence(
            "%(source)s is asked %(rate).2g times a second for now, since it refused more; the rate comes back slowly.",
            source=source,
            rate=state.rate,
        )
