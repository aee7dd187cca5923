"""HTMX, as flask-htmx sees it: whether a script of the page asks, and what an answer tells that script.

The one module that knows of HTMX's headers; ``headers`` says in ``Vary`` that answers differ by them.
"""

from flask import Response, redirect
from flask.typing import ResponseReturnValue
from flask_htmx import HTMX, make_response

htmx = HTMX()
"""Bound to the application by ``create_app``; templates may use it, too."""


def wants_fragment() -> bool:
    """Tell whether a fragment is to be answered rather than a page.

    A script that goes back in the history, or follows a link for the browser, wants all of the page.
    """
    return bool(htmx) and not (htmx.history_restore_request or htmx.boosted)


def current_url() -> str:
    """Return the address of the page whose script asks; empty where none does."""
    return htmx.current_url or ""


def answer(body: str, status: int = 200, **instructions: str) -> Response:
    """Return an answer that tells a script what to do with it.

    :param instructions: as ``flask_htmx.make_response`` names them: ``trigger``, ``retarget``, ``redirect``,
        ``push_url``, ``replace_url``.
    """
    response: Response = make_response(body, status, **instructions)
    return response


def go_to(target: str) -> ResponseReturnValue:
    """Let the browser go to another page of ours, whoever asked (303: it asks with GET)."""
    return answer("", 204, redirect=target) if wants_fragment() else redirect(target, 303)


def notify(event: str) -> Response:
    """Return the empty answer that lets a page's own fragments refresh themselves."""
    return answer("", 204, trigger=event)
