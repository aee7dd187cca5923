"""Asking Interactive Brokers through a TWS or IB Gateway: read-only, paced, and frank about what was not answered."""

import datetime as dt

from webapp.domain.contracts import Contract, contract_of
from webapp.domain.gateways import Gateway, GatewayReport
from webapp.domain.jobs import ErrorKind
from webapp.errors import InvalidRequestError, sentence
from webapp.sources.base import Answer, ChunkRequest, Client, ClientTools, Found, SourceError
from webapp.sources.ibkr.connection.connection_pool import PoolSettings
from webapp.sources.ibkr.connection.receiver import RawBar
from webapp.sources.ibkr.connection.tws_connection import TwsConnection
from webapp.sources.ibkr.history_request import HistoryQuestion, question_of
from webapp.sources.ibkr.instruments.contracts import found_of
from webapp.sources.ibkr.instruments.instrument_cache import Known
from webapp.sources.ibkr.messages.error_mapping import Circumstances, unknown, verdict
from webapp.sources.ibkr.messages.wire_errors import WireError
from webapp.sources.ibkr.nightly import NightlyWindow
from webapp.sources.ibkr.offer import IbkrOffer
from webapp.sources.ibkr.parse_bars import Moment, answer_of
from webapp.sources.ibkr.runtime import Process, end_process, this_process


def open_client(tools: ClientTools) -> Client:
    """Open the client of this process; it connects when it is first asked.

    :raises SettingsError: when the nightly window cannot be read.
    """
    return IbkrClient(tools)


class IbkrClient:
    """See ``webapp.sources.base.GatewayClient``."""

    def __init__(self, tools: ClientTools, pool_settings: PoolSettings | None = None) -> None:
        self._tools = tools
        self._pool_settings = pool_settings or PoolSettings()
        self._night = NightlyWindow.parse(str(tools.settings.get("nightly_window") or ""))

    def fetch(self, request: ChunkRequest) -> Answer:
        """Ask for one chunk.

        :raises SourceError: for everything but a true answer.
        """
        contract = _contract(request.symbol)
        process, connection = self._connected(request.gateway)
        known = self._known(process, connection, contract)
        question = question_of(request, contract, known.facts, self._tools.now())
        rows = self._bars(process, connection, contract, known, question) if question else []
        moment = Moment(self._tools.now(), IbkrOffer.settling)
        is_regular = request.options.get("rth", "true") != "false"
        try:
            return answer_of(rows, request, known.facts, known.close(is_regular=is_regular), moment)
        except WireError as err:
            raise self._meaning(err, connection, contract) from err

    def search(self, text: str, gateway: Gateway | None = None) -> list[Found]:
        """Find instruments by name or symbol.

        :raises SourceError: for everything but a true answer.
        """
        process, connection = self._connected(gateway)
        try:
            return found_of(process.asking.matching(connection, text.strip()))
        except WireError as err:
            raise self._meaning(err, connection, Contract(text.strip()[:24])) from err

    def check(self, gateway: Gateway) -> GatewayReport:
        """Connect, ask for the time, and tell what is there.

        :raises SourceError: when nobody answers there as a gateway does.
        """
        process, connection = self._connected(gateway, is_test=True)
        try:
            process.asking.time(connection)
        except WireError as err:
            raise self._meaning(err, connection, Contract("")) from err
        return connection.report()

    def close(self) -> None:
        """Close this process's connections; they are opened again when they are needed."""
        end_process(self._tools)

    def _connected(self, gateway: Gateway | None, *, is_test: bool = False) -> tuple[Process, TwsConnection]:
        """Return this process's things, and its connection to the gateway.

        :raises SourceError: when there is no connection to be had.
        """
        if gateway is None:
            message = sentence("No gateway is chosen for Interactive Brokers.")
            hint = sentence("Save one under “IBKR connection”, or set IB_HOST and IB_PORT.")
            raise SourceError(ErrorKind.BAD_REQUEST, message, hint=hint)
        process = this_process(self._tools, self._pool_settings)
        return process, process.asking.get_connection(gateway, is_test=is_test)

    def _known(self, process: Process, connection: TwsConnection, contract: Contract) -> Known:
        """Return what a contract is, and where its data begin.

        :raises SourceError: when there is no such contract, or several.
        """
        try:
            known = process.instruments.find(connection, contract)
            if known is None:
                raise unknown(self._circumstances(connection, contract))
            return process.instruments.with_head(connection, contract, known)
        except WireError as err:
            raise self._meaning(err, connection, contract) from err

    def _bars(
        self, process: Process, connection: TwsConnection, contract: Contract, known: Known, question: HistoryQuestion
    ) -> list[RawBar]:
        """Return the bars of an answer; none when TWS says that it has none.

        :raises SourceError: when it does not answer.
        """
        try:
            return process.asking.history(connection, known.contract, known.key, question)
        except WireError as err:
            meant = verdict(err, self._circumstances(connection, contract))
            if meant is None:
                return []
            if meant.kind is ErrorKind.UNKNOWN_SYMBOL:
                process.instruments.forget(connection, contract)
            raise meant from err

    def _meaning(self, error: WireError, connection: TwsConnection, contract: Contract) -> SourceError:
        """Return what an error means where "no data" would mean that there is no such thing."""
        about = self._circumstances(connection, contract)
        return verdict(error, about) or unknown(about)

    def _circumstances(self, connection: TwsConnection, contract: Contract) -> Circumstances:
        now = self._tools.now()
        return Circumstances(
            contract,
            night_left=self._night.seconds_left(now) if self._night else 0.0,
            since_outage=connection.condition.seconds_since_outage(),
            has_expired=_has_expired(contract, now),
        )


def _contract(symbol: str) -> Contract:
    try:
        return contract_of(symbol)
    except InvalidRequestError as err:
        raise SourceError(ErrorKind.BAD_REQUEST, err.message) from err


def _has_expired(contract: Contract, now: float) -> bool:
    today = dt.datetime.fromtimestamp(now, dt.UTC).strftime("%Y%m%d")
    return bool(contract.expiry) and contract.expiry < today[: len(contract.expiry)]
