"""Which service answers which request."""

from collections.abc import Callable

from webapp.sandbox.listings import UnknownSymbolError
from webapp.sandbox.market import Market
from webapp.sandbox.yahoo import answers, chart, directory, doors
from webapp.sandbox.yahoo.answers import Answer, RefusalError, not_found
from webapp.sandbox.yahoo.distortions import Distortions
from webapp.sandbox.yahoo.faults import Faults
from webapp.sandbox.yahoo.log import Log
from webapp.sandbox.yahoo.replay import Replay
from webapp.sandbox.yahoo.requests import CHART, QUOTE_SUMMARY, Request
from webapp.sandbox.yahoo.silences import Silences
from webapp.sandbox.yahoo.spoiling import Delivery, spoiled

_FUNDAMENTALS = "/ws/fundamentals-timeseries/"
_SEARCH, _QUOTES, _CRUMB = "/v1/finance/search", "/v7/finance/quote", "/v1/test/getcrumb"


class Site:
    """All of Yahoo's hosts in one.

    :param replay: recorded answers to give instead of the market's.
    """

    def __init__(self, market: Market, replay: Replay | None = None) -> None:
        self.market = market
        self.log = Log()
        self.faults = Faults()
        self.distortions = Distortions()
        self.silences = Silences()
        self._replay = replay

    def deliver(self, request: Request) -> Delivery:
        """Return the answer to a request, with the fault that a rule puts into it; writes the log."""
        action = self.faults.strike(request)
        delivery = spoiled(action, lambda: self.answer(request)) if action else Delivery(self.answer(request))
        self.log.write(request, delivery.answer.status, delivery.fault)
        return delivery

    def answer(self, request: Request) -> Answer:
        """Return the answer to a request when nothing goes wrong."""
        door = self._door(request)
        if door is not None:
            return door
        if self._replay is not None:
            return self._replay.answer(request)
        envelope, service = self._service(request)
        try:
            return Answer(document=service())
        except UnknownSymbolError:
            return not_found().answer(envelope)
        except RefusalError as refusal:
            return refusal.answer(envelope)

    def _door(self, request: Request) -> Answer | None:
        """Answer what is not about instruments."""
        if request.host == "fc.yahoo.com":
            return doors.cookie_page()
        if request.host in {"guce.yahoo.com", "consent.yahoo.com"}:
            return doors.consent(request)
        if request.path == _CRUMB and self._replay is None:
            return doors.crumb(request)
        if request.host in {"finance.yahoo.com", "yahoo.com", "www.yahoo.com"}:
            return answers.text(200, "<html><body>Yahoo Finance</body></html>", content_type=answers.HTML)
        return None

    def _service(self, request: Request) -> tuple[str, Callable[[], answers.Document]]:
        """Return the envelope of a service's errors, and the service."""
        if request.path.startswith(CHART):
            return "chart", lambda: self._chart(request)
        if request.path.startswith(QUOTE_SUMMARY):
            return "quoteSummary", lambda: self._quote_summary(request)
        if request.path.rstrip("/") == _QUOTES:
            return "quoteResponse", lambda: self._quotes(request)
        if request.path == _SEARCH:
            return "finance", lambda: directory.search(self.market, request.query)
        if request.path.startswith(_FUNDAMENTALS):
            return "timeseries", lambda: {"timeseries": {"result": [], "error": None}}
        return "finance", _nothing_here

    def _chart(self, request: Request) -> answers.Document:
        document = chart.chart(self.market, request.symbol, request.query)
        document = self.silences.applied(document, request.symbol, request.interval)
        return self.distortions.applied(document, request.symbol, request.interval)

    def _quote_summary(self, request: Request) -> answers.Document:
        doors.check_crumb(request)
        return directory.quote_summary(self.market, request.symbol)

    def _quotes(self, request: Request) -> answers.Document:
        doors.check_crumb(request)
        return directory.quotes(self.market, request.symbol.split(","))


def _nothing_here() -> answers.Document:
    raise RefusalError(404, "Not Found", "HTTP 404 Not Found")
