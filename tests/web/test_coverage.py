"""The heatmap and its gaps, as pages show them; filling them over one series and over several."""

import datetime as dt
import re
from typing import NoReturn

import pytest
from flask.testing import FlaskClient

from tests.web.factories import MICROSOFT, Asked, make_job, make_series
from webapp.collecting.submit import find
from webapp.coverage import calendar_files
from webapp.coverage.calendar_files import WIDTH, CalendarError
from webapp.database.transactions import reading, writing
from webapp.errors import sentence
from webapp.kernel.intervals import DAY, Interval
from webapp.kernel.plans import Covered, Verdict
from webapp.kernel.spans import Span
from webapp.series import queries_coverage, queries_series

TODAY = int(dt.datetime.now(dt.UTC).timestamp()) // DAY * DAY


def with_hole(symbol: str = "MSFT", interval: Interval = Interval.D1) -> int:
    """A year of which a fortnight is unknown; of what is known there are no bars, which a source may say."""
    series_id = make_series(Asked(symbol=symbol, interval=interval), with_bars=False)
    with writing() as connection:
        row = queries_series.get(connection, series_id)
        assert row
        queries_series.update_facts(connection, row.instrument_id, MICROSOFT, dt.datetime.now(dt.UTC))
        for span in (Span(TODAY - 365 * DAY, TODAY - 34 * DAY), Span(TODAY - 20 * DAY, TODAY - 4 * DAY)):
            queries_coverage.record(connection, series_id, Covered(span, Verdict.HAVE, TODAY))
    return series_id


def jobs_of(answer_location: str) -> Span:
    match = re.search(r"/jobs/(\d+)", answer_location)
    assert match
    return find(int(match[1])).span


@pytest.mark.parametrize("interval", [Interval.M1, Interval.M30, Interval.D1, Interval.W1, Interval.MO1])
@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_interval_is_drawn_without_inline_styles(client: FlaskClient, interval: Interval, language: str) -> None:
    series_id = with_hole(interval=interval)
    page = client.get(f"/series/{series_id}/coverage", headers={"Accept-Language": language})
    assert page.status_code == 200
    assert "heat-empty" in page.text
    assert "style=" not in page.text
    panel = client.get(f"/ui/series/{series_id}/coverage")
    assert panel.text.lstrip().startswith("<section")
    assert panel.text.count("<title>") > 10


def test_missing_sessions_are_drawn_listed_and_filled_by_one_job(client: FlaskClient) -> None:
    series_id = with_hole()
    page = client.get(f"/series/{series_id}/coverage").text
    assert ": missing" in page
    assert "Missing: 10 sessions" in page or "Missing: 9 sessions" in page
    answer = client.post(f"/series/{series_id}/fillings")
    assert answer.status_code == 303
    span = jobs_of(answer.location)
    assert TODAY - 34 * DAY <= span.start < span.end <= TODAY - 20 * DAY
    assert dt.datetime.fromtimestamp(span.start, dt.UTC).weekday() < 5


def test_a_script_is_told_where_to_go(client: FlaskClient) -> None:
    answer = client.post(f"/series/{with_hole()}/fillings", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"][:6]) == (204, "/jobs/")


def test_several_series_are_filled_at_once(client: FlaskClient) -> None:
    ids = [with_hole("MSFT"), with_hole("AAPL")]
    answer = client.post("/series/fillings", data={"id": ids})
    assert (answer.status_code, answer.location) == (303, "/jobs")
    history = client.get("/jobs").text
    assert "2 collections fill the gaps." in history
    assert "AAPL" in history
    assert client.post("/series/fillings").status_code == 422
    assert client.post("/series/fillings", data={"id": "x"}).status_code == 400
    assert client.post("/series/fillings", data={"id": "999"}).status_code == 404


def test_a_series_without_gaps_says_so(client: FlaskClient) -> None:
    series_id = make_series(Asked())
    assert "Nothing is missing." in client.get(f"/series/{series_id}/coverage").text
    assert client.post(f"/series/{series_id}/fillings").location == f"/series/{series_id}/coverage"
    assert "There is no gap to fill." in client.get(f"/series/{series_id}/coverage").text


def test_a_series_that_was_never_collected_has_no_heatmap(client: FlaskClient) -> None:
    job = find(make_job(Asked(symbol="AAPL")))
    page = client.get(f"/series/{job.series_id}/coverage").text
    assert "Nothing has been collected yet." in page
    assert client.get("/series/999/coverage").status_code == 404


def test_long_histories_are_paged_by_years(client: FlaskClient) -> None:
    series_id = make_series(Asked(days=365 * 12))
    newest = client.get(f"/series/{series_id}/coverage").text
    year = dt.datetime.fromtimestamp(TODAY - DAY, dt.UTC).year
    assert newest.count('class="heat-year"') == 5
    assert f"until={year - 5}" in newest
    older = client.get(f"/series/{series_id}/coverage?until={year - 5}").text
    assert f"<strong>{year - 5}</strong>" in older
    assert f"until={year}" in older
    assert client.get(f"/series/{series_id}/coverage?until=x").status_code == 400


def test_another_calendar_can_be_chosen(client: FlaskClient) -> None:
    series_id = with_hole()
    page = client.get(f"/series/{series_id}/coverage").text
    assert "As the source says: New York" in page
    assert client.post(f"/series/{series_id}/calendar", data={"calendar": "XPAR"}).status_code == 303
    chosen = " ".join(client.get(f"/series/{series_id}/coverage").text.split())
    assert '<option value="XPAR" selected>' in chosen
    assert client.post(f"/series/{series_id}/calendar", data={"calendar": "moon"}).status_code == 422


def test_the_pages_lead_to_it(client: FlaskClient) -> None:
    series_id = make_series(Asked())
    assert f'hx-get="/ui/series/{series_id}/coverage"' in client.get(f"/series/{series_id}").text
    assert 'action="/series/fillings"' in client.get("/series").text


def test_what_is_known_is_not_asked_again(client: FlaskClient) -> None:
    series_id = with_hole()
    first = client.post(f"/series/{series_id}/fillings").location
    assert client.post(f"/series/{series_id}/fillings").location == first
    with reading() as connection:
        assert len(queries_coverage.read(connection, series_id)) == 2


def fails(code: str) -> NoReturn:
    raise CalendarError(sentence("The trading calendar %(code)s could not be made. The log says why.", code=code))


def test_a_calendar_that_cannot_be_made_leaves_the_choice_of_another(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [with_hole("MSFT"), with_hole("AAPL")]
    monkeypatch.setattr(calendar_files, "rows", fails)
    page = client.get(f"/series/{ids[0]}/coverage")
    assert page.status_code == 200
    assert "The trading calendar XNYS could not be made." in page.text
    assert "Nothing is missing" not in page.text
    assert 'name="calendar"' in page.text
    assert client.post(f"/series/{ids[0]}/fillings").status_code == 503
    client.post(f"/series/{ids[1]}/calendar", data={"calendar": "24/5"})
    client.post("/series/fillings", data={"id": ids})
    history = client.get("/jobs").text
    assert "1 collection fills the gaps." in history
    assert "XNYS could not be made" in history


def test_where_holidays_are_not_announced_yet_the_page_says_so(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    series_id = with_hole()
    known = calendar_files.rows("XNYS")
    announced = [row for row in range(0, len(known), WIDTH) if known[row] * DAY < TODAY - 30 * DAY]
    monkeypatch.setattr(calendar_files, "rows", lambda _: known[: announced[-1] + WIDTH])
    page = client.get(f"/series/{series_id}/coverage").text
    assert "The holidays of this exchange are not known yet from" in page
    assert "Missing: 10 sessions" in page or "Missing: 9 sessions" in page


def with_doubt() -> int:
    """A year of which a fortnight is in doubt."""
    series_id = with_hole()
    with writing() as connection:
        span = Span(TODAY - 34 * DAY, TODAY - 20 * DAY)
        queries_coverage.record_doubt(connection, series_id, span, int(dt.datetime.now(dt.UTC).timestamp()))
    return series_id


@pytest.mark.parametrize("language", ["fr", "en"])
def test_what_is_in_doubt_is_drawn_listed_and_never_filled_before_its_time(client: FlaskClient, language: str) -> None:
    series_id = with_doubt()
    page = client.get(f"/series/{series_id}/coverage", headers={"Accept-Language": language}).text
    assert "heat-doubted" in page
    assert f'action="/series/{series_id}/confirmations"' in page
    assert f'action="/series/{series_id}/fillings"' not in page
    answer = client.post(f"/series/{series_id}/looks")
    assert jobs_of(answer.location)


def test_a_person_says_that_nothing_is_there(client: FlaskClient) -> None:
    series_id = with_doubt()
    page = client.get(f"/series/{series_id}/coverage").text
    start, end = (re.search(rf'name="{name}"\s+value="(\d+)"', page) for name in ("start", "end"))
    assert start
    assert end
    span = {"start": start[1], "end": end[1]}
    assert client.post(f"/series/{series_id}/confirmations", data=span).location == f"/series/{series_id}/coverage"
    page = client.get(f"/series/{series_id}/coverage").text
    assert "Noted: nothing is there." in page
    assert "Nothing is missing." in page
    client.post(f"/series/{series_id}/confirmations", data={"start": "x"})
    assert "Nothing of that is in doubt." in client.get(f"/series/{series_id}/coverage").text


def test_a_day_is_corrected_and_taken_back_on_the_page(client: FlaskClient) -> None:
    series_id = with_hole()
    answer = client.post(f"/series/{series_id}/calendar-days", data={"day": "2025-01-07", "state": "closed"})
    assert answer.status_code in (302, 303)
    page = client.get(f"/series/{series_id}/coverage").text
    assert 'name="day" value="2025-01-07"' in page
    client.post(f"/series/{series_id}/calendar-days", data={"day": "2025-01-07", "state": "usual"})
    assert 'value="2025-01-07"' not in client.get(f"/series/{series_id}/coverage").text
    assert client.post(f"/series/{series_id}/calendar-days", data={"day": "?", "state": "closed"}).status_code == 422
