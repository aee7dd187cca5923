"""The reader's choices: language and theme, each kept in a cookie."""

from flask import Blueprint, request
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from webapp.web.locale import LANGUAGES
from webapp.web.pages import THEMES
from webapp.web.redirects import back_to

blueprint = Blueprint("preferences", __name__)
_A_YEAR = 365 * 86_400
_CHOICES = {"lang": tuple(LANGUAGES), "theme": THEMES}


@blueprint.post("/preferences")
def choose() -> Response:
    """Keep a choice, and go back to the page it was made on."""
    answer = back_to(request.form.get("next"))
    chosen = {name: request.form[name] for name in _CHOICES if name in request.form}
    if not chosen:
        raise BadRequest
    for name, value in chosen.items():
        if value not in _CHOICES[name]:
            raise BadRequest
        answer.set_cookie(name, value, max_age=_A_YEAR, httponly=True, samesite="Lax", secure=request.is_secure)
    return answer
