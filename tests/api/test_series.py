"""Series, what is known of them, and their bars in every form."""

import io

import pyarrow.feather
import pyarrow.parquet
import pytest

from tests.api.conftest import Program
from tests.web.factories import NOW, Asked, make_series
from webapp.database.transactions import writing
from webapp.jobs.records import instant
from webapp.kernel.bars import Action, Bar
from webapp.kernel.instruments import InstrumentFacts
from webapp.kernel.intervals import DAY, Interval
from webapp.kernel.plans import Covered, Verdict
from webapp.kernel.spans import Span
from webapp.series import queries_action_findings, queries_actions, queries_bars, queries_coverage, queries_series
from webapp.series.queries_action_findings import FindingOrigin, NewFinding

START = 1_709_303_400  # 2024-03-01T14:30:00Z


def put(several: list[Bar], interval: Interval = Interval.M1, symbol: str = "AAPL") -> int:
    """Store bars and return their series."""
    with writing() as connection:
        series_id = queries_series.ensure(connection, "yahoo", symbol, interval, "")
        added = queries_bars.upsert(connection, series_id, several)
        queries_series.extend_range(connection, series_id, added, several[0][0], several[-1][0], NOW)
    return series_id


def minute(number: int, wap: float | None = None) -> Bar:
    return (START + 60 * number, 10.5, 11.25, 9.5, 10.1 + number, 100.0, wap, None if wap is None else 7)


def minutes(count: int) -> list[Bar]:
    return [minute(number) for number in range(count)]


def test_series_are_listed_by_symbol_and_found_by_search(client: Program) -> None:
    for symbol in ("MSFT", "AAPL", "TSLA"):
        make_series(Asked(symbol))
    page = client.get("/api/v1/series?limit=2").get_json()
    assert [row["symbol"] for row in page["series"]] == ["AAPL", "MSFT"]
    assert page["total"] == 3
    rest = client.get("/api/v1/series", query_string={"limit": 2, "cursor": page["next_cursor"]}).get_json()
    assert [row["symbol"] for row in rest["series"]] == ["TSLA"]
    assert rest["next_cursor"] is None
    rows = client.get("/api/v1/series?search=tsl").get_json()["series"]
    assert [row["symbol"] for row in rows] == ["TSLA"]
    assert client.get("/api/v1/series?search=100%25").get_json()["series"] == []


def test_a_series_says_what_it_is(client: Program) -> None:
    series_id = make_series(Asked())
    shown = client.get(f"/api/v1/series/{series_id}").get_json()
    assert shown["name"] == "Microsoft Corporation"
    assert (shown["source"], shown["symbol"], shown["interval"], shown["currency"]) == ("yahoo", "MSFT", "1d", "USD")
    assert shown["rows"] > 200
    assert shown["first_bar"].endswith("T00:00:00Z")


def test_coverage_tells_spans_and_the_gaps_between(client: Program) -> None:
    series_id = make_series(Asked(), with_bars=False)
    with writing() as connection:
        for start, end, verdict in ((0, 2, Verdict.HAVE), (4, 5, Verdict.EMPTY), (5, 6, Verdict.HAVE)):
            queries_coverage.record(connection, series_id, Covered(Span(start * DAY, end * DAY), verdict, 0))
    body = client.get(f"/api/v1/series/{series_id}/coverage").get_json()
    assert [(span["start"][:10], span["end"][:10], span["verdict"]) for span in body["spans"]] == [
        ("1970-01-01", "1970-01-03", "have"),
        ("1970-01-05", "1970-01-06", "empty"),
        ("1970-01-06", "1970-01-07", "have"),
    ]
    assert body["gaps"] == [{"start": instant(2 * DAY), "end": instant(4 * DAY), "end_exclusive": instant(4 * DAY)}]


@pytest.mark.parametrize("path", ["", "/coverage", "/bars", "/bars?format=csv", "/bars?max_points=10"])
def test_a_series_that_is_not_there_is_404(client: Program, path: str) -> None:
    answer = client.get(f"/api/v1/series/999{path}")
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (404, "not_found")


def test_bars_come_as_json(client: Program) -> None:
    series_id = put([minute(0), minute(1)])
    assert client.get(f"/api/v1/series/{series_id}/bars").get_json() == {
        "id": series_id,
        "source": "yahoo",
        "symbol": "AAPL",
        "interval": "1m",
        "adjust": "splits",
        "bars": [
            {"time": "2024-03-01T14:30:00Z", "open": 10.5, "high": 11.25, "low": 9.5, "close": 10.1, "volume": 100.0},
            {"time": "2024-03-01T14:31:00Z", "open": 10.5, "high": 11.25, "low": 9.5, "close": 11.1, "volume": 100.0},
        ],
    }


@pytest.mark.parametrize("query", ["adjust=all", "adjust=all&max_points=1"])
def test_bars_say_what_they_are_not_adjusted_for(client: Program, query: str) -> None:
    series_id = put([minute(0), minute(1)])
    with writing() as connection:
        row = queries_series.get(connection, series_id)
        assert row
        queries_series.update_facts(connection, row.instrument_id, InstrumentFacts(currency="KRW"), NOW)
        paid = Action("dividend", minute(1)[0] // DAY * DAY + DAY, 1.0, "USD")
        queries_actions.upsert(connection, row.instrument_id, [paid], 1, NOW)
    [note] = client.get(f"/api/v1/series/{series_id}/bars?{query}").get_json()["notes"]
    assert "they are in USD, the prices in KRW" in note
    assert "Collect daily bars of KRW=X." in note
    assert "notes" not in client.get(f"/api/v1/series/{series_id}/bars").get_json()


@pytest.mark.parametrize("merging", ["", "&max_points=10"])
def test_prices_that_no_dividend_explains_come_with_a_note(client: Program, merging: str) -> None:
    series_id = put([minute(0), minute(1)])
    span = Span(1_709_300_000 // 86_400 * 86_400, 1_709_300_000 // 86_400 * 86_400 + 2 * 86_400)
    with writing() as connection:
        row = queries_series.get(connection, series_id)
        assert row
        origin = FindingOrigin(row.instrument_id, series_id, 1)
        queries_action_findings.replace(connection, origin, span, [NewFinding(span, 0.25)], NOW)
    [note] = client.get(f"/api/v1/series/{series_id}/bars?adjust=all{merging}").get_json()["notes"]
    assert note.startswith("Before 2024-03-03 the source's own adjusted prices of AAPL differ from these by +25.00 %")
    assert "notes" not in client.get(f"/api/v1/series/{series_id}/bars?adjust=none{merging}").get_json()


def test_average_and_count_come_where_the_source_gives_them(client: Program) -> None:
    series_id = put([minute(0), minute(1, wap=10.25)])
    body = client.get(f"/api/v1/series/{series_id}/bars").get_json()["bars"]
    assert [(bar["wap"], bar["count"]) for bar in body] == [(None, None), (10.25, 7)]


def test_many_bars_come_by_pages_each_once(client: Program) -> None:
    series_id = put(minutes(20_001))
    body = client.get(f"/api/v1/series/{series_id}/bars").get_json()["bars"]
    assert [bar["close"] for bar in body] == [10.1 + number for number in range(20_001)]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("start=2024-03-01T14:31:00", 9),
        ("start=2024-03-01T15:31:00%2B01:00", 9),
        ("end=2024-03-01T14:31:00Z", 1),
        ("start=2024-03-01&end=2024-03-01", 10),
        ("start=2024-03-02", 0),
        ("end=2024-02-29", 0),
        ("start=0001-01-01&end=9999-12-31", 10),
        ("start=0001-01-01T00:00:00%2B23:59&end=9999-12-31T23:59:59-23:59", 10),
    ],
)
def test_a_span_is_half_open_and_a_date_is_a_whole_day(client: Program, query: str, count: int) -> None:
    path = f"/api/v1/series/{put(minutes(10))}/bars?{query}"
    assert len(client.get(path).get_json()["bars"]) == count
    assert len(client.get(f"{path}&max_points=5000").get_json()["bars"]) == count
    assert len(client.get(f"{path}&format=csv").text.splitlines()) == count + 1


def test_bars_are_merged_when_there_are_too_many_for_the_reader(client: Program) -> None:
    body = client.get(f"/api/v1/series/{put(minutes(1000))}/bars?max_points=100").get_json()
    assert body["interval"] == "15m"
    assert 1 <= len(body["bars"]) <= 100
    assert sum(bar["volume"] for bar in body["bars"]) == 100_000


def test_larger_bars_are_made_of_stored_ones(client: Program) -> None:
    path = f"/api/v1/series/{put(minutes(90))}/bars?interval="
    body = client.get(f"{path}1h").get_json()
    assert (body["interval"], len(body["bars"])) == ("1h", 2)
    assert body["bars"][0]["volume"] == sum(bar[5] for bar in minutes(90) if bar[0] < minutes(90)[0][0] + 1800)
    text = client.get(f"{path}1h&format=csv").text.splitlines()
    assert [line.split(",")[0] for line in text[1:]] == [bar["time"] for bar in body["bars"]]
    assert pyarrow.parquet.read_table(io.BytesIO(client.get(f"{path}1h&format=parquet").data)).num_rows == 2
    assert len(client.get(f"{path}1m").get_json()["bars"]) == 90
    refused = client.get(f"{path}30s").get_json()["error"]["fields"]["interval"]
    assert "1m, 2m, 3m, 5m, 10m" in refused
    assert client.get(f"{path}7m").status_code == 422
    assert client.get(f"{path}1h&max_points=5").get_json()["error"]["fields"].keys() == {"max_points"}


def test_bars_are_adjusted_as_asked(client: Program) -> None:
    series_id = make_series(Asked())
    first = {
        adjust: client.get(f"/api/v1/series/{series_id}/bars?adjust={adjust}").get_json()["bars"][0]["close"]
        for adjust in ("none", "splits", "all")
    }
    assert first["none"] == pytest.approx(4 * first["splits"])
    assert first["all"] <= first["splits"]


def test_csv_parquet_and_arrow_can_be_read(client: Program) -> None:
    path = f"/api/v1/series/{put(minutes(10))}/bars?start=2024-03-01T14:32:00&format="
    text = client.get(f"{path}csv")
    assert text.mimetype == "text/csv"
    assert text.text.splitlines()[:2] == [
        "time,open,high,low,close,volume",
        "2024-03-01T14:32:00Z,10.5,11.25,9.5,12.1,100",
    ]
    parquet = pyarrow.parquet.read_table(io.BytesIO(client.get(f"{path}parquet").data))
    arrow = pyarrow.feather.read_table(io.BytesIO(client.get(f"{path}arrow").data))
    assert parquet.to_pylist() == arrow.to_pylist()
    assert [row["close"] for row in parquet.to_pylist()] == [10.1 + number for number in range(2, 10)]
    assert "AAPL" in client.get(f"{path}parquet").headers["Content-Disposition"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("format=xlsx", "format"),
        ("adjust=some", "adjust"),
        ("start=soon", "start"),
        ("end=2024-02-30", "end"),
        ("max_points=0", "max_points"),
        ("max_points=5001", "max_points"),
        ("max_points=10&format=csv", "max_points"),
        ("points=10", "points"),
    ],
)
def test_a_query_that_is_not_understood_is_refused(client: Program, query: str, field: str) -> None:
    answer = client.get(f"/api/v1/series/{put(minutes(1))}/bars?{query}")
    assert answer.status_code == 422
    assert list(answer.get_json()["error"]["fields"]) == [field]


def test_an_empty_series_is_an_empty_list(client: Program) -> None:
    series_id = make_series(Asked(), with_bars=False)
    with writing() as connection:
        queries_coverage.record(connection, series_id, Covered(Asked().span, Verdict.EMPTY, int(NOW.timestamp())))
    for query in ("", "?max_points=10"):
        assert client.get(f"/api/v1/series/{series_id}/bars{query}").get_json()["bars"] == []
