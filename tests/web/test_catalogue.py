import dataclasses
import re
from html import unescape

import pytest
from flask.testing import FlaskClient

from tests.web.factories import MICROSOFT, NOW, Asked, finish, make_job, make_series, start
from webapp.context import context
from webapp.coverage import completeness
from webapp.database.transactions import reading, writing
from webapp.jobs import queries_jobs
from webapp.jobs.queries_jobs import JobFilter
from webapp.kernel.intervals import Interval
from webapp.kernel.job_states import JobState
from webapp.series import queries_series


def named(symbol: str, name: str, interval: Interval = Interval.D1) -> int:
    return make_series(Asked(symbol=symbol, interval=interval, days=30), dataclasses.replace(MICROSOFT, name=name))


def symbols(text: str) -> list[str]:
    return re.findall(r'class="cell-title">\s*<a[^>]*><strong>([^<]+)', text)


def there(series_id: int) -> bool:
    with reading() as connection:
        return queries_series.get(connection, series_id) is not None


def submitted() -> list[str]:
    with reading() as connection:
        return [job.symbol for job in queries_jobs.page(connection, JobFilter())]


def test_the_table_says_what_is_there_how_complete_it_is_and_how_fresh(client: FlaskClient) -> None:
    job_id = make_job(Asked(days=30))
    finish(start(job_id), JobState.FAILED)
    named("MSFT", "Microsoft Corporation")
    text = client.get("/series").text
    assert "being counted" in text
    completeness.catch_up(context())
    text = client.get("/series").text
    assert "being counted" not in text
    for words in ("Microsoft Corporation", "Yahoo Finance", "1 day", "complete", "about", f"/jobs/{job_id}", "Failed"):
        assert words in text
    assert re.search(r"up to date|session(s)? behind", text)


def test_what_the_url_says_is_shown_and_comes_back_in_every_link(client: FlaskClient) -> None:
    for symbol in "ABC":
        named(symbol, f"Company {symbol}")
    named("D", "Other")
    named("A", "Company A", Interval.H1)
    text = client.get("/series?q=company&interval=1d&sort=symbol&order=desc&size=25").text
    assert symbols(text) == ["C", "B", "A"]
    assert 'aria-sort="descending"' in text
    links = [unescape(link) for link in re.findall(r'id="sort-\w+"\s+href="([^"]+)"', text)]
    assert len(links) == 10
    assert all("q=company" in link and "interval=1d" in link and "size=25" in link for link in links)
    assert "sort=rows" in links[5]
    assert "order=desc" in links[5]
    assert "order" not in links[0]  # a second click on the symbol turns it round


def test_pages_are_cut_and_lead_to_each_other(client: FlaskClient) -> None:
    for number in range(27):
        named(f"S{number:02}", "x")
    first, second = (client.get(f"/series?size=25&page={page}").text for page in (1, 2))
    assert (len(symbols(first)), symbols(second)) == (25, ["S25", "S26"])
    assert "page=2" in first
    assert "27 series" in second
    assert "There are fewer pages." in client.get("/series?size=25&page=9").text


@pytest.mark.parametrize(
    "query", ["sort=nothing", "order=up", "interval=7m", "fresh=x", "complete=%00", "q=%00", "kind=%27", "size=77"]
)
def test_what_there_is_none_of_asks_for_nothing(client: FlaskClient, query: str) -> None:
    named("A", "x")
    for path in ("/series", "/ui/series"):
        assert client.get(f"{path}?{query}").status_code == 200


@pytest.mark.parametrize("query", ["page=x", "size=-1"])
def test_a_number_that_is_none_is_refused(client: FlaskClient, query: str) -> None:
    assert client.get(f"/series?{query}").status_code == 400


def test_a_script_gets_the_table_alone_and_the_address_of_its_page(client: FlaskClient) -> None:
    named("A", "x")
    answer = client.get("/ui/series?q=a&sort=rows&order=desc&source=&fresh=&page=1")
    assert answer.headers["HX-Push-Url"] == "/series?q=a&sort=rows&order=desc"
    assert "<html" not in answer.text


@pytest.mark.parametrize(
    ("here", "header"),
    [("", "Push"), ("?fresh=late", "Push"), ("?q=a", "Replace"), ("?q=ap", "Replace"), ("?q=a&kind=EQUITY", "Push")],
)
def test_a_search_typed_further_stays_one_step_back(client: FlaskClient, here: str, header: str) -> None:
    answer = client.get("/ui/series?q=ap", headers={"HX-Current-URL": f"http://localhost/series{here}"})
    assert answer.headers[f"HX-{header}-Url"] == "/series?q=ap"


def test_a_filter_that_nothing_matches_says_so(client: FlaskClient) -> None:
    named("A", "x")
    assert "No series matches this filter." in client.get("/series?interval=1wk").text
    assert "has “zzz” in its symbol" in client.get("/series?q=zzz").text


def test_the_series_picked_are_updated_as_one_batch(client: FlaskClient) -> None:
    ids = [named("A", "x"), named("B", "x", Interval.H1)]
    answer = client.post("/series/updates", data={"id": ids})
    assert answer.status_code == 303
    assert answer.location.startswith("/jobs?batch=")
    assert sorted(submitted()) == ["A", "B"]
    assert "2 series are updated." in client.get(answer.location).text


def test_one_that_its_source_cannot_update_is_named_and_the_others_go_on(client: FlaskClient) -> None:
    with writing() as connection:
        own = queries_series.ensure(connection, "own", "MINE", Interval.D1, "")
        queries_series.extend_range(connection, own, 3, 0, 3 * 86_400, NOW)
    made = client.post("/series/updates", data={"id": [named("A", "x"), own]})
    text = client.get(made.location).text
    assert "1 series is updated." in text
    assert "MINE: " in text
    assert submitted() == ["A"]
    alone = client.post("/series/updates", data={"id": [own]})
    assert alone.location == "/series"
    assert "None of them can be updated." in client.get("/series").text


def test_all_that_match_are_picked_by_one_box(client: FlaskClient) -> None:
    for number in range(3):
        named(f"S{number}", "x")
    named("T", "x")
    client.post("/series/updates", data={"every": "yes", "q": "S"})
    assert sorted(submitted()) == ["S0", "S1", "S2"]
    exported = client.post("/series/exports", data={"every": "yes", "q": "T"})
    assert re.fullmatch(r"/exports/new\?series=\d+", exported.location)
    assert client.post("/series/updates", data={"every": "yes", "q": "zzz"}).status_code == 422
    assert client.post("/series/updates", data={"id": "x"}).status_code == 400


def test_a_series_is_deleted_by_typing_its_symbol(client: FlaskClient) -> None:
    series_id = named("MSFT", "Microsoft Corporation")
    html = client.get(f"/series/{series_id}/deletion").text
    assert "Delete MSFT?" in html
    assert "Type MSFT to confirm" in html
    form = {"id": [series_id], "expected": "MSFT"}
    wrong = client.post("/series/deletions", data=form | {"typed": "APPLE"})
    assert wrong.status_code == 422
    assert "This is not it." in wrong.text
    assert there(series_id)
    right = client.post("/series/deletions", data=form | {"typed": " msft "})
    assert right.location == "/series"
    assert not there(series_id)
    assert "1 series deleted." in client.get("/series").text
    assert client.post("/series/deletions", data=form | {"typed": "MSFT"}).status_code == 404


def test_several_are_deleted_by_typing_how_many(client: FlaskClient) -> None:
    ids = [named(symbol, "x") for symbol in "ABC"]
    assert "Type 3 to confirm" in client.post("/series/deletions", data={"id": ids}).text
    client.post("/series/deletions", data={"id": ids, "expected": "3", "typed": "3"})
    assert [there(one) for one in ids] == [False] * 3


def test_what_was_answered_of_three_does_not_delete_two(client: FlaskClient) -> None:
    ids = [named(symbol, "x") for symbol in "ABC"]
    client.post("/series/deletions", data={"id": ids[:1], "expected": "A", "typed": "A"})
    late = client.post("/series/deletions", data={"id": ids, "expected": "3", "typed": "3"})
    assert "Type 2 to confirm" in late.text
    assert there(ids[1])


def test_a_series_at_work_stays_and_says_which_collection_holds_it(client: FlaskClient) -> None:
    job_id = make_job(Asked(symbol="BUSY", days=30))
    series_id = named("BUSY", "x")
    text = client.get(f"/series/{series_id}/deletion").text
    assert f"/jobs/{job_id}" in text
    assert "to confirm" not in text
    client.post("/series/deletions", data={"id": [series_id], "expected": "BUSY", "typed": "BUSY"})
    assert there(series_id)
    assert "Nothing was deleted." in client.get("/series").text


def test_a_dialog_asks_where_a_script_does(client: FlaskClient) -> None:
    series_id = named("A", "x")
    question = client.post("/series/deletions", data={"id": [series_id]}, headers={"HX-Request": "true"})
    assert question.headers["HX-Retarget"] == "#dialog"
    assert "<html" not in question.text
    form = {"id": [series_id], "expected": "A", "typed": "A"}
    done = client.post("/series/deletions", data=form, headers={"HX-Request": "true"})
    assert (done.status_code, done.headers["HX-Redirect"]) == (204, "/series")
