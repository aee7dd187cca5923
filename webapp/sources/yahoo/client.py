"""Asking Yahoo through yfinance.

What is used of yfinance is its session (``YfData().get``: cookies, crumb, browser impersonation), with a parser of
ours. ``Ticker.history`` would do, but it answers a server error, a cut body and a refused session alike with "possibly
delisted", keeps such answers in a process-wide cache that a retry never gets past, and takes four times the processor.
"""

from pathlib import Path
from urllib.parse import quote

import orjson
import yfinance
from curl_cffi.requests.exceptions import RequestException, Timeout
from yfinance.data import YfData
from yfinance.exceptions import YFException, YFRateLimitError

from webapp.errors import sentence
from webapp.kernel.gateways import Gateway
from webapp.kernel.instruments import InstrumentFacts
from webapp.kernel.intervals import HOUR, Interval
from webapp.kernel.job_states import ErrorKind
from webapp.sources.base import Answer, ChunkRequest, Client, ClientTools, SearchHit, SourceError
from webapp.sources.kit.errors import COME_BACK
from webapp.sources.kit.turns import open_pace
from webapp.sources.pace import Pace
from webapp.sources.yahoo.answers import GarbledError, UndatedError, answer_of, before_listing, read_chart
from webapp.sources.yahoo.offer import YahooOffer
from webapp.sources.yahoo.rows import Chart
from webapp.sources.yahoo.session import ERRORS, HttpError, PacedSession

_HOST = "https://query2.finance.yahoo.com"
_TIMEOUT = 20
_EASTERNMOST, _WESTERNMOST = 14 * HOUR, 12 * HOUR
_ASKED_AS = {Interval.M30: "15m", Interval.W1: "1d", Interval.MO1: "1d"}
_BEFORE_LISTING = "Data doesn't exist for startDate"
_BAD_REQUEST, _NOT_FOUND, _UNPROCESSABLE, _SERVER = 400, 404, 422, 500


def open_client(tools: ClientTools) -> Client:
    """Open the client of this process: own cache folder, own session, shared pace."""
    return YahooClient(tools, open_pace(tools, YahooOffer.name, rate=0.5))


class YahooClient:
    """See ``webapp.sources.base.Client``. One a process: yfinance's session is a process-wide singleton."""

    def __init__(self, tools: ClientTools, pace: Pace) -> None:
        self._now = tools.now
        self._pace = pace
        self._finality_delay = YahooOffer.finality_delay
        yfinance.set_tz_cache_location(str(_own_folder(tools.folder)))
        proxy, bundle = tools.settings.get("proxy"), tools.settings.get("ca_bundle")
        if proxy:
            yfinance.config.network.proxy = str(proxy)
        session = PacedSession(pace, impersonate="chrome", verify=str(bundle) if bundle else True)
        self._data = YfData(session=session)

    def fetch(self, request: ChunkRequest) -> Answer:
        """Ask for one chunk.

        :raises SourceError: for everything but a true answer.
        """
        url = f"{_HOST}/v8/finance/chart/{quote(request.symbol, safe='')}"
        try:
            body = self._get(url, _chart_params(request))
        except HttpError as err:
            return self._verdict(request, err)
        try:
            chart = read_chart(body)
            if isinstance(chart, Chart):
                return answer_of(chart, request, self._now(), self._finality_delay)
        except GarbledError as err:
            raise ERRORS.garbled(body) from err
        except UndatedError as err:
            raise _undated(request, err) from err
        return self._said(request, _BAD_REQUEST, chart)

    def search(self, text: str, gateway: Gateway | None = None) -> list[SearchHit]:  # noqa: ARG002 -- Yahoo has no gateways
        """Find instruments by name or symbol.

        :raises SourceError: for everything but a true answer.
        """
        params: dict[str, str | int] = {"q": text, "quotesCount": 8, "newsCount": 0, "enableFuzzyQuery": "false"}
        try:
            body = self._get(f"{_HOST}/v1/finance/search", params)
            quotes = orjson.loads(body)["quotes"]
        except HttpError as err:
            raise ERRORS.server_error(err.status) from err
        except (orjson.JSONDecodeError, KeyError, TypeError) as err:
            raise ERRORS.garbled(body) from err
        return [
            SearchHit(
                q["symbol"], q.get("longname") or q.get("shortname") or "", q.get("exchDisp") or "", q["quoteType"]
            )
            for q in quotes
            if "symbol" in q and "quoteType" in q
        ]

    def close(self) -> None:
        """Hold nothing elsewhere: there is nothing to give back."""

    def _get(self, url: str, params: dict[str, str | int]) -> bytes:
        """Return the body of a good answer.

        :raises HttpError: for an error status that Yahoo explains.
        :raises SourceError: for everything else.
        """
        try:
            response = self._data.get(url, params=params, timeout=_TIMEOUT)
        except (SourceError, HttpError):
            raise
        except YFRateLimitError as err:
            raise ERRORS.too_many_requests(self._pace.cool_down()) from err
        except Timeout as err:
            raise ERRORS.timeout(_TIMEOUT) from err
        except (RequestException, OSError) as err:
            raise ERRORS.broken_connection(err) from err
        except (YFException, ValueError, AttributeError, KeyError) as err:
            message = sentence("The Yahoo library failed (%(error)s).", error=type(err).__name__)
            raise SourceError(ErrorKind.UNAVAILABLE, message, hint=COME_BACK) from err
        if response.status_code >= _BAD_REQUEST:
            message = sentence("Yahoo refused our session (HTTP %(status)d).", status=response.status_code)
            hint = sentence("The job tries again with a new session. If it goes on, Yahoo may block this address.")
            raise SourceError(ErrorKind.UNAVAILABLE, message, hint=hint)
        return bytes(response.content)

    def _verdict(self, request: ChunkRequest, err: HttpError) -> Answer:
        """Return the empty answer that an error status stands for, or raise what it means."""
        if err.status >= _SERVER:
            raise ERRORS.server_error(err.status) from err
        try:
            words = read_chart(err.body)
        except GarbledError:
            words = err.body[:200].decode("utf-8", "replace")
        return self._said(request, err.status, words if isinstance(words, str) else "")

    def _said(self, request: ChunkRequest, status: int, words: str) -> Answer:
        """Return the empty answer that Yahoo's words stand for, or raise what they mean."""
        if _BEFORE_LISTING in words:
            note = before_listing(request.symbol)
            return Answer([], [], InstrumentFacts(), request.span.end, note=note)
        if status == _NOT_FOUND or "No data found" in words:
            raise SourceError(
                ErrorKind.UNKNOWN_SYMBOL,
                sentence("Yahoo does not know “%(symbol)s”, or knows it no longer.", symbol=request.symbol),
                hint=sentence(
                    "Check the spelling: outside the United States a symbol has a suffix (MC.PA, SAP.DE, 7203.T); "
                    "a delisted share loses its symbol."
                ),
            )
        message = sentence("Yahoo refuses this request: %(words)s", words=words[:300])
        hint = sentence("Choose a shorter or more recent span, or a larger interval.")
        raise SourceError(ErrorKind.BAD_REQUEST, message, hint=hint)


def _undated(request: ChunkRequest, error: UndatedError) -> SourceError:
    """Return the error for an answer whose bars nobody could date."""
    if error.timezone:
        message = sentence(
            "Yahoo says that %(symbol)s is traded in the time zone “%(zone)s”, which there is not.",
            symbol=request.symbol,
            zone=str(error.timezone)[:64],
        )
    else:
        message = sentence("Yahoo does not say in which time zone %(symbol)s is traded.", symbol=request.symbol)
    hint = sentence("Without it no bar can be dated, and nothing was stored. The job tries again by itself.")
    return SourceError(ErrorKind.UNAVAILABLE, message, hint=hint)


def _own_folder(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _chart_params(request: ChunkRequest) -> dict[str, str | int]:
    """Return the query: dated spans are widened so that they hold the dates in every time zone, then filtered."""
    start, end = request.span.start, request.span.end
    if request.interval.is_dated:
        start, end = start - _EASTERNMOST, end + _WESTERNMOST
    elif request.interval is Interval.M30:
        start, end = start - Interval.M30.seconds, end + Interval.M30.seconds
    return {
        "period1": start,
        "period2": max(end, start + 1),
        "interval": _ASKED_AS.get(request.interval, request.interval.value),
        "includePrePost": "true" if request.options.get("prepost") == "true" else "false",
        "events": "div,splits,capitalGains",
    }
