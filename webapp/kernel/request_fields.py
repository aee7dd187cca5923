"""The fields of a request: what each is, whoever asks, and how what people type is turned into values.

What comes is of any kind: JSON, texts of a form or a command, what a notebook holds. A value of another kind than its
field takes is refused with a sentence that names the field; what is None or an empty text was not said.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from numbers import Integral, Number
from typing import TypeVar

from webapp.errors import InvalidRequestError, Sentence, sentence
from webapp.kernel.intervals import Interval, parse_interval

_LONGEST_DATE = len("2024-03-01")
_SHOWN = 40
_TRUE = ("true", "yes", "y", "on", "1")
_FALSE = ("false", "no", "n", "off", "0")
_Value = TypeVar("_Value")


class FieldKind(Enum):
    """What a field takes."""

    TEXT = auto()
    SYMBOL = auto()
    SYMBOLS = auto()
    INTERVAL = auto()
    DAY = auto()
    """A date, or an instant."""
    CHOICE = auto()
    """One of ``values``."""
    FLAG = auto()
    """Yes, or not said."""
    SWITCH = auto()
    """Yes, no, or not said."""


@dataclass(frozen=True, slots=True)
class RequestField:
    """A field of a request, of which the form, the API, the command line and the notebook make theirs.

    ``longest`` is in characters (of one symbol, where there are several), ``help`` the sentence of the command line,
    ``note`` what the API's description adds to the name, ``opposite`` how the command line calls a switch's no.
    ``refusal`` says that a ``text`` is none of the ``values``, where there is more to say than which there are.
    """

    name: str
    kind: FieldKind = FieldKind.TEXT
    longest: int = 64
    help: str | None = None
    note: str = ""
    opposite: str = ""
    values: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    default: str = ""
    is_required: bool = False
    refusal: Sentence | None = None


def by_name(fields: Iterable[RequestField]) -> Mapping[str, RequestField]:
    """Return fields by their names, in their order."""
    return {field.name: field for field in fields}


_TAKES = {
    FieldKind.TEXT: sentence("a text"),
    FieldKind.SYMBOL: sentence("one symbol, as a text"),
    FieldKind.SYMBOLS: sentence("symbols, as texts"),
    FieldKind.INTERVAL: sentence("an interval like 1d, as a text"),
    FieldKind.DAY: sentence("a date like 2024-03-01, or a date-time"),
    FieldKind.FLAG: sentence("true or false"),
    FieldKind.SWITCH: sentence("true or false"),
}


class FieldProblems:
    """Collects what is wrong with the fields of a request, so that all of it is said at once."""

    def __init__(self) -> None:
        self.fields: dict[str, Sentence] = {}

    def read(self, parse: Callable[[], _Value | None]) -> _Value | None:
        """Return what a field says; None when it is wrong, or was not said."""
        try:
            return parse()
        except InvalidRequestError as err:
            self.fields = err.fields | self.fields  # what was said of a field first is nearest to what was typed
            return None

    def check(self) -> None:
        """Do nothing when nothing is wrong.

        :raises InvalidRequestError: with a sentence for each field that is wrong.
        """
        if self.fields:
            raise InvalidRequestError(self.fields)


def is_said(value: object) -> bool:
    """Tell whether anything is said: None, an empty text and spaces say nothing."""
    return not (value is None or (isinstance(value, str) and not value.strip()))


def parse_text(field: RequestField, value: object) -> str | None:
    """Return a short text without spaces around it; None when it was not said.

    :raises InvalidRequestError: with the field, for anything else, and where it is required and not said.
    """
    if not is_said(value):
        if field.is_required:
            raise InvalidRequestError({field.name: sentence("“%(field)s” is needed.", field=field.name)})
        return None
    if not isinstance(value, str):
        raise _wrong_kind(field, value)
    text = value.strip()
    if len(text) > field.longest:
        message = sentence(
            "“%(field)s” is too long: it has at most %(most)d characters.", field=field.name, most=field.longest
        )
        raise InvalidRequestError({field.name: message})
    if not text.isprintable():
        message = sentence("“%(field)s” has characters that cannot be shown.", field=field.name)
        raise InvalidRequestError({field.name: message})
    return text


def parse_symbols(field: RequestField, value: object) -> str | tuple[str, ...]:
    """Return a text of symbols, or several texts; how a source's are parted is for its grammar to say.

    Sets are taken in alphabetical order.

    :raises InvalidRequestError: with the field, for anything else.
    """
    if value is None:
        return parse_text(field, None) or ""
    if isinstance(value, str):
        return _require_printable(field, value)
    if isinstance(value, Mapping | bytes | bytearray) or not isinstance(value, Iterable):
        raise _wrong_kind(field, value)
    symbols = sorted(value, key=str) if isinstance(value, set | frozenset) else list(value)
    for symbol in symbols:
        if not isinstance(symbol, str):
            raise _wrong_kind(field, symbol)
    return tuple(_require_printable(field, symbol) for symbol in symbols)


def _require_printable(field: RequestField, text: str) -> str:
    """Return a text; spaces and lines may part what stands in it.

    :raises InvalidRequestError: with the field, for other control characters, which no database and no log may get.
    """
    if not "".join(text.split()).isprintable():
        message = sentence("“%(field)s” has characters that cannot be shown.", field=field.name)
        raise InvalidRequestError({field.name: message})
    return text


def parse_choice(field: RequestField, value: object) -> str | None:
    """Return one of the field's words, in lower case; its default, or None, when it was not said.

    :raises InvalidRequestError: with the field, for anything else.
    """
    text = parse_text(field, value)
    if text is None:
        return field.default or None
    if text.lower() in field.values:
        return text.lower()
    raise refuse_choice(field, text)


def refuse_choice(field: RequestField, text: str) -> InvalidRequestError:
    """Return the error for a word that is none of the field's."""
    if field.refusal:
        return InvalidRequestError({field.name: Sentence(field.refusal.text, {"text": text[:_SHOWN]})})
    message = sentence(
        "“%(text)s” is not a value of “%(name)s”. Use one of: %(values)s.",
        text=text[:_SHOWN],
        name=field.name,
        values=", ".join(field.values),
    )
    return InvalidRequestError({field.name: message})


def parse_flag(field: RequestField, value: object) -> bool | None:
    """Return yes or no, also of the words that forms, links and commands say it with; None when it was not said.

    :raises InvalidRequestError: with the field, for anything else.
    """
    if isinstance(value, bool):
        return value
    text = parse_text(field, value)
    if text is None:
        return None
    if text.lower() not in (*_TRUE, *_FALSE):
        raise _wrong_kind(field, value)
    return text.lower() in _TRUE


def parse_interval_field(field: RequestField, value: object) -> Interval | None:
    """Return the interval that is meant; None when it was not said.

    :raises InvalidRequestError: with the field, for anything else.
    """
    text = parse_text(field, value)
    if text is None:
        return None
    interval = parse_interval(text)
    if interval is None:
        message = sentence(
            "“%(text)s” is not an interval. Use one of: %(names)s.", text=text[:_SHOWN], names=", ".join(Interval)
        )
        raise InvalidRequestError({field.name: message})
    return interval


def parse_day(field: RequestField, value: object) -> dt.date | None:
    """Return a date, or a date-time, of which only the date counts for bars of a day or longer; None when not said.

    :raises InvalidRequestError: with the field, for anything else.
    """
    if isinstance(value, dt.date) and _is_itself(value):
        return value
    text = parse_text(field, value)
    return None if text is None else moment_of(field.name, text)


def moment_of(field: str, text: str) -> dt.date:
    """Return a date (``2024-03-01``), or a date-time (``2024-03-01T14:30``) with the zone it says, if any.

    :raises InvalidRequestError: with the field that it stands in.
    """
    try:
        return dt.date.fromisoformat(text) if len(text) <= _LONGEST_DATE else dt.datetime.fromisoformat(text)
    except ValueError as err:
        message = sentence("“%(text)s” is not a date. Write it like 2024-03-01.", text=text[:_SHOWN])
        raise InvalidRequestError({field: message}) from err


def parse_whole(name: str, value: object, least: int | None = None, most: int | None = None) -> int:
    """Return a whole number, between two others where these are given, both allowed.

    :raises InvalidRequestError: with the name, for anything else.
    """
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise InvalidRequestError({name: _describe_kind(name, sentence("a whole number"), value)})
    number = int(value)
    if (least is not None and number < least) or (most is not None and number > most):
        message = sentence(
            "“%(field)s” takes a whole number from %(least)d to %(most)d.", field=name, least=least or 0, most=most or 0
        )
        raise InvalidRequestError({name: message})
    return number


def describe_type(value: object) -> Sentence | str:
    """Return what a value is, in words; the name of its type for what only programs have."""
    if not _is_itself(value):
        return str(value)
    words: tuple[tuple[type | tuple[type, ...], Sentence], ...] = (
        (type(None), sentence("nothing")),
        (bool, sentence("true or false")),
        (str, sentence("a text")),
        (Number, sentence("a number")),
        ((list, tuple), sentence("a list")),
        (Mapping, sentence("an object of names and values")),
    )
    return next((word for kind, word in words if isinstance(value, kind)), type(value).__name__)


def _is_itself(value: object) -> bool:
    """Tell whether a value equals itself, as “not a number” and “not a time” do not."""
    return not isinstance(value, float | dt.date) or value == value  # noqa: PLR0124 -- see above


def _wrong_kind(field: RequestField, value: object) -> InvalidRequestError:
    kind = _TAKES.get(field.kind, _TAKES[FieldKind.TEXT])
    return InvalidRequestError({field.name: _describe_kind(field.name, kind, value)})


def _describe_kind(name: str, kind: Sentence, value: object) -> Sentence:
    return sentence("“%(field)s” takes %(kind)s; this is %(type)s.", field=name, kind=kind, type=describe_type(value))
