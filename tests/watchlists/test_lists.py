"""Watchlists on SQLite and PostgreSQL."""

import dataclasses
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask

from webapp.context import EXTENSION, Context
from webapp.errors import ConflictError, InvalidRequestError, NotFoundError
from webapp.watchlists import lists
from webapp.watchlists.lists import ListChangedError
from webapp.watchlists.rules_entries import Move, move, remove
from webapp.watchlists.watchlist import MOST_ENTRIES, Entry, Watchlist


@pytest.fixture
def context(app: Flask) -> Context:
    made: Context = app.extensions[EXTENSION]
    return made


def entries(symbols: str, source: str = "yahoo") -> tuple[Entry, ...]:
    return tuple(Entry(source, symbol) for symbol in symbols.split())


def symbols(watchlist: Watchlist) -> str:
    return " ".join(entry.symbol for entry in watchlist.entries)


def test_a_list_is_kept_in_its_order_with_its_texts(context: Context) -> None:
    made = [Entry("ibkr", "EUR.CASH.IDEALPRO.USD", {"what": "BID"}, "Currencies", "cheap"), *entries("MSFT AAPL MSFT")]
    lists.create(context, "Tech_1", made, title="Technology", note="two\nlines")
    kept = lists.find("@TECH_1")
    assert (kept.name, kept.title, kept.note, kept.revision) == ("Tech_1", "Technology", "two\nlines", 1)
    assert [dataclasses.replace(entry, id=0) for entry in kept.entries] == made[:3]
    [summary] = lists.every()
    assert (summary.name, summary.counts, summary.total) == ("Tech_1", {"ibkr": 1, "yahoo": 2}, 3)


def test_an_unknown_name_names_near_ones(context: Context) -> None:
    with pytest.raises(NotFoundError, match="nor any other yet"):
        lists.find("tech")
    for name in ("tech", "teck-eu", "coins"):
        lists.create(context, name)
    with pytest.raises(NotFoundError, match=r"“tecj”\. Did you mean @tech"):
        lists.find("@tecj")
    with pytest.raises(NotFoundError, match=r"“zz”\. There are: @coins, @tech, @teck-eu\."):
        lists.find("zz")


def test_names_differ_by_more_than_case(context: Context) -> None:
    lists.create(context, "Énergie")
    with pytest.raises(ConflictError, match="already"):
        lists.create(context, "énergie")
    with pytest.raises(ConflictError, match="already"):
        lists.create(context, "E\u0301nergie")
    lists.create(context, "coins")
    with pytest.raises(ConflictError, match="already"):
        lists.rename(context, "coins", "ÉNERGIE")
    assert lists.find("coins").revision == 1  # nothing of the refused change was kept


@pytest.mark.parametrize("name", ["", "a b", "-a", "_a", "@a", "a.b", "a/b", "x" * 41, "a\0b"])
def test_what_is_no_name_is_refused(context: Context, name: str) -> None:
    with pytest.raises(InvalidRequestError, match="letters, digits"):
        lists.create(context, name)


def test_texts_that_are_too_long_or_cannot_be_shown_are_refused(context: Context) -> None:
    with pytest.raises(InvalidRequestError) as refused:
        lists.create(context, "a", [Entry("yahoo", "A", section="x" * 81, note="\x07")], title="x" * 121, note="\x07")
    assert set(refused.value.fields) == {"title", "note", "section", "entry_note"}


def test_a_list_has_an_end(context: Context) -> None:
    with pytest.raises(InvalidRequestError, match="too many for one list"):
        lists.create(context, "a", entries(" ".join(f"S{n}" for n in range(MOST_ENTRIES + 1))))


def test_a_list_is_changed_piece_by_piece(context: Context) -> None:
    lists.create(context, "tech", entries("A B C"))
    lists.add(context, "tech", entries("D A"))
    changed = lists.change(
        context,
        "tech",
        lambda old: dataclasses.replace(old, entries=move(old.entries, {old.entries[3].id}, Move.FIRST)),
    )
    assert symbols(changed) == "D A B C"
    gone = {changed.entries[1].id}
    changed = lists.change(context, "tech", lambda old: dataclasses.replace(old, entries=remove(old.entries, gone)))
    assert symbols(changed) == "D B C"
    assert lists.rename(context, "tech", "chips").revision == 5
    assert symbols(lists.find("chips")) == "D B C"
    with pytest.raises(NotFoundError):
        lists.find("tech")


def test_a_change_that_changes_nothing_is_none(context: Context) -> None:
    lists.create(context, "tech", entries("A"))
    assert lists.add(context, "tech", entries("A")).revision == 1


def test_whoever_saw_an_older_list_is_told(context: Context) -> None:
    lists.create(context, "tech", entries("A"))
    lists.add(context, "tech", entries("B"), revision=1)
    with pytest.raises(ListChangedError, match="changed meanwhile"):
        lists.add(context, "tech", entries("C"), revision=1)
    with pytest.raises(ListChangedError):
        lists.delete(context, "tech", revision=1)
    assert symbols(lists.find("tech")) == "A B"


def test_many_who_add_at_once_lose_nothing(app: Flask, context: Context) -> None:
    lists.create(context, "tech")

    def add(number: int) -> None:
        with app.app_context():
            lists.add(context, "tech", entries(f"S{number}"))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(add, range(12)))
    assert sorted(symbols(lists.find("tech")).split()) == sorted(f"S{number}" for number in range(12))


def test_a_deleted_list_is_gone_with_its_entries_and_its_name_is_free(context: Context) -> None:
    lists.create(context, "tech", entries("A B"))
    assert symbols(lists.delete(context, "tech")) == "A B"
    assert lists.every() == []
    assert symbols(lists.create(context, "tech", entries("C"))) == "C"
