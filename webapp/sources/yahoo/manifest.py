"""Everything of Yahoo that the rest of the product reads."""

from webapp.errors import sentence
from webapp.kernel.request_fields import FieldKind, RequestField
from webapp.sources.manifest import Capabilities, Environment, Manifest, Option, Setting, SettingKind
from webapp.sources.yahoo.offer import YahooOffer

_RATE = "YAHOO_REQUESTS_PER_SECOND"


def _stay_offline(base: Environment, market: Environment) -> Environment:
    return {
        "YAHOO_PROXY": market["proxy"],
        "YAHOO_CA_BUNDLE": market["ca_bundle"],
        _RATE: base.get(_RATE, "5"),
    }


MANIFEST = Manifest(
    offer=YahooOffer(),
    demonstration=_stay_offline,
    capabilities=Capabilities(has_search=True),
    settings=(
        Setting("proxy", "YAHOO_PROXY", None),
        Setting("ca_bundle", "YAHOO_CA_BUNDLE", None),
        Setting("requests_per_second", _RATE, 0.5, SettingKind.NUMBER),
        Setting("cooldown_seconds", "YAHOO_COOLDOWN_SECONDS", 60.0, SettingKind.NUMBER),
    ),
    options=(
        Option(
            RequestField(
                "prepost",
                FieldKind.FLAG,
                help="With pre- and post-market bars (Yahoo, intraday).",
                note="true or false",
            ),
            label=sentence("Include pre- and post-market"),
            hint=sentence("Kept as a series of its own."),
            is_intraday=True,
        ),
    ),
    symbol_examples="AAPL, MSFT, MC.PA, ^GSPC, EURUSD=X, BTC-USD",
    samples=(
        ("AAPL", "MSFT", "MC.PA", "BTC-USD", "--source", "yahoo", "--interval", "1d", "--period", "10y"),
        ("AAPL", "--source", "yahoo", "--interval", "1m", "--period", "1wk"),
    ),
)
