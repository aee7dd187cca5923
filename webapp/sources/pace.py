"""One rate for all workers, kept in Redis: evenly spaced turns, and a cool-down that everybody respects.

Turns are handed out by the time of the next free one (the generic cell rate algorithm with a burst of one). Redis's own
clock decides, so that workers on several machines agree.
"""

import random
from dataclasses import dataclass
from typing import cast

from redis import Redis
from redis.exceptions import RedisError

from webapp.errors import Sentence, sentence
from webapp.kernel.job_states import ErrorKind
from webapp.sources.base import SourceError

_TAKE = """
local now = redis.call('TIME')
local ms = now[1] * 1000 + math.floor(now[2] / 1000)
local closed = tonumber(redis.call('HGET', KEYS[1], 'until') or '0')
if closed > ms then return {1, closed - ms} end
local turn = math.max(tonumber(redis.call('HGET', KEYS[1], 'next') or '0'), ms)
if turn - ms > tonumber(ARGV[2]) then return {2, turn - ms} end
redis.call('HSET', KEYS[1], 'next', turn + tonumber(ARGV[1]))
return {0, turn - ms}
"""

_LEFT = """
local now = redis.call('TIME')
local ms = now[1] * 1000 + math.floor(now[2] / 1000)
return tonumber(redis.call('HGET', KEYS[1], 'until') or '0') - ms
"""

_COOL_DOWN = """
local now = redis.call('TIME')
local ms = now[1] * 1000 + math.floor(now[2] / 1000)
local closed = tonumber(redis.call('HGET', KEYS[1], 'until') or '0')
if closed > ms then return closed - ms end
local level = redis.call('HINCRBY', KEYS[1], 'level', 1)
local pause = math.min(tonumber(ARGV[1]) * 2 ^ math.min(level - 1, 20), tonumber(ARGV[2])) * tonumber(ARGV[3])
pause = math.floor(math.max(pause, tonumber(ARGV[4])))
redis.call('HSET', KEYS[1], 'until', ms + pause)
return pause
"""

LONGEST_COOL_DOWN = 3600.0


@dataclass(frozen=True, slots=True)
class Turn:
    """How long to wait before one's turn (seconds); or, when ``is_refused``, before asking again at all."""

    wait: float
    is_refused: bool
    is_cooling_down: bool


class Pace:
    """The shared pace of one source.

    :param interval: seconds between two requests.
    :param cooldown: seconds of the first cool-down; each further one without a success between doubles it, to an hour.
    :param patience: the longest wait for a turn (seconds) that is worth keeping a worker's slot for.
    """

    def __init__(self, redis: Redis, source: str, interval: float, cooldown: float, patience: float = 5.0) -> None:
        self._key = f"moisson:pace:{source}"
        self._redis = redis
        self._interval = interval
        self._cooldown = cooldown
        self._patience = max(patience, interval)
        self._take = redis.register_script(_TAKE)
        self._left = redis.register_script(_LEFT)
        self._cool = redis.register_script(_COOL_DOWN)

    def take(self) -> Turn:
        """Take the next turn, unless it is too far off or a cool-down lasts.

        :raises SourceError: when Redis does not answer: without it nobody may ask.
        """
        arguments = [round(self._interval * 1000), round(self._patience * 1000)]
        try:
            verdict, wait = cast("list[int]", self._take(keys=[self._key], args=arguments))
        except RedisError as err:
            raise _away() from err
        return Turn(wait=wait / 1000, is_refused=verdict != 0, is_cooling_down=verdict == 1)

    def cooling(self) -> float:
        """Return how many seconds the cool-down lasts still; 0 when there is none.

        :raises SourceError: when Redis does not answer.
        """
        try:
            return max(0, int(cast("int", self._left(keys=[self._key])))) / 1000
        except RedisError as err:
            raise _away() from err

    def cool_down(self, retry_after: float | None = None) -> float:
        """Begin a cool-down for all workers (or join the one that lasts) and return its length in seconds.

        ``retry_after`` is what the source asked for, in seconds; it is honoured.

        :raises SourceError: when Redis does not answer.
        """
        spread = 1 + random.random() / 10  # noqa: S311 -- spreads load, guards nothing
        longest = round(LONGEST_COOL_DOWN * 1000)
        try:
            pause = self._cool(
                keys=[self._key], args=[round(self._cooldown * 1000), longest, spread, round((retry_after or 0) * 1000)]
            )
        except RedisError as err:
            raise _away() from err
        return int(cast("int", pause)) / 1000

    def succeeded(self) -> None:
        """Note that the source answers again: the next cool-down starts small.

        :raises SourceError: when Redis does not answer.
        """
        try:
            self._redis.hdel(self._key, "level")
        except RedisError as err:
            raise _away() from err


def _away() -> SourceError:
    return SourceError(
        ErrorKind.GATEWAY_DOWN,
        sentence("Redis does not answer, and the request rate that all workers share is kept there."),
        hint=_REDIS_HINT,
    )


_REDIS_HINT: Sentence = sentence("The job goes on by itself when Redis is back.")
