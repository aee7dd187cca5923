"""Every field of a collection × every kind of value × every entrance: the same is understood, or the same said.

The fields are those of the one description, so that a new one stands in the table by itself.
"""

from typing import Any

import pytest

from tests.cli.conftest import Terminal
from tests.cli.entrances import Entrances, can_be_typed, is_json
from tests.cli.kinds import ONLY_NOTEBOOKS, check_of_notebooks, differing, values_for
from webapp.kernel.collect_fields import COLLECT_FIELDS
from webapp.kernel.request_fields import FieldKind
from webapp.sources.option_fields import OPTION_FIELDS, OPTIONS

COLLECTION: dict[str, object] = {
    "source": "yahoo",
    "symbols": ["AAPL"],
    "interval": "1d",
    "start": "2024-01-02",
    "end": "2024-03-28",
}


@pytest.fixture
def entrances(terminal: Terminal) -> Entrances:
    return Entrances(terminal)


@pytest.mark.parametrize("name", COLLECT_FIELDS)
def test_a_field_of_a_collection_is_read_alike_everywhere(entrances: Entrances, name: str) -> None:
    field = COLLECT_FIELDS[name]
    usual = {key: value for key, value in COLLECTION.items() if name != "period" or key not in ("start", "end")}
    base = usual if name != "period" else {**usual, "interval": "1d"}
    wrong = []
    for value in values_for(field):
        asked = base | {name: value}
        outcomes = {"python": entrances.collect_in_python(asked)}
        if is_json(value):
            outcomes["http"] = entrances.collect_over_http(asked)
        if isinstance(value, bool) if field.kind is FieldKind.FLAG else can_be_typed(value):
            outcomes["command"] = entrances.collect_by_command(asked)
        if differing(outcomes):
            wrong.append(f"{value!r}: {outcomes}")
        assert all(key in (name, "start", "end") for key, _ in outcomes["python"].refused), outcomes
    assert wrong == []
    assert check_of_notebooks(lambda value: entrances.collect_in_python(base | {name: value}), name) == []


@pytest.mark.parametrize("name", OPTION_FIELDS)
def test_an_option_of_a_source_is_read_alike_everywhere(entrances: Entrances, name: str) -> None:
    field = OPTION_FIELDS[name]
    source = next(source for source, names in OPTIONS.items() if name in names)
    wrong = []
    for value in values_for(field):
        asked = COLLECTION | {"source": source, "options": {name: value}}
        outcomes = {"python": entrances.collect_in_python(asked)}
        if is_json(value):
            outcomes["http"] = entrances.collect_over_http(asked)
        is_box = field.kind in (FieldKind.FLAG, FieldKind.SWITCH)
        if isinstance(value, bool) if is_box else isinstance(value, str) and can_be_typed(value):
            outcomes["command"] = entrances.collect_by_command(asked)
        if differing(outcomes):
            wrong.append(f"{value!r}: {outcomes}")
    assert wrong == []
    for value in ONLY_NOTEBOOKS:
        entrances.collect_in_python(COLLECTION | {"source": source, "options": {name: value}})


THREE: dict[str, Any] = {"source": "nowhere", "symbols": [1], "interval": "7m", "start": "soon", "priority": "now"}


def test_several_wrong_fields_are_said_at_once_everywhere(entrances: Entrances) -> None:
    asked = COLLECTION | {"interval": "7m", "symbols": ["not a symbol!"], "start": "2024-03-01", "end": "2024-01-01"}
    outcomes = [
        entrances.collect_in_python(asked),
        entrances.collect_over_http(asked),
        entrances.collect_by_command(asked),
    ]
    assert [name for name, _ in outcomes[0].refused] == ["end", "interval", "symbols"]
    assert outcomes[0] == outcomes[1] == outcomes[2]
    outcome = entrances.collect_in_python(THREE)
    assert [name for name, _ in outcome.refused] == ["interval", "priority", "source", "start", "symbols"]
    assert outcome == entrances.collect_over_http(THREE)
