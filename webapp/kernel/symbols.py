"""Symbols as people type and paste them: split, counted, checked by the grammar of their source."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from webapp.errors import Param, Sentence, sentence

LONGEST_SYMBOL = 32
MOST_SYMBOLS = 500
LIST_SIGN = "@"
"""What a word begins with that stands for a watchlist, wherever symbols are typed; no source's symbol does."""
_MOST_EXAMPLES = 4
_SEPARATORS = re.compile(r"[\s,;]+")  # static/symbols.js splits at the same
_PIECES = re.compile(r"[,;\n\r\t]+")
_SPACED_CLASS = re.compile(r"(\w+:)?[A-Za-z]{1,6} [A-Za-z]")
_NEVER_WITHOUT_CLASS = ("BRK", "BF", "MOG", "CRD")
"""Shares whose symbols always say a class: the letter after them is no symbol of its own."""
_NO_HINT = Sentence("")
_NO_SYMBOL = sentence(
    "“%(symbol)s” is not a symbol. A symbol has at most %(longest)d letters, digits and . ^ = - _ "
    "(for example %(examples)s)."
)


@dataclass(frozen=True, slots=True)
class Grammar:
    """How symbols of a source are written.

    ``examples`` are symbols as people may type them, the best known first; pages and sentences name them. ``pattern``
    matches a whole symbol of at most ``longest`` characters. ``refusal`` says what is no symbol; its places are
    ``symbol``, ``longest`` and ``examples``. ``hint`` stands below the form's field.
    """

    examples: tuple[str, ...]
    pattern: str = r"[A-Z0-9^][A-Z0-9.^=_\-]*"
    refusal: Sentence = _NO_SYMBOL
    hint: Sentence = _NO_HINT
    longest: int = LONGEST_SYMBOL
    is_upper_cased: bool = True
    """Whether lower case means the same, so that all is upper-cased."""
    is_prefix_dropped: bool = True
    """Whether an exchange before a colon, as TradingView writes it (``NASDAQ:AAPL``), is no part of a symbol."""
    is_class_spaced: bool = False
    """Whether a class of shares may stand after a space (``BRK B``); it is written with a dot then (``BRK.B``)."""

    def split(self, text: str | Iterable[str]) -> list[str]:
        """Return the symbols in a pasted text, each once: cut at commas, semicolons, spaces and lines.

        Of texts that are parted already, each is cut by itself. A space parts nothing before a class of shares, where
        something else parts the symbols, or where what stands before it is no symbol without a class.
        """
        pieces = (
            _PIECES.split(text) if isinstance(text, str) else [piece for part in text for piece in _PIECES.split(part)]
        )
        is_parted = not isinstance(text, str) or len([piece for piece in pieces if piece.strip()]) > 1
        words = (self.normalize(word) for piece in pieces for word in self._words(piece, is_parted=is_parted))
        return list(dict.fromkeys(word for word in words if word))

    def _words(self, piece: str, *, is_parted: bool) -> list[str]:
        words = _SEPARATORS.split(piece.strip())
        is_class = self.is_class_spaced and _SPACED_CLASS.fullmatch(" ".join(words)) is not None
        if is_class and (is_parted or words[0].upper() in _NEVER_WITHOUT_CLASS):
            return [".".join(words)]
        return words

    def normalize(self, text: str) -> str:
        """Return a symbol as it is written, of one as it is typed; what stands for a list stays as it is."""
        word = text.strip()
        if word.startswith(LIST_SIGN):
            return word
        if self.is_prefix_dropped:
            word = word.rpartition(":")[2]
        return word.upper() if self.is_upper_cased else word

    def is_symbol(self, text: str) -> bool:
        """Tell whether a text can be a symbol."""
        return len(text) <= self.longest and re.fullmatch(self.pattern, text) is not None

    def find_problem(self, symbols: Sequence[str]) -> Sentence | None:
        """Return what is wrong with a list of symbols, as a sentence that says what to do, or None."""
        if problem := self.find_count_problem(symbols):
            return problem
        bad = [symbol for symbol in symbols if not self.is_symbol(symbol)]
        return self.refuse(bad[0]) if bad else None

    def find_count_problem(self, symbols: Collection[str]) -> Sentence | None:
        """Return what is wrong with the number of symbols, as a sentence that says what to do, or None."""
        if not symbols:
            return sentence("Give at least one symbol, for example %(examples)s.", examples=self._listed_examples())
        if len(symbols) > MOST_SYMBOLS:
            return sentence(
                "%(count)d symbols are too many for one collection. Give at most %(most)d, and the rest in another "
                "one.",
                count=len(symbols),
                most=MOST_SYMBOLS,
            )
        return None

    def refuse(self, symbol: str) -> Sentence:
        """Return the sentence for a text that is no symbol."""
        shown = symbol if len(symbol) <= self.longest + 8 else symbol[: self.longest] + "…"
        params: dict[str, Param] = {
            "symbol": shown,
            "longest": self.longest,
            "examples": self._listed_examples(),
        }
        return Sentence(self.refusal.text, {**self.refusal.params, **params})

    def _listed_examples(self) -> str:
        return ", ".join(self.examples[:_MOST_EXAMPLES])


@dataclass(frozen=True, slots=True)
class QuoteNames:
    """The symbols of a source that a name of other quote pages (``NASDAQ:AAPL``) may mean, the likeliest first.

    ``is_certain``: the exchange's code leaves no doubt about the one there is; otherwise a person chooses, or none is
    known.
    """

    symbols: tuple[str, ...] = ()
    is_certain: bool = False


USUAL_GRAMMAR = Grammar(("AAPL", "MSFT"))
"""How symbols are written where nobody says otherwise: letters, digits and a few signs, in upper case."""
