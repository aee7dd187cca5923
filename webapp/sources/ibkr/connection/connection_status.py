"""What workers say of their connections, for the sidebar: the web process never opens one itself.

Each worker publishes its own every ten seconds or so; one that nobody publishes again vanishes after thirty.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from typing import Any, cast

from redis import Redis

from webapp.errors import Sentence
from webapp.sources.ibkr.redis_errors import redis_required, text_of

STATUS_SECONDS = 30
FAILURE_SECONDS = 600
_INDEX = "moisson:ibkr:connections"

# A member of the index whose status has vanished goes, too, and none that is being published can be missed between.
_LIST = """
local states = {}
for _, key in ipairs(redis.call('SMEMBERS', KEYS[1])) do
  local state = redis.call('GET', key)
  if state then states[#states + 1] = state else redis.call('SREM', KEYS[1], key) end
end
return states
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


def mask_account(account: str) -> str:
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


def publish(redis: Redis, state: ConnectionState) -> None:
    """Show a connection for the next thirty seconds.

    :raises SourceError: (``GATEWAY_DOWN``) when Redis does not answer, as do all functions here.
    """
    key = _status_key(state.owner, state.gateway)
    with redis_required(), redis.pipeline(transaction=True) as pipeline:
        pipeline.set(key, json.dumps(asdict(state)), ex=STATUS_SECONDS)
        pipeline.sadd(_INDEX, key)
        pipeline.expire(_INDEX, 2 * STATUS_SECONDS)
        pipeline.execute()


def withdraw(redis: Redis, owner: str, gateway: str) -> None:
    """Show a connection no longer: it was closed."""
    key = _status_key(owner, gateway)
    with redis_required(), redis.pipeline(transaction=True) as pipeline:
        pipeline.delete(key)
        pipeline.srem(_INDEX, key)
        pipeline.execute()


def list_connections(redis: Redis) -> list[ConnectionState]:
    """Return all connections, by gateway and client id; empty when there is none."""
    with redis_required():
        texts = cast("list[bytes]", redis.register_script(_LIST)(keys=[_INDEX]))
    states = [_parse_status(json.loads(text)) for text in texts]
    return sorted(states, key=lambda state: (state.gateway, state.client_id, state.owner))


def write_failure(redis: Redis, gateway: str, message: Sentence, at: float) -> None:
    """Show for ten minutes why a gateway could not be reached at ``at`` (epoch seconds)."""
    text = json.dumps([message.text, dict(message.params), at])
    with redis_required():
        redis.set(_failure_key(gateway), text, ex=FAILURE_SECONDS)


def clear_failure(redis: Redis, gateway: str) -> None:
    """Show the failure no longer: the gateway was reached."""
    with redis_required():
        redis.delete(_failure_key(gateway))


def read_failure(redis: Redis, gateway: str) -> ConnectionFailure | None:
    """Return the last failure of a gateway, None when there was none lately."""
    with redis_required():
        text = redis.get(_failure_key(gateway))
    if text is None:
        return None
    message, params, at = json.loads(text_of(text))
    return ConnectionFailure(gateway, Sentence(message, params), at)


def _status_key(owner: str, gateway: str) -> str:
    return f"moisson:ibkr:connection:{owner}:{gateway}"


def _failure_key(gateway: str) -> str:
    return f"moisson:ibkr:failure:{gateway}"


def _parse_status(values: dict[str, Any]) -> ConnectionState:
    return ConnectionState(**{**values, "accounts": tuple(values["accounts"])})
