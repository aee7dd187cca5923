"""Keys of requests that may be repeated, and the answers that were given."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Connection, and_, delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from webapp.access.tables import IdempotencyKey


@dataclass(frozen=True, slots=True)
class Asking:
    """A request that may come again: whose, under which key, and the SHA-256 of what it asks."""

    token_id: int
    key: str
    digest: str


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """An answer as it was sent: HTTP status and text."""

    status: int
    body: str


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A key in use. ``answer`` is None while the first request is still being worked on."""

    id: int
    digest: str
    answer: KeptAnswer | None


def claim(
    connection: Connection, asking: Asking, now: dt.datetime, *, expires: dt.datetime, abandoned: dt.datetime
) -> int | None:
    """Take a key and return its id, or None when it is taken.

    A key that has expired is free again, and so is one taken before ``abandoned`` that never got an answer: its
    process has died.
    """
    mine = and_(IdempotencyKey.token_id == asking.token_id, IdempotencyKey.key == asking.key)
    is_free = or_(
        IdempotencyKey.expires_at <= now,
        and_(IdempotencyKey.status.is_(None), IdempotencyKey.created_at < abandoned),
    )
    connection.execute(delete(IdempotencyKey).where(mine, is_free))
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(IdempotencyKey).values(
        token_id=asking.token_id, key=asking.key, digest=asking.digest, created_at=now, expires_at=expires
    )
    key_id = connection.execute(statement.on_conflict_do_nothing().returning(IdempotencyKey.id)).scalar()
    return None if key_id is None else int(key_id)


def find(connection: Connection, asking: Asking) -> KeyRow | None:
    """Return the key that a request came with before, or None."""
    query = select(IdempotencyKey.id, IdempotencyKey.digest, IdempotencyKey.status, IdempotencyKey.body)
    query = query.where(IdempotencyKey.token_id == asking.token_id, IdempotencyKey.key == asking.key)
    row = connection.execute(query).first()
    if row is None:
        return None
    return KeyRow(row.id, row.digest, None if row.status is None else KeptAnswer(row.status, row.body or ""))


def keep(connection: Connection, key_id: int, answer: KeptAnswer) -> None:
    """Keep the answer to the request that took a key."""
    values = {"status": answer.status, "body": answer.body}
    connection.execute(update(IdempotencyKey).where(IdempotencyKey.id == key_id).values(values))


def release(connection: Connection, key_id: int) -> None:
    """Free a key whose request came to nothing."""
    connection.execute(delete(IdempotencyKey).where(IdempotencyKey.id == key_id))


def delete_expired(connection: Connection, now: dt.datetime) -> int:
    """Delete keys that have expired and return how many."""
    return int(connection.execute(delete(IdempotencyKey).where(IdempotencyKey.expires_at <= now)).rowcount)
