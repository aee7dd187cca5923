"""Recorded answers, given again as they were.

A recording is a JSON file ``{"request": {"url"}, "response": {"status", "headers", "bodyJson" |
"bodyText"}}``. The project contains none: whoever has some names their folder.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from webapp.sandbox.yahoo.answers import JSON, Answer, not_found
from webapp.sandbox.yahoo.requests import Request

_SEARCH = "/v1/finance/search"


class InvalidRecordingError(ValueError):
    """A file in the folder is not a recording."""


@dataclass(frozen=True, slots=True)
class _Recording:
    request: Request
    answer: Answer

    @property
    def question(self) -> tuple[str, str, str]:
        """Return what must be the same for this to be the answer: for a search the text too."""
        text = self.request.query.get("q", "") if self.request.path == _SEARCH else ""
        return self.request.path, self.request.interval, text


class Replay:
    """The recordings of a folder.

    :raises InvalidRecordingError: a JSON file there is something else.
    """

    def __init__(self, folder: Path) -> None:
        self._recordings = [_read(path) for path in sorted(folder.glob("*.json"))]
        if not self._recordings:
            message = f"There are no recordings in {folder}."
            raise InvalidRecordingError(message)

    def answer(self, request: Request) -> Answer:
        """Return the recording whose period overlaps the asked one most, or «No data found»."""
        question = _Recording(request, Answer()).question
        alike = [recording for recording in self._recordings if recording.question == question]
        ranked = [(_overlap(recording.request, request), recording.answer) for recording in alike]
        best = max((pair for pair in ranked if pair[0] >= 0), key=lambda pair: pair[0], default=None)
        return best[1] if best else not_found().answer("chart")


def _overlap(recorded: Request, request: Request) -> float:
    """Return the seconds that two periods share, negative for none; who asks for no period takes any."""
    first, second = _period(recorded), _period(request)
    if first is None or second is None:
        return 0.0
    return min(first[1], second[1]) - max(first[0], second[0])


def _period(request: Request) -> tuple[float, float] | None:
    start, end = request.query.get("period1"), request.query.get("period2")
    return (float(start), float(end)) if start and end else None


def _read(path: Path) -> _Recording:
    try:
        recording: dict[str, Any] = orjson.loads(path.read_bytes())
        address, response = recording["request"]["url"], recording["response"]
        host, _, rest = address.partition("://")[2].partition("/")
        status, kind = response["status"], response.get("headers", {}).get("content-type", JSON)
    except (ValueError, KeyError, TypeError) as error:
        message = f"{path} is not a recorded answer."
        raise InvalidRecordingError(message) from error
    body = response.get("bodyText", "").encode()
    answer = Answer(status, response.get("bodyJson"), body, kind)
    return _Recording(Request("GET", host, f"/{rest}", 0.0), answer)
