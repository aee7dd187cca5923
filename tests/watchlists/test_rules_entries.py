import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from tests.properties import examples
from webapp.watchlists.rules_entries import Entries, Move, add, annotate, move, remove
from webapp.watchlists.watchlist import Entry


def entries(text: str) -> Entries:
    """Entries written like ``A/x B/x C``: a symbol, and its section after a stroke; ids count from 1."""
    words = [word.partition("/") for word in text.split()]
    return tuple(Entry("yahoo", word[0], section=word[2], id=place) for place, word in enumerate(words, 1))


def written(several: Entries) -> str:
    return " ".join(f"{entry.symbol}/{entry.section}" if entry.section else entry.symbol for entry in several)


def ids(several: Entries, symbols: str) -> set[int]:
    return {entry.id for entry in several if entry.symbol in symbols}


@pytest.mark.parametrize(
    ("before", "picked", "to", "after"),
    [
        ("A B C", "B", Move.UP, "B A C"),
        ("A B C", "B", Move.DOWN, "A C B"),
        ("A B C", "A", Move.UP, "A B C"),
        ("A B C", "C", Move.DOWN, "A B C"),
        ("A B C D", "BC", Move.UP, "B C A D"),
        ("A B C D", "BC", Move.DOWN, "A D B C"),
        ("A B C D", "AC", Move.UP, "A C B D"),
        ("A B C D", "BD", Move.FIRST, "B D A C"),
        ("A B C D", "AC", Move.LAST, "B D A C"),
        ("A/x B/y C/y", "B", Move.UP, "A/x B/x C/y"),
        ("A/x B/y C/y", "A", Move.DOWN, "A/y B/y C/y"),
        ("A/x B/x C/y", "B", Move.DOWN, "A/x B/y C/y"),
        ("A/x B/y", "B", Move.FIRST, "B/x A/x"),
        ("A/x B/y", "A", Move.LAST, "B/y A/y"),
    ],
)
def test_entries_move_past_neighbours_and_headings(before: str, picked: str, to: Move, after: str) -> None:
    several = entries(before)
    assert written(move(several, ids(several, picked), to)) == after


def test_an_entry_walks_through_all_sections_and_back() -> None:
    several = entries("A/x B/y C/z")
    walked = several
    for _ in range(4):
        walked = move(walked, {1}, Move.DOWN)
    assert written(walked) == "B/y C/z A/z"
    for _ in range(4):
        walked = move(walked, {1}, Move.UP)
    assert written(walked) == "A/y B/y C/z"


def test_what_is_new_comes_after_the_others_of_its_section() -> None:
    several = entries("A/x B/y")
    new = [Entry("yahoo", "C", section="x"), Entry("yahoo", "A"), Entry("yahoo", "D"), Entry("yahoo", "E", section="x")]
    assert written(add(several, new)) == "A/x C/x E/x B/y D"


def test_the_same_symbol_of_another_source_is_another_entry() -> None:
    assert len(add(entries("A"), [Entry("ibkr", "A")])) == 2


def test_entries_are_removed_and_annotated_where_they_stand() -> None:
    several = entries("A/x B/x C")
    assert written(remove(several, {2, 99})) == "A/x C"
    changed = annotate(several, 2, section="y", note="cheap")
    assert written(changed) == "A/x B/y C"
    assert changed[1].note == "cheap"


@settings(max_examples=examples(200), deadline=None)
@given(
    some.lists(some.sampled_from(["", "x", "y"]), min_size=1, max_size=12),
    some.sets(some.integers(1, 12)),
    some.lists(some.sampled_from(Move), max_size=6),
)
def test_moving_loses_and_doubles_nothing(sections: list[str], picked: set[int], moves: list[Move]) -> None:
    several = tuple(Entry("yahoo", f"S{n}", section=section, id=n) for n, section in enumerate(sections, 1))
    moved = several
    for to in moves:
        moved = move(moved, picked, to)
    assert sorted(entry.id for entry in moved) == sorted(entry.id for entry in several)
    unpicked = [entry for entry in several if entry.id not in picked]
    assert [entry for entry in moved if entry.id not in picked] == unpicked
    assert {entry.section for entry in moved} <= {entry.section for entry in several}
