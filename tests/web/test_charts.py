"""What a chart asks the server for: candles of a step, gaps in words, and a page that begins where a link says."""

import re
from typing import NoReturn

import pytest
from flask.testing import FlaskClient

from tests.web.factories import NOW, Asked, make_series
from webapp.coverage.calendar_files import CalendarError
from webapp.database.transactions import writing
from webapp.errors import sentence
from webapp.kernel.intervals import DAY
from webapp.kernel.plans import Covered, Verdict
from webapp.kernel.spans import Span
from webapp.reading import chart_gaps
from webapp.series import queries_coverage


def with_hole() -> int:
    """A year of days, of which nobody knows a fortnight."""
    asked = Asked()
    series_id = make_series(asked, with_bars=False)
    hole = Span(asked.span.start + 100 * DAY, asked.span.start + 114 * DAY)
    with writing() as connection:
        for known in (Span(asked.span.start, hole.start), Span(hole.end, asked.span.end)):
            queries_coverage.record(connection, series_id, Covered(known, Verdict.HAVE, int(NOW.timestamp())))
    return series_id


def test_candles_come_in_the_step_that_is_asked_for(client: FlaskClient) -> None:
    series_id = make_series(Asked())
    days = client.get(f"/series/{series_id}/candles.json")
    weeks = client.get(f"/series/{series_id}/candles.json?step=1wk")
    assert weeks.json
    assert (weeks.json["step"], sum(weeks.json["bars"])) == ("1wk", weeks.json["rows"])
    assert weeks.json["first"] < weeks.json["last"]
    assert weeks.headers["ETag"] != days.headers["ETag"]
    assert client.get(f"/series/{series_id}/candles.json?step=1fortnight").status_code == 400


@pytest.mark.parametrize(("language", "word"), [("en", "sessions"), ("fr", "séances")])
def test_gaps_are_told_in_the_readers_language(client: FlaskClient, language: str, word: str) -> None:
    answer = client.get(f"/series/{with_hole()}/gaps.json", headers={"Accept-Language": language})
    assert answer.json
    (gap,) = answer.json["gaps"]
    assert re.fullmatch(rf"(8|9|10) {word}", gap["told"])
    assert gap["first_day"] == gap["start"] < gap["last_day"] < gap["end"]
    assert client.get("/series/99/gaps.json").status_code == 404


def test_gaps_that_cannot_be_counted_are_a_failure_and_not_none(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> NoReturn:
        raise CalendarError(sentence("The trading calendar %(code)s could not be made. The log says why.", code="XNYS"))

    monkeypatch.setattr(chart_gaps, "drawn_gaps", fails)
    answer = client.get(f"/series/{with_hole()}/gaps.json")
    assert (answer.status_code, answer.json and answer.json["error"]["code"]) == (503, 503)
    assert "XNYS" in answer.text


@pytest.mark.parametrize(("asked", "chosen"), [("none", "none"), ("all", "all"), ("rubbish", "splits"), ("", "splits")])
def test_a_link_chooses_the_adjustment(client: FlaskClient, asked: str, chosen: str) -> None:
    page = client.get(f"/series/{make_series(Asked())}?adjust={asked}").text
    view = page[page.index('id="view"') :]
    checked = re.search(r'value="(\w+)"[^>]*\schecked', view)
    assert checked
    assert checked[1] == chosen
