"""Reading answers: JSON, and errors as the server says them."""

import json
from collections.abc import Mapping
from typing import Any

from moisson_client.calls import Lost, Reply
from moisson_client.errors import MoissonError

Record = dict[str, Any]
"""An object of the server's JSON, as docs/http.md and the server's description say."""


def object_of(reply: Reply) -> Record:
    """Return the JSON object of an answer.

    :raises MoissonError: when it is none: something else than a Moisson has answered.
    """
    try:
        body = json.loads(reply.content)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        message = "The answer is not one of a Moisson: is the address right, and does no proxy stand before it?"
        raise MoissonError(message, code="not_understood", status=reply.status)
    return body


def error_of(outcome: Reply | Lost) -> MoissonError:
    """Return the error that an outcome is."""
    if isinstance(outcome, Lost):
        return MoissonError(f"The server did not answer: {outcome.why}.", code="unreachable")
    error = _error_in(outcome)
    if error is None:
        message = f"The server answered with the status {outcome.status} and said nothing that can be understood."
        return MoissonError(message, code="not_understood", status=outcome.status)
    return MoissonError(
        str(error["message"]),
        code=str(error.get("code", "")),
        status=outcome.status,
        fields=_texts(error.get("fields")),
        symbols=_texts(error.get("symbols")),
    )


def _error_in(reply: Reply) -> Mapping[str, object] | None:
    try:
        body = json.loads(reply.content)
    except ValueError:
        return None
    error = body.get("error") if isinstance(body, dict) else None
    return error if isinstance(error, dict) and "message" in error else None


def _texts(values: object) -> dict[str, str]:
    return {str(name): str(text) for name, text in values.items()} if isinstance(values, dict) else {}
