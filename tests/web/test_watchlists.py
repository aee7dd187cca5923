"""The pages of lists, with and without a script."""

import io
import re

import pytest
from flask.testing import FlaskClient

from tests.web.factories import Asked, make_series
from webapp.context import context
from webapp.database.transactions import reading
from webapp.jobs import queries_batches
from webapp.watchlists import lists
from webapp.watchlists.watchlist import MOST_ENTRIES, Entry, Watchlist

SCRIPT = {"HX-Request": "true"}


def make(symbols: str = "AAPL MSFT NVDA", name: str = "tech") -> Watchlist:
    several = [Entry("yahoo", word.partition("/")[0], section=word.partition("/")[2]) for word in symbols.split()]
    return lists.create(context(), name, several)


def symbols(name: str = "tech") -> list[str]:
    return [entry.symbol for entry in lists.find(name).entries]


def test_without_lists_the_page_says_how_to_make_one(client: FlaskClient) -> None:
    page = client.get("/lists").get_data(as_text=True)
    assert "There are no lists yet." in page
    assert "New list" in page


def test_lists_are_shown_with_their_sources(client: FlaskClient) -> None:
    lists.create(
        context(), "tech", [Entry("yahoo", "AAPL"), Entry("ibkr", "AAPL"), Entry("own", "MINE")], title="T <b>"
    )
    page = client.get("/lists").get_data(as_text=True)
    assert "@tech" in page
    assert "T &lt;b&gt;" in page
    assert "Interactive Brokers (1)" in page
    assert "symbols=@tech" in page
    page = client.get("/lists/TECH").get_data(as_text=True)
    assert "Collect 1 from Yahoo Finance" in page
    assert "Collect 1 from Import" not in page


def test_an_unknown_list_is_said_with_near_names(client: FlaskClient) -> None:
    make()
    answer = client.get("/lists/tec")
    assert answer.status_code == 404
    assert "Did you mean @tech?" in answer.get_data(as_text=True)


@pytest.mark.parametrize("headers", [{}, SCRIPT], ids=["page", "script"])
def test_a_list_is_pasted_and_its_doubts_are_asked(client: FlaskClient, headers: dict[str, str]) -> None:
    form = {"name": "europe", "title": "Europe", "source": "yahoo", "symbols": "###Big,XETR:SAP,EURONEXT:MC,FOO:BAR"}
    asked = client.post("/lists", data=form, headers=headers)
    text = asked.get_data(as_text=True)
    assert asked.status_code == 422
    assert 'name="answer:EURONEXT:MC"' in text
    assert '<option value="MC.PA">MC.PA</option>' in text
    assert "2 texts are in doubt" in text
    assert lists.every() == []
    some = client.post("/lists", data=form | {"answer:EURONEXT:MC": "MC.PA"}, headers=headers)
    text = some.get_data(as_text=True)
    assert re.search(r'type="hidden"\s+name="answer:EURONEXT:MC"\s+value="MC.PA"', text)
    assert "1 text is in doubt" in text
    made = client.post("/lists", data=form | {"answer:EURONEXT:MC": "MC.PA", "answer:FOO:BAR": "-"}, headers=headers)
    assert made.status_code == (204 if headers else 303)
    kept = lists.find("europe")
    assert (kept.title, [(entry.section, entry.symbol) for entry in kept.entries]) == (
        "Europe",
        [("Big", "SAP.DE"), ("Big", "MC.PA")],
    )
    assert "XETR:SAP → SAP.DE" in client.get("/lists/europe").get_data(as_text=True)


def test_a_file_becomes_a_list(client: FlaskClient) -> None:
    content = "Symbole;Commentaire\nMC.PA;Vins é\nAAPL;\n".encode("utf-16")
    data = {"name": "fr", "source": "yahoo", "symbols": "", "file": (io.BytesIO(content), "liste.csv")}
    assert client.post("/lists", data=data, content_type="multipart/form-data").status_code == 303
    assert [(entry.symbol, entry.note) for entry in lists.find("fr").entries] == [("MC.PA", "Vins é"), ("AAPL", "")]
    data = {"name": "no", "source": "yahoo", "file": (io.BytesIO(b"PK\x03\x04\0\0"), "liste.zip")}
    refused = client.post("/lists", data=data, content_type="multipart/form-data")
    assert (refused.status_code, "This file is not a text" in refused.get_data(as_text=True)) == (422, True)


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("name", "a b", "letters, digits"),
        ("name", "", "letters, digits"),
        ("name", "TECH", "There is a list “TECH” already"),
        ("source", "nowhere", "There is no source “nowhere”"),
        ("title", "x" * 121, "too long"),
        ("symbols", "A" * 300_000, "too long for a list"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_saved(client: FlaskClient, field: str, value: str, told: str) -> None:
    make()
    form = {"name": "new", "source": "yahoo", "symbols": "AAPL"}
    answer = client.post("/lists", data=form | {field: value})
    assert answer.status_code == 422
    assert told in answer.get_data(as_text=True)
    assert len(lists.every()) == 1


def test_the_form_of_a_collection_is_saved_as_a_list(client: FlaskClient) -> None:
    make()
    form = {"symbols": "MC @tech", "source": "ibkr", "sec_type": "STK", "currency": "EUR", "what": "BID", "ask": "yes"}
    form |= {"interval": "1d", "period": "1y", "gateway": "live"}
    asked = client.post("/lists", data=form | {"place": "dialog"}, headers=SCRIPT)
    text = asked.get_data(as_text=True)
    assert asked.status_code == 200
    assert "4 instruments" in text
    hidden = dict(re.findall(r'type="hidden"\s+name="([^"]+)"\s+value="([^"]*)"', text))
    assert {name: hidden[name] for name in ("symbols", "source", "currency", "what")} == {
        "symbols": "MC @tech",
        "source": "ibkr",
        "currency": "EUR",
        "what": "BID",
    }
    assert "gateway" not in hidden
    assert client.post("/lists", data=hidden | {"name": "both"}, headers=SCRIPT).status_code == 204
    first, *others = lists.find("both").entries
    assert (first.symbol, first.options) == ("MC.STK.SMART.EUR", {"what": "BID"})
    assert [(entry.source, entry.symbol) for entry in others] == [("yahoo", s) for s in ("AAPL", "MSFT", "NVDA")]


def test_series_picked_in_the_catalogue_are_saved_as_a_list(client: FlaskClient) -> None:
    ids = [make_series(Asked(symbol)) for symbol in ("MSFT", "AAPL")]
    asked = client.post("/series/lists", data={"id": ids}, headers=SCRIPT).get_data(as_text=True)
    assert "2 instruments" in asked
    wrong = client.post("/series/lists", data={"id": ids, "name": "a b"}, headers=SCRIPT)
    assert (wrong.status_code, wrong.get_data(as_text=True).count('name="id"')) == (422, 2)
    assert client.post("/series/lists", data={"id": ids, "name": "mine"}).status_code == 303
    assert sorted(symbols("mine")) == ["AAPL", "MSFT"]
    assert client.post("/series/lists", data={"every": "yes", "q": "AAPL", "name": "one"}).status_code == 303
    assert symbols("one") == ["AAPL"]
    assert client.post("/series/lists", data={}).status_code == 422


def test_entries_are_moved_and_stay_picked(client: FlaskClient) -> None:
    made = make()
    form = {"id": str(made.entries[2].id), "to": "up", "revision": "1"}
    fragment = client.post("/lists/tech/moves", data=form, headers=SCRIPT).get_data(as_text=True)
    assert symbols() == ["AAPL", "NVDA", "MSFT"]
    assert fragment.count("checked") == 1
    assert len(re.findall(r'name="revision"\s+value="2"', fragment)) == 2
    plain = client.post("/lists/tech/moves", data=form | {"revision": "2"})
    assert plain.status_code == 303
    assert client.get(plain.location).get_data(as_text=True).count("checked") == 1
    assert symbols() == ["NVDA", "AAPL", "MSFT"]
    assert client.post("/lists/tech/moves", data={"to": "up", "revision": "3"}).status_code == 422
    assert client.post("/lists/tech/moves", data=form | {"to": "sideways"}).status_code == 400


def test_entries_are_taken_out(client: FlaskClient) -> None:
    made = make()
    ids = [str(entry.id) for entry in made.entries[:2]]
    assert client.post("/lists/tech/removals", data={"id": ids, "revision": "1"}).status_code == 303
    assert symbols() == ["NVDA"]


def test_whoever_saw_an_older_list_is_told(client: FlaskClient) -> None:
    made = make()
    lists.add(context(), "tech", [Entry("yahoo", "AMD")])
    form = {"id": str(made.entries[2].id), "to": "up", "revision": "1"}
    late = client.post("/lists/tech/moves", data=form, headers=SCRIPT)
    assert (late.status_code, "has been changed meanwhile" in late.get_data(as_text=True)) == (409, True)
    assert client.post("/lists/tech/head", data={"name": "chips", "revision": "1"}).status_code == 409
    assert client.post("/lists/tech/deletion", data={"revision": "1"}).status_code == 409
    assert symbols() == ["AAPL", "MSFT", "NVDA", "AMD"]


@pytest.mark.parametrize("headers", [{}, SCRIPT], ids=["page", "script"])
def test_a_list_is_added_to(client: FlaskClient, headers: dict[str, str]) -> None:
    make()
    form = {"source": "yahoo", "symbols": "AAPL KRX:005930", "section": "Korea"}
    asked = client.post("/lists/tech/entries", data=form, headers=headers)
    assert (asked.status_code, "005930.KQ" in asked.get_data(as_text=True)) == (422, True)
    done = client.post("/lists/tech/entries", data=form | {"answer:KRX:005930": "005930.KS"}, headers=headers)
    assert done.status_code == (204 if headers else 303)
    assert symbols() == ["AAPL", "MSFT", "NVDA", "005930.KS"]
    assert lists.find("tech").entries[3].section == "Korea"
    nothing = client.post("/lists/tech/entries", data={"source": "yahoo", "symbols": " "}, headers=headers)
    assert (nothing.status_code, "at least one symbol" in nothing.get_data(as_text=True)) == (422, True)


def test_the_form_that_adds_follows_the_source(client: FlaskClient) -> None:
    make()
    fragment = client.get("/ui/lists/tech/adding?source=ibkr&symbols=EUR.USD").get_data(as_text=True)
    assert "ES.FUT.CME.USD.202603" in fragment
    assert ">EUR.USD</textarea>" in fragment
    assert 'name="source" value="ibkr"' in " ".join(fragment.split())


def test_an_entry_gets_a_heading_and_a_note(client: FlaskClient) -> None:
    made = make("AAPL/US MC.PA")
    url = f"/lists/tech/entries/{made.entries[1].id}"
    assert '<option value="US">' in client.get(url).get_data(as_text=True)
    assert client.post(url, data={"section": " US ", "note": "wine\r\nand bags", "revision": "1"}).status_code == 303
    changed = lists.find("tech").entries[1]
    assert (changed.section, changed.note) == ("US", "wine and bags")
    wrong = client.post(url, data={"section": "x" * 81, "note": "y" * 501, "revision": "2"})
    assert (wrong.status_code, wrong.get_data(as_text=True).count("too long")) == (422, 2)
    assert client.get("/lists/tech/entries/99").status_code == 404
    page = client.get("/lists/tech").get_data(as_text=True)
    assert page.count('class="list-heading"') == 1
    assert "wine and bags" in page


def test_what_stands_under_no_heading_is_not_shown_under_the_last_one(client: FlaskClient) -> None:
    make("AAPL MSFT/US NVDA")
    page = client.get("/lists/tech").get_data(as_text=True)
    assert page.count("Without heading") == 1


def test_a_list_is_renamed_with_its_texts(client: FlaskClient) -> None:
    make()
    done = client.post("/lists/tech/head", data={"name": "chips", "title": "Chips", "note": "a\r\nb", "revision": "1"})
    assert (done.status_code, done.location) == (303, "/lists/chips")
    assert lists.find("chips").note == "a\nb"
    wrong = client.post("/lists/chips/head", data={"name": "a b", "revision": "2"})
    assert (wrong.status_code, "letters, digits" in wrong.get_data(as_text=True)) == (422, True)


def test_before_a_list_is_deleted_what_uses_it_is_said(client: FlaskClient) -> None:
    make("AAPL MSFT")
    client.post("/jobs", data={"symbols": "@tech", "source": "yahoo", "interval": "1d", "period": "1y"})
    with reading() as connection:
        batch = queries_batches.get(connection, 1)
    assert batch
    assert batch.lists == ("tech",)
    assert ">@tech</a>" in client.get("/jobs?batch=1").get_data(as_text=True)
    asked = client.get("/lists/tech/deletion").get_data(as_text=True)
    assert "It has 2 entries." in asked
    assert "2 collections that came from it are not over. They go on." in asked
    assert "<html" not in client.get("/lists/tech/deletion", headers=SCRIPT).get_data(as_text=True)
    assert client.post("/lists/tech/deletion", data={"revision": "1"}).status_code == 303
    assert lists.every() == []


def test_a_list_is_sent_as_a_file(client: FlaskClient) -> None:
    lists.create(context(), "mixed", [Entry("yahoo", "AAPL", section="US"), Entry("ibkr", "MSFT")])
    table = client.get("/lists/mixed/file")
    assert table.headers["Content-Disposition"] == "attachment; filename=mixed.csv"
    assert table.get_data(as_text=True).splitlines() == [
        "source,symbol,section,note,options",
        "yahoo,AAPL,US,,",
        "ibkr,MSFT,,,",
    ]
    assert client.get("/lists/mixed/file?format=txt&source=yahoo").get_data(as_text=True) == "###US\nAAPL\n"
    assert client.get("/lists/mixed/file?format=txt").status_code == 422
    assert client.get("/lists/mixed/file?format=exe").status_code == 422


def test_the_plan_of_a_list_counts_its_symbols(client: FlaskClient) -> None:
    make()
    lists.add(context(), "tech", [Entry("ibkr", "AAPL")])
    form = {"symbols": "@tech", "source": "yahoo", "interval": "1d", "period": "1y"}
    plan = client.post("/ui/plan", data=form).get_data(as_text=True)
    assert "Plan for 3 symbols" in plan
    assert "other sources are left out: 1 of 4." in plan
    unknown = client.post("/jobs", data=form | {"symbols": "@tec"})
    assert (unknown.status_code, "Did you mean @tech?" in unknown.get_data(as_text=True)) == (422, True)


def test_pages_filter_by_a_list(client: FlaskClient) -> None:
    make("AAPL")
    for symbol in ("AAPL", "MSFT"):
        make_series(Asked(symbol))
        client.post("/jobs", data={"symbols": symbol, "source": "yahoo", "interval": "1d", "period": "1y"})
    for path in ("/series?q=@tech", "/jobs?symbol=@tech"):
        page = client.get(path).get_data(as_text=True)
        assert ("<strong>AAPL</strong>" in page, "<strong>MSFT</strong>" in page) == (True, False), path
    for path in ("/series?q=@tec", "/jobs?symbol=@tec", "/review?symbol=@tec"):
        answer = client.get(path)
        text = answer.get_data(as_text=True)
        assert (answer.status_code, "Did you mean @tech?" in text or "Did you mean" in text) == (200, True), path
    assert "No bar is listed" in client.get("/review?symbol=@tech").get_data(as_text=True)


def test_a_long_list_is_one_page(client: FlaskClient) -> None:
    lists.create(context(), "full", [Entry("yahoo", f"S{n}") for n in range(MOST_ENTRIES)])
    assert client.get("/lists/full").get_data(as_text=True).count('name="id"') == MOST_ENTRIES
