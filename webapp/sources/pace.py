"""One rate for all workers, kept in Redis: evenly spaced turns, a cool-down for all, and a rate that adapts.

Turns are handed out by the time of the next free one (the generic cell rate algorithm with a burst of one). Redis's own
clock decides, so that workers on several machines agree.

**The rate adapts**, since sources do not tell what they allow, and change it. The configured rate is the ceiling.

* A refusal begins a cool-down for all and halves the rate, down to a sixteenth of the configured one. The rate that was
  refused is remembered.
* After the cool-down the rate comes back in three minutes to six sevenths of the refused one; then it takes an hour to
  reach that one, slower the nearer it is; then it grows by a twentieth of the configured one a minute,
  up to that.
* A refusal before anything was answered since the last one says that the pause was too short, not that the rate is too
  high: the pause doubles and the rate stays. So several refusals of requests that were under way together count once.
* Pauses double until twenty turns lie between two refusals. An answer alone does not reset them: a source that answers
  every second request is asked too often.

Plain halving with linear growth would be refused every few minutes, and each refusal costs a cool-down. What was
refused is the best guess of what is allowed: so most of the time is spent just below it (as TCP's CUBIC does), one
refusal an hour is enough to follow the source, and a burst that it allows now and then does not mislead for long: each
guess that was too high because of a burst is followed by a lower one. The way back takes the same
time however low the rate is: if its steps were parts of the configured rate, a rate far below that one would be passed
within a minute, and bursts would hide it. With Redis its memory is lost, and the configured rate is tried again.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from redis import Redis
from redis.exceptions import RedisError

from webapp.errors import Sentence, sentence
from webapp.kernel.job_states import ErrorKind
from webapp.sources.base import SourceError

LONGEST_COOL_DOWN = 3600.0
LEAST_SHARE = 1 / 16
"""The slowest rate, as a share of the configured one."""
GROWTH = 1 / 20
"""How much the rate grows a minute beyond what was refused, as a share of the configured one."""
NEAR = 0.86
"""To this share of the rate that was refused it comes back within ``RECOVERY``, and to the whole within ``NEARING``."""
RECOVERY = 180.0
NEARING = 3600.0
PROOF = 20
"""After so many turns without a refusal the pause before them was long enough, and the next is a first one again."""

# Every script begins with this. KEYS[1] is the pace's hash; ARGV[1] is the time (ms) or '' for Redis's own; ARGV[2] the
# configured rate (requests a second). In the hash: ``next`` free turn, ``until`` when the last cool-down lasts and the
# ``turns`` given after it; ``level``, how often pauses have doubled; ``refused`` and ``slowed``, the rate that was
# refused and what it was lowered to; ``since``, when it was first lowered (ms); ``trial``, there until an answer comes.
_COMMON = f"""
local key, most = KEYS[1], tonumber(ARGV[2])
local ms = tonumber(ARGV[1])
if not ms then
  local now = redis.call('TIME')
  ms = now[1] * 1000 + math.floor(now[2] / 1000)
end
local function number(field) return tonumber(redis.call('HGET', key, field) or '0') end
local closed = number('until')
local function rate()
  local refused, slowed = number('refused'), number('slowed')
  if refused == 0 then return most end
  local near, after = math.max(refused * {NEAR}, slowed), math.max(ms - closed, 0) / 1000
  if after < {RECOVERY} then return math.min(slowed + (near - slowed) * after / {RECOVERY}, most) end
  after = after - {RECOVERY}
  local left = 1 - after / {NEARING}
  if left > 0 then return math.min(refused - (refused - near) * left * left, most) end
  return math.min(refused + most * {GROWTH} * (after - {NEARING}) / 60, most)
end
"""

_TAKE = (
    _COMMON
    + """
local trial = redis.call('HEXISTS', key, 'trial')
if closed > ms then return {1, closed - ms, trial} end
local interval = math.floor(1000 / rate() + 0.5)
local turn = math.max(number('next'), ms)
if turn - ms > math.max(tonumber(ARGV[3]), interval) then return {2, turn - ms, trial} end
redis.call('HSET', key, 'next', turn + interval)
redis.call('HINCRBY', key, 'turns', 1)
return {0, turn - ms, trial}
"""
)

_LOOK = _COMMON + "return {closed - ms, tostring(rate()), number('since')}"

_COOL_DOWN = (
    _COMMON
    + f"""
if closed > ms then return closed - ms end
local first, longest = tonumber(ARGV[3]), {LONGEST_COOL_DOWN * 1000}
if redis.call('HEXISTS', key, 'trial') == 0 then
  local refused = rate()
  redis.call('HSET', key, 'refused', refused, 'slowed', math.max(refused / 2, most * {LEAST_SHARE}), 'trial', 1)
  if refused >= most then redis.call('HSET', key, 'since', ms) end
  if number('turns') >= {PROOF} then redis.call('HDEL', key, 'level') end
end
redis.call('HDEL', key, 'turns')
local level = redis.call('HINCRBY', key, 'level', 1)
local pause = math.min(first * 2 ^ math.min(level - 1, 20), longest) * tonumber(ARGV[4])
pause = math.floor(math.max(pause, tonumber(ARGV[5])))
redis.call('HSET', key, 'until', ms + pause)
return pause
"""
)


@dataclass(frozen=True, slots=True)
class Turn:
    """How long to wait before one's turn (seconds); or, when ``is_refused``, before asking again at all.

    ``is_trial`` says that nothing has been answered since the last refusal: an answer is worth ``Pace.succeeded``.
    """

    wait: float
    is_refused: bool
    is_cooling_down: bool
    is_trial: bool = False


@dataclass(frozen=True, slots=True)
class PaceState:
    """How fast a source may be asked now (requests a second), and how long a cool-down lasts still (seconds, or 0).

    ``slowed_at`` is when the rate was last lowered from the configured one (seconds since 1970); 0 when it never was.
    """

    rate: float
    cooling: float
    slowed_at: float = 0.0


class Pace:
    """The shared pace of one source.

    :param interval: seconds between two requests at the configured rate, which is never exceeded.
    :param cooldown: seconds of the first cool-down; each further one after few answers doubles it, to an hour.
    :param patience: the longest wait for a turn (seconds) that is worth keeping a worker's slot for.
    :param clock: seconds since 1970, instead of Redis's own clock.
    """

    def __init__(
        self,
        redis: Redis,
        source: str,
        interval: float,
        cooldown: float,
        patience: float = 5.0,
        clock: Callable[[], float] | None = None,
    ) -> None:
        self._key = f"moisson:pace:{source}"
        self._redis = redis
        self._rate = 1 / interval
        self._cooldown = cooldown
        self._patience = patience
        self._clock = clock
        self._take = redis.register_script(_TAKE)
        self._look = redis.register_script(_LOOK)
        self._cool = redis.register_script(_COOL_DOWN)

    def take(self) -> Turn:
        """Take the next turn, unless it is too far off or a cool-down lasts.

        :raises SourceError: when Redis does not answer: without it nobody may ask.
        """
        try:
            answer = self._take(keys=[self._key], args=[*self._now_and_rate(), round(self._patience * 1000)])
        except RedisError as err:
            raise _away() from err
        verdict, wait, trial = cast("list[int]", answer)
        return Turn(wait / 1000, is_refused=verdict != 0, is_cooling_down=verdict == 1, is_trial=trial == 1)

    def cooling(self) -> float:
        """Return how many seconds the cool-down lasts still; 0 when there is none.

        :raises SourceError: when Redis does not answer.
        """
        return self.state().cooling

    def state(self) -> PaceState:
        """Return the rate as it is now, and what is left of a cool-down.

        :raises SourceError: when Redis does not answer.
        """
        try:
            left, rate, since = cast("tuple[int, bytes, int]", self._look(keys=[self._key], args=self._now_and_rate()))
        except RedisError as err:
            raise _away() from err
        return PaceState(rate=float(rate), cooling=max(0, left) / 1000, slowed_at=since / 1000)

    def cool_down(self, retry_after: float | None = None) -> float:
        """Begin a cool-down for all workers (or join the one that lasts), lower the rate, and return how long it lasts.

        ``retry_after`` is what the source asked for, in seconds; it is honoured.

        :raises SourceError: when Redis does not answer.
        """
        spread = 1 + random.random() / 10  # noqa: S311 -- spreads load, guards nothing
        lengths = [round(self._cooldown * 1000), spread, round((retry_after or 0) * 1000)]
        try:
            pause = self._cool(keys=[self._key], args=[*self._now_and_rate(), *lengths])
        except RedisError as err:
            raise _away() from err
        return int(cast("int", pause)) / 1000

    def succeeded(self) -> None:
        """Note that the source answers again: the next refusal is one of the rate, not of the pause's length.

        :raises SourceError: when Redis does not answer.
        """
        try:
            self._redis.hdel(self._key, "trial")
        except RedisError as err:
            raise _away() from err

    def _now_and_rate(self) -> list[str | float]:
        return ["" if self._clock is None else round(self._clock() * 1000), self._rate]


def _away() -> SourceError:
    return SourceError(
        ErrorKind.GATEWAY_DOWN,
        sentence("Redis does not answer, and the request rate that all workers share is kept there."),
        hint=_REDIS_HINT,
    )


_REDIS_HINT: Sentence = sentence("The job goes on by itself when Redis is back.")
