"""Forms of bars: an address each, times of a zone, ETags, compression, and what the Accept header says."""

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pyarrow.feather
import pyarrow.parquet
import pytest

from tests.api.conftest import Program
from tests.api.test_series import START, minutes, put
from tests.web.factories import MICROSOFT, Asked, make_series
from webapp.kernel.bars import Bar
from webapp.kernel.intervals import DAY, Interval

FORMS = ("json", "csv", "parquet", "arrow")


def closes(form: str, data: bytes, text: Callable[[], Any]) -> list[float]:
    match form:
        case "json":
            return [bar["close"] for bar in text()["bars"]]
        case "csv":
            return [float(line.split(",")[4]) for line in data.decode().splitlines()[1:]]
        case "parquet":
            return list(pyarrow.parquet.read_table(io.BytesIO(data)).column("close").to_pylist())
    return list(pyarrow.feather.read_table(io.BytesIO(data)).column("close").to_pylist())


@pytest.mark.parametrize("form", FORMS)
def test_each_form_has_an_address_that_answers_as_the_query_does(client: Program, form: str) -> None:
    path = f"/api/v1/series/{put(minutes(10))}/bars"
    query = "start=2024-03-01T14:32:00&adjust=none&complete_only=true"
    own, by_query = client.get(f"{path}.{form}?{query}"), client.get(f"{path}?{query}&format={form}")
    assert own.status_code == 200
    assert own.mimetype == by_query.mimetype
    assert own.data == by_query.data
    assert closes(form, own.data, own.get_json) == [10.1 + number for number in range(2, 10)]
    assert own.headers.get("Content-Disposition") == by_query.headers.get("Content-Disposition")


def test_an_address_with_a_form_takes_no_other(client: Program) -> None:
    path = f"/api/v1/series/{put(minutes(1))}/bars"
    for query in ("format=csv", "max_points=5"):
        answer = client.get(f"{path}.csv?{query}")
        assert (answer.status_code, list(answer.get_json()["error"]["fields"])) == (422, [query.partition("=")[0]])


def test_a_form_that_there_is_not_is_said_with_those_that_there_are(client: Program) -> None:
    answer = client.get(f"/api/v1/series/{put(minutes(1))}/bars.xlsx")
    assert answer.status_code == 404
    assert answer.get_json()["error"]["code"] == "not_found"
    assert "bars.json, bars.csv, bars.parquet, bars.arrow" in answer.get_json()["error"]["message"]


# --- What the caller accepts ---


@pytest.mark.parametrize(
    ("accept", "mimetype"),
    [
        (None, "application/json"),
        ("*/*", "application/json"),
        ("text/html,application/xml;q=0.9,*/*;q=0.8", "application/json"),
        ("text/csv", "text/csv"),
        ("text/csv;q=0.5, application/vnd.apache.parquet", "application/vnd.apache.parquet"),
    ],
)
def test_without_a_format_the_accept_header_chooses(client: Program, accept: str | None, mimetype: str) -> None:
    headers = {"Accept": accept} if accept else {}
    answer = client.get(f"/api/v1/series/{put(minutes(3))}/bars", headers=headers)
    assert (answer.status_code, answer.mimetype) == (200, mimetype)
    named = client.get(f"/api/v1/series/{put(minutes(3))}/bars?format=arrow", headers=headers)
    assert named.mimetype == "application/vnd.apache.arrow.file"


@pytest.mark.parametrize(
    ("path", "accept", "types"),
    [
        ("series/1/bars", "application/xml", "application/json, text/csv, application/vnd.apache.parquet"),
        ("series/1/bars.csv", "application/json", "text/csv"),
        ("series/1/bars.parquet", "text/csv", "application/vnd.apache.parquet, application/octet-stream"),
        ("jobs", "text/html", "application/json"),
        ("jobs", "application/json;q=0", "application/json"),
    ],
)
def test_what_nobody_can_answer_is_406_with_a_sentence(client: Program, path: str, accept: str, types: str) -> None:
    put(minutes(1))
    answer = client.get(f"/api/v1/{path}", headers={"Accept": accept})
    assert (answer.status_code, answer.mimetype) == (406, "application/json")
    assert answer.get_json()["error"]["code"] == "not_acceptable"
    assert types in answer.get_json()["error"]["message"]


def test_who_wants_bytes_gets_a_file_as_bytes(client: Program) -> None:
    path = f"/api/v1/series/{put(minutes(3))}/bars.parquet"
    answer = client.get(path, headers={"Accept": "application/octet-stream"})
    assert answer.mimetype == "application/octet-stream"
    assert client.get(path).mimetype == "application/vnd.apache.parquet"
    assert client.get(path).data == answer.data


# --- Times of a zone ---


def test_times_carry_the_offset_of_a_zone(client: Program) -> None:
    before = 1_709_974_800 - 60  # 2024-03-09 in New York; its clocks went forward in the night after
    bars: list[Bar] = [(before + DAY * number, 1.0, 1.0, 1.0, 1.0, 1.0, None, None) for number in range(3)]
    path = f"/api/v1/series/{put(bars)}/bars"
    query = "zone=America/New_York"
    expected = ["2024-03-09T03:59:00-05:00", "2024-03-10T04:59:00-04:00", "2024-03-11T04:59:00-04:00"]
    body = client.get(f"{path}.json?{query}").get_json()
    assert [bar["time"] for bar in body["bars"]] == expected
    assert body["zone"] == "America/New_York"
    assert [line.split(",")[0] for line in client.get(f"{path}.csv?{query}").text.splitlines()[1:]] == expected
    merged = client.get(f"{path}.json?{query}&max_points=50").get_json()["bars"]
    assert [bar["time"] for bar in merged] == expected
    table = pyarrow.parquet.read_table(io.BytesIO(client.get(f"{path}.parquet?{query}").data))
    assert table.schema.field("time").type.tz == "America/New_York"
    plain = client.get(f"{path}.json").get_json()
    assert [bar["time"][-1] for bar in plain["bars"]] == ["Z"] * 3
    assert "zone" not in plain


def test_the_exchanges_zone_is_known_by_its_name_and_dates_stay_dates(client: Program) -> None:
    days = make_series(Asked("AAPL"))
    hours = make_series(Asked("AAPL", Interval.H1, 10))
    first = client.get(f"/api/v1/series/{hours}/bars.json?zone=exchange").get_json()
    assert first["zone"] == MICROSOFT.timezone
    assert first["bars"][0]["time"].endswith(("-05:00", "-04:00"))
    dates = client.get(f"/api/v1/series/{days}/bars.json?zone=Asia/Tokyo").get_json()["bars"]
    assert {len(bar["time"]) for bar in dates} == {len("2024-03-01")}
    for form in FORMS:
        answer = client.get(f"/api/v1/series/{days}/bars.{form}?zone=Mars/Olympus")
        assert (answer.status_code, list(answer.get_json()["error"]["fields"])) == (422, ["zone"])


# --- Few bars, and many series ---


def test_merged_bars_keep_prices_as_they_are(client: Program) -> None:
    price = 1234.5678901234567
    bars: list[Bar] = [
        (
            START + 60 * number,
            price + number,
            price + number + 1 / 3,
            price - number / 7,
            price + number / 9,
            0.1,
            None,
            None,
        )
        for number in range(10)
    ]
    path = f"/api/v1/series/{put(bars)}/bars"
    few = client.get(f"{path}?max_points=10").get_json()["bars"]
    assert few == client.get(path).get_json()["bars"]
    merged = client.get(f"{path}?max_points=2").get_json()
    assert merged["interval"] == "5m"
    first = merged["bars"][0]
    assert (first["open"], first["high"], first["low"], first["close"]) == (
        bars[0][1],
        max(bar[2] for bar in bars[:5]),
        min(bar[3] for bar in bars[:5]),
        bars[4][4],
    )


def test_several_series_come_in_one_archive(client: Program) -> None:
    one, two = put(minutes(5)), put(minutes(7), symbol="MSFT")
    answer = client.get(f"/api/v1/bars.zip?series={one},{two}&format=csv&zone=Europe/Paris")
    assert (answer.status_code, answer.mimetype) == (200, "application/zip")
    archive = zipfile.ZipFile(io.BytesIO(answer.data))
    names = archive.namelist()
    assert len(names) == 3
    assert names[-1] == "series.csv"
    assert [len(archive.read(name).splitlines()) for name in names] == [6, 8, 3]
    assert archive.read(names[0]).splitlines()[1].startswith(b"2024-03-01T15:30:00+01:00,")
    single = client.get(f"/api/v1/bars.zip?series={one}&format=parquet&start=2024-03-02&complete_only=true")
    assert len(zipfile.ZipFile(io.BytesIO(single.data)).namelist()) == 2


@pytest.mark.parametrize(
    ("query", "status", "field"),
    [
        ("", 422, "series"),
        ("series=a", 422, "series"),
        ("series=1&format=json", 422, "format"),
        ("series=1&zone=nowhere", 422, "zone"),
        ("series=1&start=soon", 422, "start"),
        ("series=1&start=2024-03-02&end=2024-03-01", 422, "end"),
        ("series=1&interval=7m", 422, "interval"),
        ("series=1,99", 404, None),
    ],
)
def test_an_archive_that_cannot_be_made_says_why(client: Program, query: str, status: int, field: str | None) -> None:
    put(minutes(1))
    answer = client.get(f"/api/v1/bars.zip?{query}")
    assert answer.status_code == status
    assert list(answer.get_json()["error"].get("fields", [])) == ([field] if field else [])
