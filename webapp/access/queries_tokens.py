"""Bearer tokens: what is kept of each, which is not the token itself."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, insert, or_, select, update

from webapp.access.tables import ApiToken


class Scope(StrEnum):
    """What a token may do."""

    READ = "read"
    WRITE = "write"


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A token as it is kept; ``prefix`` is the part of it that is no secret, ``digest`` its SHA-256 in hexadecimal."""

    id: int
    name: str
    prefix: str
    digest: str
    scopes: frozenset[Scope]
    created_at: dt.datetime
    last_used_at: dt.datetime | None
    revoked_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class NewToken:
    """What is kept of a token when it is made."""

    name: str
    prefix: str
    digest: str
    scopes: frozenset[Scope]


_SELECT = select(
    ApiToken.id,
    ApiToken.name,
    ApiToken.prefix,
    ApiToken.digest,
    ApiToken.scopes,
    ApiToken.created_at,
    ApiToken.last_used_at,
    ApiToken.revoked_at,
)
_BY_PREFIX = _SELECT.where(ApiToken.prefix == bindparam("prefix"))  # written once: each request asks it


def add(connection: Connection, new: NewToken, now: dt.datetime) -> int:
    """Keep a new token and return its id."""
    statement = insert(ApiToken).values(
        name=new.name, prefix=new.prefix, digest=new.digest, scopes=sorted(new.scopes), created_at=now
    )
    return int(connection.execute(statement.returning(ApiToken.id)).scalar_one())


def by_prefix(connection: Connection, prefix: str) -> TokenRow | None:
    """Return the token with a prefix, revoked or not, or None."""
    return next(map(_token, connection.execute(_BY_PREFIX, {"prefix": prefix})), None)


def get(connection: Connection, token_id: int) -> TokenRow | None:
    """Return a token, or None."""
    return next(_rows(connection, _SELECT.where(ApiToken.id == token_id)), None)


def every(connection: Connection) -> list[TokenRow]:
    """Return all tokens, oldest first."""
    return list(_rows(connection, _SELECT.order_by(ApiToken.id)))


def revoke(connection: Connection, token_id: int, now: dt.datetime) -> None:
    """Note that a token is good no more; when it was revoked first stays."""
    changed = update(ApiToken).where(ApiToken.id == token_id, ApiToken.revoked_at.is_(None))
    connection.execute(changed.values(revoked_at=now))


def note_use(connection: Connection, token_id: int, now: dt.datetime, before: dt.datetime) -> None:
    """Note that a token was used, unless that was noted since ``before``."""
    seldom = or_(ApiToken.last_used_at.is_(None), ApiToken.last_used_at < before)
    connection.execute(update(ApiToken).where(ApiToken.id == token_id, seldom).values(last_used_at=now))


def _rows(connection: Connection, query: Select[*tuple[Any, ...]]) -> Iterator[TokenRow]:
    yield from map(_token, connection.execute(query))


def _token(row: Row[*tuple[Any, ...]]) -> TokenRow:
    values = dict(row._mapping)  # noqa: SLF001 -- SQLAlchemy's documented name
    return TokenRow(**{**values, "scopes": frozenset(Scope(name) for name in row.scopes)})
