"""What workers say of their connections, for the sidebar: the web process never opens one itself.

Each worker rewrites its line every ten seconds or so; a line that nobody rewrites vanishes after thirty.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from typing import Any, cast

from redis import Redis

from webapp.errors import Sentence
from webapp.sources.ibkr.redis_errors import shared_memory, text_of

LINE_SECONDS = 30
FAILURE_SECONDS = 600
_LINES = "moisson:ibkr:connections"

# A member of the index whose line has vanished goes, too, and no line that is being written can be missed between.
_READ_ALL = """
local lines = {}
for _, key in ipairs(redis.call('SMEMBERS', KEYS[1])) do
  local line = redis.call('GET', key)
  if line then lines[#lines + 1] = line else redis.call('SREM', KEYS[1], key) end
end
return lines
"""


@dataclass(frozen=True, slots=True)
class ConnectionState:
    """One connection of one worker.

    ``accounts`` are masked, ``login`` stands for the account list and does not tell it. ``connected_since`` is in epoch
    seconds. ``farms`` are ``ok``, ``broken`` or ``inactive`` by name. ``is_linked`` is False while the gateway has lost
    IBKR's servers (between 1100 and 1101 or 1102). ``owner`` is the worker, by host and process.
    """

    gateway: str
    host: str
    port: int
    client_id: int
    server_version: int
    accounts: tuple[str, ...]
    is_paper: bool
    connected_since: float
    login: str
    owner: str
    is_linked: bool = True
    farms: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ConnectionFailure:
    """Why no connection could be had, and when that was (epoch seconds)."""

    gateway: str
    message: Sentence
    at: float


def masked(account: str) -> str:
    """Return an account's name without its middle: its letters, and at most its last three digits (``DU•••567``)."""
    letters, rest = cast("re.Match[str]", re.fullmatch(r"([A-Za-z]*)(.*)", account, re.DOTALL)).groups()
    shown = rest[-3:] if len(rest) > len("567") else ""
    return f"{letters}•••{shown}"


def are_paper(accounts: Sequence[str]) -> bool:
    """Tell whether these are paper trading accounts; the names of those begin with D."""
    return bool(accounts) and all(account.startswith("D") for account in accounts)


def login_key(accounts: Sequence[str]) -> str:
    """Return a name for the login that has these accounts, the same on all machines and whatever their order."""
    return sha256("\n".join(sorted(accounts)).encode()).hexdigest()[:16]


def write(redis: Redis, state: ConnectionState) -> None:
    """Show a connection for the next thirty seconds.

    :raises SourceError: (``GATEWAY_DOWN``) when Redis does not answer, as do all functions here.
    """
    key = _line(state.owner, state.gateway)
    with shared_memory(), redis.pipeline(transaction=True) as together:
        together.set(key, json.dumps(asdict(state)), ex=LINE_SECONDS)
        together.sadd(_LINES, key)
        together.expire(_LINES, 2 * LINE_SECONDS)
        together.execute()


def remove(redis: Redis, owner: str, gateway: str) -> None:
    """Show a connection no longer: it was closed."""
    key = _line(owner, gateway)
    with shared_memory(), redis.pipeline(transaction=True) as together:
        together.delete(key)
        together.srem(_LINES, key)
        together.execute()


def read_all(redis: Redis) -> list[ConnectionState]:
    """Return all connections, by gateway and client id; empty when there is none."""
    with shared_memory():
        lines = cast("list[bytes]", redis.register_script(_READ_ALL)(keys=[_LINES]))
    states = [_connection(json.loads(line)) for line in lines]
    return sorted(states, key=lambda state: (state.gateway, state.client_id, state.owner))


def write_failure(redis: Redis, gateway: str, message: Sentence, at: float) -> None:
    """Show for ten minutes why a gateway could not be reached at ``at`` (epoch seconds)."""
    line = json.dumps([message.text, dict(message.params), at])
    with shared_memory():
        redis.set(_failure(gateway), line, ex=FAILURE_SECONDS)


def clear_failure(redis: Redis, gateway: str) -> None:
    """Show the failure no longer: the gateway was reached."""
    with shared_memory():
        redis.delete(_failure(gateway))


def read_failure(redis: Redis, gateway: str) -> ConnectionFailure | None:
    """Return the last failure of a gateway, None when there was none lately."""
    with shared_memory():
        line = redis.get(_failure(gateway))
    if line is None:
        return None
    text, params, at = json.loads(text_of(line))
    return ConnectionFailure(gateway, Sentence(text, params), at)


def _line(owner: str, gateway: str) -> str:
    return f"moisson:ibkr:connection:{owner}:{gateway}"


def _failure(gateway: str) -> str:
    return f"moisson:ibkr:failure:{gateway}"


def _connection(told: dict[str, Any]) -> ConnectionState:
    return ConnectionState(**{**told, "accounts": tuple(told["accounts"])})
