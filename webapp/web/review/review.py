"""«À vérifier»: bars that look wrong, the chart around each, and what a person decides of them.

One bar or several picked ones are decided of in the same way; each decision works with and without HTMX.
"""

import re
from collections.abc import Callable, Mapping

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from werkzeug.exceptions import BadRequest
from wtforms import StringField

from webapp.catalogue import queries_catalogue
from webapp.context import context
from webapp.database.transactions import reading
from webapp.errors import InvalidRequestError, sentence
from webapp.reviewing import review
from webapp.reviewing.review import Decision, DecisionOutcome, Key
from webapp.series import queries_action_findings
from webapp.series.existing import require_series
from webapp.sources import choices
from webapp.web.formats import number, say
from webapp.web.forms import RequestForm, picked_field
from webapp.web.htmx import answer, wants_fragment
from webapp.web.pages import render_page
from webapp.web.redirects import back_to
from webapp.web.review import wording
from webapp.web.review.views import STATE_CHOICES, FlagQuery, inbox, of_series
from webapp.web.sidebar import MOST_TO_REVIEW
from webapp.web.toasts import Toast, show_on_next_page

blueprint = Blueprint("review", __name__)
_KEY = re.compile(r"(\d{1,9}):(-?\d{1,12})")
_MOST = 200
_MOST_OF_SERIES = 20
_WHYS_SHOWN = 4
_MOST_FINDINGS = 50


class DecisionForm(RequestForm):
    """The bars that are decided of (``series:time``), and the page to go back to."""

    id = picked_field()
    next = StringField()


@blueprint.get("/review")
def index() -> str:
    """Show the bars that look wrong, filtered and paged as the URL says."""
    shown = inbox(FlagQuery.parse(), MOST_TO_REVIEW)
    with reading() as connection:
        source_names = choices.labels(queries_catalogue.choices(connection)[0])
        findings = queries_action_findings.page(connection, _MOST_FINDINGS)
        finding_count = queries_action_findings.count(connection) if findings else 0
    return render_page(
        "review/index.html",
        inbox=shown,
        wording=wording,
        state_choices=STATE_CHOICES,
        source_names=source_names,
        findings=findings,
        finding_count=finding_count,
    )


@blueprint.get("/ui/review")
def listing() -> str:
    """Return the cards as a fragment."""
    return render_template(
        "review/_answer.html",
        inbox=inbox(FlagQuery.parse(), MOST_TO_REVIEW),
        wording=wording,
        most_to_review=MOST_TO_REVIEW,
    )


@blueprint.get("/ui/series/<int(max=2147483647):series_id>/review")
def panel(series_id: int) -> str:
    """Return the suspicious bars of one series as a fragment, which its page asks for once it is shown."""
    row = require_series(series_id)
    views, total = of_series(series_id, _MOST_OF_SERIES)
    return render_template("review/_panel.html", series=row, views=views, total=total, wording=wording)


@blueprint.post("/review/acceptances")
def acceptances() -> ResponseReturnValue:
    """Accept the bars named: they stay as they are, and are not listed again with these values."""
    return _decided(Decision.ACCEPT)


@blueprint.post("/review/questions")
def questions() -> ResponseReturnValue:
    """Ask the sources of the bars named again."""
    return _decided(Decision.ASK)


@blueprint.post("/review/exclusions")
def exclusions() -> ResponseReturnValue:
    """Take the bars named out of their series."""
    return _decided(Decision.EXCLUDE)


@blueprint.post("/review/returns")
def returns() -> ResponseReturnValue:
    """Put excluded bars back into their series."""
    return _decided(Decision.PUT_BACK)


def _decided(decision: Decision) -> ResponseReturnValue:
    """Decide, and say what came of it: in a toast, while the list refreshes itself, or on the page of the button."""
    form = DecisionForm(request.form)
    toast = _toast_for(review.decide_each(context(), _keys(form), decision, "web"))
    if wants_fragment():
        return answer(render_template("job_groups/_toast.html", toast=toast), trigger="review-changed")
    show_on_next_page(toast)
    return back_to(form.next.data, url_for("review.index"))


def _keys(form: DecisionForm) -> list[Key]:
    """Return the bars named, each once.

    :raises InvalidRequestError: when there are none, or too many.
    :raises BadRequest: for something that names no bar.
    """
    texts = list(dict.fromkeys(form.id.data))
    if not texts:
        raise InvalidRequestError({"id": sentence("Select at least one bar first.")})
    if len(texts) > _MOST:
        raise InvalidRequestError({"id": sentence("At most %(most)d bars can be decided of at once.", most=_MOST)})
    matches = [_KEY.fullmatch(text) for text in texts]
    if not all(matches):
        raise BadRequest
    return [(int(match[1]), int(match[2])) for match in matches if match]


def _toast_for(outcome: DecisionOutcome) -> Toast:
    done, refused = len(outcome.decided), len(outcome.refused)
    sentences = [_DONE[outcome.decision](done)] if done else []
    if refused:
        sentences.append(_impossible(refused))
    whys = list(dict.fromkeys(say(refusal.why) for refusal in outcome.refused))
    if len(whys) > _WHYS_SHOWN:
        whys[_WHYS_SHOWN:] = [gettext("And %(count)s more.", count=number(len(whys) - _WHYS_SHOWN))]
    kind = "error" if not done else "warning" if refused else "success"
    return Toast(kind, " ".join(sentences), whys)


def _impossible(count: int) -> str:
    return str(
        ngettext("Not possible for %(count)s bar.", "Not possible for %(count)s bars.", count, count=number(count))
    )


def _accepted(count: int) -> str:
    return str(ngettext("%(count)s bar accepted.", "%(count)s bars accepted.", count, count=number(count)))


def _asked_again(count: int) -> str:
    text = ngettext(
        "The source is asked again for %(count)s bar.",
        "The sources are asked again for %(count)s bars.",
        count,
        count=number(count),
    )
    return str(text)


def _excluded(count: int) -> str:
    text = ngettext(
        "%(count)s bar excluded: charts and exports no longer contain it.",
        "%(count)s bars excluded: charts and exports no longer contain them.",
        count,
        count=number(count),
    )
    return str(text)


def _put_back(count: int) -> str:
    return str(ngettext("%(count)s bar put back.", "%(count)s bars put back.", count, count=number(count)))


_DONE: Mapping[Decision, Callable[[int], str]] = {
    Decision.ACCEPT: _accepted,
    Decision.ASK: _asked_again,
    Decision.EXCLUDE: _excluded,
    Decision.PUT_BACK: _put_back,
}
