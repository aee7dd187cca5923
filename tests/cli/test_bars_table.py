"""Every field of bars × every kind of value × every entrance: the same is understood, or the same sentence said.

The fields are those of the one description, so that a new one stands in the table by itself.
"""

import datetime as dt
import inspect

import pytest

from tests.cli.conftest import Terminal
from tests.cli.entrances import Entrances, Outcome, can_be_typed
from tests.cli.kinds import check_of_notebooks, differing, values_for
from tests.cli.test_field_table import COLLECTION
from webapp.api.series.bar_schemas import BarsQuery
from webapp.database.transactions import writing
from webapp.exporting.export_fields import EXPORT_FIELDS
from webapp.job_manager import JobManager
from webapp.kernel.bars import Bar
from webapp.kernel.collect_fields import SERIES_FIELDS
from webapp.kernel.instruments import InstrumentFacts
from webapp.kernel.intervals import DAY, HOUR, Interval, parse_interval
from webapp.kernel.plans import Covered, Verdict
from webapp.kernel.request_fields import FieldKind, RequestField, is_said
from webapp.kernel.spans import Span
from webapp.series import queries_bars, queries_coverage, queries_series

SERIES: dict[str, object] = {"symbol": "AAPL", "source": "yahoo", "interval": "1h"}
IN_PYTHON = set(inspect.signature(JobManager.bars).parameters) & set(EXPORT_FIELDS)
OVER_HTTP = set(BarsQuery().fields) & set(EXPORT_FIELDS)
FIRST = int(dt.datetime(2024, 2, 28, tzinfo=dt.UTC).timestamp())


@pytest.fixture
def entrances(terminal: Terminal) -> Entrances:
    return Entrances(terminal)


@pytest.fixture
def hours(terminal: Terminal) -> int:
    """Some days of hours in New York, AAPL, and nothing else."""
    bars: list[Bar] = [
        (FIRST + DAY * day + HOUR * hour, 10.0, 12.0, 9.0, 10.0 + day + hour / 100, 100.0, None, None)
        for day in range(6)
        for hour in range(15, 21)
    ]
    with terminal.app.app_context(), writing() as connection:
        series_id = queries_series.ensure(connection, "yahoo", "AAPL", Interval.H1, "")
        row = queries_series.get(connection, series_id)
        assert row
        now = terminal.context.now()
        facts = InstrumentFacts(timezone="America/New_York", session_open=34_200, session_close=57_600)
        queries_series.update_facts(connection, row.instrument_id, facts, now)
        added = queries_bars.upsert(connection, series_id, bars)
        queries_series.extend_range(connection, series_id, added, bars[0][0], bars[-1][0], now)
        known = Covered(Span(FIRST, FIRST + 6 * DAY), Verdict.HAVE, int(now.timestamp()))
        queries_coverage.record(connection, series_id, known)
        return series_id


def ask_for_bars(entrances: Entrances, series_id: int, field: RequestField, value: object) -> dict[str, Outcome]:
    """What becomes of a value at each entrance that has the field, and where it can be said."""
    name, outcomes = field.name, {}
    if name in IN_PYTHON:
        outcomes["python"] = entrances.read_in_python(SERIES | {name: value})
    in_address = isinstance(value, str) and "\ud800" not in value and not (name == "format" and _is_json_format(value))
    if in_address and name in OVER_HTTP:
        outcomes["http"] = entrances.read_over_http(series_id, {name: value})
    if isinstance(value, bool) if field.kind is FieldKind.FLAG else isinstance(value, str) and can_be_typed(value):
        outcomes["command"] = entrances.read_by_command(SERIES | {name: value})
    return outcomes


@pytest.mark.parametrize("name", [name for name in EXPORT_FIELDS if name != "zone_name"])
def test_a_field_of_an_export_is_read_alike_everywhere(entrances: Entrances, hours: int, name: str) -> None:
    field = EXPORT_FIELDS[name]
    wrong = []
    for value in values_for(field):
        if name == "interval" and (not is_said(value) or _is_smaller(value)):
            continue  # elsewhere it names a stored series, here it is what the bars are merged to
        outcomes = ask_for_bars(entrances, hours, field, value)
        if differing(outcomes):
            wrong.append(f"{value!r}: {outcomes}")
        if isinstance(value, str) and outcomes and "\ud800" not in value:
            refused = next(iter(outcomes.values())).refused
            if not entrances.download(hours, {name: value}, refused[0][1] if refused else ""):
                wrong.append(f"{value!r}: the download says something else")
    assert wrong == []
    if name in IN_PYTHON:
        assert check_of_notebooks(lambda value: entrances.read_in_python(SERIES | {name: value}), name) == []


def _is_smaller(value: object) -> bool:
    interval = parse_interval(value) if isinstance(value, str) else None
    return interval is not None and interval.seconds < HOUR


def _is_json_format(value: object) -> bool:
    """Whether the API, which knows JSON as well, takes another default or lists other formats."""
    return str(value).strip().lower() not in ("csv", "parquet", "arrow", "\x00", "z" * 200)


@pytest.mark.parametrize("name", SERIES_FIELDS)
def test_what_names_a_series_is_read_alike_by_notebooks_and_commands(
    entrances: Entrances, hours: int, name: str
) -> None:
    assert hours
    field = SERIES_FIELDS[name]
    wrong = []
    for value in values_for(field):
        outcomes = {"python": entrances.read_in_python(SERIES | {name: value})}
        if isinstance(value, str) and can_be_typed(value):
            outcomes["command"] = entrances.read_by_command(SERIES | {name: value})
        if differing(outcomes):
            wrong.append(f"{value!r}: {outcomes}")
    assert wrong == []
    assert check_of_notebooks(lambda value: entrances.read_in_python(SERIES | {name: value}), name) == []


def test_several_wrong_fields_of_bars_are_said_at_once_everywhere(entrances: Entrances, hours: int) -> None:
    chosen = {"adjust": "some", "start": "soon", "end": "later"}
    outcomes = [
        entrances.read_in_python(SERIES | chosen),
        entrances.read_over_http(hours, chosen),
        entrances.read_by_command(SERIES | chosen),
    ]
    assert [name for name, _ in outcomes[0].refused] == ["adjust", "end", "start"]
    assert outcomes[0] == outcomes[1] == outcomes[2]
    named = entrances.read_in_python({"symbol": "no symbol!", "source": None, "interval": "7m"} | chosen)
    assert len(named.refused) == 5


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2024-03-02", "2024-03-01"),
        ("2024-03-01T15:30", "2024-03-01T15:30"),
        ("2024-03-01T15:30", "2024-02-29T15:30"),
        ("2024-03-02", "2024-03-01T15:30"),
    ],
)
def test_reversed_dates_are_refused_everywhere_with_one_sentence(
    entrances: Entrances, hours: int, start: str, end: str
) -> None:
    said = Outcome.refusing({"end": "The end lies before the start. Exchange the two, or choose a later end."})
    span = {"start": start, "end": end}
    asked = COLLECTION | {"source": "ibkr", "interval": "1h"} | span
    assert entrances.collect_in_python(asked) == said
    assert entrances.collect_over_http(asked) == said
    assert entrances.collect_by_command(asked) == said
    assert entrances.read_in_python(SERIES | span) == said
    assert entrances.read_over_http(hours, span) == said
    assert entrances.read_by_command(SERIES | span) == said
    assert entrances.download(hours, span, said.refused[0][1])
    origins = entrances.client.get(
        f"/api/v1/series/{hours}/origins", query_string=span, headers=entrances.headers
    ).get_json()
    assert Outcome.refusing(origins["error"]["fields"]) == said
