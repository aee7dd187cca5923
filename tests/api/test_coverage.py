"""Coverage as the API tells it: what an exchange's calendar misses, beside spans and the gaps between."""

import datetime as dt
from typing import NoReturn

import pytest

from tests.api.conftest import Program
from tests.web.factories import MICROSOFT, Asked, make_series
from webapp.coverage import calendar_files
from webapp.coverage.calendar_files import CalendarError
from webapp.database.transactions import writing
from webapp.errors import sentence
from webapp.kernel.intervals import DAY
from webapp.kernel.plans import Covered, Verdict
from webapp.kernel.spans import Span
from webapp.series import queries_coverage, queries_series


def day(text: str) -> int:
    return int(dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC).timestamp())


def test_what_a_calendar_misses_leaves_holidays_out(client: Program) -> None:
    series_id = make_series(Asked(), with_bars=False)
    with writing() as connection:
        row = queries_series.get(connection, series_id)
        assert row
        queries_series.update_facts(connection, row.instrument_id, MICROSOFT, dt.datetime.now(dt.UTC))
        for first, last in (("2024-01-02", "2024-01-11"), ("2024-01-17", "2024-01-31")):
            span = Span(day(first), day(last) + DAY)
            queries_coverage.record(connection, series_id, Covered(span, Verdict.HAVE, day("2024-03-01")))
    body = client.get(f"/api/v1/series/{series_id}/coverage").get_json()
    assert body["calendar"] == "XNYS"
    [missing] = body["missing"]
    assert (missing["start"], missing["end"], missing["sessions"]) == (
        *("2024-01-12T00:00:00Z", "2024-01-17T00:00:00Z"),
        2,
    )
    assert missing["end_exclusive"] == missing["end"]


def test_a_calendar_that_cannot_be_made_is_a_failure_and_no_gap(
    client: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_: str) -> NoReturn:
        raise CalendarError(sentence("broken"))

    monkeypatch.setattr(calendar_files, "rows", fails)
    series_id = make_series(Asked())
    answer = client.get(f"/api/v1/series/{series_id}/coverage")
    assert (answer.status_code, answer.get_json()["error"]["message"]) == (503, "broken")


def test_days_of_a_calendar_are_corrected_and_listed(client: Program) -> None:
    closed = {"calendar": "XNYS", "day": "2025-01-07", "state": "closed"}
    assert client.post("/api/v1/calendar-days", json=closed).get_json() == {"days": [closed]}
    opened = {"calendar": "24/5", "day": "2025-01-11", "state": "open"}
    client.post("/api/v1/calendar-days", json=opened)
    assert client.get("/api/v1/calendar-days").get_json() == {"days": [opened, closed]}
    assert client.get("/api/v1/calendar-days?calendar=24/5").get_json() == {"days": [opened]}
    client.post("/api/v1/calendar-days", json=closed | {"state": "usual"})
    assert client.get("/api/v1/calendar-days?calendar=XNYS").get_json() == {"days": []}
    assert client.get("/api/v1/calendar-days?calendar=XXXX").status_code == 422
