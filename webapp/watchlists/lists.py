"""Watchlists made, found, changed and deleted.

A change is a function from a list to the list that is to be; what differs is written in one transaction, behind one
guarded UPDATE of the revision. Whoever says which revision was seen is told when somebody else was faster.
"""

import dataclasses
from collections.abc import Callable, Iterable

from webapp.context import Context
from webapp.database.transactions import reading, writing
from webapp.errors import ConflictError, InvalidRequestError, NotFoundError, Sentence, sentence
from webapp.watchlists import queries_watchlists as store
from webapp.watchlists import rules_entries
from webapp.watchlists.rules_list_names import describe_unknown, find_name_problem, tidy_name
from webapp.watchlists.watchlist import (
    LONGEST_ENTRY_NOTE,
    LONGEST_LIST_NOTE,
    LONGEST_SECTION,
    LONGEST_TITLE,
    MOST_ENTRIES,
    Entry,
    Watchlist,
    WatchlistSummary,
)

Change = Callable[[Watchlist], Watchlist]


class ListChangedError(ConflictError):
    """Somebody has changed the list since it was shown."""

    def __init__(self, name: str) -> None:
        super().__init__(
            sentence(
                "The list “%(name)s” has been changed meanwhile, so nothing was done. Look at it again, then repeat "
                "what you wanted.",
                name=name,
            )
        )


def every() -> list[WatchlistSummary]:
    """Return all lists, by name."""
    with reading() as connection:
        return store.summaries(connection)


def find(name: str) -> Watchlist:
    """Return a list, by its name with or without ``@``.

    :raises NotFoundError: when there is none; its sentence says which are called nearly so.
    """
    with reading() as connection:
        watchlist = store.get(connection, name)
        if watchlist is None:
            raise NotFoundError(describe_unknown(name, store.names(connection)))
    return watchlist


def create(context: Context, name: str, entries: Iterable[Entry] = (), *, title: str = "", note: str = "") -> Watchlist:
    """Make a list; what stands twice among its entries is kept once.

    :raises InvalidRequestError: with a sentence for each field that is wrong (``name``, ``title``, ``note``,
        ``section``, ``entry_note``, ``entries``).
    :raises ConflictError: when there is a list of this name.
    """
    now = context.now()
    new = Watchlist(0, tidy_name(name), title.strip(), note.strip(), 1, now, now, rules_entries.add((), entries))
    _check(new)
    with writing() as connection:
        if store.add(connection, new) is None:
            raise ConflictError(_taken(new.name))
    return find(new.name)


def change(context: Context, name: str, make: Change, revision: int | None = None) -> Watchlist:
    """Change a list and return it as it is then.

    :param make: returns the list that is to be; entries without an id are new.
    :param revision: the one that was seen; None when it does not matter what else was changed.
    :raises NotFoundError: when there is none of this name.
    :raises ListChangedError: when its revision is another by now.
    :raises InvalidRequestError: with a sentence for each field that is wrong.
    :raises ConflictError: when there is a list of its new name.
    """
    while True:
        before = find(name)
        if revision is not None and before.revision != revision:
            raise ListChangedError(before.name)
        after = make(before)
        if after == before:
            return before
        _check(after)
        with writing() as connection:
            is_ours = store.claim(connection, before.id, before.revision, context.now())
            if is_ours and not store.write(connection, before, after):
                raise ConflictError(_taken(after.name))
        if is_ours:
            return find(after.name)
        # somebody was faster between reading and writing: see what is there now


def rename(context: Context, name: str, new_name: str, revision: int | None = None) -> Watchlist:
    """Give a list another name; ``@`` with the old one stands for nothing then.

    :raises: as ``change``.
    """
    return change(context, name, lambda old: dataclasses.replace(old, name=tidy_name(new_name)), revision)


def add(context: Context, name: str, entries: Iterable[Entry], revision: int | None = None) -> Watchlist:
    """Add entries to a list; what is there already stays as it is.

    :raises: as ``change``.
    """
    new = tuple(entries)
    return change(
        context, name, lambda old: dataclasses.replace(old, entries=rules_entries.add(old.entries, new)), revision
    )


def delete(context: Context, name: str, revision: int | None = None) -> Watchlist:
    """Delete a list and return it as it was. What was collected for it stays.

    :raises NotFoundError: when there is none of this name.
    :raises ListChangedError: when its revision is another by now.
    """
    before = find(name)
    if revision is not None and before.revision != revision:
        raise ListChangedError(before.name)
    with writing() as connection:
        if not store.claim(connection, before.id, before.revision, context.now()):
            raise ListChangedError(before.name)
        store.remove(connection, before.id)
    return before


def _check(watchlist: Watchlist) -> None:
    """Raise what is wrong with a list as it is to be."""
    problems = {
        "name": find_name_problem(watchlist.name),
        "title": _find_text_problem([watchlist.title], LONGEST_TITLE),
        "note": _find_text_problem([watchlist.note], LONGEST_LIST_NOTE, is_one_line=False),
        "section": _find_text_problem([entry.section for entry in watchlist.entries], LONGEST_SECTION),
        "entry_note": _find_text_problem([entry.note for entry in watchlist.entries], LONGEST_ENTRY_NOTE),
    }
    if len(watchlist.entries) > MOST_ENTRIES:
        problems["entries"] = sentence(
            "%(count)d entries are too many for one list. It holds at most %(most)d.",
            count=len(watchlist.entries),
            most=MOST_ENTRIES,
        )
    wrong = {field: problem for field, problem in problems.items() if problem}
    if wrong:
        raise InvalidRequestError(wrong)


def _find_text_problem(texts: Iterable[str], longest: int, *, is_one_line: bool = True) -> Sentence | None:
    for text in texts:
        if len(text) > longest:
            return sentence("This is too long: at most %(most)d characters.", most=longest)
        lines = [text] if is_one_line else text.splitlines()
        if not all(line.isprintable() for line in lines):
            return sentence("This has characters that cannot be shown.")
    return None


def _taken(name: str) -> Sentence:
    return sentence("There is a list “%(name)s” already. Choose another name.", name=name)
