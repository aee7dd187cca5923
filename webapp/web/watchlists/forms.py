"""The forms of lists. They keep what was typed; the room says what it means and what is in doubt."""

import dataclasses
from collections.abc import Mapping

from flask import request
from werkzeug.exceptions import BadRequest
from wtforms import StringField, TextAreaField

from webapp.errors import InvalidRequestError, Sentence
from webapp.kernel.collect_fields import COLLECT_FIELDS
from webapp.sources.option_fields import OPTION_FIELDS, STORED_OPTIONS
from webapp.sources.option_values import option_texts
from webapp.watchlists.naming import NamedList, name_entries
from webapp.watchlists.rules_written_lists import LARGEST_TEXT, WrittenEntry, decode, read_text
from webapp.web.forms import RequestForm, described_by, picked_field, text_field
from webapp.web.pages import parse_number

ANSWER = "answer:"
"""Begins the name of a field that says what a doubtful text means; the text follows."""
_LONGEST = 2000
_USUAL_SOURCE = COLLECT_FIELDS["source"].default
_MOST_IDS = 5000


@described_by(OPTION_FIELDS.values())
class ListForm(RequestForm):
    """A list as it is typed, pasted or sent as a file. ``place`` is ``dialog`` where the form stands in one."""

    name = text_field(_LONGEST)
    title = text_field(_LONGEST)
    note = TextAreaField()
    source = StringField(default=_USUAL_SOURCE)
    symbols = TextAreaField()
    section = text_field(_LONGEST)
    place = StringField()
    ask = StringField()
    id = picked_field()

    @property
    def ids(self) -> list[int]:
        """The series that the list is made of, each once."""
        return parse_ids(self.id.data)

    def read(self) -> NamedList:
        """Return what the text, and the file beside it, mean.

        :raises InvalidRequestError: with a sentence for each field that is wrong.
        """
        try:
            written = [*_in_section(read_text(self.symbols.data or ""), self.section.data or ""), *_read_file()]
        except InvalidRequestError as err:
            raise InvalidRequestError(name_fields(err.fields)) from err
        return name_entries(written, self.source.data or _USUAL_SOURCE, self._options(), answers())

    def _options(self) -> dict[str, str]:
        texts = {name: _text(self[name].data) for name in OPTION_FIELDS if name in STORED_OPTIONS}
        return option_texts(self.source.data or _USUAL_SOURCE, texts)


class ChangeForm(RequestForm):
    """What is to be another of a list that was seen at ``revision``; ``id`` are the entries picked."""

    revision = StringField(default="")
    id = picked_field()
    to = StringField(default="")
    name = text_field(_LONGEST)
    title = text_field(_LONGEST)
    note = TextAreaField()
    section = text_field(_LONGEST)

    @property
    def seen(self) -> int:
        """The revision that was seen.

        :raises BadRequest: when it is no number.
        """
        return parse_number(self.revision.data or "", 0, 2**31 - 1)

    @property
    def ids(self) -> list[int]:
        """The entries picked, each once."""
        return parse_ids(self.id.data)


def parse_ids(texts: list[str]) -> list[int]:
    """Return ids, each once.

    :raises BadRequest: for what is none.
    """
    unique = list(dict.fromkeys(texts))
    if len(unique) > _MOST_IDS or not all(text.isascii() and text.isdigit() and len(text) <= 9 for text in unique):  # noqa: PLR2004 -- an id's digits
        raise BadRequest
    return [int(text) for text in unique]


def answers() -> dict[str, str]:
    """Return what was answered to doubts, by their texts."""
    return {
        name.removeprefix(ANSWER): text
        for name, text in request.form.items()
        if name.startswith(ANSWER) and text.strip()
    }


def name_fields(problems: Mapping[str, Sentence]) -> dict[str, Sentence]:
    """Return what is wrong by the names of the form's fields."""
    names = {"text": "symbols", "entries": "symbols", "entry_note": "symbols", "options": "symbols"}
    return {names.get(name, name): problem for name, problem in problems.items()}


def _in_section(written: list[WrittenEntry], section: str) -> list[WrittenEntry]:
    return [dataclasses.replace(each, section=each.section or section) for each in written]


def _read_file() -> list[WrittenEntry]:
    file = request.files.get("file")
    content = b"" if file is None else file.stream.read(4 * LARGEST_TEXT + 1)
    return read_text(decode(content)) if content else []


def _text(data: object) -> str:
    """Return a field as an option's text; a box that is not ticked says nothing."""
    return "true" if data is True else str(data or "").strip()
