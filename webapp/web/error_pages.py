"""What goes wrong, as a page or, for a request that HTMX sent, as a short alert; never a stack trace."""

from flask import Flask, Response, jsonify, make_response, render_template, request
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, SecurityError

from webapp.errors import (
    MoissonError,
    Sentence,
    sentence,
)
from webapp.web.formats import say
from webapp.web.htmx import wants_fragment

TITLES: dict[int, Sentence] = {
    400: sentence("This request was not understood"),
    404: sentence("There is nothing here"),
    405: sentence("This cannot be done here"),
    409: sentence("This cannot be done now"),
    413: sentence("This is too much at once"),
    422: sentence("This cannot be done as asked"),
    500: sentence("Something went wrong on our side"),
    503: sentence("The service does not answer"),
}
_EXPLANATIONS: dict[int, Sentence] = {
    400: sentence("Go back, reload the page and try again."),
    404: sentence("The page may have been moved, or what it showed was deleted. Try the history or the data."),
    405: sentence("This address takes other requests than the one that was made."),
    413: sentence(
        "What was sent is larger than 2 MB. Give fewer symbols at a time: 500 at most are collected at once."
    ),
    500: sentence(
        "The error has been written to the log. What you asked for just now may not have been done: look, then try "
        "again. Running collections go on."
    ),
}
_PAGE_IS_OLD = sentence("This page was open for too long, or its cookie is missing. Reload it and try again.")
_WRONG_HOST = sentence("This server does not answer to that host name. Use the address that it was started with.")


def register(app: Flask) -> None:
    """Show every error in the reader's language."""
    app.register_error_handler(MoissonError, _our_error)
    app.register_error_handler(HTTPException, _http_error)


def _our_error(error: MoissonError) -> Response:
    return _answer(error.status, error.message)


def _http_error(error: HTTPException) -> Response:
    if error.code is None or error.code < 400:  # noqa: PLR2004 -- a redirect is an exception to Werkzeug
        return make_response(error.get_response())
    if isinstance(error, SecurityError):
        # There is no URL to build here: the host that they would carry is the one that is refused.
        return Response(gettext(_WRONG_HOST.text) + "\n", 400, mimetype="text/plain")
    explanation = _PAGE_IS_OLD if isinstance(error, CSRFError) else _EXPLANATIONS.get(error.code)
    answer = _answer(error.code, explanation or Sentence(error.description or error.name))
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            answer.headers[name] = value
    return answer


def _answer(status: int, explanation: Sentence) -> Response:
    title = TITLES.get(status, TITLES[400 if status < 500 else 500])  # noqa: PLR2004 -- client's or ours
    if request.path.endswith(".json"):
        answer = jsonify(error={"code": status, "message": say(explanation)})
    elif wants_fragment():
        answer = make_response(render_template("errors/_alert.html", title=title, explanation=explanation))
    else:
        answer = make_response(render_template("errors/page.html", status=status, title=title, explanation=explanation))
    answer.status_code = status
    return answer
