"""Going back to where someone came from, and never to another site."""

from urllib.parse import urlsplit

from flask import redirect
from werkzeug.wrappers import Response


def safe_path(target: str | None, default: str = "/") -> str:
    r"""Return ``target`` when it is a path of this site, else ``default``.

    Browsers read ``/\evil.com`` and ``//evil.com`` as another host, and drop tabs and line ends before they look.
    """
    if not target or not target.startswith("/") or target.startswith("//"):
        return default
    if "\\" in target or any(ord(character) < 32 or ord(character) == 127 for character in target):  # noqa: PLR2004
        return default
    try:
        parts = urlsplit(target)
    except ValueError:
        return default
    return default if parts.scheme or parts.netloc else target


def back_to(target: str | None, default: str = "/") -> Response:
    """Redirect to a path of this site (303: the browser asks with GET)."""
    return redirect(safe_path(target, default), 303)
