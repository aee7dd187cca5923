"""The series that were picked in the catalogue: some lines, or all that match the filter."""

from flask import request
from werkzeug.exceptions import BadRequest
from wtforms import StringField

from webapp.catalogue import queries_catalogue
from webapp.database.transactions import reading
from webapp.errors import InvalidRequestError, Sentence, sentence
from webapp.web.catalogue.query import CatalogueQuery
from webapp.web.forms import RequestForm, picked_field

_DIGITS = 9


class PickForm(RequestForm):
    """The series picked, or, with ``every`` (``yes``), all that the catalogue's filter lets through.

    That filter is sent along.
    """

    id = picked_field()
    every = StringField()


def picked_series(most: int, too_many: Sentence) -> list[int]:
    """Return the ids of the series picked, each once.

    :param too_many: says so when there are more than ``most``.
    :raises InvalidRequestError: when there are none, or too many.
    :raises BadRequest: for an id that is no number.
    """
    form = PickForm(request.form)
    texts = list(dict.fromkeys(form.id.data))
    if not all(text.isascii() and text.isdigit() and len(text) <= _DIGITS for text in texts):
        raise BadRequest
    ids = [int(text) for text in texts]
    if form.every.data == "yes":
        shown = {name: text for name, text in request.form.items() if name not in ("size", "page")}  # all pages of it
        with reading() as connection:
            ids = queries_catalogue.ids(connection, CatalogueQuery.parse(shown).filter(), most + 1)
    if not ids:
        raise InvalidRequestError({"id": sentence("Select at least one series first.")})
    if len(ids) > most:
        raise InvalidRequestError({"id": too_many})
    return ids
