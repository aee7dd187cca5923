"""What TWS's errors mean for a job: codes and texts become kinds, sentences and hints.

Sources: IBKR Campus, TWS API, "Error codes" and "Historical data limitations"; the texts are those that real gateways
send. TWS translates them when it runs in another language, so a text that is not recognized never means "nothing".
"""

from collections.abc import Callable
from dataclasses import dataclass

from webapp.errors import Sentence, sentence
from webapp.kernel.job_states import ErrorKind
from webapp.sources.base import SourceError
from webapp.sources.ibkr.contract_names import Contract, SecType
from webapp.sources.ibkr.messages import error_codes
from webapp.sources.ibkr.messages.error_codes import GOES_ON
from webapp.sources.ibkr.messages.system_messages import HISTORY_BROKEN
from webapp.sources.ibkr.messages.wire_errors import (
    BrokenError,
    GarbledError,
    RefusedError,
    UnansweredError,
    UnlinkedError,
    WireError,
)

SOON = 10.0
LONGEST_NIGHT = 600.0
OUTAGE_AFTERMATH = 120.0
"""Seconds after an outage during which TWS denies what exists (ib_insync #330)."""
_FARM_CODES = (165, HISTORY_BROKEN)


@dataclass(frozen=True, slots=True)
class ErrorContext:
    """In what an error was said. Times are in seconds.

    ``night_left`` is how much of the nightly window is left, ``since_outage`` how long TWS has had its link back, None
    when it was never lost; ``has_expired`` is said of a future or option.
    """

    contract: Contract
    night_left: float = 0.0
    since_outage: float | None = None
    has_expired: bool = False

    @property
    def doubt(self) -> float:
        """Seconds for which "unknown" and "no data" are not believed; 0 when they are."""
        aftermath = 0.0 if self.since_outage is None else max(0.0, OUTAGE_AFTERMATH - self.since_outage)
        return max(min(self.night_left, LONGEST_NIGHT), min(aftermath, 30.0))


def to_source_error(error: WireError, context: ErrorContext) -> SourceError | None:
    """Return what an error means; None when it means that there is nothing in the span that was asked for."""
    if isinstance(error, RefusedError):
        return _map_refused(error, context)
    if isinstance(error, UnlinkedError):
        return _map_unlinked(error)
    if isinstance(error, UnansweredError):
        return _map_unanswered(error)
    if isinstance(error, GarbledError):
        message = sentence("The answer of TWS cannot be read (%(problem)s).", problem=str(error)[:120])
        return SourceError(ErrorKind.UNAVAILABLE, message, hint=GOES_ON)
    if isinstance(error, BrokenError):
        message = sentence("The connection to TWS broke off before the answer was there.")
        return SourceError(ErrorKind.GATEWAY_DOWN, message, 2.0, GOES_ON)
    message = sentence("This machine was too busy to send the request when it was its turn.")
    return SourceError(ErrorKind.RATE_LIMITED, message, 1.0, GOES_ON)


def is_pacing_violation(error: WireError) -> bool:
    """Tell whether TWS complains that the pacing rules were broken."""
    return isinstance(error, RefusedError) and (
        error.code == error_codes.PACING_VIOLATION or "pacing violation" in error.text.lower()
    )


def is_passing(error: WireError) -> bool:
    """Tell whether a refusal says something of the moment rather than of the instrument."""
    is_of_the_moment = isinstance(error, RefusedError) and error.code in error_codes.PASSING_CODES
    return is_of_the_moment or is_pacing_violation(error)


def _map_unlinked(error: UnlinkedError) -> SourceError:
    if error.message.code == HISTORY_BROKEN:
        return _farm_broken()
    message = sentence("TWS is running, but has lost its connection to Interactive Brokers.")
    return SourceError(ErrorKind.GATEWAY_DOWN, message, SOON, error_codes.LINK_HINT)


def _farm_broken() -> SourceError:
    message = sentence("TWS has lost its connection to Interactive Brokers' history servers.")
    return SourceError(ErrorKind.GATEWAY_DOWN, message, SOON, error_codes.LINK_HINT)


def _map_unanswered(error: UnansweredError) -> SourceError:
    if any(message.code in _FARM_CODES for message in error.messages):
        return _farm_broken()
    message = sentence("TWS did not answer within %(seconds)d seconds.", seconds=max(1, round(error.seconds)))
    return SourceError(ErrorKind.TIMEOUT, message, hint=GOES_ON)


def _map_refused(error: RefusedError, context: ErrorContext) -> SourceError | None:
    if error.code == 162:  # noqa: PLR2004 -- historical data service error
        return _map_history_service(error.text, context)
    if error.code == 200:  # noqa: PLR2004 -- no security definition
        return _map_no_definition(error.text, context)
    if error.code in _FARM_CODES:
        return _farm_broken()
    if source_error := error_codes.error_of_code(error.code, error.text):
        return source_error
    return error_codes.unrecognized(error.code, error.text)


def _map_history_service(text: str, context: ErrorContext) -> SourceError | None:
    """Read error 162 by its text: it stands for nearly everything that may go wrong with history."""
    words = text.lower()
    for mark, make_error in _HISTORY_TEXTS:
        if mark in words:
            return make_error(text)
    if "no data" not in words:
        return error_codes.unrecognized(162, text)
    if not context.doubt:
        return None
    message = sentence(
        "TWS says that there is no data, but it has just been cut off from Interactive Brokers' servers, or they are "
        "being reset; that is not believed."
    )
    return SourceError(ErrorKind.GATEWAY_DOWN, message, context.doubt, GOES_ON)


def _cancelled(_text: str) -> SourceError:
    return SourceError(
        ErrorKind.UNAVAILABLE, sentence("TWS gave up the request before it answered."), hint=GOES_ON, retry_after=2.0
    )


def _too_far_back(text: str) -> SourceError:
    message = sentence("Interactive Brokers does not serve anything that old: %(words)s", words=text[:300])
    return SourceError(ErrorKind.BAD_REQUEST, message, hint=sentence("Choose a later start."))


def _not_of_that_kind(text: str) -> SourceError:
    """Return the error for what TWS says of an instrument that has no bars of what is to be shown."""
    message = sentence("Interactive Brokers refuses this request: %(words)s", words=error_codes.plain(text))
    hint = sentence(
        "The instrument has no bars of what is to be shown. Currencies and CFDs have no trades: choose MIDPOINT, BID "
        "or ASK; otherwise check type and exchange."
    )
    return SourceError(ErrorKind.BAD_REQUEST, message, hint=hint)


_HISTORY_TEXTS: tuple[tuple[str, Callable[[str], SourceError]], ...] = (
    ("pacing violation", error_codes.pacing_violation),
    ("permission", error_codes.no_permission),
    ("subscription", error_codes.no_permission),
    ("different ip", error_codes.other_session),
    ("cancelled", _cancelled),
    ("are rejected", _too_far_back),
    ("no historical market data", _not_of_that_kind),
    ("invalid step", error_codes.bad_request),
    ("time length", error_codes.bad_request),
)


def _map_no_definition(text: str, context: ErrorContext) -> SourceError:
    """Read error 200, which TWS also sends for what exists while it has no link."""
    if context.doubt:
        message = sentence(
            "TWS does not know %(symbol)s, but it has just been cut off from Interactive Brokers' servers, or they are "
            "being reset; that is not believed.",
            symbol=context.contract.name,
        )
        return SourceError(ErrorKind.GATEWAY_DOWN, message, context.doubt, GOES_ON)
    if "ambiguous" in text.lower():
        message = sentence("%(symbol)s is ambiguous: several contracts fit.", symbol=context.contract.name)
        return SourceError(ErrorKind.BAD_REQUEST, message, hint=_unknown_hint(context.contract))
    return unknown_contract(context)


def unknown_contract(context: ErrorContext) -> SourceError:
    """Return the error for a contract that IBKR does not know, or knows no longer."""
    contract = context.contract
    if context.has_expired and contract.kind is SecType.OPTION:
        message = sentence("The option %(symbol)s has expired; IBKR has no expired options.", symbol=contract.name)
        return SourceError(ErrorKind.BAD_REQUEST, message, hint=sentence("Choose one that expires later."))
    if context.has_expired:
        message = sentence(
            "IBKR does not know the future %(symbol)s; it has expired, and expired futures are kept for two years.",
            symbol=contract.name,
        )
        return SourceError(ErrorKind.UNKNOWN_SYMBOL, message, hint=_unknown_hint(contract))
    message = sentence("Interactive Brokers does not know “%(symbol)s”.", symbol=contract.name)
    return SourceError(ErrorKind.UNKNOWN_SYMBOL, message, hint=_unknown_hint(contract))


def _unknown_hint(contract: Contract) -> Sentence:
    if contract.kind in (SecType.FUTURE, SecType.OPTION):
        return sentence("Check symbol, exchange and currency, and the month or last trading day: 202603 or 20260320.")
    if contract.kind is SecType.STOCK:
        return sentence(
            "Check the symbol and the currency: a share traded in euros needs EUR (MC.STK.SMART.EUR). The search finds "
            "the exact name."
        )
    return sentence("Check type, exchange and currency; the search finds the exact name.")
