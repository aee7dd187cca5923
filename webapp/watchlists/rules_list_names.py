"""What a watchlist may be called, and which of the symbols that somebody typed stand for one."""

import re
import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches

from webapp.errors import Sentence, sentence
from webapp.kernel.symbols import LIST_SIGN

LONGEST_NAME = 40
_NAME = re.compile(r"[^\W_][\w-]*")
_MOST_NEAR = 3
_MOST_NAMES = 10
_LEAST_ALIKE = 0.5


def key_of(name: str) -> str:
    """Return a name as it is compared: case makes no difference, nor how a letter's accent is written."""
    return unicodedata.normalize("NFKC", name.strip().removeprefix(LIST_SIGN)).casefold()


def tidy_name(name: str) -> str:
    """Return a name as it is kept: without spaces around it, and its accents in one piece with their letters."""
    return unicodedata.normalize("NFC", name.strip())


def find_name_problem(name: str) -> Sentence | None:
    """Return what is wrong with a new list's name, or None."""
    if len(name) <= LONGEST_NAME and _NAME.fullmatch(name):
        return None
    return sentence(
        "A list’s name has at most %(longest)d letters, digits, hyphens and underscores, and begins with a letter or a "
        "digit.",
        longest=LONGEST_NAME,
    )


def stands_for_list(symbol: str) -> bool:
    """Tell whether a word among symbols stands for a list."""
    return symbol.startswith(LIST_SIGN)


def list_names(symbols: Iterable[str]) -> tuple[str, ...]:
    """Return the names of the lists among symbols as they were typed, each once."""
    names = {key_of(symbol): symbol.removeprefix(LIST_SIGN) for symbol in symbols if stands_for_list(symbol)}
    return tuple(names.values())


def describe_unknown(name: str, names: Iterable[str]) -> Sentence:
    """Say that there is no list of a name, and which are called nearly so, or else which there are."""
    by_key = {key_of(each): each for each in names}
    shown = name.removeprefix(LIST_SIGN)[:LONGEST_NAME]
    if not by_key:
        return sentence("There is no list “%(name)s”, nor any other yet.", name=shown)
    if alike := get_close_matches(key_of(name), by_key, _MOST_NEAR, _LEAST_ALIKE):
        return sentence(
            "There is no list “%(name)s”. Did you mean %(names)s?",
            name=shown,
            names=_join(by_key[key] for key in alike),
        )
    first = [by_key[key] for key in sorted(by_key)[:_MOST_NAMES]]
    rest = "" if len(by_key) <= _MOST_NAMES else " …"
    return sentence("There is no list “%(name)s”. There are: %(names)s.", name=shown, names=_join(first) + rest)


def _join(names: Iterable[str]) -> str:
    return ", ".join(f"{LIST_SIGN}{name}" for name in names)
