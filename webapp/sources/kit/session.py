"""A paced HTTP session: every request takes its turn, and nothing but ``SourceError`` comes out besides a good body."""

from collections.abc import Mapping
from typing import cast
from urllib.parse import quote

from curl_cffi.requests import Response, Session
from curl_cffi.requests.exceptions import RequestException, Timeout

from webapp.sources.base import ClientTools
from webapp.sources.kit.errors import ServiceErrors, is_web_page
from webapp.sources.kit.turns import Turns

_NO_CONTENT, _TOO_MANY, _BAD_REQUEST = 204, 429, 400


class KitSession:
    """A session of one service, for all threads of a process.

    It heeds the settings ``base_url``, ``proxy`` and ``ca_bundle`` in ``tools.settings``.
    """

    def __init__(self, tools: ClientTools, turns: Turns, errors: ServiceErrors, timeout: float = 20.0) -> None:
        settings = tools.settings
        self._base_url = str(settings.get("base_url") or "").rstrip("/")
        self._turns = turns
        self._errors = errors
        self._timeout = timeout
        proxy, bundle = settings.get("proxy"), settings.get("ca_bundle")
        self._session: Session[Response] = Session(
            proxy=str(proxy) if proxy else None,
            verify=cast("bool", str(bundle) if bundle else True),  # a path does, too; its types do not say so
        )

    def get(self, path: str, params: Mapping[str, str], symbol: str) -> bytes | None:
        """Return the body of a good answer; None when the service said that it has nothing for it (204).

        An empty body of any other status is returned as such: it may as well have been cut.

        :param path: begins with a slash; see ``escape``.
        :param symbol: what is asked about, for the sentence of a 404.
        :raises SourceError: for everything else.
        """
        turn = self._turns.wait()
        response = self._send(self._base_url + path, params)
        status, body = response.status_code, bytes(response.content)
        if status == _TOO_MANY:
            raise self._turns.cool_down(response.headers.get("Retry-After"))
        if status >= _BAD_REQUEST:
            raise self._errors.of_status(status, body, symbol)
        if is_web_page(body):
            raise self._errors.garbled(body)
        self._turns.note_success(turn)
        return None if status == _NO_CONTENT else body

    def _send(self, url: str, params: Mapping[str, str]) -> Response:
        try:
            return self._session.get(url, params=dict(params), timeout=self._timeout)
        except Timeout as err:
            raise self._errors.timeout(self._timeout) from err
        except (RequestException, OSError) as err:
            raise self._errors.broken_connection(err) from err

    def close(self) -> None:
        """Close the connections that are open."""
        self._session.close()


def escape(text: str) -> str:
    """Return a symbol as a part of a path may hold it."""
    return quote(text, safe="")
