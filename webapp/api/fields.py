"""Values as requests carry them, checked, with problems as sentences of ours."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from marshmallow import Schema, ValidationError, fields, validates_schema

from webapp.database.types import LARGEST_ID
from webapp.errors import InvalidRequestError, Sentence, sentence
from webapp.kernel.intervals import Interval
from webapp.kernel.request_fields import FieldKind, RequestField
from webapp.kernel.symbols import MOST_SYMBOLS


def problem(text: Sentence) -> ValidationError:
    """Return marshmallow's error for a sentence."""
    return ValidationError([text])


def described(about: str, *examples: object) -> dict[str, Any]:
    """Return what the OpenAPI document says of a value: what it is, and examples of it."""
    return {name: words for name, words in (("description", about), ("examples", list(examples))) if words}


def enumerated(words: Sequence[str]) -> dict[str, Any]:
    """Return what the OpenAPI document says of words to choose from; intervals get names that programs can use."""
    intervals = {interval.value: interval.name for interval in Interval}
    named = {"x-enum-varnames": [intervals[word] for word in words]} if set(words) <= set(intervals) else {}
    return {"enum": list(words), **named}


class Text(fields.String):
    """A short text without control characters, which no database and no log should be given."""

    def __init__(self, longest: int = 64, about: str = "", example: str = "", **options: Any) -> None:  # noqa: ANN401 -- marshmallow's options
        metadata = {
            "maxLength": longest,
            **described(about, *([example] if example else [])),
            **options.pop("metadata", {}),
        }
        super().__init__(**options, metadata=metadata)
        self.longest = longest

    def _deserialize(self, value: object, attr: str | None, data: Mapping[str, Any] | None, **options: Any) -> str:  # noqa: ANN401 -- as its base class has it
        text = super()._deserialize(value, attr, data, **options)
        if len(text) > self.longest:
            raise problem(sentence("This is too long: at most %(most)d characters.", most=self.longest))
        if text and not text.isprintable():
            raise problem(sentence("This has characters that cannot be shown."))
        return str(text)


class Choice(Text):
    """One word of a few."""

    def __init__(self, words: Iterable[str], about: str, example: str = "", **options: Any) -> None:  # noqa: ANN401 -- marshmallow's options
        self.words = list(words)
        shown = described(about, example or options.get("load_default") or self.words[0])
        super().__init__(**options, metadata={**enumerated(self.words), **shown})

    def _deserialize(self, value: object, attr: str | None, data: Mapping[str, Any] | None, **options: Any) -> str:  # noqa: ANN401 -- as its base class has it
        text = super()._deserialize(value, attr, data, **options)
        if text not in self.words:
            raise problem(sentence("This is not one of: %(words)s.", words=", ".join(self.words)))
        return text


class Number(fields.Integer):
    """A whole number between two others, both allowed."""

    def __init__(self, least: int, most: int, about: str, example: int, **options: Any) -> None:  # noqa: ANN401 -- marshmallow's options
        self.least, self.most = least, most
        super().__init__(**options, metadata={"minimum": least, "maximum": most, **described(about, example)})

    def _deserialize(self, value: object, attr: str | None, data: Mapping[str, Any] | None, **options: Any) -> int:  # noqa: ANN401 -- as its base class has it
        number = int(super()._deserialize(value, attr, data, **options))
        if not self.least <= number <= self.most:
            raise problem(sentence("This must lie between %(least)d and %(most)d.", least=self.least, most=self.most))
        return number


class Described(fields.Raw):
    """A field of a request as its one description has it; what comes in it is read by the room that takes it.

    So that a value is understood, or refused in the same words, whoever asks. The OpenAPI description says what it is.
    """

    def _validate_missing(self, value: object) -> None:
        """Let what is missing, or null, pass: it is said with all the rest that is wrong."""


class Read(Schema):
    """A schema whose described fields are read together, so that all that is wrong is said at once."""

    def read(self, values: Mapping[str, Any]) -> object:
        """Read what came.

        :raises InvalidRequestError: with a sentence for each field that is wrong.
        """
        raise NotImplementedError

    @validates_schema(skip_on_field_errors=False, pass_original=True)
    def _say_all(self, data: object, original_data: object, **options: object) -> None:
        """Read the fields.

        :raises ValidationError: with a sentence for each that is wrong, beside those that marshmallow has found.
        """
        del data, options
        if not isinstance(original_data, Mapping):
            return
        try:
            self.read({name: original_data[name] for name in original_data})  # a query's get() knows no default
        except InvalidRequestError as err:
            raise ValidationError({name: [text] for name, text in err.fields.items()}) from err


def body_field(field: RequestField) -> Described:
    """Return what a body has for a field of a request; one that is not required may be null, too."""
    shown = described_field(field)
    match field.kind:
        case FieldKind.SYMBOLS:
            bounds = {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": MOST_SYMBOLS}
            return Described(
                required=field.is_required, metadata={**bounds, **shown, "examples": [list(field.examples)]}
            )
        case FieldKind.FLAG:
            return Described(metadata={"type": "boolean", **shown})
        case FieldKind.CHOICE:
            return Described(metadata={**_text(field), **shown, "examples": [field.default]})
    return Described(required=field.is_required, allow_none=not field.is_required, metadata={**_text(field), **shown})


def _text(field: RequestField) -> dict[str, Any]:
    """Return what the OpenAPI document says of a text; other spellings of its words are understood as well."""
    bounds = {"maxLength": field.longest} if field.kind is not FieldKind.CHOICE else {}
    return {"type": "string", **bounds, **(enumerated(field.values) if field.values else {})}


def query_field(field: RequestField, about: str = "") -> Described:
    """Return what a query has for a field of a request: what is not given has its default.

    :param about: what is to be said of it in the place of its note.
    """
    shown = described_field(replace(field, note=about or field.note))
    if field.kind is FieldKind.FLAG:
        return Described(load_default=False, metadata={"type": "boolean", **shown})
    options: dict[str, Any] = {"load_default": field.default} if field.default else {}
    return Described(**options, metadata={**_text(field), **shown})


def described_field(field: RequestField) -> dict[str, Any]:
    """Return what the OpenAPI document says of a field of a request, from its one description."""
    usual = [True] if field.kind is FieldKind.FLAG else [text for text in (field.default, *field.values) if text][:1]
    about = " ".join(filter(None, (field.help, field.note)))
    return described(about, *(field.examples or usual))


class Cursor(Text):
    """Where a list goes on, as the page before said it; a caller does not look into it."""

    def __init__(self) -> None:
        about = "Where the list goes on: next_cursor of the page before; without it, the first page."
        super().__init__(10, about, "200", metadata={"pattern": "^[0-9]+$"})

    def _deserialize(self, value: object, attr: str | None, data: Mapping[str, Any] | None, **options: Any) -> str:  # noqa: ANN401 -- as its base class has it
        text = super()._deserialize(value, attr, data, **options)
        if not (text.isascii() and text.isdigit() and int(text) <= LARGEST_ID):
            raise problem(sentence("This is not a cursor. Use next_cursor of the page before."))
        return text


class Instant(fields.String):
    """An answer's instant: ISO 8601, UTC."""

    def __init__(self, *, allow_none: bool = False) -> None:
        super().__init__(allow_none=allow_none, metadata={"format": "date-time"})
