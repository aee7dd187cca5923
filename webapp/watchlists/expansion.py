"""What ``@name`` among symbols stands for: the entries of a list, at the source that is asked."""

from collections.abc import Mapping
from dataclasses import dataclass

from webapp.database.transactions import reading
from webapp.errors import InvalidRequestError, Sentence, sentence
from webapp.sources.choices import label
from webapp.watchlists import queries_watchlists as store
from webapp.watchlists.rules_list_names import describe_unknown, key_of, list_names, stands_for_list
from webapp.watchlists.watchlist import MOST_ENTRIES, Entry, Watchlist


@dataclass(frozen=True, slots=True)
class ExpandedSymbols:
    """Symbols in the order in which they were typed, with a list's entries in its place.

    ``entries`` are those that came from a list, by their symbols; what was typed besides has none. ``notes`` say what
    of a list was left out.
    """

    symbols: tuple[str, ...]
    entries: Mapping[str, Entry]
    lists: tuple[str, ...] = ()
    notes: tuple[Sentence, ...] = ()


def expand(source: str, symbols: tuple[str, ...]) -> ExpandedSymbols:
    """Put the entries that a list has of a source in the place of ``@name``; without any, nothing is read.

    :raises InvalidRequestError: with the field ``symbols`` when there is no such list, when it has nothing of the
        source, or when there is too much of it all.
    """
    lists = {key_of(name): _read(name) for name in list_names(symbols)}
    if not lists:
        return ExpandedSymbols(symbols, {})
    entries = {key: {entry.symbol: entry for entry in _of_source(each, source)} for key, each in lists.items()}
    expanded: list[str] = []
    for symbol in symbols:
        expanded += entries[key_of(symbol)] if stands_for_list(symbol) else [symbol]
    unique = tuple(dict.fromkeys(expanded))
    if len(unique) > MOST_ENTRIES:
        raise InvalidRequestError({"symbols": _too_many(len(unique))})
    by_symbol = {symbol: entry for each in entries.values() for symbol, entry in each.items()}
    notes = tuple(note for watchlist in lists.values() if (note := _describe_rest(watchlist, source)))
    return ExpandedSymbols(unique, by_symbol, tuple(watchlist.name for watchlist in lists.values()), notes)


@dataclass(frozen=True, slots=True)
class FilteredInstruments:
    """What a filter's text stands for: the instruments of a list; None where it is but a text to search for.

    ``problem`` says that there is no such list; nothing is meant then.
    """

    instruments: tuple[tuple[str, str], ...] | None = None
    problem: Sentence | None = None


def read_filter(text: str) -> FilteredInstruments:
    """Return what a filter's text stands for."""
    try:
        return FilteredInstruments(instruments_of(text, "symbols"))
    except InvalidRequestError as err:
        return FilteredInstruments((), err.message)


def instruments_of(text: str, field: str) -> tuple[tuple[str, str], ...] | None:
    """Return all that the list has, of any source, that a filter's text stands for; None when it stands for none.

    :raises InvalidRequestError: with the field that the text is of, when there is no such list.
    """
    entries = entries_of(text, field)
    return None if entries is None else tuple(entry.instrument for entry in entries)


def entries_of(text: str, field: str) -> tuple[Entry, ...] | None:
    """Return the entries, of any source, of the list that a text stands for; None when it stands for none.

    :raises InvalidRequestError: with the field that the text is of, when there is no such list.
    """
    return _read(text.strip(), field).entries if stands_for_list(text.strip()) else None


def _read(name: str, field: str = "symbols") -> Watchlist:
    with reading() as connection:
        watchlist = store.get(connection, name)
        if watchlist is None:
            raise InvalidRequestError({field: describe_unknown(name, store.names(connection))})
    return watchlist


def _of_source(watchlist: Watchlist, source: str) -> list[Entry]:
    entries = [entry for entry in watchlist.entries if entry.source == source]
    if entries:
        return entries
    if not watchlist.entries:
        message = sentence("The list “%(name)s” is empty. Add something to it first.", name=watchlist.name)
    else:
        message = sentence(
            "The list “%(name)s” has nothing of %(source)s. Its entries are of %(others)s.",
            name=watchlist.name,
            source=label(source),
            others=", ".join(label(name) for name in watchlist.counts),
        )
    raise InvalidRequestError({"symbols": message})


def _describe_rest(watchlist: Watchlist, source: str) -> Sentence | None:
    others = len(watchlist.entries) - watchlist.counts.get(source, 0)
    if not others:
        return None
    return sentence(
        "Of the list “%(name)s”, entries of other sources are left out: %(others)d of %(total)d.",
        name=watchlist.name,
        others=others,
        total=len(watchlist.entries),
    )


def _too_many(count: int) -> Sentence:
    return sentence(
        "These lists have %(count)d entries together, which are too many for one collection. It takes at most "
        "%(most)d.",
        count=count,
        most=MOST_ENTRIES,
    )
