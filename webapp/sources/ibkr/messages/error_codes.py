"""TWS's error codes that say why a request is refused: sentences, hints, and whether a retry helps."""

from collections.abc import Callable

from webapp.errors import Sentence, sentence
from webapp.kernel.job_states import ErrorKind
from webapp.sources.base import SourceError

GOES_ON: Sentence = sentence("Nothing to do: the job tries again by itself.")
LINK_HINT: Sentence = sentence("Nothing to do: TWS reconnects by itself, and the job goes on then.")
PACING_HINT: Sentence = sentence(
    "All workers pause for it. Another program that asks for history with the same login uses up the same allowance."
)
PACING_VIOLATION = 420
_OTHER_SESSION_WAIT = 300.0
_MakeError = Callable[[str], SourceError]


def no_permission(text: str) -> SourceError:
    """Return the error for market data that the login has not subscribed to."""
    message = sentence("Your login has no market data permission for this: %(words)s", words=plain(text))
    hint = sentence(
        "Subscribe to the exchange's data in IBKR's Client Portal (Settings, Market Data Subscriptions), or choose "
        "another exchange or source. A new subscription needs a new login of TWS."
    )
    return SourceError(ErrorKind.NO_PERMISSION, message, hint=hint)


def other_session(text: str) -> SourceError:
    """Return the error for a login that is in use somewhere else, which keeps the data to itself."""
    message = sentence("The same login is in use somewhere else, and gets the data there: %(words)s", words=plain(text))
    hint = sentence(
        "Log out of the other TWS, Client Portal or mobile app, or use a second username for collecting; the job tries "
        "again by itself."
    )
    return SourceError(ErrorKind.GATEWAY_DOWN, message, _OTHER_SESSION_WAIT, hint)


def bad_request(text: str) -> SourceError:
    """Return the error for a request that cannot be served as asked."""
    message = sentence("Interactive Brokers refuses this request: %(words)s", words=plain(text))
    hint = sentence("Choose another interval, span, or what to show; the job page can prefill a new request.")
    return SourceError(ErrorKind.BAD_REQUEST, message, hint=hint)


def pacing_violation(_text: str) -> SourceError:
    """Return the error for requests that came too fast in spite of the budget."""
    message = sentence("Interactive Brokers reports that requests came too fast (pacing violation).")
    return SourceError(ErrorKind.RATE_LIMITED, message, 60.0, PACING_HINT)


def unrecognized(code: int, text: str) -> SourceError:
    """Return the error for words that are not recognized; they may be in any language."""
    message = sentence("TWS answered with error %(code)d: %(words)s", code=code, words=plain(text))
    hint = sentence(
        "The job tries again a few times. If TWS does not run in English, tick “Show API error messages in English” in "
        "its API settings."
    )
    return SourceError(ErrorKind.UNAVAILABLE, message, hint=hint)


def error_of_code(code: int, text: str) -> SourceError | None:
    """Return what a code means whatever its text; None when the code alone does not tell."""
    make_error = _ERRORS.get(code)
    return make_error(text) if make_error else None


def plain(text: str) -> str:
    """Return the part of a text that says something to a person."""
    for mark in ("error message:", "cause - ", "query message:"):
        _, separator, rest = text.rpartition(mark)
        if separator:
            text = rest
    return text.strip()[:300]


def _validation(text: str) -> SourceError:
    words = text.lower()
    if "read-only" in words or "account code" in words:
        message = sentence("TWS refuses the request: %(words)s", words=plain(text))
        hint = sentence("Check the API settings of TWS (Global Configuration, API, Settings).")
        return SourceError(ErrorKind.NO_PERMISSION, message, hint=hint)
    return bad_request(text)


def _too_many_open(_text: str) -> SourceError:
    message = sentence("TWS has too many open requests for history.")
    hint = sentence("Another program may use the same login; the job tries again by itself.")
    return SourceError(ErrorKind.RATE_LIMITED, message, 15.0, hint)


def _too_fast(_text: str) -> SourceError:
    message = sentence("TWS receives too many messages in a second.")
    return SourceError(ErrorKind.RATE_LIMITED, message, 5.0, GOES_ON)


def _request_lost(_text: str) -> SourceError:
    message = sentence("TWS has lost the request.")
    return SourceError(ErrorKind.UNAVAILABLE, message, 5.0, GOES_ON)


def _expired(_text: str) -> SourceError:
    message = sentence("The contract has expired, and IBKR does not serve its history any more.")
    hint = sentence("Futures are kept for two years after their expiry, options not at all. Choose a later one.")
    return SourceError(ErrorKind.BAD_REQUEST, message, hint=hint)


def _not_connected(_text: str) -> SourceError:
    message = sentence("TWS says that it is not connected.")
    return SourceError(ErrorKind.GATEWAY_DOWN, message, 10.0, LINK_HINT)


def _competing(text: str) -> SourceError:
    error = other_session(text)
    hint = sentence(
        "Log out of the other TWS, Client Portal or mobile app, then retry the job; or use a second username."
    )
    return SourceError(ErrorKind.NO_PERMISSION, error.message, hint=hint)


_ERRORS: dict[int, _MakeError] = {
    100: _too_fast,
    166: _expired,
    203: no_permission,
    320: bad_request,
    321: _validation,
    322: _too_many_open,
    354: no_permission,
    366: _request_lost,
    386: _request_lost,
    PACING_VIOLATION: pacing_violation,
    504: _not_connected,
    1100: _not_connected,
    2110: _not_connected,
    10089: no_permission,
    10090: no_permission,
    10186: no_permission,
    10187: no_permission,
    10189: no_permission,
    10197: _competing,
    10295: bad_request,
    10299: bad_request,
    10314: bad_request,
    10339: bad_request,
}
PASSING_CODES = frozenset({100, 165, 322, 366, PACING_VIOLATION, 504})
"""Codes that tell of the moment: too many messages, a farm that reconnects, too many open requests, a request that was
lost, requests too fast, no connection. What TWS says of an instrument with any other code holds longer."""
