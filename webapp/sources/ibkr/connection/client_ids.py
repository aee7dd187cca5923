"""Client ids, leased from a pool in Redis so that two workers never take the same one at a gateway.

TWS refuses a second connection with an id that is in use (error 326), and after an unclean exit it may hold an id for a
while; so an id that came back because its lease ended is taken after all others for some minutes.
"""

import uuid
from contextlib import suppress
from types import TracebackType
from typing import Self, cast

from redis import Redis

from webapp.errors import sentence
from webapp.kernel.job_states import ErrorKind
from webapp.sources.base import SourceError
from webapp.sources.ibkr.redis_errors import redis_required

LEASE_SECONDS = 60.0
"""How long a lease lasts; the pool renews it with each ``PoolSettings.beat``."""
HELD_ELSEWHERE_SECONDS = 300.0
"""For how long an id that another program holds is not tried again."""
_WARY_SECONDS = 300.0
_ELSEWHERE = "elsewhere"

# KEYS: the ids by the end of their lease (milliseconds), and who holds each. An id whose lease ended stays for a while.
_COMMON = """
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local function lease(id, holder, span)
  redis.call('ZADD', KEYS[1], now + span, id)
  redis.call('HSET', KEYS[2], id, holder)
  for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, 86400000) end
end
"""

_LEASE = """
local first, count, holder, span, wary = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3], tonumber(ARGV[4]), ARGV[5]
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now - wary)) do
  redis.call('ZREM', KEYS[1], id)
  redis.call('HDEL', KEYS[2], id)
end
local best, best_end
for id = first, first + count - 1 do
  local ends = tonumber(redis.call('ZSCORE', KEYS[1], id) or '0')
  if ends <= now and (not best or ends < best_end) then best, best_end = id, ends end
end
if best then lease(best, holder, span) end
return best
"""

_RENEW = """
local holder = redis.call('HGET', KEYS[2], ARGV[1])
if holder and holder ~= ARGV[2] and holder ~= ARGV[4] then
  local ends = tonumber(redis.call('ZSCORE', KEYS[1], ARGV[1]) or '0')
  if ends > now then return 0 end
end
lease(ARGV[1], ARGV[2], tonumber(ARGV[3]))
return 1
"""

_RELEASE = """
if redis.call('HGET', KEYS[2], ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('HDEL', KEYS[2], ARGV[1])
return 1
"""

_MARK = """
lease(ARGV[1], ARGV[2], tonumber(ARGV[3]))
return 1
"""


class ClientIdPool:
    """The client ids from ``first`` on at one gateway (``host:port``)."""

    def __init__(self, redis: Redis, gateway: str, first: int, count: int = 32) -> None:
        self.gateway = gateway
        self._first = first
        self._count = count
        self._keys = [f"moisson:ibkr:client_ids:{gateway}:{part}" for part in ("ends", "holders")]
        self._lease_script = redis.register_script(_COMMON + _LEASE)
        self._renew_script = redis.register_script(_COMMON + _RENEW)
        self._release_script = redis.register_script(_RELEASE)
        self._mark_script = redis.register_script(_COMMON + _MARK)

    def lease(self, holder: str) -> int:
        """Take a free id: the lowest that nobody has, or else the one whose lease ended longest ago.

        :raises SourceError: ``GATEWAY_DOWN`` when none is free, or Redis does not answer.
        """
        arguments: list[int | str] = [
            self._first,
            self._count,
            holder,
            round(LEASE_SECONDS * 1000),
            round(_WARY_SECONDS * 1000),
        ]
        with redis_required():
            number = cast("int | None", self._lease_script(keys=self._keys, args=arguments))
        if number is None:
            raise self._none_free()
        return int(number)

    def renew(self, number: int, holder: str) -> bool:
        """Prolong the lease; False when another worker has the id by now."""
        arguments: list[int | str] = [number, holder, round(LEASE_SECONDS * 1000), _ELSEWHERE]
        with redis_required():
            return bool(self._renew_script(keys=self._keys, args=arguments))

    def release(self, number: int, holder: str) -> None:
        """Free the id at once, if it is the holder's."""
        with redis_required():
            self._release_script(keys=self._keys, args=[number, holder])

    def mark(self, number: int, seconds: float) -> None:
        """Note that a program that is none of ours holds the id."""
        with redis_required():
            self._mark_script(keys=self._keys, args=[number, _ELSEWHERE, round(seconds * 1000)])

    def _none_free(self) -> SourceError:
        return SourceError(
            ErrorKind.GATEWAY_DOWN,
            sentence(
                "All client ids from %(first)d to %(last)d are in use at %(gateway)s.",
                first=self._first,
                last=self._first + self._count - 1,
                gateway=self.gateway,
            ),
            hint=sentence(
                "End other programs that are connected there, or choose another first client id. Ids of workers that "
                "crashed come back within a minute."
            ),
        )


class ClientId:
    """A leased client id. As a context manager it releases itself; a crashed worker's lease ends by itself."""

    def __init__(self, pool: ClientIdPool, owner: str) -> None:
        self._pool = pool
        self._holder = f"{owner} {uuid.uuid4().hex}"
        self.number = pool.lease(self._holder)

    def renew(self) -> bool:
        """Prolong the lease; the pool does so with each ``PoolSettings.beat``.

        False when another worker leased the id meanwhile, after this one's lease had ended (the machine slept) or Redis
        was emptied. A connection that stands may stay: the gateway refuses the other one, which then takes the next id.

        :raises SourceError: when Redis does not answer.
        """
        return self._pool.renew(self.number, self._holder)

    def release(self) -> None:
        """Free the id at once, after the connection is closed.

        :raises SourceError: when Redis does not answer; then the lease ends by itself.
        """
        self._pool.release(self.number, self._holder)

    def skip(self, seconds: float = HELD_ELSEWHERE_SECONDS) -> None:
        """Mark the id as held by another program (error 326) and lease the next one: ``number`` changes.

        :raises SourceError: ``GATEWAY_DOWN`` when no other id is free, or Redis does not answer.
        """
        self._pool.mark(self.number, seconds)
        self.number = self._pool.lease(self._holder)

    def __enter__(self) -> Self:
        """Return the leased id."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Release it; without Redis its lease ends by itself."""
        with suppress(SourceError):
            self.release()


def lease(redis: Redis, gateway: str, first: int, owner: str, count: int = 32) -> ClientId:
    """Lease a client id at a gateway (``host:port``) for ``owner`` (a name for people: host and process).

    :raises SourceError: ``GATEWAY_DOWN`` when none is free, or Redis does not answer.
    """
    return ClientId(ClientIdPool(redis, gateway, first, count), owner)
