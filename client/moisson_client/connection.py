"""Where the server is and who asks, and how a step becomes a request of httpx and its outcome one of ours."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import metadata
from urllib.parse import urlsplit

import httpx

from moisson_client.calls import Call, Lost, Reply
from moisson_client.errors import MoissonError

_KEPT_FOR = 4.0
"""Seconds that an idle connection is kept: less than the five after which the server closes it."""
_NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


@dataclass(frozen=True, slots=True)
class Connection:
    """A server's address, a token for it, and the seconds after which a silent server counts as lost."""

    url: str
    token: str = field(repr=False)
    timeout: float
    language: str

    @property
    def options(self) -> dict[str, object]:
        """What httpx's clients take, the blocking one and the other."""
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Accept-Language": self.language,
            "User-Agent": f"moisson-client/{_version()}",
        }
        limits = httpx.Limits(max_connections=20, max_keepalive_connections=10, keepalive_expiry=_KEPT_FOR)
        return {"base_url": self.url, "headers": headers, "timeout": self.timeout, "limits": limits}

    def request(self, call: Call) -> dict[str, object]:
        """Return a request as httpx's clients take it."""
        headers = {"Accept": call.accept}
        if call.key is not None:
            headers["Idempotency-Key"] = call.key
        longest = httpx.Timeout(self.timeout, read=self.timeout + call.patience)
        return {
            "method": call.method,
            "url": call.path,
            "params": list(call.query),
            "json": call.body,
            "headers": headers,
            "timeout": longest,
        }


def connection(url: str | None, token: str | None, timeout: float, language: str) -> Connection:
    """Return a connection as arguments or else the environment (``MOISSON_URL``, ``MOISSON_TOKEN``) say.

    :raises MoissonError: when neither does, or the address is none.
    """
    address = (url or os.environ.get("MOISSON_URL", "")).strip().rstrip("/")
    secret = (token or os.environ.get("MOISSON_TOKEN", "")).strip()
    if not address:
        message = "Where is the server? Give its address (url=…), or set MOISSON_URL."
        raise MoissonError(message, code="settings")
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        message = f"“{address[:200]}” is not an address. Write it like http://127.0.0.1:8000."
        raise MoissonError(message, code="settings")
    if not secret:
        message = (
            "A token is needed. On the server, make one with: flask --app wsgi tokens create NAME --scope read "
            "--scope write. Give it as token=, or set MOISSON_TOKEN."
        )
        raise MoissonError(message, code="settings")
    if not secret.isascii() or not secret.isprintable() or " " in secret:
        message = "This is not a token: it has signs that no token has. Copy it again, whole and without anything else."
        raise MoissonError(message, code="settings")
    return Connection(address, secret, timeout, language)


def reply_of(response: httpx.Response) -> Reply:
    """Return an answer that was read whole."""
    headers: Mapping[str, str] = {name.lower(): value for name, value in response.headers.items()}
    return Reply(response.status_code, headers, response.content)


def lost(url: str, err: httpx.TransportError | httpx.DecodingError) -> Lost:
    """Return what is known of a request without a whole answer."""
    was_sent = not isinstance(err, _NEVER_LEFT)
    if isinstance(err, httpx.TimeoutException):
        why = f"{url} was silent for too long" if was_sent else f"{url} cannot be reached in time"
    else:
        why = f"the connection to {url} broke off ({err})" if was_sent else f"{url} cannot be reached ({err})"
    return Lost(why, was_sent)


def _version() -> str:
    try:
        return metadata.version("moisson-client")
    except metadata.PackageNotFoundError:  # it is run from its folder
        return "0"
