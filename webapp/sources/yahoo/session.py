"""The HTTP session that yfinance works with: paced, and frank about what Yahoo answered.

yfinance answers any status ≥ 400 with a second try at once, caches failures and calls a server error "possibly
delisted". So every single request, its cookies and crumbs included, takes its turn here, and an answer that yfinance
could only make worse is raised before it sees it. What it is good at stays with it: cookies, crumb, impersonation.
"""

import logging
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from curl_cffi.requests import Response, Session

from webapp.sources.kit.errors import ServiceErrors
from webapp.sources.kit.turns import Turns
from webapp.sources.pace import Pace

log = logging.getLogger(__name__)

_DATA_PATHS = ("/v8/finance/chart/", "/v1/finance/search")
_SESSION_REFUSED = (401, 403)
_TOO_MANY = 429
ERRORS = ServiceErrors("Yahoo", "YAHOO")


class HttpError(Exception):
    """Yahoo answered a data request with an error status. Not an ``OSError``: yfinance must not retry it."""

    def __init__(self, status: int, body: bytes) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status
        self.body = body


class PacedSession(Session[Response]):
    """A browser-like session of which every request takes its turn in the shared pace."""

    def __init__(self, pace: Pace, sleep: Callable[[float], None] = time.sleep, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(**kwargs)
        self._turns = Turns(pace, ERRORS, sleep)
        self._is_crumb_refused = False

    def request(self, method: Any, url: str, *args: Any, **kwargs: Any) -> Response:  # noqa: ANN401 -- curl_cffi's own
        """Wait for the turn, send, and raise what is not worth yfinance's second try.

        :raises SourceError: while a cool-down lasts, when the next turn is far off, or when Yahoo says "too many".
        :raises HttpError: for an error status of a data request.
        """
        turn = self._turns.wait()
        response = super().request(method, url, *args, **kwargs)
        path, status = urlsplit(url).path, response.status_code
        log.debug("%s %s: %s", method, path, status)
        if not path.startswith(_DATA_PATHS):
            self._judge_crumb(response)
            return response
        if status == _TOO_MANY:
            raise self._turns.cool_down(response.headers.get("Retry-After"))
        if status >= 400 and status not in _SESSION_REFUSED:  # noqa: PLR2004 -- HTTP
            raise HttpError(status, response.content)
        if status < 400:  # noqa: PLR2004 -- HTTP
            self._turns.note_success(turn)
        return response

    def _judge_crumb(self, response: Response) -> None:
        """Pause when a cookie or a crumb is refused; but after the pause go on without it when it is refused again.

        Charts need none, so the data request decides: else an address that gives no crumbs would end all collecting.
        """
        is_repeated, self._is_crumb_refused = self._is_crumb_refused, response.status_code == _TOO_MANY
        if self._is_crumb_refused and not is_repeated:
            raise self._turns.cool_down(response.headers.get("Retry-After"))
