"""Bars that a caller has already, and texts on their way: ETags and compression."""

import gzip
from collections.abc import Callable
from typing import Any

import pytest

from tests.api.conftest import Program
from tests.api.test_series import START, minute, minutes, put
from tests.web.factories import NOW, Asked, make_series
from webapp.context import context
from webapp.database.transactions import writing
from webapp.errors import sentence
from webapp.flagging import queries_flagged_bars
from webapp.kernel.bars import Action, Bar
from webapp.kernel.intervals import DAY, Interval
from webapp.kernel.plans import Covered, Verdict
from webapp.kernel.restatement_kinds import RestatementKind
from webapp.kernel.spans import Span
from webapp.reading.steadiness import SeriesChangedError
from webapp.restating import queries_restatements
from webapp.restating.queries_restatements import NewRestatement
from webapp.series import queries_actions, queries_bar_pages, queries_bars, queries_coverage, queries_series

FORMS = ("json", "csv", "parquet", "arrow")


def etag(client: Program, path: str, **headers: str) -> str:
    answer = client.get(path, headers=headers)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "private, no-cache"
    return answer.headers["ETag"]


@pytest.mark.parametrize(
    "form", [*(f"bars.{form}?" for form in FORMS), "bars?", "bars?max_points=3&", "bars?interval=1h&"]
)
def test_who_has_an_answer_is_told_so(client: Program, form: str) -> None:
    path = f"/api/v1/series/{put(minutes(120))}/{form}"
    tag = etag(client, path)
    again = client.get(path, headers={"If-None-Match": tag, "Accept-Encoding": "gzip"})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
    assert client.get(path, headers={"If-None-Match": f'"else", {tag}'}).status_code == 304
    assert client.get(path, headers={"If-None-Match": '"else"'}).status_code == 200
    assert client.get(f"{path}end=2024-03-01T15:00:00Z", headers={"If-None-Match": tag}).status_code == 200


def _add(series_id: int) -> None:
    with writing() as connection:
        added = queries_bars.upsert(connection, series_id, [minute(500)])
        queries_series.extend_range(connection, series_id, added, minute(500)[0], minute(500)[0], context().now())


def _correct(series_id: int) -> None:
    with writing() as connection:
        changed = (minute(3)[0], 10.5, 99.0, 9.5, 98.0, 100.0, None, None)
        added = queries_bars.upsert(connection, series_id, [changed])
        queries_series.extend_range(connection, series_id, added, changed[0], changed[0], context().now())


def _exclude(series_id: int) -> None:
    with writing() as connection:
        queries_flagged_bars.take_out(connection, series_id, minute(3)[0])


def _split(series_id: int) -> None:
    with writing() as connection:
        row = queries_series.get(connection, series_id)
        assert row
        queries_actions.upsert(connection, row.instrument_id, [Action("split", START // DAY * DAY + DAY, 4.0)], 1, NOW)


@pytest.mark.parametrize(
    "form", ["bars.json", "bars.csv", "bars.parquet", "bars.json?interval=5m", "bars?max_points=9"]
)
@pytest.mark.parametrize("change", [_add, _correct, _exclude])
def test_a_tag_changes_with_the_bars(client: Program, change: Callable[[int], None], form: str) -> None:
    series_id = put(minutes(10))
    path = f"/api/v1/series/{series_id}/{form}"
    tag = etag(client, path)
    change(series_id)
    answer = client.get(path, headers={"If-None-Match": tag})
    assert answer.status_code == 200
    assert answer.headers["ETag"] != tag


def test_a_tag_changes_with_the_actions_where_prices_do(client: Program) -> None:
    series_id = put(minutes(10))
    path = f"/api/v1/series/{series_id}/bars.csv?adjust=none"
    tag, text = etag(client, path), client.get(path).text
    _split(series_id)
    answer = client.get(path, headers={"If-None-Match": tag})
    assert answer.status_code == 200
    assert answer.text != text


def test_the_tag_of_larger_bars_changes_with_what_is_known_of_their_time(client: Program) -> None:
    series_id = make_series(Asked("AAPL", Interval.M30, 40))
    path = f"/api/v1/series/{series_id}/bars.json?interval=1d"
    tag = etag(client, path)
    with writing() as connection:
        row = queries_series.get(connection, series_id)
        assert row
        assert row.first_bar
        hole = Span(row.first_bar + 5 * DAY, row.first_bar + 9 * DAY)
        queries_coverage.record(connection, series_id, Covered(hole, Verdict.DOUBTED, int(NOW.timestamp())))
    before = client.get(path, headers={"If-None-Match": tag})
    assert before.status_code == 200
    assert any(bar["partial"] for bar in before.get_json()["bars"])


def test_a_tag_differs_by_form_and_by_language(client: Program) -> None:
    path = f"/api/v1/series/{put(minutes(10))}/bars"
    tags = {etag(client, f"{path}.{form}") for form in FORMS}
    tags |= {etag(client, f"{path}.json?zone=Europe/Paris"), etag(client, f"{path}.json", **{"Accept-Language": "fr"})}
    assert len(tags) == 6
    assert etag(client, f"{path}?format=csv") == etag(client, f"{path}.csv")


# --- Compression ---


@pytest.mark.parametrize("form", ["bars.json", "bars.csv", "bars?max_points=50", "bars?format=csv"])
def test_texts_come_compressed_to_who_accepts_it(client: Program, form: str) -> None:
    path = f"/api/v1/series/{put(minutes(12_000))}/{form}"
    plain = client.get(path)
    packed = client.get(path, headers={"Accept-Encoding": "br, gzip;q=0.5"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert "Content-Encoding" not in plain.headers
    assert plain.headers["ETag"] == packed.headers["ETag"]
    assert {"Accept-Encoding"} <= set(plain.vary.as_set(preserve_casing=True))
    if "points" not in form:
        assert len(packed.data) < len(plain.data) / 4
    refused = client.get(path, headers={"Accept-Encoding": "gzip;q=0, identity"})
    assert "Content-Encoding" not in refused.headers


@pytest.mark.parametrize("form", ["parquet", "arrow"])
def test_files_are_not_compressed_twice(client: Program, form: str) -> None:
    answer = client.get(f"/api/v1/series/{put(minutes(10))}/bars.{form}", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in answer.headers


def test_what_is_short_comes_whole_with_its_length(client: Program) -> None:
    few, many = put(minutes(10)), put(minutes(12_000), symbol="MSFT")
    for form in FORMS:
        for headers in ({}, {"Accept-Encoding": "gzip"}):
            whole = client.get(f"/api/v1/series/{few}/bars.{form}", headers=headers)
            assert int(whole.headers["Content-Length"]) == len(whole.data)
            assert not whole.is_streamed
    assert client.get(f"/api/v1/series/{many}/bars.json", headers={"Accept-Encoding": "gzip"}).is_streamed


def test_a_short_text_of_a_series_that_changes_is_an_error(client: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    series_id = put(minutes(10))
    read = queries_bar_pages.page

    def split_meanwhile(*arguments: Any) -> list[Bar]:  # noqa: ANN401 -- whatever a page is asked with
        page = read(*arguments)
        with writing() as connection:
            split = NewRestatement(series_id, 1, RestatementKind.REBASED, 0, 1, 1, sentence("re-based"), 4.0)
            queries_restatements.add(connection, split, NOW)
        return page

    monkeypatch.setattr(queries_bar_pages, "page", split_meanwhile)
    answer = client.get(f"/api/v1/series/{series_id}/bars.json")
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (409, "conflict")


def test_a_compressed_text_that_breaks_off_has_no_end(client: Program) -> None:
    series_id = put(minutes(25_000))
    answer = client.get(f"/api/v1/series/{series_id}/bars.json", headers={"Accept-Encoding": "gzip"})
    chunks = answer.iter_encoded()
    got = [next(chunks)]
    with writing() as connection:
        split = NewRestatement(series_id, 1, RestatementKind.REBASED, 0, 1, 1, sentence("re-based"), 4.0)
        queries_restatements.add(connection, split, NOW)
    with pytest.raises(SeriesChangedError):
        got.extend(chunks)
    with pytest.raises(EOFError):
        gzip.decompress(b"".join(got))
