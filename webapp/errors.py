"""What may go wrong, said in sentences that a person may read.

A sentence is kept as its English text and its parameters, so that it can be stored with a job by a worker and shown
later in the reader's language. ``sentence`` also marks the text for translation (``make translations`` finds it).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import ClassVar, TypeAlias

Param: TypeAlias = "str | int | float | Sentence"
"""What may stand in a place of a sentence; another sentence is said in the same language."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """An English text with ``%(name)s`` places, and what to put there."""

    text: str
    params: Mapping[str, Param] = field(default_factory=dict)

    def __str__(self) -> str:
        """Return the sentence in English."""
        return self.text % self.params if self.params else self.text

    def translate(self, translation: Callable[[str], str]) -> str:
        """Return the sentence, and those that stand in it, in the language of a catalogue."""
        text = translation(self.text) if self.text else ""
        params = {
            name: value.translate(translation) if isinstance(value, Sentence) else value
            for name, value in self.params.items()
        }
        return text % params if params else text


def sentence(text: str, /, **params: Param) -> Sentence:
    """Make a sentence; the literal text is extracted for translation."""
    return Sentence(text, params)


class MoissonError(Exception):
    """Any error of ours; its message is a sentence. ``status`` is what pages and the API answer with then."""

    status: ClassVar[HTTPStatus] = HTTPStatus.INTERNAL_SERVER_ERROR

    def __init__(self, message: Sentence) -> None:
        super().__init__(str(message))
        self.message = message


class InvalidRequestError(MoissonError):
    """What was asked cannot be done as asked: one sentence a field."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self, fields: Mapping[str, Sentence]) -> None:
        super().__init__(next(iter(fields.values())))
        self.fields = dict(fields)


class ConflictError(MoissonError):
    """The state of the thing does not allow this."""

    status = HTTPStatus.CONFLICT


class NotFoundError(MoissonError):
    """There is no such thing."""

    status = HTTPStatus.NOT_FOUND


class LeaseLostError(MoissonError):
    """Another worker has taken the job (or the export) over; nothing more may be written for this attempt."""


class SettingsError(MoissonError):
    """A setting is wrong or missing; the process cannot start with it."""


class DatabaseAwayError(MoissonError):
    """The database cannot be read or written just now."""

    status = HTTPStatus.SERVICE_UNAVAILABLE


class QueueAwayError(MoissonError):
    """Redis did not take the message; the job is kept and the clock will deliver it."""

    status = HTTPStatus.SERVICE_UNAVAILABLE


class SymbolsError(MoissonError):
    """Some of several symbols cannot be had: one sentence a symbol."""

    status = HTTPStatus.NOT_FOUND

    def __init__(self, symbols: Mapping[str, Sentence], of: int) -> None:
        super().__init__(_of_symbols(symbols, of))
        self.symbols = dict(symbols)


def _of_symbols(symbols: Mapping[str, Sentence], of: int) -> Sentence:
    reasons = " ".join(f"{symbol}: {reason}" for symbol, reason in symbols.items())
    if of == 1:
        return Sentence("%(reasons)s", {"reasons": reasons})
    return sentence(
        "%(count)d of %(all)d symbols cannot be had. %(reasons)s", count=len(symbols), all=of, reasons=reasons
    )


class MissingPackageError(MoissonError):
    """A package that is not part of the product is needed for this, and not installed."""
