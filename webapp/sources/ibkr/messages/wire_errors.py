"""What may go wrong on the wire, before anybody says what it means (see ``error_mapping``)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TwsMessage:
    """What TWS said about a request, or about itself: a code and a text."""

    code: int
    text: str


class WireError(Exception):
    """A request was not answered."""


class RefusedError(WireError):
    """TWS answered the request with an error."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"{code}: {text}")
        self.code = code
        self.text = text


class UnansweredError(WireError):
    """No answer came in time. ``messages`` are the remarks that came instead."""

    def __init__(self, seconds: float, messages: tuple[TwsMessage, ...] = ()) -> None:
        super().__init__(f"no answer in {seconds:g} s")
        self.seconds = seconds
        self.messages = messages


class BrokenError(WireError):
    """The connection to TWS is gone, or was lost while the request was open."""


class UnlinkedError(WireError):
    """TWS is there, but its own link to IBKR is not (1100), or that to all farms of history (2105)."""

    def __init__(self, message: TwsMessage) -> None:
        super().__init__(message.text)
        self.message = message


class GarbledError(WireError):
    """An answer cannot be read."""


class StaleTurnError(WireError):
    """The turn was over before the request was sent; nothing was sent."""


class OpeningError(Exception):
    """A connection could not be opened."""


class NobodyListensError(OpeningError):
    """Nothing accepts connections there, or the host is not known."""


class NoGreetingError(OpeningError):
    """Something accepts connections, but does not greet as TWS does."""


class IdInUseError(OpeningError):
    """Another program holds the client id (error 326)."""


class TooOldError(OpeningError):
    """TWS is too old for the library."""
