"""What a worker saw in an uploaded file, as it stands in the answer to a page's question."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from webapp.errors import Sentence
from webapp.importing.preview import Alternative, Preview
from webapp.importing.series import Choice
from webapp.inquiring.queries_inquiries import Answer
from webapp.kernel.intervals import Interval
from webapp.sources.own.rules_imported import DateOrder, Fault


@dataclass(frozen=True, slots=True)
class Look:
    """What the first lines of a file become, or what is still to be said (``missing``), with the ways to read them.

    ``series`` are the symbols of a file of several.
    """

    preview: Preview | None
    missing: tuple[Sentence, ...] = ()
    ways: tuple[Alternative, ...] = ()
    series: tuple[Choice, ...] = ()


def answer_of(look: Look) -> Answer:
    """Write a look down as the answer to a question."""
    return [{"look": json.dumps(asdict(look))}]


def look_of(answer: Answer) -> Look:
    """Return the look of an answer, as ``answer_of`` wrote it down."""
    values = json.loads(answer[0]["look"])
    return Look(
        preview=_preview(values["preview"]) if values["preview"] else None,
        missing=tuple(Sentence(**missing) for missing in values["missing"]),
        ways=tuple(_alternative(way) for way in values["ways"]),
        series=tuple(Choice(**choice) for choice in values["series"]),
    )


def _preview(values: Mapping[str, Any]) -> Preview:
    faults = [Fault(fault["line"], Sentence(**fault["why"])) for fault in values["faults"]]
    decoded = {
        "interval": Interval(values["interval"]),
        "bars": _bars(values["bars"]),
        "faults": faults,
    }
    return Preview(**{**values, **decoded})


def _alternative(values: Mapping[str, Any]) -> Alternative:
    return Alternative(
        DateOrder(values["order"]), values["decimal"], Interval(values["interval"]), _bars(values["bars"])
    )


def _bars(rows: Sequence[Sequence[Any]]) -> list[Any]:
    return [tuple(row) for row in rows]
