"""Asking Template: ``/daily/ABC.csv?from=2024-01-01&to=2024-12-31`` answers a line a day, or ``No data`` (or 204).

The first line names the columns. The kit knows what 429 (too many requests) and 404 (an unknown symbol) mean.
"""

import csv
import datetime as dt
from collections.abc import Iterator

from webapp.errors import Sentence, sentence
from webapp.kernel.bars import DIVIDEND, Action, Bar
from webapp.kernel.gateways import Gateway
from webapp.sources.base import Answer, ChunkRequest, Client, ClientTools, SearchHit
from webapp.sources.kit.errors import ServiceErrors
from webapp.sources.kit.labels import closed_part, format_label, label_date
from webapp.sources.kit.session import KitSession, escape
from webapp.sources.kit.turns import Turns, open_pace

from .offer import FACTS, OFFER

ERRORS = ServiceErrors(OFFER.label, "TEMPLATE")
_NO_DATA = b"No data"
_COLUMNS = ["date", "open", "high", "low", "close", "volume", "dividend"]


def open_client(tools: ClientTools) -> Client:
    """Open the client of this process."""
    return TemplateClient(tools)


class TemplateClient:
    """See ``webapp.sources.base.Client``."""

    def __init__(self, tools: ClientTools) -> None:
        self._now = tools.now
        self._session = KitSession(tools, Turns(open_pace(tools, OFFER.name), ERRORS), ERRORS)

    def fetch(self, request: ChunkRequest) -> Answer:
        """Ask for one chunk.

        :raises SourceError: for everything but a true answer.
        """
        days = {"from": format_label(request.span.start), "to": format_label(request.span.end - 1)}
        body = self._session.get(f"/daily/{escape(request.symbol)}.csv", days, request.symbol)
        try:
            rows = [] if body is None else list(read_rows(body))
        except (ValueError, csv.Error) as err:
            raise ERRORS.garbled(body or b"") from err
        bars, known_until = closed_part(
            sorted(bar for bar, _ in rows), request, FACTS, self._now(), OFFER.finality_delay
        )
        actions = [Action(DIVIDEND, bar[0], dividend) for bar, dividend in rows if dividend]
        return Answer(bars, actions, FACTS, known_until, note=None if bars else no_data(request.symbol))

    def search(self, text: str, gateway: Gateway | None = None) -> list[SearchHit]:
        """Find nothing: the manifest says that there is no search, so nobody asks."""
        raise NotImplementedError

    def close(self) -> None:
        """Close the connections that are open."""
        self._session.close()


def no_data(symbol: str) -> Sentence:
    """Return the note of an empty answer; its French stands in ``translations/``, beside this file."""
    return sentence("%(source)s has no data of %(symbol)s in that span.", source=OFFER.label, symbol=symbol)


def read_rows(body: bytes) -> Iterator[tuple[Bar, float]]:
    """Yield the bar and the dividend (0.0 for none) of each line.

    :raises ValueError: (or ``csv.Error``) for a body that is cut, or no table of these columns.
    """
    if body.strip() == _NO_DATA:
        return
    if not body.endswith(b"\n"):
        raise ValueError("the last line is cut")
    rows = csv.reader(body.decode("utf-8").splitlines(), strict=True)
    if next(rows) != _COLUMNS:
        raise ValueError("it has other columns")
    for date, *prices, volume, dividend in rows:
        opening, high, low, close = map(float, prices)
        start = label_date(dt.date.fromisoformat(date))
        yield (start, opening, high, low, close, float(volume), None, None), float(dividend or 0)
