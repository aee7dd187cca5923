"""What goes wrong with any HTTP service, as ``SourceError`` of the right kind, each with a sentence for a person."""

from collections.abc import Callable
from dataclasses import dataclass

from webapp.errors import Sentence, sentence
from webapp.kernel.job_states import ErrorKind
from webapp.sources.base import SourceError

COME_BACK: Sentence = sentence("Nothing to do: the job tries again by itself.")
_DENIED, _NOT_FOUND, _SERVER = (401, 403), 404, 500


@dataclass(frozen=True, slots=True)
class ServiceErrors:
    """Makes the errors of one service: ``name`` as sentences say it, ``prefix`` of its settings in the environment."""

    name: str
    prefix: str

    def too_many_requests(self, seconds: float) -> SourceError:
        """Return the error for a cool-down that lasts so many seconds more."""
        message = sentence("%(source)s says that there were too many requests; all workers pause.", source=self.name)
        hint = sentence(
            "Nothing to do: the job goes on by itself. A lower %(setting)s avoids it.",
            setting=f"{self.prefix}_REQUESTS_PER_SECOND",
        )
        return SourceError(ErrorKind.RATE_LIMITED, message, retry_after=seconds, hint=hint)

    def no_turn(self, seconds: float) -> SourceError:
        """Return the error for a turn that is so many seconds off."""
        message = sentence(
            "Waiting for a turn: all workers together ask %(source)s at a limited rate.", source=self.name
        )
        return SourceError(ErrorKind.RATE_LIMITED, message, retry_after=seconds)

    def timeout(self, seconds: float) -> SourceError:
        """Return the error for no answer within so many seconds."""
        message = sentence(
            "%(source)s did not answer within %(seconds)d seconds.", source=self.name, seconds=int(seconds)
        )
        return SourceError(ErrorKind.TIMEOUT, message, hint=COME_BACK)

    def broken_connection(self, err: Exception) -> SourceError:
        """Return the error for a connection that was not made, or lost before the answer's end."""
        message = sentence(
            "The connection to %(source)s failed or broke off (%(error)s).", source=self.name, error=type(err).__name__
        )
        hint = sentence(
            "Check this machine's network, and %(setting)s if you use one; the job tries again.",
            setting=f"{self.prefix}_PROXY",
        )
        return SourceError(ErrorKind.UNAVAILABLE, message, hint=hint)

    def garbled(self, body: bytes) -> SourceError:
        """Return the error for a body that is not what was asked for: a web page, or cut."""
        if is_web_page(body):
            message = sentence(
                "%(source)s answered with a web page instead of data; it is probably down for a while.",
                source=self.name,
            )
        else:
            message = sentence(
                "%(source)s's answer was cut or garbled (%(bytes)d bytes).", source=self.name, bytes=len(body)
            )
        return SourceError(ErrorKind.UNAVAILABLE, message, hint=COME_BACK)

    def server_error(self, status: int) -> SourceError:
        """Return the error for a status of 500 and above."""
        message = sentence("%(source)s has a problem of its own (HTTP %(status)d).", source=self.name, status=status)
        return SourceError(ErrorKind.UNAVAILABLE, message, hint=COME_BACK)

    def of_status(self, status: int, body: bytes, symbol: str) -> SourceError:
        """Return the error that a status of 400 and above stands for; 429 is for the session to judge."""
        if status >= _SERVER:
            return self.server_error(status)
        if status == _NOT_FOUND:
            message = sentence("%(source)s does not know “%(symbol)s”.", source=self.name, symbol=symbol)
            return SourceError(ErrorKind.UNKNOWN_SYMBOL, message, hint=sentence("Check the spelling of the symbol."))
        make: Callable[[int, bytes], SourceError] = self._denied if status in _DENIED else self._refused
        return make(status, body)

    def _denied(self, status: int, _body: bytes) -> SourceError:
        message = sentence("%(source)s does not let us have this (HTTP %(status)d).", source=self.name, status=status)
        hint = sentence("Check your key and what your subscription includes.")
        return SourceError(ErrorKind.NO_PERMISSION, message, hint=hint)

    def _refused(self, status: int, body: bytes) -> SourceError:
        words = "" if is_web_page(body) else body[:300].decode("utf-8", "replace").strip()
        message = sentence(
            "%(source)s refuses this request (HTTP %(status)d): %(words)s",
            source=self.name,
            status=status,
            words=words or "—",
        )
        hint = sentence("Choose a shorter or more recent span, or a larger interval.")
        return SourceError(ErrorKind.BAD_REQUEST, message, hint=hint)


def is_web_page(body: bytes) -> bool:
    """Tell whether a body is a page for people (or XML) instead of data."""
    return body.lstrip()[:1] == b"<"
