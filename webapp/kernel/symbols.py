"""Symbols as people type and paste them: split, counted, checked."""

import re
from collections.abc import Collection

from webapp.errors import Sentence, sentence

LONGEST_SYMBOL = 32
MOST_SYMBOLS = 500
_SYMBOL = re.compile(r"[A-Z0-9^][A-Z0-9.^=_\-]{0,31}")
_SEPARATORS = re.compile(r"[\s,;]+")  # static/symbols.js counts by the same


def split_symbols(text: str) -> list[str]:
    """Return the symbols in a pasted text: cut at commas, semicolons, spaces and lines, upper-cased, each once.

    An exchange prefix as TradingView writes it (``NASDAQ:AAPL``) is dropped.
    """
    words = (word.rpartition(":")[2].upper() for word in _SEPARATORS.split(text))
    return list(dict.fromkeys(word for word in words if word))


def count_problem(symbols: Collection[str]) -> Sentence | None:
    """Return what is wrong with the number of symbols, as a sentence that says what to do, or None."""
    if not symbols:
        return sentence("Give at least one symbol, for example AAPL or MC.PA.")
    if len(symbols) > MOST_SYMBOLS:
        return sentence(
            "%(count)d symbols are too many for one collection. Give at most %(most)d, and the rest in another one.",
            count=len(symbols),
            most=MOST_SYMBOLS,
        )
    return None


def symbols_problem(symbols: list[str]) -> Sentence | None:
    """Return what is wrong with a list of symbols, as a sentence that says what to do, or None."""
    if problem := count_problem(symbols):
        return problem
    bad = [symbol for symbol in symbols if not _SYMBOL.fullmatch(symbol)]
    if bad:
        return sentence(
            "“%(symbol)s” is not a symbol. A symbol has at most %(longest)d letters, digits and . ^ = - _ "
            "(for example MSFT, BTC-USD, EURUSD=X, ^GSPC).",
            symbol=bad[0] if len(bad[0]) <= LONGEST_SYMBOL + 8 else bad[0][:LONGEST_SYMBOL] + "…",
            longest=LONGEST_SYMBOL,
        )
    return None
