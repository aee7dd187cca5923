"""What all verbs share: one request after the other, and a server whose version fits, looked at once."""

from collections.abc import Iterable, Mapping
from uuid import uuid4

import pyarrow as pa

from moisson_client.answers import Record, object_of
from moisson_client.calls import ARROW, JSON, Call, Flow, Reply
from moisson_client.errors import MoissonError
from moisson_client.retries import Retries

API = "/api/v1"
_NEEDED = (1, 1)
"""The version of the API that these verbs were written for; a later one of the same first number does, too."""
_TITLE = "Moisson"

Query = Iterable[tuple[str, str | int | None]]


class Session:
    """The requests that a client makes, one after the other; it knows no connection and no token."""

    def __init__(self, retries: Retries | None = None) -> None:
        self._retries = retries or Retries()
        self._is_known = False

    def ask(self, call: Call) -> Flow[Reply]:
        """Send a request, having made sure once that the server's version fits.

        :raises MoissonError: when it does not, when nobody answers, and for what the server refuses.
        """
        if not self._is_known:
            description = yield from self._retries.answered(Call("GET", f"{API}/openapi.json"))
            _check(object_of(description).get("info"))
            self._is_known = True
        return (yield from self._retries.answered(call))

    def read(self, path: str, query: Query = (), patience: float = 0.0) -> Flow[Record]:
        """Return the JSON object at a path; what is None in ``query`` is left out."""
        call = Call("GET", f"{API}{path}", query_of(query), patience=patience)
        return object_of((yield from self.ask(call)))

    def post(self, path: str, body: Mapping[str, object]) -> Flow[Record]:
        """Send an object that the server acts upon once, however often it must be sent, and return its answer."""
        call = Call("POST", f"{API}{path}", body=body, key=uuid4().hex)
        return object_of((yield from self.ask(call)))

    def table(self, path: str, body: Mapping[str, object]) -> Flow[pa.Table | bytes]:
        """Return the Arrow table that is answered to a question of many words, or the stream that holds it."""
        accept = f"{ARROW}, {JSON};q=0.5"
        call = Call("POST", f"{API}{path}", body=body, accept=accept, is_reading=True)
        reply = yield from self.ask(call)
        return reply.content if reply.table is None else reply.table


def query_of(query: Query) -> tuple[tuple[str, str], ...]:
    """Return the parameters that are not None, as texts."""
    return tuple((name, str(value)) for name, value in query if value is not None)


def _check(info: object) -> None:
    """Make sure that a server is a Moisson whose version fits.

    :raises MoissonError: with a sentence that says which of the two is to be brought up to date.
    """
    facts = info if isinstance(info, dict) else {}
    version = str(facts.get("version", ""))
    if facts.get("title") != _TITLE or not version:
        message = "What answers at this address is not a Moisson."
        raise MoissonError(message, code="version")
    numbers = tuple(int(part) if part.isdigit() else 0 for part in version.split("."))
    needed = ".".join(map(str, _NEEDED))
    if numbers[0] > _NEEDED[0]:
        message = (
            f"The server is newer than this client: it speaks version {version} of the API, and this client version "
            f"{_NEEDED[0]}. Install the moisson-client of the server's version."
        )
        raise MoissonError(message, code="version")
    if numbers < _NEEDED:
        message = (
            f"The server is older than this client: it speaks version {version} of the API, and this client needs "
            f"{needed} or later. Bring the server up to date, or install the moisson-client of its version."
        )
        raise MoissonError(message, code="version")
