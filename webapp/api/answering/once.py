"""A POST that carries an ``Idempotency-Key`` is done once, and answered alike however often it is sent."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

from flask import Response, request

from webapp.access import idempotency
from webapp.access.queries_idempotency import Asking, KeptAnswer
from webapp.api import authentication
from webapp.context import context
from webapp.errors import InvalidRequestError, sentence

KEY = "Idempotency-Key"
_LONGEST_KEY = 255
KEY_PARAMETER: dict[str, Any] = {
    "in": "header",
    "name": KEY,
    "required": False,
    "description": "A text of your own: the same request sent again with it within 24 hours gets the first answer.",
    "example": "2024-11-23-a",
    "schema": {"type": "string", "minLength": 1, "maxLength": _LONGEST_KEY, "pattern": "^[!-~]+$"},
}


def answer_once(act: Callable[[], KeptAnswer]) -> Response:
    """Do what the current request asks, or give the answer that it got before.

    :raises InvalidRequestError: when its key is none, or was used for another request.
    :raises ConflictError: when it is being worked on.
    """
    key = _key()
    if key is None:
        return _sent(act())
    text = json.dumps([request.path, request.get_json()], sort_keys=True)
    asking = Asking(authentication.token().id, key, hashlib.sha256(text.encode()).hexdigest())
    outcome = idempotency.once(context(), asking, act)
    answer = _sent(outcome.answer)
    if outcome.is_repeated:
        answer.headers["Idempotent-Replayed"] = "true"
    return answer


def _key() -> str | None:
    """Return the key that the request may be repeated with.

    :raises InvalidRequestError: when it is no key.
    """
    key = request.headers.get(KEY)
    if key is None:
        return None
    if not 1 <= len(key) <= _LONGEST_KEY or not all("!" <= character <= "~" for character in key):
        message = sentence("A key has 1 to %(most)d visible ASCII characters and no space.", most=_LONGEST_KEY)
        raise InvalidRequestError({KEY: message})
    return key


def _sent(answer: KeptAnswer) -> Response:
    return Response(answer.body, answer.status, mimetype="application/json")
