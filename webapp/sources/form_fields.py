"""The fields that a form has for the options of a source, given what was chosen so far."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from webapp.errors import Sentence

_NO_HINT = Sentence("")


@dataclass(frozen=True, slots=True)
class OptionChoice:
    """A value that may be chosen, and its name."""

    value: str
    name: Sentence


@dataclass(frozen=True, slots=True)
class OptionField:
    """A form's field for an option: a list where there are ``choices`` (the usual one first), otherwise a text.

    ``placeholder`` is what an empty text stands for.
    """

    name: str
    label: Sentence
    choices: tuple[OptionChoice, ...] = ()
    placeholder: str = ""
    hint: Sentence = _NO_HINT
    longest: int = 64
    is_numeric: bool = False
    is_intraday: bool = False
    """Whether it means nothing for dated intervals, so that a form leaves it out there."""
    is_deciding: bool = False
    """Whether the other fields depend on what is chosen here."""


@dataclass(frozen=True, slots=True)
class FormShape:
    """What a form has for a source: fields, and symbols as people may type them, for the empty field of symbols."""

    fields: tuple[OptionField, ...]
    examples: tuple[str, ...]


ShapeForm = Callable[[Mapping[str, str]], FormShape]
"""Returns what a form has, given the texts of its options so far."""
