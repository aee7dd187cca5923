import pytest

from tests.stored import Store
from webapp.errors import InvalidRequestError
from webapp.watchlists import lists
from webapp.watchlists.expansion import expand, instruments_of, read_filter
from webapp.watchlists.watchlist import MOST_ENTRIES, Entry


@pytest.fixture(autouse=True)
def tech(store: Store) -> None:
    several = [Entry("yahoo", "AAPL"), Entry("ibkr", "AAPL"), Entry("yahoo", "MC.PA")]
    lists.create(store.context, "tech", several)


def test_a_list_stands_where_its_name_was_typed() -> None:
    expanded = expand("yahoo", ("IBM", "@TECH", "MC.PA", "@tech", "SAP"))
    assert expanded.symbols == ("IBM", "AAPL", "MC.PA", "SAP")
    assert set(expanded.entries) == {"AAPL", "MC.PA"}
    assert expanded.lists == ("tech",)
    [note] = expanded.notes
    assert str(note) == "Of the list “tech”, entries of other sources are left out: 1 of 3."


def test_without_a_list_nothing_is_asked_of_the_database() -> None:
    assert expand("yahoo", ("AAPL",)).symbols == ("AAPL",)


@pytest.mark.parametrize(
    ("source", "typed", "words"),
    [
        ("yahoo", "@tec", r"no list “tec”\. Did you mean @tech\?"),
        ("yahoo", "@", r"no list “”\. There are: @tech\."),
        ("own", "@tech", "has nothing of Import. Its entries are of Yahoo Finance, Interactive Brokers."),
    ],
)
def test_what_cannot_be_expanded_says_why(source: str, typed: str, words: str) -> None:
    with pytest.raises(InvalidRequestError, match=words) as refused:
        expand(source, (typed,))
    assert list(refused.value.fields) == ["symbols"]


def test_an_empty_list_says_so(store: Store) -> None:
    lists.create(store.context, "none")
    with pytest.raises(InvalidRequestError, match="“none” is empty"):
        expand("yahoo", ("AAPL", "@none"))


def test_lists_are_too_much_together(store: Store) -> None:
    lists.create(store.context, "full", [Entry("yahoo", f"S{n}") for n in range(MOST_ENTRIES)])
    with pytest.raises(InvalidRequestError, match="too many for one collection"):
        expand("yahoo", ("@full", "@tech"))


def test_filters_get_all_instruments_of_a_list() -> None:
    several = (("yahoo", "AAPL"), ("ibkr", "AAPL"), ("yahoo", "MC.PA"))
    assert instruments_of(" @tech", "symbol") == read_filter("@tech").instruments == several
    assert instruments_of("tech", "symbol") is read_filter("").instruments is None


def test_a_filter_by_an_unknown_list_lets_nothing_through_and_says_so() -> None:
    nothing = read_filter("@tec")
    assert nothing.instruments == ()
    assert "Did you mean @tech?" in str(nothing.problem)
    with pytest.raises(InvalidRequestError) as refused:
        instruments_of("@tec", "symbol")
    assert list(refused.value.fields) == ["symbol"]
