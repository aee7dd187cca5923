"""What each fault does to an answer.

``{"status": 429, "retry_after": 30}`` · ``{"cut": true}``: JSON cut in the middle, with the length of what is
left · ``{"truncate": true}``: the connection closes before the announced length · ``{"drop": true}``: it
closes without an answer · ``{"html": true}``: the page «Will be right back» · ``{"nulls": 0.1}``: this share
of the rows, or with a whole number so many, without prices and volume · ``{"null_fields": 0.1}``: one field
of each such row · ``{"unequal": true}``: arrays of unequal length · ``{"empty": true}``: no timestamps ·
``{"duplicate_last": true}`` · ``{"preliminary": true}``: the last row of days has the stamp of the last trade
and values that will change, as for hours after a close · ``{"slow": 2.5}``: seconds of delay, which also goes
with any other.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from http import HTTPStatus
from typing import Any

from webapp.sandbox.calendars import DAY
from webapp.sandbox.yahoo import answers
from webapp.sandbox.yahoo.answers import Answer, Document, RefusalError, not_found
from webapp.sandbox.yahoo.asked import LONG

_FIELDS = ("open", "high", "low", "close", "volume")
_SHARE = 0.1
_SEEN_IN_THE_EVENING = 0.98
_DOWN = "<html><head><title>Yahoo</title></head><body><h1>Will be right back...</h1></body></html>"


class Sending(Enum):
    """How much of an answer leaves."""

    WHOLE = "whole"
    HALF = "half"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Delivery:
    """An answer, how it leaves, after how many seconds, and the name of the fault in it."""

    answer: Answer
    sending: Sending = Sending.WHOLE
    delay: float = 0.0
    fault: str = ""


def spoiled(action: Mapping[str, Any], answer: Callable[[], Answer]) -> Delivery:
    """Return what a fault makes of an answer, which is made only if something of it is needed."""
    delay = float(action.get("slow", 0.0))
    names = [name for name in action if name in _MAKERS]
    if not names:
        name = "rate" if "rate" in action else "slow"
        unspoiled = refused(429) if name == "rate" else answer()
        return Delivery(unspoiled, delay=delay, fault=name)
    name = names[0]
    return replace(_MAKERS[name](action, answer), delay=delay, fault=name)


def refused(status: int, retry_after: float | None = None) -> Answer:
    """Return the answer with which Yahoo refuses by a status alone."""
    headers = () if retry_after is None else (("Retry-After", f"{retry_after:g}"),)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return answers.text(status, "Too Many Requests\r\n", *headers)
    if status == HTTPStatus.UNAUTHORIZED:
        return replace(RefusalError(401, "Unauthorized", "Invalid Crumb").answer("finance"), headers=headers)
    if status == HTTPStatus.NOT_FOUND:
        return replace(not_found().answer("chart"), headers=headers)
    return answers.text(status, f"{HTTPStatus(status).phrase}\r\n", *headers)


def _status(action: Mapping[str, Any], _answer: Callable[[], Answer]) -> Delivery:
    return Delivery(refused(int(action["status"]), action.get("retry_after")))


def _cut(_action: Mapping[str, Any], answer: Callable[[], Answer]) -> Delivery:
    whole = answer()
    body = whole.payload()
    return Delivery(replace(whole, document=None, body=body[: len(body) // 2]))


def _truncate(_action: Mapping[str, Any], answer: Callable[[], Answer]) -> Delivery:
    return Delivery(answer(), Sending.HALF)


def _drop(_action: Mapping[str, Any], _answer: Callable[[], Answer]) -> Delivery:
    return Delivery(Answer(0), Sending.NOTHING)


def _html(_action: Mapping[str, Any], _answer: Callable[[], Answer]) -> Delivery:
    return Delivery(answers.text(200, _DOWN, content_type=answers.HTML))


def _nulls(action: Mapping[str, Any], answer: Callable[[], Answer]) -> Delivery:
    def change(result: Document, columns: list[list[Any]]) -> None:
        for row in _rows(action["nulls"], len(result["timestamp"])):
            for column in columns:
                column[row] = None

    return _changed(answer(), change)


def _null_fields(action: Mapping[str, Any], answer: Callable[[], Answer]) -> Delivery:
    def change(result: Document, columns: list[list[Any]]) -> None:
        for turn, row in enumerate(_rows(action["null_fields"], len(result["timestamp"]))):
            columns[turn % len(_FIELDS)][row] = None

    return _changed(answer(), change)


def _unequal(_action: Mapping[str, Any], answer: Callable[[], Answer]) -> Delivery:
    return _changed(answer(), lambda _result, columns: columns[_FIELDS.index("close")].pop())


def _duplicate_last(_action: Mapping[str, Any], answer: Callable[[], Answer]) -> Delivery:
    def change(result: Document, columns: list[list[Any]]) -> None:
        for column in (result["timestamp"], *columns):
            column.append(column[-1])

    return _changed(answer(), change)


def _preliminary(_action: Mapping[str, Any], answer: Callable[[], Answer]) -> Delivery:
    def change(result: Document, columns: list[list[Any]]) -> None:
        stamp, trade = result["timestamp"][-1], result["meta"]["regularMarketTime"]
        if result["meta"]["dataGranularity"] in LONG and stamp <= trade < stamp + DAY:
            result["timestamp"][-1] = trade
            volumes = columns[_FIELDS.index("volume")]
            volumes[-1] = int(volumes[-1] * _SEEN_IN_THE_EVENING)

    return _changed(answer(), change)


def _empty(_action: Mapping[str, Any], answer: Callable[[], Answer]) -> Delivery:
    def change(result: Document, _columns: list[list[Any]]) -> None:
        del result["timestamp"]
        result.pop("events", None)
        result["indicators"] = {"quote": [{}]}

    return _changed(answer(), change)


_MAKERS = {
    "status": _status,
    "cut": _cut,
    "truncate": _truncate,
    "drop": _drop,
    "html": _html,
    "nulls": _nulls,
    "null_fields": _null_fields,
    "unequal": _unequal,
    "duplicate_last": _duplicate_last,
    "preliminary": _preliminary,
    "empty": _empty,
}

ACTIONS = (*_MAKERS, "slow", "random", "rate")


def _changed(answer: Answer, change: Callable[[Document, list[list[Any]]], object]) -> Delivery:
    """Change the rows of a chart; an answer without rows stays as it is."""
    document = answers.plain(answer.document or {})
    results = document.get("chart", {}).get("result")
    if not results or "timestamp" not in results[0]:
        return Delivery(answer)
    indicators = results[0]["indicators"]
    adjusted = [column["adjclose"] for column in indicators.get("adjclose", ())]
    change(results[0], [*(indicators["quote"][0][name] for name in _FIELDS), *adjusted])
    return Delivery(replace(answer, document=document))


def _rows(amount: float | bool, count: int) -> list[int]:  # noqa: FBT001 (a share, a number, or just "some")
    """Return which rows to spoil, evenly spread and at least one."""
    if amount is True:
        amount = _SHARE
    rows = amount if isinstance(amount, int) else round(amount * count)
    rows = min(max(rows, 1), count)
    return sorted({(2 * turn + 1) * count // (2 * rows) for turn in range(rows)})
