"""What a caller accepts, by the ``Accept`` header, of what an address has."""

from collections.abc import Sequence
from http import HTTPStatus

from flask import request

from webapp.errors import MoissonError, sentence

JSON_MEDIA = "application/json"
BYTES_MEDIA = "application/octet-stream"
"""What generated clients take a file for whose type they do not know."""


class NotAcceptableError(MoissonError):
    """The caller accepts nothing that the address has."""

    status = HTTPStatus.NOT_ACCEPTABLE


def negotiate(media: Sequence[str]) -> str:
    """Return which of the media types that an address has the caller prefers: the first one, where it does not say.

    :raises NotAcceptableError: when it accepts none of them.
    """
    accepted = request.accept_mimetypes
    best = accepted.best_match(media) if accepted else media[0]
    if best is None:
        raise NotAcceptableError(
            sentence(
                "This address answers with %(types)s, and the Accept header allows none of it. "
                "Ask for one of these, or send no Accept header.",
                types=", ".join(media),
            )
        )
    return str(best)
