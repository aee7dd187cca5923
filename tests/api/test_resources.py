"""What lies beside jobs and series: actions, gaps, events, statistics, and what may be chosen."""

import datetime as dt
import json
import re

import pytest

from tests.api.conftest import BODY, Program
from tests.web.factories import MICROSOFT, NOW, Asked, make_job, make_series, one_of_each
from webapp.database.transactions import writing
from webapp.errors import sentence
from webapp.kernel.bars import DIVIDEND, SPLIT
from webapp.kernel.intervals import DAY, Interval
from webapp.kernel.job_states import JobState
from webapp.kernel.plans import Covered, Verdict
from webapp.kernel.spans import Span
from webapp.series import queries_actions, queries_coverage, queries_series
from webapp.sources.choices import labels


def day(text: str) -> int:
    return int(dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC).timestamp())


# --- Actions and gaps ---


def test_actions_are_listed_and_withdrawn_ones_say_so(client: Program) -> None:
    series_id = make_series(Asked())
    first, second = Asked().span.start, Asked().span.start + 90 * DAY
    with writing() as connection:
        row = queries_series.get(connection, series_id)
        assert row
        why = sentence("The job goes on by itself when Redis is back.")
        queries_actions.withdraw(connection, row.instrument_id, (DIVIDEND, first), NOW, why)
    body = client.get(f"/api/v1/series/{series_id}/actions").get_json()
    assert body["id"] == series_id
    gone, split = body["actions"]
    at = NOW.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    assert gone == {
        "kind": DIVIDEND,
        "ex_date": dt.datetime.fromtimestamp(first, dt.UTC).date().isoformat(),
        "value": 0.75,
        "currency": None,
        "told_at": at,
        "no_longer_told_at": at,
        "is_withdrawn": True,
        "withdrawn_at": at,
        "reason": "The job goes on by itself when Redis is back.",
    }
    assert (split["kind"], split["value"], split["is_withdrawn"], split["reason"]) == (SPLIT, 4.0, False, None)
    assert split["ex_date"] == dt.datetime.fromtimestamp(second, dt.UTC).date().isoformat()
    said = client.get(f"/api/v1/series/{series_id}/actions", headers={"Accept-Language": "fr"}).get_json()
    assert said["actions"][0]["reason"] != gone["reason"]


def test_gaps_are_told_newest_first_with_what_can_fill_them(client: Program) -> None:
    series_id = make_series(Asked(), with_bars=False)
    later = dt.datetime.now(dt.UTC)
    with writing() as connection:
        row = queries_series.get(connection, series_id)
        assert row
        queries_series.update_facts(connection, row.instrument_id, MICROSOFT, NOW)
        for first, last in (("2024-01-02", "2024-01-11"), ("2024-01-17", "2024-01-19"), ("2024-01-23", "2024-01-31")):
            have = Covered(Span(day(first), day(last) + DAY), Verdict.HAVE, day("2024-03-01"))
            queries_coverage.record(connection, series_id, have)
        hole = Span(day("2024-01-22"), day("2024-01-23"))
        queries_coverage.record_doubt(connection, series_id, hole, int(later.timestamp()))
    body = client.get(f"/api/v1/series/{series_id}/gaps").get_json()
    assert (body["id"], body["calendar"]) == (series_id, "XNYS")
    doubted, open_ = body["gaps"]
    assert (doubted["start"], doubted["sessions"], doubted["is_fillable"]) == ("2024-01-22T00:00:00Z", 1, False)
    assert doubted["next_look"] > later.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert open_ == {
        "start": "2024-01-12T00:00:00Z",
        "end": "2024-01-17T00:00:00Z",
        "end_exclusive": "2024-01-17T00:00:00Z",
        "sessions": 2,
        "is_fillable": True,
        "reason": None,
        "next_look": None,
    }


def test_a_gap_that_the_source_cannot_fill_says_why(client: Program) -> None:
    series_id = make_series(Asked("MSFT", Interval.M1), with_bars=False)
    with writing() as connection:
        for first, last in (("2024-01-02", "2024-01-03"), ("2024-01-05", "2024-01-06")):
            have = Covered(Span(day(first), day(last)), Verdict.HAVE, day("2024-03-01"))
            queries_coverage.record(connection, series_id, have)
    [gap, *_] = client.get(f"/api/v1/series/{series_id}/gaps").get_json()["gaps"]
    assert gap["is_fillable"] is False
    assert gap["reason"]


@pytest.mark.parametrize("noun", ["actions", "gaps", "coverage", "origins", "bars.csv"])
def test_a_series_that_is_not_there_has_nothing(client: Program, noun: str) -> None:
    answer = client.get(f"/api/v1/series/99/{noun}")
    assert (answer.status_code, answer.get_json()["error"]["message"]) == (404, "There is no series 99.")


# --- Which series and jobs ---


def test_a_symbol_is_a_whole_one_and_a_search_a_part(client: Program) -> None:
    for symbol in ("A", "AA", "AAPL", "BAA"):
        make_series(Asked(symbol))
        make_job(Asked(symbol))

    def listed(noun: str, query: str) -> list[str]:
        return sorted(row["symbol"] for row in client.get(f"/api/v1/{noun}?{query}").get_json()[noun])

    for noun in ("jobs", "series"):
        assert listed(noun, "symbol=aa") == ["AA"]
        assert listed(noun, "search=aa") == ["AA", "AAPL", "BAA"]
        assert listed(noun, "symbol=aa&search=b") == []
        assert listed(noun, "symbol=A%25") == []
        assert listed(noun, "source=ibkr") == []
    assert client.get("/api/v1/series?symbol=aa").get_json()["total"] == 1


def test_series_are_filtered_by_source_and_interval(client: Program) -> None:
    for interval in (Interval.D1, Interval.H1):
        make_series(Asked("AAPL", interval, 20))
    body = client.get("/api/v1/series?source=yahoo&interval=1h").get_json()
    assert ([row["interval"] for row in body["series"]], body["total"]) == (["1h"], 1)
    assert client.get("/api/v1/series?interval=7m").status_code == 422


# --- Events, statistics ---


def test_the_events_of_a_job_come_newest_first_by_pages(client: Program) -> None:
    job_id = client.post("/api/v1/jobs", json=BODY | {"symbols": ["AAPL"]}).get_json()["jobs"][0]["id"]
    for verb in ("pause", "resumption", "cancellation"):
        client.post(f"/api/v1/jobs/{job_id}/{verb}")
    path = f"/api/v1/jobs/{job_id}/events"
    body = client.get(path).get_json()
    assert [event["kind"] for event in body["events"]] == ["cancelled", "resumed", "paused", "submitted"]
    assert {event["actor"] for event in body["events"]} == {"api"}
    assert (body["id"], body["next_cursor"]) == (job_id, None)
    first = client.get(f"{path}?limit=3").get_json()
    rest = client.get(f"{path}?limit=3&cursor={first['next_cursor']}").get_json()
    assert first["events"] + rest["events"] == body["events"]
    assert rest["next_cursor"] is None
    assert client.get("/api/v1/jobs/99/events").status_code == 404


def test_statistics_count_jobs_and_what_is_stored(client: Program) -> None:
    ids = one_of_each()
    body = client.get("/api/v1/statistics").get_json()
    assert body["all"]["jobs"] == len(ids) == sum(body["all"]["by_state"].values())
    assert body["all"]["by_state"][JobState.SUCCEEDED.value] == 1
    assert body["all"]["by_source"] == {"yahoo": len(ids)}
    assert body["all"]["success_rate"] == 0.5
    assert body["bars"] > 0
    assert set(body) == {"day", "week", "all", "series", "bars"}


# --- What may be chosen ---


def test_each_source_says_what_it_serves_and_takes(client: Program) -> None:
    sources = {row["name"]: row for row in client.get("/api/v1/sources").get_json()["sources"]}
    assert set(sources) == set(labels())
    yahoo = sources["yahoo"]
    assert (yahoo["is_collected"], yahoo["has_search"], yahoo["has_gateways"]) == (True, True, False)
    limits = {row["interval"]: row["limit"] for row in yahoo["intervals"]}
    assert limits["1d"] is None
    assert limits["1m"]
    assert [option["name"] for option in yahoo["options"]] == ["prepost"]
    [kind] = [option for option in sources["ibkr"]["options"] if option["name"] == "sec_type"]
    assert "CASH" in kind["description"]
    assert sources["own"]["is_collected"] is False
    assert sources["own"]["intervals"] == []


def test_intervals_and_calendars_are_listed(client: Program) -> None:
    intervals = client.get("/api/v1/intervals").get_json()["intervals"]
    assert [row["interval"] for row in intervals] == [interval.value for interval in Interval]
    served = {row["interval"]: row["sources"] for row in intervals}
    assert served["1d"] == ["yahoo", "ibkr"]
    assert served["1s"] == ["ibkr"]
    calendars = client.get("/api/v1/calendars").get_json()["calendars"]
    assert {"code": "XNYS", "name": "New York", "zone": "America/New_York"} in calendars
    assert client.post("/api/v1/calendar-days", json={"calendar": "24/7", "day": "2025-01-11", "state": "open"})


# --- Times ---


def test_every_time_of_every_answer_ends_alike(client: Program) -> None:
    """Instants are in UTC and say so by their Z; no other offset is written unless a zone is asked for."""
    one_of_each()
    job_id = client.post("/api/v1/jobs", json=BODY | {"symbols": ["AAPL"]}).get_json()["jobs"][0]["id"]
    series_id = make_series(Asked("AAPL", Interval.H1, 10))
    client.post("/api/v1/plans", json=BODY)
    paths = (
        *("jobs", "jobs/1", f"jobs/{job_id}/events", "batches", "batches/1", "series", f"series/{series_id}"),
        *(f"series/{series_id}/{noun}" for noun in ("coverage", "gaps", "actions", "origins", "bars.json?interval=4h")),
        *("series/1/origins", "review?state=all", "statistics"),
    )
    texts = [client.get(f"/api/v1/{path}").text for path in paths]
    texts.append(client.post("/api/v1/plans", json=BODY | {"interval": "1h", "start": "2015-01-02", "end": None}).text)
    times = [time for text in texts for time in re.findall(r'"(\d{4}-\d\d-\d\dT[^"]*)"', text)]
    assert len(times) > 60
    assert [time for time in times if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z", time)] == []
    spans = [span for text in texts for span in spans_in(json.loads(text))]
    assert len(spans) > 10
    assert all(span["end_exclusive"] == span["end"] for span in spans)


def spans_in(value: object) -> list[dict[str, str]]:
    """All objects in an answer that begin and end somewhere."""
    if isinstance(value, list):
        return [span for part in value for span in spans_in(part)]
    if not isinstance(value, dict):
        return []
    own = [value] if {"start", "end"} <= set(value) else []
    return own + [span for part in value.values() for span in spans_in(part)]
