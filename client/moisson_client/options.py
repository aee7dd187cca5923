"""Arguments as texts: moments, symbols, options."""

import json
from collections.abc import Iterable, Mapping

from moisson_client.records import Moment


def text_of(moment: Moment | None) -> str | None:
    """Return a date or an instant as ISO 8601, and a text as it is."""
    if moment is None or isinstance(moment, str):
        return moment
    write = getattr(moment, "isoformat", None)
    return str(write()) if write else str(moment)


def symbols_of(symbols: object) -> list[str]:
    """Return symbols as a list, none when they are not texts, so that the server says what it takes.

    A text of several is for the server to part, as their source writes them.
    """
    if isinstance(symbols, str):
        return [symbols]
    several = [] if isinstance(symbols, bytes) or not isinstance(symbols, Iterable) else list(symbols)
    return [str(symbol) for symbol in several] if all(isinstance(symbol, str) for symbol in several) else []


def options_of(options: Mapping[str, object]) -> dict[str, str | bool]:
    """Return options as texts and truth values; those that say nothing are left out."""
    said = {name: value for name, value in options.items() if value is not None}
    return {name: value if isinstance(value, bool) else str(value) for name, value in said.items()}


def options_text(options: Mapping[str, object]) -> str | None:
    """Return options as a parameter of a query, or None when there are none."""
    said = options_of(options)
    return json.dumps(said) if said else None
