"""Jobs through the API: submitted, listed, looked at, cancelled, paused, resumed, retried."""

import pytest

from tests.api.conftest import BODY, HandQueue, Program
from tests.web.factories import NOW, Asked, finish, make_job, start
from webapp.collecting.submit import find
from webapp.errors import sentence
from webapp.jobs.claims import Release
from webapp.kernel.job_states import ErrorKind, JobState


def test_a_job_is_made_for_each_symbol(client: Program, queue: HandQueue) -> None:
    answer = client.post("/api/v1/jobs", json=BODY)
    assert answer.status_code == 202
    body = answer.get_json()
    assert [(job["symbol"], job["state"]) for job in body["jobs"]] == [("AAPL", "pending"), ("MSFT", "pending")]
    assert set(body) == {"batch_id", "jobs", "notes"}
    assert body["notes"] == []
    assert set(body["jobs"][0]) == {"id", "symbol", "state", "url", "is_repeated"}
    assert queue.sent == [job["id"] for job in body["jobs"]]
    shown = client.get(body["jobs"][0]["url"]).get_json()
    assert (shown["symbol"], shown["start"], shown["end"]) == ("AAPL", "2024-01-02T00:00:00Z", "2024-03-29T00:00:00Z")
    assert shown["progress"]["percent"] == 0
    assert shown["error"] is None


def test_what_is_worth_knowing_of_a_success_is_a_note_and_no_error(client: Program) -> None:
    note = sentence("Nothing was missing; no request was needed.")
    job_id = make_job()
    finish(start(job_id), told=Release(JobState.SUCCEEDED, note=note))
    told = client.get(f"/api/v1/jobs/{job_id}", headers={"Accept-Language": "fr"}).get_json()
    assert (told["state"], told["error"]) == ("succeeded", None)
    assert told["note"] == "Il ne manquait rien\u202f; aucune requête n’a été nécessaire."
    shown = client.get(f"/jobs/{job_id}").text
    assert str(note) in shown
    assert "notice-" not in shown
    assert str(note) in client.get("/jobs").text


def test_the_same_again_names_the_jobs_at_work(client: Program, queue: HandQueue) -> None:
    first, second = (client.post("/api/v1/jobs", json=BODY).get_json() for _ in range(2))
    assert [job["id"] for job in first["jobs"]] == [job["id"] for job in second["jobs"]]
    assert len(queue.sent) == 2


def test_options_priority_and_refresh_are_taken(client: Program) -> None:
    body = BODY | {"options": {"prepost": True}, "priority": "high", "refresh": True, "interval": "1h"}
    body = {name: value for name, value in body.items() if name not in ("start", "end")} | {"period": "1mo"}
    job = find(client.post("/api/v1/jobs", json=body).get_json()["jobs"][0]["id"])
    assert (job.variant, job.priority.name, job.refresh, job.options) == ("prepost", "HIGH", True, {"prepost": "true"})


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"source": "nowhere"}, "source"),
        ({"source": None}, "source"),
        ({"symbols": []}, "symbols"),
        ({"symbols": {"AAPL": 1}}, "symbols"),
        ({"symbols": ["not a symbol!"]}, "symbols"),
        ({"symbols": [1]}, "symbols"),
        ({"interval": "7m"}, "interval"),
        ({"start": "yesterday"}, "start"),
        ({"end": "2023-01-01"}, "end"),
        ({"period": "1y"}, "period"),
        ({"priority": "urgent"}, "priority"),
        ({"refresh": "perhaps"}, "refresh"),
        ({"options": {"prepost": 5}}, "options"),
        ({"options": {"prepost": "\ud800"}}, "options"),
        ({"options": {"\x00": "a"}}, "options"),
        ({"colour": "blue"}, "colour"),
    ],
)
def test_what_is_wrong_is_said_by_field_and_nothing_is_queued(
    client: Program, queue: HandQueue, change: dict[str, object], field: str
) -> None:
    for path in ("/api/v1/jobs", "/api/v1/plans"):
        answer = client.post(path, json=BODY | change)
        assert answer.status_code == 422, answer.text
        error = answer.get_json()["error"]
        assert error["code"] == "invalid"
        assert list(error["fields"]) == [field]
        assert error["fields"][field] == error["message"]
    assert queue.sent == []


def test_several_fields_are_named_at_once(client: Program) -> None:
    error = client.post("/api/v1/jobs", json=BODY | {"interval": "7m", "start": "soon"}).get_json()["error"]
    assert set(error["fields"]) == {"interval", "start"}


def test_jobs_are_listed_newest_first_by_pages(client: Program) -> None:
    made = [client.post("/api/v1/jobs", json=BODY | {"symbols": [f"A{n}"]}) for n in range(5)]
    ids = [answer.get_json()["jobs"][0]["id"] for answer in made]
    seen: list[int] = []
    cursor: str | None = ""
    while cursor is not None:
        query = {"limit": 2, **({"cursor": cursor} if cursor else {})}
        page = client.get("/api/v1/jobs", query_string=query).get_json()
        assert len(page["jobs"]) <= 2
        seen += [job["id"] for job in page["jobs"]]
        cursor = page["next_cursor"]
    assert seen == ids[::-1]


def test_jobs_are_filtered(client: Program) -> None:
    client.post("/api/v1/jobs", json=BODY)
    make_job(Asked("TSLA"))

    def symbols(**query: str) -> set[str]:
        return {job["symbol"] for job in client.get("/api/v1/jobs", query_string=query).get_json()["jobs"]}

    assert symbols(symbol="aapl") == {"AAPL"}
    assert symbols(state="pending") == symbols(state="active") == {"AAPL", "MSFT", "TSLA"}
    assert symbols(state="failed") == set()
    assert symbols(source="yahoo") == {"AAPL", "MSFT", "TSLA"}
    assert symbols(source="ibkr") == set()


@pytest.mark.parametrize(
    "query",
    ["state=asleep", "limit=0", "limit=201", "limit=many", "cursor=x", "cursor=-1", "symbol=%00", "colour=blue"],
)
def test_a_query_that_is_not_understood_is_refused(client: Program, query: str) -> None:
    answer = client.get(f"/api/v1/jobs?{query}")
    assert answer.status_code == 422
    assert list(answer.get_json()["error"]["fields"]) == [query.partition("=")[0]]


def test_a_job_is_paused_resumed_cancelled_and_retried(client: Program) -> None:
    job_id = client.post("/api/v1/jobs", json=BODY).get_json()["jobs"][0]["id"]
    for verb, state in [
        ("pause", "paused"),
        ("resumption", "pending"),
        ("cancellation", "cancelled"),
        ("retry", "pending"),
    ]:
        answer = client.post(f"/api/v1/jobs/{job_id}/{verb}")
        assert (answer.status_code, answer.get_json()["state"]) == (202, state)


@pytest.mark.parametrize("verb", ["cancellation", "pause", "resumption", "retry"])
def test_what_the_state_forbids_is_409_with_a_sentence(client: Program, verb: str) -> None:
    job_id = client.post("/api/v1/jobs", json=BODY).get_json()["jobs"][0]["id"]
    before = "pause" if verb in ("pause", "retry") else "cancellation"
    client.post(f"/api/v1/jobs/{job_id}/{before}")
    answer = client.post(f"/api/v1/jobs/{job_id}/{verb}")
    assert answer.status_code == 409
    assert answer.get_json()["error"]["code"] == "conflict"
    assert str(job_id) in answer.get_json()["error"]["message"]


@pytest.mark.parametrize("verb", ["", "/cancellation", "/pause", "/resumption", "/retry"])
def test_a_job_that_is_not_there_is_404(client: Program, verb: str) -> None:
    for job_id in (999, 2**31 - 1, 2**31, 2**63, 10**40):
        answer = client.open(f"/api/v1/jobs/{job_id}{verb}", method="POST" if verb else "GET")
        assert answer.status_code == 404
        assert answer.get_json()["error"]["code"] == "not_found"


def test_why_a_job_waits_is_said_in_the_readers_language(client: Program) -> None:
    job_id = make_job()
    message = sentence("The job goes on by itself when Redis is back.")
    finish(start(job_id), told=Release(JobState.WAITING, NOW, ErrorKind.RATE_LIMITED.value, message))
    told = [
        client.get(f"/api/v1/jobs/{job_id}", headers={"Accept-Language": language}).get_json()["error"]
        for language in ("en", "fr")
    ]
    assert told[0]["kind"] == told[1]["kind"] == "rate_limited"
    assert told[0]["message"] != told[1]["message"]


def test_a_plan_queues_nothing(client: Program, queue: HandQueue) -> None:
    answer = client.post("/api/v1/plans", json=BODY | {"interval": "1h", "start": "2015-01-02", "end": None})
    assert answer.status_code == 200
    plan = answer.get_json()
    assert plan["requests"] == sum(series["requests"] for series in plan["series"]) > 0
    assert plan["seconds"] > 0
    assert "729" in plan["refusals"][0]["reason"]
    assert queue.sent == []
    assert client.get("/api/v1/jobs").get_json() == {"jobs": [], "next_cursor": None}


@pytest.mark.parametrize("path", ["jobs", "plans"])
def test_symbols_of_one_instrument_are_named_once_in_the_readers_language(client: Program, path: str) -> None:
    body = BODY | {"source": "ibkr", "symbols": ["AAPL", "AAPL.STK.SMART.USD", "MSFT"]}
    english, french = (
        client.post(f"/api/v1/{path}", json=body, headers={"Accept-Language": language}).get_json()["notes"]
        for language in ("en", "fr")
    )
    assert english == ["AAPL, AAPL.STK.SMART.USD are one instrument, AAPL: it is collected once."]
    assert len(french) == 1
    assert french != english
