"""What a polled fragment showed last, as a short text in its URL: when nothing changed, the answer is 204 and empty."""

from collections.abc import Callable, Mapping

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from webapp.kernel.cached import fingerprint
from webapp.web.formats import language


def version_of(**shown: object) -> str:
    """Return a short hash of all that a fragment shows, by name, and of the language it says it in."""
    return fingerprint(language=language(), **shown)


def polled(
    template: str, *, version: Callable[[], str], load: Callable[[str], Mapping[str, object]]
) -> ResponseReturnValue:
    """Return a fragment, or the empty answer when the browser shows this version of it already.

    The version is asked first: what changes while the fragment is loaded is then shown once more, and never missed.

    :param load: returns what the template needs; it is handed the version, which the fragment carries in its URL.
    """
    current = version()
    if request.args.get("v") == current:
        return Response(status=204)
    return render_template(template, **load(current))
