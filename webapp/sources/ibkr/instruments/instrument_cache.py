"""What a process has learned of instruments: the one contract that each name means, and where its data begin."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from redis import Redis
from redis.exceptions import RedisError

from webapp.domain.contracts import Contract, whats
from webapp.domain.instruments import InstrumentFacts
from webapp.domain.jobs import ErrorKind
from webapp.sources.base import SourceError
from webapp.sources.ibkr.connection.details import Details
from webapp.sources.ibkr.connection.tws_connection import TwsConnection
from webapp.sources.ibkr.gateway_requests import Asking
from webapp.sources.ibkr.instruments.contracts import qualified, question, the_one
from webapp.sources.ibkr.instruments.instrument_facts import facts_of, usual_hours
from webapp.sources.ibkr.messages.wire_errors import RefusedError, UnansweredError, WireError

log = logging.getLogger(__name__)

_KNOWN_SECONDS = 6 * 3600.0
_HEAD_SECONDS = 7 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Known:
    """An instrument at a gateway. ``key`` names it in the pacing rules; ``learned`` is on the steady clock."""

    details: Details
    contract: object
    key: str
    facts: InstrumentFacts
    learned: float
    has_head: bool = False

    def close(self, *, is_regular: bool) -> int | None:
        """Return when its usual session ends (seconds after local midnight)."""
        return self.facts.session_close if is_regular else usual_hours(self.details.trading_hours)[1]


@dataclass(slots=True)
class Instruments:
    """The instruments of a process, by gateway and name. Threads may look up the same one at once; nothing breaks."""

    asking: Asking
    redis: Redis
    now: Callable[[], float]
    _known: dict[tuple[str, str], Known] = field(default_factory=dict)

    def find(self, connection: TwsConnection, contract: Contract) -> Known | None:
        """Return what a contract is, asking TWS when it is not known yet; None when no contract fits.

        :raises WireError: when TWS does not answer.
        :raises SourceError: when several fit.
        """
        place = (connection.login, contract.name)
        known = self._known.get(place)
        if known is not None and time.monotonic() - known.learned < _KNOWN_SECONDS:
            return known
        details = the_one(contract, self.asking.details(connection, question(contract)))
        if details is None:
            return None
        key = f"{contract.kind.value} {details.contract_id} {contract.exchange}"
        found = Known(details, qualified(contract, details), key, facts_of(details, None, self.now()), time.monotonic())
        self._known[place] = found
        return found

    def with_head(self, connection: TwsConnection, contract: Contract, known: Known) -> Known:
        """Return what is known with where its data begin, asked once a process, and not at all when another knows.

        Nothing waits for it: when the pacing rules do not allow it now, or TWS has no answer to it, bars are asked for
        all the same; only in the first case it is tried again.

        :raises WireError: when TWS cannot answer anything at the moment.
        :raises SourceError: when Redis does not answer.
        """
        if known.has_head:
            return known
        try:
            head = self._remembered(known) or self._asked(connection, contract, known)
        except SourceError as err:
            if err.kind is not ErrorKind.RATE_LIMITED:
                raise
            return known
        full = replace(known, facts=replace(known.facts, first_trade=head), has_head=True)
        self._known[connection.login, contract.name] = full
        return full

    def forget(self, connection: TwsConnection, contract: Contract) -> None:
        """Look it up anew the next time: TWS does not know it any more."""
        self._known.pop((connection.login, contract.name), None)

    def _asked(self, connection: TwsConnection, contract: Contract, known: Known) -> int | None:
        """Ask for the head; TWS has none for some instruments, and says so in many ways."""
        try:
            head = int(self.asking.head(connection, known.contract, known.key, whats(contract.kind)[0].value))
        except RefusedError as err:
            if is_passing(err):
                raise
            log.info("no head timestamp of %s: %s", contract.name, err)
            return None
        except (UnansweredError, ValueError) as err:
            log.warning("no head timestamp of %s that can be read: %s", contract.name, err)
            return None
        try:
            self.redis.set(_head_key(known), head, ex=_HEAD_SECONDS)
        except RedisError:
            log.info("Redis did not take the head timestamp of %s", contract.name)
        return head

    def _remembered(self, known: Known) -> int | None:
        try:
            head = self.redis.get(_head_key(known))
        except RedisError:
            return None
        return None if head is None else int(str(head.decode() if isinstance(head, bytes) else head))


def is_passing(error: WireError) -> bool:
    """Tell whether a refusal of a head says something of the moment rather than of the instrument."""
    return isinstance(error, RefusedError) and (
        error.code in (100, 165, 322, 366, 420, 504) or "pacing violation" in error.text.lower()
    )


def _head_key(known: Known) -> str:
    return f"moisson:ibkr:head:{known.key}"
