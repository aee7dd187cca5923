"""Values as requests carry them, checked, with problems as sentences of ours."""

from collections.abc import Iterable, Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, validates_schema

from webapp.database.types import LARGEST_ID
from webapp.errors import InvalidRequestError, Sentence, sentence
from webapp.kernel.request_fields import FieldKind, RequestField
from webapp.kernel.symbols import MOST_SYMBOLS


def problem(text: Sentence) -> ValidationError:
    """Return marshmallow's error for a sentence."""
    return ValidationError([text])


class Text(fields.String):
    """A short text without control characters, which no database and no log should be given."""

    def __init__(self, longest: int = 64, **options: Any) -> None:  # noqa: ANN401 -- marshmallow's options
        described = {"maxLength": longest, **options.pop("metadata", {})}
        super().__init__(**options, metadata=described)
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

    def __init__(self, words: Iterable[str], **options: Any) -> None:  # noqa: ANN401 -- marshmallow's options
        self.words = list(words)
        super().__init__(**options, metadata={"enum": self.words})

    def _deserialize(self, value: object, attr: str | None, data: Mapping[str, Any] | None, **options: Any) -> str:  # noqa: ANN401 -- as its base class has it
        text = super()._deserialize(value, attr, data, **options)
        if text not in self.words:
            raise problem(sentence("This is not one of: %(words)s.", words=", ".join(self.words)))
        return text


class Number(fields.Integer):
    """A whole number between two others, both allowed."""

    def __init__(self, least: int, most: int, **options: Any) -> None:  # noqa: ANN401 -- marshmallow's options
        self.least, self.most = least, most
        super().__init__(**options, metadata={"minimum": least, "maximum": most})

    def _deserialize(self, value: object, attr: str | None, data: Mapping[str, Any] | None, **options: Any) -> int:  # noqa: ANN401 -- as its base class has it
        number = int(super()._deserialize(value, attr, data, **options))
        if not self.least <= number <= self.most:
            raise problem(sentence("This must lie between %(least)d and %(most)d.", least=self.least, most=self.most))
        return number


class Described(fields.Raw):
    """A field of a request as its one description has it; what comes in it is read by the room that takes it.

    So that a value is understood, or refused in the same words, whoever asks. The OpenAPI description says what it is.
    """

    def __init__(self, field: RequestField, *, is_nullable: bool, **metadata: Any) -> None:  # noqa: ANN401 -- OpenAPI's
        super().__init__(required=field.is_required, allow_none=is_nullable, metadata=metadata)

    def _validate_missing(self, value: object) -> None:
        """Let what is missing, or null, pass: it is said with all the rest that is wrong."""


def described(field: RequestField, *, in_query: bool = False) -> Described:
    """Return what a body, or a query string, has for a field of a request."""
    is_nullable = not (field.is_required or in_query)
    kinds = {FieldKind.FLAG: ["boolean"], FieldKind.SWITCH: ["boolean"], FieldKind.SYMBOLS: ["array", "string"]}
    kind = kinds.get(field.kind, ["string"])
    metadata: dict[str, Any] = {"type": kind[0] if len(kind) == 1 else kind}
    match field.kind:
        case FieldKind.SYMBOLS:
            metadata |= {"items": {"type": "string"}, "minItems": 1, "maxItems": MOST_SYMBOLS}
        case FieldKind.CHOICE:
            metadata |= {"enum": [*field.values, *([None] if is_nullable else [])]}
        case FieldKind.TEXT | FieldKind.DAY:
            metadata |= {"maxLength": field.longest}
        case FieldKind.INTERVAL:
            also = "Other spellings are understood: 60m, 1 hour, daily; 1M is a month, 1m a minute."
            metadata |= {"maxLength": field.longest, "examples": list(field.values), "description": also}
    if field.examples:
        metadata["examples"] = list(field.examples)
    return Described(field, is_nullable=is_nullable, **metadata)


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


class Cursor(Text):
    """Where a list goes on, as the page before said it; a caller does not look into it."""

    def __init__(self) -> None:
        super().__init__(10, metadata={"pattern": "^[0-9]+$"})

    def _deserialize(self, value: object, attr: str | None, data: Mapping[str, Any] | None, **options: Any) -> str:  # noqa: ANN401 -- as its base class has it
        text = super()._deserialize(value, attr, data, **options)
        if not (text.isascii() and text.isdigit() and int(text) <= LARGEST_ID):
            raise problem(sentence("This is not a cursor. Use next_cursor of the page before."))
        return text


class Instant(fields.String):
    """An answer's instant: ISO 8601, UTC."""

    def __init__(self, *, allow_none: bool = False) -> None:
        super().__init__(allow_none=allow_none, metadata={"format": "date-time"})
