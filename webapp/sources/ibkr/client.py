"""Asking Interactive Brokers through a TWS or IB Gateway: read-only, paced, and frank about what was not answered."""

import datetime as dt

from webapp.errors import InvalidRequestError, sentence
from webapp.kernel.gateways import Gateway, GatewayReport
from webapp.kernel.job_states import ErrorKind
from webapp.sources.base import Answer, ChunkRequest, Client, ClientTools, SearchHit, SourceError
from webapp.sources.ibkr.connection.connection_pool import PoolSettings
from webapp.sources.ibkr.connection.receiver import RawBar
from webapp.sources.ibkr.connection.tws_connection import TwsConnection
from webapp.sources.ibkr.contract_names import Contract, contract_of
from webapp.sources.ibkr.history_request import HistoryRequest, build_history_request
from webapp.sources.ibkr.instruments.contracts import search_hits
from webapp.sources.ibkr.instruments.instrument_cache import QualifiedInstrument
from webapp.sources.ibkr.messages.error_mapping import ErrorContext, to_source_error, unknown_contract
from webapp.sources.ibkr.messages.wire_errors import WireError
from webapp.sources.ibkr.nightly import NightlyWindow
from webapp.sources.ibkr.offer import IbkrOffer
from webapp.sources.ibkr.parse_bars import AnswerMoment, build_answer
from webapp.sources.ibkr.runtime import IbkrRuntime, close_runtime, get_runtime


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
        contract = _parse_contract(request.symbol)
        runtime, connection = self._connect(request.gateway)
        instrument = self._find_instrument(runtime, connection, contract)
        history_request = build_history_request(request, contract, instrument.facts, self._tools.now())
        rows = self._request_bars(runtime, connection, contract, instrument, history_request) if history_request else []
        moment = AnswerMoment(self._tools.now(), IbkrOffer.finality_delay)
        is_regular = request.options.get("rth", "true") != "false"
        try:
            return build_answer(rows, request, instrument.facts, instrument.close(is_regular=is_regular), moment)
        except WireError as err:
            raise self._source_error(err, connection, contract) from err

    def search(self, text: str, gateway: Gateway | None = None) -> list[SearchHit]:
        """Find instruments by name or symbol.

        :raises SourceError: for everything but a true answer.
        """
        runtime, connection = self._connect(gateway)
        try:
            return search_hits(runtime.requests.search(connection, text.strip()))
        except WireError as err:
            raise self._source_error(err, connection, Contract(text.strip()[:24])) from err

    def check(self, gateway: Gateway) -> GatewayReport:
        """Connect, ask for the time, and tell what is there.

        :raises SourceError: when nobody answers there as a gateway does.
        """
        runtime, connection = self._connect(gateway, is_test=True)
        try:
            runtime.requests.time(connection)
        except WireError as err:
            raise self._source_error(err, connection, Contract("")) from err
        return connection.report()

    def close(self) -> None:
        """Close this process's connections; they are opened again when they are needed."""
        close_runtime(self._tools)

    def _connect(self, gateway: Gateway | None, *, is_test: bool = False) -> tuple[IbkrRuntime, TwsConnection]:
        """Return this process's things, and its connection to the gateway.

        :raises SourceError: when there is no connection to be had.
        """
        if gateway is None:
            message = sentence("No gateway is chosen for Interactive Brokers.")
            hint = sentence("Save one under “IBKR connection”, or set IB_HOST and IB_PORT.")
            raise SourceError(ErrorKind.BAD_REQUEST, message, hint=hint)
        runtime = get_runtime(self._tools, self._pool_settings)
        return runtime, runtime.requests.get_connection(gateway, is_test=is_test)

    def _find_instrument(
        self, runtime: IbkrRuntime, connection: TwsConnection, contract: Contract
    ) -> QualifiedInstrument:
        """Return what a contract is, and where its data begin.

        :raises SourceError: when there is no such contract, or several.
        """
        try:
            instrument = runtime.instruments.find(connection, contract)
            if instrument is None:
                raise unknown_contract(self._error_context(connection, contract))
            return runtime.instruments.add_head(connection, contract, instrument)
        except WireError as err:
            raise self._source_error(err, connection, contract) from err

    def _request_bars(
        self,
        runtime: IbkrRuntime,
        connection: TwsConnection,
        contract: Contract,
        instrument: QualifiedInstrument,
        history_request: HistoryRequest,
    ) -> list[RawBar]:
        """Return the bars of an answer; none when TWS says that it has none.

        :raises SourceError: when it does not answer.
        """
        try:
            return runtime.requests.history(connection, instrument.contract, instrument.key, history_request)
        except WireError as err:
            source_error = to_source_error(err, self._error_context(connection, contract))
            if source_error is None:
                return []
            if source_error.kind is ErrorKind.UNKNOWN_SYMBOL:
                runtime.instruments.forget(connection, contract)
            raise source_error from err

    def _source_error(self, error: WireError, connection: TwsConnection, contract: Contract) -> SourceError:
        """Return what an error means where "no data" would mean that there is no such thing."""
        context = self._error_context(connection, contract)
        return to_source_error(error, context) or unknown_contract(context)

    def _error_context(self, connection: TwsConnection, contract: Contract) -> ErrorContext:
        now = self._tools.now()
        return ErrorContext(
            contract,
            night_left=self._night.seconds_left(now) if self._night else 0.0,
            since_outage=connection.condition.seconds_since_outage(),
            has_expired=_has_expired(contract, now),
        )


def _parse_contract(symbol: str) -> Contract:
    try:
        return contract_of(symbol)
    except InvalidRequestError as err:
        raise SourceError(ErrorKind.BAD_REQUEST, err.message) from err


def _has_expired(contract: Contract, now: float) -> bool:
    today = dt.datetime.fromtimestamp(now, dt.UTC).strftime("%Y%m%d")
    return bool(contract.expiry) and contract.expiry < today[: len(contract.expiry)]
