"""What all workers share lives in Redis; without it nobody may act, and that is said in one way."""

from collections.abc import Iterator
from contextlib import contextmanager

from redis.exceptions import RedisError

from webapp.errors import sentence
from webapp.kernel.job_states import ErrorKind
from webapp.sources.base import SourceError


@contextmanager
def redis_required() -> Iterator[None]:
    """Ask Redis inside of this.

    :raises SourceError: (``GATEWAY_DOWN``) when Redis does not answer.
    """
    try:
        yield
    except RedisError as err:
        raise SourceError(
            ErrorKind.GATEWAY_DOWN,
            sentence("Redis does not answer, and what the workers share about Interactive Brokers is kept there."),
            hint=sentence("The job goes on by itself when Redis is back."),
        ) from err


def text_of(value: object) -> str:
    """Return what Redis answered as text, whether its handle decodes or not."""
    return value.decode() if isinstance(value, bytes) else str(value)
