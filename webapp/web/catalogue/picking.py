"""The series that were picked in the catalogue: some lines, or all that match the filter."""

from flask import request
from werkzeug.exceptions import BadRequest

from webapp.catalogue import queries_catalogue
from webapp.database.transactions import reading
from webapp.errors import InvalidRequestError, Sentence, sentence
from webapp.web.catalogue.query import asked_for

_DIGITS = 9


def picked_series(most: int, too_many: Sentence) -> list[int]:
    """Return the ids of the series picked, each once.

    :param too_many: says so when there are more than ``most``.
    :raises InvalidRequestError: when there are none, or too many.
    :raises BadRequest: for an id that is no number.
    """
    texts = list(dict.fromkeys(request.form.getlist("id")))
    if not all(text.isascii() and text.isdigit() and len(text) <= _DIGITS for text in texts):
        raise BadRequest
    ids = [int(text) for text in texts]
    if request.form.get("every") == "yes":
        with reading() as connection:
            ids = queries_catalogue.ids(connection, asked_for(request.form).filter(), most + 1)
    if not ids:
        raise InvalidRequestError({"id": sentence("Select at least one series first.")})
    if len(ids) > most:
        raise InvalidRequestError({"id": too_many})
    return ids
