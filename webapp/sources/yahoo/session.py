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

from webapp.errors import sentence
from webapp.kernel.job_states import ErrorKind
from webapp.sources.base import SourceError
from webapp.sources.pace import Pace, Turn

log = logging.getLogger(__name__)

_DATA_PATHS = ("/v8/finance/chart/", "/v1/finance/search")
_SESSION_REFUSED = (401, 403)
_TOO_MANY = 429


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
        self._pace = pace
        self._sleep = sleep
        self._is_crumb_refused = False

    def request(self, method: Any, url: str, *args: Any, **kwargs: Any) -> Response:  # noqa: ANN401 -- curl_cffi's own
        """Wait for the turn, send, and raise what is not worth yfinance's second try.

        :raises SourceError: while a cool-down lasts, when the next turn is far off, or when Yahoo says "too many".
        :raises HttpError: for an error status of a data request.
        """
        turn = self._wait_for_turn()
        response = super().request(method, url, *args, **kwargs)
        path, status = urlsplit(url).path, response.status_code
        log.debug("%s %s: %s", method, path, status)
        if not path.startswith(_DATA_PATHS):
            self._judge_crumb(response)
            return response
        if status == _TOO_MANY:
            self._cool_down(response)
        if status >= 400 and status not in _SESSION_REFUSED:  # noqa: PLR2004 -- HTTP
            raise HttpError(status, response.content)
        if turn.is_trial and status < 400:  # noqa: PLR2004 -- HTTP
            self._note_success()
        return response

    def _judge_crumb(self, response: Response) -> None:
        """Pause when a cookie or a crumb is refused; but after the pause go on without it when it is refused again.

        Charts need none, so the data request decides: else an address that gives no crumbs would end all collecting.
        """
        is_repeated, self._is_crumb_refused = self._is_crumb_refused, response.status_code == _TOO_MANY
        if self._is_crumb_refused and not is_repeated:
            self._cool_down(response)

    def _note_success(self) -> None:
        """Note that Yahoo answers again; a good answer is not lost because Redis is away just then."""
        try:
            self._pace.succeeded()
        except SourceError as err:
            log.warning("not noted that Yahoo answers again: %s", err)

    def _wait_for_turn(self) -> Turn:
        turn = self._pace.take()
        if turn.is_cooling_down:
            raise too_many_requests(turn.wait)
        if turn.is_refused:
            raise SourceError(
                ErrorKind.RATE_LIMITED,
                sentence("Waiting for a turn: all workers together ask Yahoo at a limited rate."),
                retry_after=turn.wait,
            )
        if turn.wait > 0:
            self._sleep(turn.wait)
            if cooling := self._pace.cooling():  # somebody else was refused while we waited for our turn
                raise too_many_requests(cooling)
        return turn

    def _cool_down(self, response: Response) -> None:
        retry_after = response.headers.get("Retry-After", "")
        seconds = self._pace.cool_down(float(retry_after) if retry_after and retry_after.isdigit() else None)
        raise too_many_requests(seconds)


def too_many_requests(seconds: float) -> SourceError:
    """Return the error for a cool-down that lasts so many seconds more."""
    return SourceError(
        ErrorKind.RATE_LIMITED,
        sentence("Yahoo says that there were too many requests; all workers pause."),
        retry_after=seconds,
        hint=sentence("Nothing to do: the job goes on by itself. A lower YAHOO_REQUESTS_PER_SECOND avoids it."),
    )
