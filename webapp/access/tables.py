"""The tables of tokens and of idempotency keys."""

import datetime as dt

from sqlalchemy import (
    ForeignKey,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database.types import JsonText, Moment
from webapp.extensions import Base


class ApiToken(Base):
    """A bearer token of the JSON API: its hash, and a prefix that is no secret, to find it by."""

    __tablename__ = "api_token"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    prefix: Mapped[str] = mapped_column(String(16), unique=True)
    digest: Mapped[str] = mapped_column(String(64))
    scopes: Mapped[list[str]] = mapped_column(JsonText)
    created_at: Mapped[dt.datetime] = mapped_column(Moment)
    last_used_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    revoked_at: Mapped[dt.datetime | None] = mapped_column(Moment)


class IdempotencyKey(Base):
    """A request that its sender may repeat without doing it twice, with the answer once there is one."""

    __tablename__ = "idempotency_key"
    __table_args__ = (
        UniqueConstraint("token_id", "key"),
        {"sqlite_autoincrement": True},  # an id is never used again: a late answer must not land on another request
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    token_id: Mapped[int] = mapped_column(ForeignKey("api_token.id"))
    key: Mapped[str] = mapped_column(String(255))
    digest: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[dt.datetime] = mapped_column(Moment)
    expires_at: Mapped[dt.datetime] = mapped_column(Moment, index=True)
    status: Mapped[int | None]
    body: Mapped[str | None] = mapped_column(Text)
