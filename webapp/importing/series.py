"""The series that a file of several symbols becomes: what each is called here, and which are chosen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from webapp.errors import InvalidRequestError, sentence
from webapp.importing.reading import Ask, symbol_of
from webapp.sources.own.rules_imported import TICKER


@dataclass(frozen=True, slots=True)
class Choice:
    """A symbol of a file: as it stands there, what its series is called (empty when that is no symbol), its lines."""

    ticker: str
    symbol: str
    lines: int
    is_chosen: bool


def choices_of(lines_by_ticker: Mapping[str, int], ask: Ask) -> tuple[Choice, ...]:
    """Return the symbols of a file, in its order; those that can be are chosen, unless a person says which."""
    named = [(ticker, symbol_of(ticker), lines) for ticker, lines in lines_by_ticker.items()]
    return tuple(
        Choice(ticker, symbol, lines, bool(symbol) and (ask.chosen is None or ticker in ask.chosen))
        for ticker, symbol, lines in named
    )


def symbols_by_ticker(choices: Sequence[Choice]) -> Mapping[str, str]:
    """Return what the chosen symbols of a file are called here.

    :raises InvalidRequestError: with the field ``ticker`` when none is chosen.
    """
    chosen = {choice.ticker: choice.symbol for choice in choices if choice.is_chosen}
    if not chosen:
        raise InvalidRequestError({TICKER: sentence("Choose at least one series.")})
    return chosen
