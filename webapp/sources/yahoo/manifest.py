"""Everything of Yahoo that the rest of the product reads."""

from webapp.errors import sentence
from webapp.kernel.request_fields import FieldKind, RequestField
from webapp.sources.kit.settings import usual_settings
from webapp.sources.manifest import Capabilities, Environment, Manifest, Option
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
    settings=usual_settings("YAHOO", rate=0.5),
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
