"""What every page needs beside its own values, and the small questions that routes ask of a request."""

from flask import render_template, request
from werkzeug.exceptions import BadRequest

from webapp.context import context
from webapp.web.sidebar import sidebar_values

THEMES = ("auto", "light", "dark")


def render_page(template: str, **values: object) -> str:
    """Render a page with its sidebar and banners."""
    return render_template(template, **sidebar_values(), **values)


def shared_values() -> dict[str, object]:
    """Return what every template may use, fragments and error pages included; nothing here does any I/O."""
    return {"theme": chosen_theme(), "simulated": context().simulated, "here": here(), "now": context().now()}


def chosen_theme() -> str:
    """Return the theme kept in the cookie; ``auto`` follows the browser."""
    chosen = request.cookies.get("theme", "")
    return chosen if chosen in THEMES else "auto"


def here() -> str:
    """Return the path to come back to after a choice of language or theme."""
    if request.method != "GET" or request.path.startswith("/ui/"):
        return "/"
    return request.full_path.rstrip("?")


def whole_number(name: str, default: int, most: int = 1_000_000_000) -> int:
    """Return a number of the query string between 1 and ``most``.

    :raises BadRequest: for anything that is not a number.
    """
    return parse_number(request.args.get(name, ""), default, most)


def parse_number(text: str, default: int, limit: int) -> int:
    """Return a number between 1 and ``limit``; ``default`` for the empty text.

    :raises BadRequest: for anything that is not a number.
    """
    if not text:
        return default
    if not text.isascii() or not text.isdigit() or len(text) > 10:  # noqa: PLR2004 -- more digits overflow the database
        raise BadRequest
    return max(1, min(int(text), limit))
