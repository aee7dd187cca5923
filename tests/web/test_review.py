"""The inbox of bars that look wrong: what it lists, what is decided of one and of several."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from tests.web.factories import Asked, make_series
from tests.web.review_factories import CONTRADICTORY, HUNDREDFOLD, NEGATIVE, make_flags
from webapp.database.transactions import reading, writing
from webapp.flagging import queries_flags
from webapp.flagging.queries_flags import FlagFilter
from webapp.kernel.flag_states import FlagState
from webapp.reviewing import review
from webapp.series import queries_bars
from webapp.series.tables import BarFlag, Instrument

HTMX = {"HX-Request": "true"}


def state(series_id: int, time: int) -> FlagState:
    return review.find((series_id, time)).state


def times(series_id: int) -> set[int]:
    with reading() as connection:
        return {bar[0] for bar in queries_bars.read(connection, series_id)}


def cards(client: FlaskClient, query: str = "") -> int:
    answer = client.get(f"/review{query}")
    assert answer.status_code == 200
    return answer.text.count('class="panel review-card"')


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", ("To review", "A price is zero or negative.", "10,100.00", "Feb 10, 2024")), ("fr", ("10 févr. 2024",))],
)
def test_the_inbox_shows_each_bar_with_its_chart_its_values_and_what_is_wrong(
    client: FlaskClient, language: str, words: tuple[str, ...]
) -> None:
    make_flags()
    page = client.get("/review", headers={"Accept-Language": language}).text
    assert page.count('<svg class="review-chart"') == 3
    assert page.count('class="candle-doubtful"') == 3
    assert page.count('class="review-beyond"') == 2
    assert "style=" not in page
    assert [word for word in words if word not in page] == []


def test_what_another_source_says_stands_beside(client: FlaskClient) -> None:
    series_id = make_flags()
    assert "Interactive Brokers</a>" not in client.get("/review").text
    make_flags(source="ibkr", is_right=True)
    page = client.get(f"/review?series={series_id}").text
    assert "Interactive Brokers</a>" in page
    assert "101.50" in page


def test_prices_of_a_card_have_as_many_decimals(client: FlaskClient) -> None:
    make_flags()
    with writing() as connection:
        connection.execute(update(Instrument).values(price_decimals=None))
        connection.execute(update(BarFlag).where(BarFlag.time == HUNDREDFOLD).values(close=98.25))
    page = client.get("/review?rule=spike").text
    assert "98.25</td>" in page
    assert not re.findall(r'"numeric">[\d,]+\.\d</td>', page)


def test_the_filters_are_in_the_url(client: FlaskClient) -> None:
    series_id = make_flags()
    make_flags("AAPL")
    assert cards(client) == 6
    assert cards(client, "?symbol=aap") == cards(client, f"?series={series_id}") == 3
    assert cards(client, "?rule=spike") == 2
    assert cards(client, "?source=ibkr") == cards(client, "?state=excluded") == 0
    assert "No bar is listed with these filters." in client.get("/review?state=excluded").text
    assert cards(client, "?state=all&source=yahoo") == cards(client, "?state=nonsense&rule=nonsense") == 6
    assert cards(client, "?page=2") == 0


def test_a_file_is_not_asked_again(client: FlaskClient) -> None:
    make_flags()
    assert client.get("/review").text.count('data-can="accept ask exclude"') == 3
    assert '<option value="own"' not in client.get("/review").text
    series_id = make_flags("MINE", source="own")
    page = client.get(f"/review?series={series_id}").text
    assert page.count('data-can="accept exclude"') == 3
    assert page.count("/review/questions") == 2, "of the button for several bars alone"
    assert '<option value="own" >Import</option>' in page
    assert '<option value="ibkr"' not in page
    answer = client.post("/review/questions", data={"id": f"{series_id}:{HUNDREDFOLD}"}, headers=HTMX)
    assert "Not possible for 1 bar." in answer.text


def test_an_empty_inbox_says_that_nothing_is_to_review(client: FlaskClient) -> None:
    page = client.get("/review").text
    assert "No bar is to review." in page
    assert "nav-count-none" in page


def test_the_sidebar_counts_what_is_to_decide_on_every_page(client: FlaskClient) -> None:
    series_id = make_flags()
    for url in ("/review", "/jobs", f"/series/{series_id}"):
        assert "to decide:</span>3</span>" in client.get(url).text.replace("\n", ""), url
    fragment = client.get("/ui/review", headers=HTMX).text
    assert 'hx-swap-oob="true"' in fragment
    assert fragment.lstrip().startswith("<div")


@pytest.mark.parametrize(
    ("verb", "becomes"),
    [("acceptances", FlagState.ACCEPTED), ("exclusions", FlagState.EXCLUDED), ("questions", FlagState.ASKED)],
)
def test_a_bar_is_decided_of(client: FlaskClient, verb: str, becomes: FlagState) -> None:
    series_id = make_flags()
    answer = client.post(f"/review/{verb}", data={"id": f"{series_id}:{NEGATIVE}", "next": "/review?rule=spike"})
    assert (answer.status_code, answer.location) == (303, "/review?rule=spike")
    assert state(series_id, NEGATIVE) is becomes
    assert state(series_id, HUNDREDFOLD) is FlagState.OPEN
    assert (NEGATIVE in times(series_id)) is (becomes is not FlagState.EXCLUDED)
    assert "banner-success" in client.get("/review").text


def test_several_picked_bars_are_excluded_and_put_back_together(client: FlaskClient) -> None:
    series_id = make_flags()
    before = times(series_id)
    picked = {"id": [f"{series_id}:{time}" for time in (HUNDREDFOLD, NEGATIVE, NEGATIVE)]}
    answer = client.post("/review/exclusions", data=picked, headers=HTMX)
    assert (answer.status_code, answer.headers["HX-Trigger"]) == (200, "review-changed")
    assert "2 bars excluded" in answer.text
    assert times(series_id) == before - {HUNDREDFOLD, NEGATIVE}
    panel = client.get(f"/ui/series/{series_id}/review").text
    assert panel.count("Put back") == 2
    assert "2 bars put back" in client.post("/review/returns", data=picked, headers=HTMX).text
    assert times(series_id) == before
    assert cards(client) == 1


def test_what_cannot_be_decided_is_said(client: FlaskClient) -> None:
    series_id = make_flags()
    data = {"id": [f"{series_id}:{HUNDREDFOLD}", f"{series_id}:{HUNDREDFOLD + 1}"]}
    answer = client.post("/review/returns", data=data, headers=HTMX)
    assert "toast-error" in answer.text
    assert "Not possible for 2 bars." in answer.text
    assert "it was not excluded" in answer.text
    assert client.post("/review/acceptances", headers=HTMX).status_code == 422
    too_many = {"id": [f"1:{time}" for time in range(201)]}
    assert client.post("/review/acceptances", data=too_many).status_code == 422
    for text in ("1", "1:", "a:b", f"{series_id}:{HUNDREDFOLD};", "1:99999999999999"):
        assert client.post("/review/acceptances", data={"id": text}).status_code == 400, text
    with reading() as connection:
        assert queries_flags.count(connection, FlagFilter(states=[FlagState.OPEN])) == 3


def test_the_panel_of_a_series_lists_its_own_bars(client: FlaskClient) -> None:
    series_id, second = make_flags(), make_series(Asked(symbol="TSLA"))
    panel = client.get(f"/ui/series/{series_id}/review").text
    assert panel.lstrip().startswith("<section")
    assert panel.count("<tr") == 4
    assert f"/review?series={series_id}" in panel
    assert "None. Every bar is looked at" in client.get(f"/ui/series/{second}/review").text
    assert client.get("/ui/series/999/review").status_code == 404


def test_a_bar_whose_source_is_being_asked_is_watched(client: FlaskClient) -> None:
    series_id = make_flags()
    assert "every 3s" not in client.get("/review").text
    client.post("/review/questions", data={"id": f"{series_id}:{CONTRADICTORY}"})
    page = client.get("/review").text
    assert "every 3s" in page
    assert "Asked again by job" in page
    assert cards(client) == 3
