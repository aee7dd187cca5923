"""Values as requests carry them, checked, with problems as sentences of ours."""

from collections.abc import Iterable, Mapping
from typing import Any

from marshmallow import ValidationError, fields

from webapp.database.types import LARGEST_ID
from webapp.errors import Sentence, sentence
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


def body_field(field: RequestField) -> fields.Field[Any]:
    """Return what a body has for a field of a request; one that is not required may be null, too."""
    match field.kind:
        case FieldKind.SYMBOLS:
            bounds = {"minItems": 1, "maxItems": MOST_SYMBOLS}
            return fields.List(Text(field.longest), required=field.is_required, metadata=bounds)
        case FieldKind.FLAG:
            return fields.Boolean(truthy={True}, falsy={False})
        case FieldKind.CHOICE:
            return Choice(field.values)
    described = {"enum": list(field.values), "examples": list(field.examples)}
    metadata = {name: words for name, words in described.items() if words}
    return Text(field.longest, required=field.is_required, allow_none=not field.is_required, metadata=metadata)


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
