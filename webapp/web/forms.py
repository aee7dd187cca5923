"""What our forms have in common: WTForms forms that keep what was typed and carry what is wrong to their fields.

Rooms check; a form only reads. Its fields are made of the same descriptions as those of the API and the command line,
where these take the same (``described_by``). The CSRF token is checked for all forms at once, by ``CSRFProtect``.
"""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import TypeVar

from wtforms import BooleanField, DateField, Field, Form, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import Optional

from webapp.errors import Sentence
from webapp.kernel.request_fields import FieldKind, RequestField

FormClass = TypeVar("FormClass", bound=type)


class RequestForm(Form):  # type: ignore[misc]  # WTForms has no types
    """A form of ours. ``problems`` are sentences by the names of fields, also of some that the form does not show."""

    problems: Mapping[str, Sentence] = MappingProxyType({})

    def refuse(self, problems: Mapping[str, Sentence]) -> None:
        """Take what is wrong, and carry it to the fields."""
        self.problems = dict(problems)
        for field in self:
            field.errors = [problems[field.name]] if field.name in problems else []

    def problems_beside(self, shown: Iterable[str]) -> list[Sentence]:
        """Return what is wrong with none of the fields ``shown``."""
        names = set(shown)
        return [problem for name, problem in self.problems.items() if name not in names]

    @property
    def texts(self) -> dict[str, str]:
        """What was typed, by the names of fields; an empty text for what was not sent."""
        return {field.name: field.data or "" for field in self}


def described_by(
    fields: Iterable[RequestField], defaults: Mapping[str, str | None] | None = None, *, is_cut: bool = False
) -> Callable[[FormClass], FormClass]:
    """Give a form a field for each description.

    :param defaults: what the form begins with, where it is something else than a script's default.
    :param is_cut: whether texts are cut to what each may be long; all are texts then.
    """

    def add(form: FormClass) -> FormClass:
        for field in fields:
            default = (defaults or {}).get(field.name, field.default)
            form_field = (
                text_field(field.longest, default, is_stripped=False) if is_cut else _form_field(field, default)
            )
            setattr(form, field.name, form_field)
        return form

    return add


def text_field(longest: int, default: str | None = None, *, is_stripped: bool = True) -> Field:
    """Return a field for a short text, which is cut to what anybody means."""
    return StringField(default=default, filters=[lambda value: _cut(value, longest, is_stripped=is_stripped)])


def picked_field() -> Field:
    """Return a field for what was picked in a list; rooms say what may be."""
    return SelectMultipleField(validate_choice=False)


def _form_field(field: RequestField, default: str | None) -> Field:
    match field.kind:
        case FieldKind.SYMBOLS:
            return TextAreaField(default=default)
        case FieldKind.DAY:
            return DateField(validators=[Optional()])
        case FieldKind.FLAG:
            return BooleanField()
    return StringField(default=default or None)


def _cut(value: str | None, longest: int, *, is_stripped: bool) -> str | None:
    if value is None:
        return None
    return (value.strip() if is_stripped else value)[:longest]
