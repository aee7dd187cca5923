"""What a polled fragment showed last, as a short text in its URL: when nothing changed, the answer is 204 and empty."""

import hashlib

from flask import Response, request

from webapp.web.formats import language


def version_of(*shown: object) -> str:
    """Return a short hash of all that a fragment shows, and of the language it says it in."""
    return hashlib.blake2s(repr((language(), shown)).encode(), digest_size=8).hexdigest()


def unchanged(version: str) -> Response | None:
    """Return the empty answer when the browser shows this version already."""
    return Response(status=204) if request.args.get("v") == version else None
