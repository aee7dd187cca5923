"""Opening a connection with a client id that is free, and saying why there is none."""

import asyncio
import logging

from webapp.errors import Sentence, sentence
from webapp.kernel.gateways import Gateway
from webapp.kernel.job_states import ErrorKind
from webapp.sources.base import SourceError
from webapp.sources.ibkr.connection.client_ids import ClientId
from webapp.sources.ibkr.connection.connection_status import ConnectionState
from webapp.sources.ibkr.connection.tws_connection import TwsConnection
from webapp.sources.ibkr.messages.wire_errors import (
    IdInUseError,
    NobodyListensError,
    NoGreetingError,
    OpeningError,
    TooOldError,
)

log = logging.getLogger(__name__)

MAX_IDS_TRIED = 8


async def connect(gateway: Gateway, lease: ClientId, seconds: float) -> TwsConnection:
    """Open a connection; an id that another program holds is skipped for the next one.

    :raises SourceError: ``GATEWAY_DOWN`` when there is none to be had.
    """
    for _ in range(MAX_IDS_TRIED):
        connection = TwsConnection(gateway, lease.number)
        try:
            await connection.open(seconds)
        except IdInUseError:
            log.info("client id %s is in use at %s:%s", lease.number, gateway.host, gateway.port)
            await asyncio.to_thread(lease.skip)
            continue
        except OpeningError as err:
            raise _connection_error(gateway, err) from err
        return connection
    raise SourceError(
        ErrorKind.GATEWAY_DOWN,
        sentence("%(count)d client ids in a row are in use at %(gateway)s.", count=MAX_IDS_TRIED, gateway=_at(gateway)),
        hint=sentence("Choose another first client id for this gateway (IB_CLIENT_ID), for example 101."),
    )


def status_of(connection: TwsConnection, owner: str) -> ConnectionState:
    """Return what the sidebar shows of a connection."""
    report = connection.report()
    return ConnectionState(
        gateway=connection.gateway.name,
        host=connection.gateway.host,
        port=connection.gateway.port,
        client_id=connection.client_id,
        server_version=report.server_version,
        accounts=report.accounts,
        is_paper=report.is_paper,
        connected_since=connection.connected_since,
        login=connection.login,
        owner=owner,
        is_linked=not connection.condition.is_cut,
        farms=report.farms,
    )


def with_wait(error: SourceError, seconds: float) -> SourceError:
    """Return the same error with another time to wait."""
    return SourceError(error.kind, error.message, seconds, error.hint, error.choices)


def _connection_error(gateway: Gateway, error: OpeningError) -> SourceError:
    if isinstance(error, NobodyListensError):
        message = sentence(
            "Nobody answers at %(gateway)s: TWS or IB Gateway is not running there.", gateway=_at(gateway)
        )
        return _down(message, _NOT_RUNNING)
    if isinstance(error, TooOldError):
        return _down(
            sentence("The TWS at %(gateway)s is too old to be spoken to.", gateway=_at(gateway)),
            sentence("Install a current version of TWS or IB Gateway (972 or later)."),
        )
    if isinstance(error, NoGreetingError):
        message = sentence(
            "Something listens at %(gateway)s, but it did not complete the greeting of TWS.", gateway=_at(gateway)
        )
        return _down(message, _NOT_GREETING)
    raise error


def _down(message: Sentence, hint: Sentence) -> SourceError:
    return SourceError(ErrorKind.GATEWAY_DOWN, message, hint=hint)


_NOT_RUNNING = sentence(
    "Start TWS or IB Gateway and log in. Check the port (TWS 7496 live, 7497 paper; IB Gateway 4001 live, 4002 paper), "
    "and in its settings (API, Settings) that “Enable ActiveX and Socket Clients” is ticked. The job goes on by itself."
)
_NOT_GREETING = sentence(
    "TWS may be waiting for its login, or refuse this machine: add its address to “Trusted IPs” in the API settings, "
    "and answer what TWS asks on its screen. Or another program listens at that port."
)


def _at(gateway: Gateway) -> str:
    return f"{gateway.host}:{gateway.port}"
