"""Values of every kind for every kind of field, and how what comes of them at the entrances is compared."""

import datetime as dt
import decimal
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from tests.cli.entrances import Outcome
from tests.properties import few
from webapp.kernel.intervals import Interval
from webapp.kernel.request_fields import FieldKind, RequestField

TEXTS = ("", " ", "x", "soon", "a b", "é", "\x00", "\ud800", "z" * 200)
JSON: tuple[object, ...] = (None, True, False, 0, 1, 1.5, [], [1], ["AAPL", None], {}, {"a": 1})
"""Values that a program can send whatever the field is."""
TIMES = (
    np.datetime64("2024-03-01"),
    np.datetime64("2024-03-01T00:00:00"),
    np.datetime64("2024-03-01T14:30", "ns"),
    np.datetime64("2024-03"),
    np.datetime64("NaT"),
    pd.Timestamp("2024-03-01"),
    pd.Timestamp("2024-03-01T14:30:00.000000001"),
    pd.Timestamp("2024-03-01T14:30", tz="America/New_York"),
    pd.NaT,
    pd.Period("2024-03-01"),
    pd.Timedelta("1h"),
    dt.date(2024, 3, 1),
    dt.datetime(2024, 3, 1),  # noqa: DTZ001 -- as notebooks have it
    dt.datetime(2024, 3, 1, tzinfo=dt.UTC),
    dt.datetime.max.replace(tzinfo=dt.timezone(dt.timedelta(hours=-12))),
    dt.date.min,
    dt.timedelta(1),
    dt.time(1),
)
OBJECTS = (
    b"AAPL",
    bytearray(b"AAPL"),
    ("AAPL",),
    {"AAPL", "MSFT"},
    pd.Series(["AAPL", "MSFT"]),
    pd.Index(["AAPL", "MSFT"]),
    np.array(["AAPL", "MSFT"]),
    np.array([["AAPL"]]),
    pd.Series([7203]),
    pd.DataFrame({"AAPL": [1]}),
    np.str_("AAPL"),
    np.int64(1),
    np.float64("nan"),
    np.bool_(True),  # noqa: FBT003 -- the value itself
    float("inf"),
    decimal.Decimal(1),
    Interval.D1,
    object(),
    len,
)
"""Values that only a notebook has."""
BY_KIND: dict[FieldKind, tuple[object, ...]] = {
    FieldKind.TEXT: ("1y", "45d", "max", "UTC", "Europe/Paris", "exchange", "yahoo", "nowhere", " yahoo "),
    FieldKind.SYMBOL: ("AAPL", " aapl ", "AAPL MSFT", "not a symbol!", ["AAPL"]),
    FieldKind.SYMBOLS: (
        *("AAPL", "aapl, msft", ["AAPL", "MSFT"], ["AAPL MSFT"], ["aapl,msft"], ["not a symbol!"], [""]),
    ),
    FieldKind.INTERVAL: (
        *(
            "1D",
            "60m",
            "1hour",
            "1 hour",
            "1-hour",
            "daily",
            "Weekly",
            "1w",
            "60min",
            "1M",
            "5M",
            "M",
            "1mo",
            "1 month",
        ),
        *("90m", "7d", "0m", "24h", "1H", "1 day", "d", "2wk", "1ms"),
    ),
    FieldKind.DAY: (
        *("2024-03-01", " 2024-03-01 ", "20240301", "2024-03-01T00:00", "2024-03-01T14:30", "2024-03-01T14:30+02:00"),
        *("2024-13-01", "yesterday", "0001-01-01", "9999-12-31", "2024-03-01 14:30"),
    ),
    FieldKind.CHOICE: ("urgent", "ALL", " splits ", "high"),
    FieldKind.FLAG: (True, False, "true", "FALSE", "yes", "no", "perhaps"),
    FieldKind.SWITCH: (True, False, "true", "false", "perhaps"),
}
ONLY_NOTEBOOKS = (*TIMES, *OBJECTS)


def values_for(field: RequestField) -> Sequence[object]:
    words = field.values  # noqa: PD011 -- a description's
    described = (*words, *(word.upper() for word in words), *field.examples, field.default)
    return few([*BY_KIND[field.kind], *described, *TEXTS, *JSON])


def differing(outcomes: dict[str, Outcome]) -> bool:
    return len({repr(outcome) for outcome in outcomes.values()}) > 1


def check_of_notebooks(ask: Callable[[object], Outcome], field: str) -> list[str]:
    """What is neither understood nor refused by a sentence that names the field."""
    wrong = []
    for value in few(ONLY_NOTEBOOKS):
        outcome = ask(value)
        if outcome.refused and not (len(outcome.refused) == 1 and names_it(outcome.refused[0], field)):
            wrong.append(f"{value!r}: {outcome}")
    return wrong


def names_it(refused: tuple[str, str], field: str) -> bool:
    name, said = refused
    is_order = (name, field) == ("end", "start")  # what is wrong is the order of the two
    return is_order or (
        name == field and (f"“{field}”" in said or "is not a" in said or "There is no" in said or "The " in said)
    )
