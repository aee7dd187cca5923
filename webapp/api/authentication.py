"""Who asks: a bearer token in the ``Authorization`` header, and nothing else; a cookie means nothing here."""

from flask import g, request

from webapp.access import tokens
from webapp.access.queries_tokens import Scope, TokenRow
from webapp.context import context


def require(scope: Scope) -> None:
    """Let the request pass when its token is good for a scope.

    :raises NotAuthenticatedError: without a good token.
    :raises ScopeError: when the token lacks the scope.
    """
    credentials = request.authorization
    is_bearer = credentials is not None and credentials.type == "bearer"
    g.token = tokens.authenticate(context(), credentials.token if credentials and is_bearer else None, scope)


def token() -> TokenRow:
    """Return the token of the current request, after ``require``."""
    row: TokenRow = g.token
    return row
