"""The reader's choices: language and theme, each kept in a cookie."""

from flask import Blueprint, request
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response
from wtforms import SelectField, StringField

from webapp.web.forms import RequestForm
from webapp.web.locale import LANGUAGES
from webapp.web.pages import THEMES
from webapp.web.redirects import back_to

blueprint = Blueprint("preferences", __name__)
_A_YEAR = 365 * 86_400


class PreferencesForm(RequestForm):
    """A choice of language, of theme, or of both, and the page that it was made on."""

    lang = SelectField(choices=list(LANGUAGES))
    theme = SelectField(choices=list(THEMES))
    next = StringField()


@blueprint.post("/preferences")
def choose() -> Response:
    """Keep a choice, and go back to the page it was made on."""
    form = PreferencesForm(request.form)
    answer = back_to(form.next.data)
    chosen = [field for field in (form.lang, form.theme) if field.raw_data]
    if not chosen or not all(field.validate(form) for field in chosen):
        raise BadRequest
    for field in chosen:
        answer.set_cookie(
            field.name, field.data, max_age=_A_YEAR, httponly=True, samesite="Lax", secure=request.is_secure
        )
    return answer
