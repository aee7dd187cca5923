"""What a polled fragment showed last, as a short text in its URL: when nothing changed, the answer is 204 and empty."""

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from webapp.web.formats import language


def version_of(**shown: object) -> str:
    """Return a short hash of all that a fragment shows, by name, and of the language it says it in."""
    text = json.dumps({"language": language(), **shown}, default=_plain, separators=(",", ":"))
    return hashlib.blake2s(text.encode(), digest_size=8).hexdigest()


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


def _plain(value: object) -> object:
    """Return what JSON has no word for as what it has."""
    if is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    if isinstance(value, dt.datetime):
        return value.timestamp()
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is no part of a version")
