"""ETags: who has an answer already is told so (304) instead of getting it again."""

from collections.abc import Callable

from flask import Response, request
from flask_babel import get_locale

from webapp.kernel.cached import fingerprint

HEADER = {
    "ETag": {
        "description": "Changes with the answer. Send it back as If-None-Match, and get 304 while nothing has changed.",
        "schema": {"type": "string"},
    }
}
PARAMETER = {
    "in": "header",
    "name": "If-None-Match",
    "required": False,
    "description": "The ETag of an answer that you have: 304 and no body while nothing has changed.",
    "example": 'W/"0123456789abcdef"',
    "schema": {"type": "string"},
}


def tag_of(**values: object) -> str:
    """Return the tag of an answer that depends on these values, by name, and on the reader's language."""
    return fingerprint(language=str(get_locale()), **values)


def is_known(tag: str) -> bool:
    """Tell whether the caller has the answer of this tag."""
    return request.if_none_match.contains_weak(tag)


def tagged(tag: str, answer: Callable[[], Response]) -> Response:
    """Return an answer with its tag, or, for a caller that has it, 304; it is made only where it is needed.

    The tag is weak: the same content may come compressed or not. It is asked for first and the content read later, so
    what changes in between is sent once more, and never missed.
    """
    tagged = Response(status=304) if is_known(tag) else answer()
    tagged.set_etag(tag, weak=True)
    tagged.headers["Cache-Control"] = "private, no-cache"
    tagged.vary.update(("Accept", "Accept-Language", "Authorization", "Cookie"))
    return tagged
