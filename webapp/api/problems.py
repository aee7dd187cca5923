"""Errors as JSON: ``{"error": {"code", "message", "fields"?}}``, in the reader's language."""

import re
from collections.abc import Iterator, Mapping

from flask import Blueprint, Response, jsonify, request
from flask_babel import gettext
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RoutingException

from webapp.access.tokens import NotAuthenticatedError, ScopeError
from webapp.api.wording import CODES, SENTENCES, problem_of
from webapp.errors import (
    InvalidRequestError,
    MoissonError,
    NotFoundError,
    Sentence,
    SymbolsError,
    sentence,
)
from webapp.exporting.rules_exports import FORMATS

_CLIENT, _SERVER = 400, 500
_OTHER_FORM = re.compile(r"/api/v1/series/[0-9]+/bars\.\w+")


def say(text: Sentence) -> str:
    """Write a sentence in the reader's language."""
    return text.translate(gettext)


def register(blueprint: Blueprint) -> None:
    """Let a blueprint answer its errors as JSON."""
    blueprint.register_error_handler(MoissonError, our_error)
    blueprint.register_error_handler(HTTPException, http_error)


def answer_routing_error() -> Response | None:
    """Answer, for the whole API, what no blueprint is found for: a wrong path, method or host name."""
    error = request.routing_exception
    if error is None or isinstance(error, RoutingException) or not request.path.startswith("/api/"):
        return None  # a RoutingException is a redirect to the path as it should be written
    if _OTHER_FORM.fullmatch(request.path):
        forms = ", ".join(f"bars.{fmt}" for fmt in ("json", *FORMATS))
        return our_error(
            NotFoundError(sentence("There are no bars of this form. Ask for one of: %(forms)s.", forms=forms))
        )
    return http_error(error)


def our_error(error: MoissonError) -> Response:
    """Answer an error of ours."""
    fields = {name: say(text) for name, text in error.fields.items()} if isinstance(error, InvalidRequestError) else {}
    symbols = {name: say(text) for name, text in error.symbols.items()} if isinstance(error, SymbolsError) else {}
    answer = _answer(error.status, say(error.message), fields, symbols)
    if isinstance(error, NotAuthenticatedError):
        challenge = 'Bearer realm="moisson"'
        answer.headers["WWW-Authenticate"] = (
            f'{challenge}, error="invalid_token"' if "Authorization" in request.headers else challenge
        )
    elif isinstance(error, ScopeError):
        answer.headers["WWW-Authenticate"] = (
            f'Bearer realm="moisson", error="insufficient_scope", scope="{error.scope}"'
        )
    return answer


def http_error(error: HTTPException) -> Response:
    """Answer an error of Flask's, of the parser's, or (as 500) a defect of ours."""
    status = error.code or _SERVER
    fields = dict(_fields(getattr(error, "data", {}).get("messages", {})))
    text = SENTENCES.get(status, SENTENCES[_CLIENT if status < _SERVER else _SERVER])
    answer = _answer(status, next(iter(fields.values()), say(text)), fields)
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            answer.headers[name] = value
    return answer


def _answer(status: int, message: str, fields: Mapping[str, str], symbols: Mapping[str, str] | None = None) -> Response:
    code = CODES.get(status, CODES[_CLIENT if status < _SERVER else _SERVER])
    parts = {"fields": fields, "symbols": symbols}
    said = {name: dict(texts) for name, texts in parts.items() if texts}
    answer = jsonify(error={"code": code, "message": message, **said})
    answer.status_code = status
    return answer


def _fields(messages: object) -> Iterator[tuple[str, str]]:
    """Yield field and sentence from marshmallow's messages, which lie by location (``json``, ``query``) and nested."""
    for located in messages.values() if isinstance(messages, Mapping) else ():
        for name, message in located.items() if isinstance(located, Mapping) else (("body", located),):
            yield "body" if name == "_schema" else str(name), say(problem_of(_first(message)))


def _first(message: object) -> object:
    """Return the first message in what may be lists of messages by position or name."""
    while isinstance(message, Mapping | list):
        message = next(iter(message.values() if isinstance(message, Mapping) else message), "")
    return message
