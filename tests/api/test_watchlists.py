"""Watchlists over HTTP, and ``@name`` in bodies and filters."""

from typing import Any

import pytest

from tests.api.conftest import BODY, Program
from tests.web.factories import Asked, make_series

LISTS = "/api/v1/lists"


def make(client: Program, **body: Any) -> dict[str, Any]:  # noqa: ANN401 -- any field
    answer = client.post(LISTS, json={"name": "tech"} | body)
    assert answer.status_code == 201, answer.get_json()
    made: dict[str, Any] = answer.get_json()
    return made


def entry(symbol: str, source: str = "yahoo", **more: Any) -> dict[str, Any]:  # noqa: ANN401 -- any field
    return {"source": source, "symbol": symbol, **more}


def symbols(body: dict[str, Any]) -> list[str]:
    return [each["symbol"] for each in body["entries"]]


def test_a_list_is_made_of_entries(client: Program) -> None:
    fx = entry("EUR.USD", "ibkr", options={"what": "BID", "rth": True}, section="Currencies", note="cheap")
    made = make(client, title="Technology", entries=[fx, entry("nasdaq:aapl"), entry("AAPL")])
    assert made["entries"] == [
        fx | {"symbol": "EUR.CASH.IDEALPRO.USD", "options": {"what": "BID"}},
        entry("AAPL", options={}, section="", note=""),
    ]
    assert client.get(f"{LISTS}/TECH").get_json() == made
    [summary] = client.get(LISTS).get_json()["lists"]
    assert summary == {name: value for name, value in made.items() if name != "entries"}
    assert (summary["total"], summary["sources"], summary["revision"]) == (2, {"ibkr": 1, "yahoo": 1}, 1)


def test_a_list_is_made_of_a_text(client: Program) -> None:
    made = make(client, text="###Chips,NASDAQ:AMD,EURONEXT:MC", means={"EURONEXT:MC": "MC.PA"})
    assert [(each["section"], each["symbol"]) for each in made["entries"]] == [("Chips", "AMD"), ("Chips", "MC.PA")]
    assert symbols(make(client, name="ib", text="symbol\nEUR.USD", source="ibkr")) == ["EUR.CASH.IDEALPRO.USD"]


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"text": "EURONEXT:MC,AAPL"}, {"text", "EURONEXT:MC"}),
        ({"entries": [entry("EURONEXT:MC")]}, {"entries", "EURONEXT:MC"}),
        ({"entries": [entry("AAPL", "nowhere")]}, {"entries", "AAPL"}),
        ({"entries": [entry("AAPL", options={"what": "BID"})]}, {"options"}),
        ({"text": "AAPL", "entries": []}, {"text"}),
        ({"text": "AAPL", "source": "nowhere"}, {"source"}),
        ({"name": "a b"}, {"name"}),
        ({"title": "x" * 121}, {"title"}),
        ({"colour": "red"}, {"colour"}),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(client: Program, body: dict[str, Any], fields: set[str]) -> None:
    answer = client.post(LISTS, json={"name": "tech"} | body)
    assert (answer.status_code, set(answer.get_json()["error"]["fields"])) == (422, fields)
    assert client.get(LISTS).get_json() == {"lists": []}


def test_a_list_is_changed_in_part(client: Program) -> None:
    make(client, entries=[entry("AAPL"), entry("MSFT", note="old")])
    change = {"remove": [entry("AAPL")], "add": [entry("MC.PA")], "title": "T", "name": "chips"}
    changed = client.patch(f"{LISTS}/tech", json=change).get_json()
    assert (changed["name"], changed["title"], symbols(changed), changed["revision"]) == (
        "chips",
        "T",
        ["MSFT", "MC.PA"],
        2,
    )
    assert changed["entries"][0]["note"] == "old"
    replaced = client.patch(f"{LISTS}/chips", json={"entries": [entry("MC.PA"), entry("MSFT")]}).get_json()
    assert symbols(replaced) == ["MC.PA", "MSFT"]
    assert client.patch(f"{LISTS}/chips", json={}).get_json() == replaced
    assert client.get(f"{LISTS}/tech").status_code == 404


def test_whoever_saw_an_older_list_is_refused(client: Program) -> None:
    make(client)
    assert client.patch(f"{LISTS}/tech", json={"revision": 1, "add": [entry("AAPL")]}).status_code == 200
    late = client.patch(f"{LISTS}/tech", json={"revision": 1, "add": [entry("MSFT")]})
    assert (late.status_code, late.get_json()["error"]["code"]) == (409, "conflict")
    assert symbols(client.get(f"{LISTS}/tech").get_json()) == ["AAPL"]


def test_a_name_stands_once(client: Program) -> None:
    make(client)
    make(client, name="coins")
    assert client.post(LISTS, json={"name": "Tech"}).status_code == 409
    assert client.patch(f"{LISTS}/coins", json={"name": "TECH"}).status_code == 409


def test_a_list_is_deleted_once(client: Program) -> None:
    made = make(client, entries=[entry("AAPL")])
    assert client.delete(f"{LISTS}/tech").get_json() == made
    gone = client.delete(f"{LISTS}/tech")
    assert gone.status_code == 404
    assert "no list “tech”" in gone.get_json()["error"]["message"]


def test_a_request_may_name_a_list(client: Program) -> None:
    make(client, entries=[entry("AAPL"), entry("MSFT"), entry("AAPL", "ibkr")])
    submitted = client.post("/api/v1/jobs", json=BODY | {"symbols": ["@tech", "MC.PA"]}).get_json()
    assert [job["symbol"] for job in submitted["jobs"]] == ["AAPL", "MSFT", "MC.PA"]
    assert submitted["notes"] == ["Of the list “tech”, entries of other sources are left out: 1 of 3."]
    assert client.get(f"/api/v1/batches/{submitted['batch_id']}").get_json()["lists"] == ["tech"]
    assert len(client.post("/api/v1/plans", json=BODY | {"symbols": ["@tech"]}).get_json()["series"]) == 2
    unknown = client.post("/api/v1/plans", json=BODY | {"symbols": ["@tec"]})
    assert unknown.get_json()["error"]["fields"]["symbols"] == "There is no list “tec”. Did you mean @tech?"


def test_filters_may_name_a_list(client: Program) -> None:
    make(client, entries=[entry("MSFT")])
    client.post("/api/v1/jobs", json=BODY)
    assert [job["symbol"] for job in client.get("/api/v1/jobs?symbol=@tech").get_json()["jobs"]] == ["MSFT"]
    for symbol in ("AAPL", "MSFT"):
        make_series(Asked(symbol))
    listed = client.get("/api/v1/series?search=@tech").get_json()
    assert ([series["symbol"] for series in listed["series"]], listed["total"]) == (["MSFT"], 1)
    assert client.get("/api/v1/series?search=@tec").status_code == 422
    assert client.get("/api/v1/jobs?symbol=@tec").status_code == 422
