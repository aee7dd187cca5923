"""Everything of IBKR that the rest of the product reads."""

from collections.abc import Iterator

from webapp.errors import SettingsError, sentence
from webapp.kernel.instruments import InstrumentKind
from webapp.kernel.request_fields import FieldKind, RequestField
from webapp.sources.ibkr.assumptions import assume_facts
from webapp.sources.ibkr.contract_names import GRAMMAR, SecType, What
from webapp.sources.ibkr.exchanges import EXCHANGES
from webapp.sources.ibkr.form import imply_options, shape_form
from webapp.sources.ibkr.listing import KINDS, listing_of
from webapp.sources.ibkr.nightly import NightlyWindow
from webapp.sources.ibkr.offer import IbkrOffer
from webapp.sources.ibkr.quote_names import translate_quote
from webapp.sources.ibkr.wording import describe_variant
from webapp.sources.manifest import (
    Capabilities,
    Environment,
    Finding,
    GatewaySettings,
    Manifest,
    Option,
    Setting,
    SettingKind,
    SourceSettings,
)

_WINDOW = "IB_NIGHTLY_WINDOW"
_SOFT = "IB_SOFT_REQUESTS_PER_SECOND"
_TYPES = ", ".join(kind.value for kind in SecType)
_WHATS = ", ".join(What)


def _number(name: str, environment: str, default: float) -> Setting:
    return Setting(name, environment, default, SettingKind.NUMBER)


def _stay_offline(base: Environment, market: Environment) -> Environment:  # noqa: ARG001 -- whatever is set otherwise
    host, _, port = market["tws"].rpartition(":")
    # nobody resets the offline market at night, so its word counts then, too
    return {"IB_HOST": host, "IB_PORT": port, _WINDOW: ""}


def examine(settings: SourceSettings) -> Iterator[Finding]:
    """Say whether the nightly window can be read."""
    text = str(settings.get("nightly_window") or "")
    try:
        window = NightlyWindow.parse(text)
    except SettingsError as err:
        yield False, err.message
        return
    if window is None:
        yield True, sentence("ibkr is asked at night as by day: no nightly window is set.")
    else:
        yield (
            True,
            sentence("ibkr's errors are not taken at their word in its nightly window: %(window)s.", window=text),
        )


_GATEWAYS = GatewaySettings(
    host_environment="IB_HOST",
    host="127.0.0.1",
    port_environment="IB_PORT",
    port=7497,
    client_id_environment="IB_CLIENT_ID",
    client_id=11,
    hosts_environment="IB_ALLOWED_HOSTS",
    hosts=("127.0.0.1", "localhost", "ib-gateway", "host.docker.internal"),
    ports_environment="IB_ALLOWED_PORTS",
    ports=(4001, 4002, 4003, 4004, 7496, 7497, 7498, 7499),
    programs={"TWS": (7496, 7497), "IB Gateway": (4001, 4002)},
)

MANIFEST = Manifest(
    offer=IbkrOffer(),
    demonstration=_stay_offline,
    capabilities=Capabilities(
        has_search=True,
        gateways=_GATEWAYS,
        opens_with_session=False,
        # "A daily bar is a session and may cross midnight; its date is the day it closes" (Historical Bar Data)
        kinds_by_trade_date=frozenset({InstrumentKind.FUTURE, InstrumentKind.CURRENCY}),
    ),
    settings=(
        # the pacing rules: IBKR Campus, TWS API, "Historical data limitations"
        _number("window_seconds", "IB_PACING_WINDOW_SECONDS", 600.0),
        _number("window_requests", "IB_PACING_WINDOW_REQUESTS", 60.0),
        _number("identical_seconds", "IB_PACING_IDENTICAL_SECONDS", 15.0),
        _number("burst_seconds", "IB_PACING_BURST_SECONDS", 2.0),
        _number("max_open", "IB_MAX_OPEN_REQUESTS", 20.0),
        _number("soft_per_second", _SOFT, 4.0),
        _number("requests_per_second", _SOFT, 4.0),  # the name by which doctor and metrics know any source's rate
        _number("request_timeout", "IB_REQUEST_TIMEOUT", 60.0),
        Setting("nightly_window", _WINDOW, "00:15-01:45 America/New_York", check=NightlyWindow.parse),
    ),
    options=(
        Option(RequestField("sec_type", help=f"Type of contract (IBKR): {_TYPES}.", note=_TYPES, examples=("CASH",))),
        Option(RequestField("exchange", help="Exchange (IBKR), such as SMART, IDEALPRO or CME.")),
        Option(RequestField("currency", help="Currency (IBKR), such as USD or EUR.")),
        Option(RequestField("primary_exchange", help="Tells a share from its namesakes (IBKR), such as NASDAQ.")),
        Option(
            RequestField(
                "expiry", help="Month or last trading day (IBKR): 202603 or 20260320.", note="202603 or 20260320"
            )
        ),
        Option(RequestField("strike", help="An option's strike (IBKR).")),
        Option(RequestField("right", help="An option's right (IBKR): C or P.", note="C or P")),
        Option(RequestField("what", help=f"What bars show (IBKR): {_WHATS}.", note=_WHATS, examples=("MIDPOINT",))),
        Option(
            RequestField(
                "rth",
                FieldKind.SWITCH,
                help="Regular hours only (the usual), or all hours (IBKR).",
                note="true: regular hours",
                opposite="all-hours",
            )
        ),
        Option(
            RequestField(
                "gateway", help="A saved gateway (IBKR); the default one without.", note="the name of a saved one"
            ),
            is_stored=False,
        ),
    ),
    grammar=GRAMMAR,
    kinds=KINDS,
    exchanges=EXCHANGES,
    describe_variant=describe_variant,
    listing_of=listing_of,
    assume_facts=assume_facts,
    imply_options=imply_options,
    translate_quote=translate_quote,
    shape_form=shape_form,
    samples=(
        ("AAPL", "--source", "ibkr", "--interval", "1d", "--period", "5y"),
        ("EUR.USD", "--source", "ibkr", "--sec-type", "CASH", "--interval", "1m", "--period", "1wk"),
        ("AAPL", "--source", "ibkr", "--interval", "5s", "--period", "5d"),
    ),
    examine=examine,
)
