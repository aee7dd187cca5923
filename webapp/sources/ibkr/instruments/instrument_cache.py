"""What a process has learned of instruments: the one contract that each name means, and where its data begin."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from redis import Redis
from redis.exceptions import RedisError

from webapp.kernel.instruments import InstrumentFacts
from webapp.kernel.job_states import ErrorKind
from webapp.sources.base import SourceError
from webapp.sources.ibkr.connection.details import Details
from webapp.sources.ibkr.connection.tws_connection import TwsConnection
from webapp.sources.ibkr.contract_names import Contract, whats
from webapp.sources.ibkr.gateway_requests import GatewayRequests
from webapp.sources.ibkr.instruments.contracts import pick_contract, qualify, query_contract
from webapp.sources.ibkr.instruments.instrument_facts import parse_facts, usual_hours
from webapp.sources.ibkr.messages.error_mapping import is_passing
from webapp.sources.ibkr.messages.wire_errors import RefusedError, UnansweredError

log = logging.getLogger(__name__)

_CACHE_SECONDS = 6 * 3600.0
_HEAD_SECONDS = 7 * 24 * 3600


@dataclass(frozen=True, slots=True)
class QualifiedInstrument:
    """An instrument at a gateway. ``key`` names it in the pacing rules; ``cached_at`` is on the steady clock."""

    details: Details
    contract: object
    key: str
    facts: InstrumentFacts
    cached_at: float
    has_head: bool = False

    def close(self, *, is_regular: bool) -> int | None:
        """Return when its usual session ends (seconds after local midnight)."""
        return self.facts.session_close if is_regular else usual_hours(self.details.trading_hours)[1]


@dataclass(slots=True)
class InstrumentCache:
    """The instruments of a process, by gateway and name. Threads may look up the same one at once; nothing breaks."""

    requests: GatewayRequests
    redis: Redis
    now: Callable[[], float]
    _cached: dict[tuple[str, str], QualifiedInstrument] = field(default_factory=dict)

    def find(self, connection: TwsConnection, contract: Contract) -> QualifiedInstrument | None:
        """Return what a contract is, asking TWS when it is not known yet; None when no contract fits.

        :raises WireError: when TWS does not answer.
        :raises SourceError: when several fit.
        """
        cache_key = (connection.login, contract.name)
        instrument = self._cached.get(cache_key)
        if instrument is not None and time.monotonic() - instrument.cached_at < _CACHE_SECONDS:
            return instrument
        details = pick_contract(contract, self.requests.details(connection, query_contract(contract)))
        if details is None:
            return None
        key = f"{contract.kind.value} {details.contract_id} {contract.exchange}"
        facts = parse_facts(details, None, self.now())
        instrument = QualifiedInstrument(details, qualify(contract, details), key, facts, time.monotonic())
        self._cached[cache_key] = instrument
        return instrument

    def add_head(
        self, connection: TwsConnection, contract: Contract, instrument: QualifiedInstrument
    ) -> QualifiedInstrument:
        """Return what is known with where its data begin, asked once a process, and not at all when another knows.

        Nothing waits for it: when the pacing rules do not allow it now, or TWS has no answer to it, bars are asked for
        all the same; only in the first case it is tried again.

        :raises WireError: when TWS cannot answer anything at the moment.
        :raises SourceError: when Redis does not answer.
        """
        if instrument.has_head:
            return instrument
        try:
            head = self._load_head(instrument) or self._request_head(connection, contract, instrument)
        except SourceError as err:
            if err.kind is not ErrorKind.RATE_LIMITED:
                raise
            return instrument
        full = replace(instrument, facts=replace(instrument.facts, first_trade=head), has_head=True)
        self._cached[connection.login, contract.name] = full
        return full

    def forget(self, connection: TwsConnection, contract: Contract) -> None:
        """Look it up anew the next time: TWS does not know it any more."""
        self._cached.pop((connection.login, contract.name), None)

    def _request_head(
        self, connection: TwsConnection, contract: Contract, instrument: QualifiedInstrument
    ) -> int | None:
        """Ask for the head; TWS has none for some instruments, and says so in many ways."""
        try:
            head = int(
                self.requests.head(connection, instrument.contract, instrument.key, whats(contract.kind)[0].value)
            )
        except RefusedError as err:
            if is_passing(err):
                raise
            log.info("no head timestamp of %s: %s", contract.name, err)
            return None
        except (UnansweredError, ValueError) as err:
            log.warning("no head timestamp of %s that can be read: %s", contract.name, err)
            return None
        try:
            self.redis.set(_head_key(instrument), head, ex=_HEAD_SECONDS)
        except RedisError:
            log.info("Redis did not take the head timestamp of %s", contract.name)
        return head

    def _load_head(self, instrument: QualifiedInstrument) -> int | None:
        try:
            head = self.redis.get(_head_key(instrument))
        except RedisError:
            return None
        return None if head is None else int(str(head.decode() if isinstance(head, bytes) else head))


def _head_key(instrument: QualifiedInstrument) -> str:
    return f"moisson:ibkr:head:{instrument.key}"
