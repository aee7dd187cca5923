"""Bearer tokens of the JSON API: made once, shown once, kept as a hash.

A token reads ``moisson_<prefix>_<secret>``: the prefix finds the row, the secret is 256 random bits. A hash without
salt or stretching is right for it: nobody can guess or list 256 bits, unlike a password.
"""

import datetime as dt
import hashlib
import hmac
import logging
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus

from sqlalchemy.exc import SQLAlchemyError

from webapp.access import queries_tokens
from webapp.access.queries_tokens import NewToken, Scope, TokenRow
from webapp.context import Context
from webapp.database.transactions import reading, writing
from webapp.errors import InvalidRequestError, MoissonError, NotFoundError, sentence

log = logging.getLogger(__name__)

_NOTED_EVERY = dt.timedelta(minutes=1)
_KIND = "moisson"
_LONGEST_NAME = 80
_LONGEST_TOKEN = 200
_PARTS = 3


class NotAuthenticatedError(MoissonError):
    """No token, or one that is not good."""

    status = HTTPStatus.UNAUTHORIZED


class ScopeError(MoissonError):
    """The token is good, but not for this."""

    status = HTTPStatus.FORBIDDEN

    def __init__(self, scope: Scope) -> None:
        super().__init__(sentence("This token may not do that: it lacks the scope “%(scope)s”.", scope=scope.value))
        self.scope = scope


@dataclass(frozen=True, slots=True)
class MadeToken:
    """A new token. ``text`` is the token itself, which cannot be shown again."""

    id: int
    text: str


def create(context: Context, name: str, scopes: Iterable[Scope]) -> MadeToken:
    """Make a token.

    :raises InvalidRequestError: with the field ``name`` or ``scope``.
    """
    granted, name = frozenset(scopes), name.strip()
    if not 1 <= len(name) <= _LONGEST_NAME or not name.isprintable():
        message = sentence("Give the token a name of at most %(most)d characters.", most=_LONGEST_NAME)
        raise InvalidRequestError({"name": message})
    if not granted:
        raise InvalidRequestError({"scope": sentence("Give at least one scope: read or write.")})
    prefix = secrets.token_hex(6)
    text = f"{_KIND}_{prefix}_{secrets.token_urlsafe(32)}"
    with writing() as connection:
        token_id = queries_tokens.add(connection, NewToken(name, prefix, _digest(text), granted), context.now())
    return MadeToken(token_id, text)


def every() -> list[TokenRow]:
    """Return all tokens, revoked ones included, oldest first."""
    with reading() as connection:
        return queries_tokens.every(connection)


def revoke(context: Context, token_id: int) -> TokenRow:
    """Make a token good for nothing; one that was revoked before stays so.

    :raises NotFoundError: when there is none of this id.
    """
    with writing() as connection:
        queries_tokens.revoke(connection, token_id, context.now())
        row = queries_tokens.get(connection, token_id)
    if row is None:
        raise NotFoundError(sentence("There is no token %(id)d.", id=token_id))
    return row


def authenticate(context: Context, text: str | None, scope: Scope) -> TokenRow:
    """Return whose token this is, when it is good for ``scope``; its use is noted at most once a minute.

    :raises NotAuthenticatedError: without a token, or with one that is unknown or revoked.
    :raises ScopeError: when the token lacks the scope.
    """
    if not text:
        raise NotAuthenticatedError(
            sentence(
                "This needs a token: send “Authorization: Bearer …”. "
                "Make one with: flask --app wsgi tokens create NAME --scope read"
            )
        )
    row = _good(text)
    if row is None:
        raise NotAuthenticatedError(sentence("This token is unknown or was revoked."))
    if scope not in row.scopes:
        raise ScopeError(scope)
    _note_use(context, row)
    return row


def _good(text: str) -> TokenRow | None:
    parts = text.split("_", _PARTS - 1)
    if len(parts) != _PARTS or len(text) > _LONGEST_TOKEN or not text.isascii():
        return None
    with reading() as connection:
        row = queries_tokens.by_prefix(connection, parts[1])
    if row is None or row.revoked_at is not None or not hmac.compare_digest(row.digest, _digest(text)):
        return None
    return row


def _note_use(context: Context, row: TokenRow) -> None:
    now = context.now()
    if row.last_used_at is not None and now - row.last_used_at < _NOTED_EVERY:
        return
    try:
        with writing() as connection:
            queries_tokens.note_use(connection, row.id, now, now - _NOTED_EVERY)
    except SQLAlchemyError:
        # A database that cannot be written to can still be read from.
        log.warning("the use of token %s could not be noted", row.id, exc_info=True)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
