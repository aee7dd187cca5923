"""The fields of a request: what each is, whoever asks, and how what people type is turned into values."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, auto

from webapp.errors import InvalidRequestError, sentence
from webapp.kernel.intervals import Interval
from webapp.kernel.job_states import Priority

_LONGEST_DATE = len("2024-03-01")


class FieldKind(Enum):
    """What a field takes."""

    TEXT = auto()
    SYMBOLS = auto()
    INTERVAL = auto()
    DAY = auto()
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


def by_name(fields: Iterable[RequestField]) -> Mapping[str, RequestField]:
    """Return fields by their names, in their order."""
    return {field.name: field for field in fields}


def interval_of(text: str) -> Interval:
    """Return the interval that is meant.

    :raises InvalidRequestError: with the field ``interval``.
    """
    try:
        return Interval(text)
    except ValueError as err:
        message = sentence(
            "“%(text)s” is not an interval. Use one of: %(names)s.", text=text[:20], names=", ".join(Interval)
        )
        raise InvalidRequestError({"interval": message}) from err


def priority_of(text: str) -> Priority:
    """Return the priority that is meant.

    :raises InvalidRequestError: with the field ``priority``.
    """
    try:
        return Priority[text.upper()]
    except KeyError as err:
        message = sentence("“%(text)s” is not a priority. Use high, normal or low.", text=text[:20])
        raise InvalidRequestError({"priority": message}) from err


def moment_of(field: str, text: str) -> dt.date:
    """Return a date (``2024-03-01``), or a date-time (``2024-03-01T14:30``) with the zone it says, if any.

    :raises InvalidRequestError: with the field that it stands in.
    """
    try:
        return dt.date.fromisoformat(text) if len(text) <= _LONGEST_DATE else dt.datetime.fromisoformat(text)
    except ValueError as err:
        message = sentence("“%(text)s” is not a date. Write it like 2024-03-01.", text=text[:40])
        raise InvalidRequestError({field: message}) from err
