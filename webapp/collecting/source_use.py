"""When a source was last asked under strict rules: written down before each request, so that it outlives Redis.

The request budget lives in Redis. When Redis has lost it, this tells how much of it must be taken as spent.
"""

from webapp.context import Context
from webapp.database.transactions import reading, writing
from webapp.jobs import queries_events


def note_use(context: Context, source: str) -> None:
    """Note that a source is about to be asked; in a transaction of its own, before the request."""
    with writing() as connection:
        queries_events.process_beat(connection, _name(source), _name(source), context.now())


def last_used(source: str) -> float | None:
    """Return when a source was last asked by any worker (epoch seconds), None for never."""
    with reading() as connection:
        at = queries_events.last_beat(connection, _name(source))
    return None if at is None else at.timestamp()


def _name(source: str) -> str:
    return f"source:{source}"[:16]
