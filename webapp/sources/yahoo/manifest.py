"""Everything of Yahoo that the rest of the product reads."""

import logging

from webapp.errors import sentence
from webapp.kernel.instruments import InstrumentFacts, Listing
from webapp.kernel.request_fields import FieldKind, RequestField
from webapp.sources.kit.settings import usual_settings
from webapp.sources.listings import plain_listing
from webapp.sources.manifest import Capabilities, Environment, Manifest, Option
from webapp.sources.wording import REGULAR_HOURS, USUAL_VARIANT, VariantMeaning, describe_plainly
from webapp.sources.yahoo.assumptions import assume_facts
from webapp.sources.yahoo.exchanges import EXCHANGES
from webapp.sources.yahoo.offer import GRAMMAR, PREPOST, YahooOffer
from webapp.sources.yahoo.quote_names import name_pairs, translate_quote

_RATE = "YAHOO_REQUESTS_PER_SECOND"
_INDICES = {"GSPC": "SPX", "DJI": "INDU", "IXIC": "COMP", "FCHI": "CAC40", "GDAXI": "DAX", "STOXX50E": "ESTX50"}
"""Indices that others call by other names; all the rest have one name (NDX, RUT, VIX)."""
_VARIANTS = {
    USUAL_VARIANT: VariantMeaning((REGULAR_HOURS,)),
    PREPOST: VariantMeaning((sentence("With pre- and post-market"),), is_at_all_hours=True),
}


def describe_variant(variant: str) -> VariantMeaning:
    """Describe a variant."""
    return _VARIANTS.get(variant) or describe_plainly(variant)


def listing_of(symbol: str, facts: InstrumentFacts) -> Listing | None:
    """Return what a symbol of Yahoo means."""
    return plain_listing(symbol, facts, _INDICES)


def _stay_offline(base: Environment, market: Environment) -> Environment:
    return {
        "YAHOO_PROXY": market["proxy"],
        "YAHOO_CA_BUNDLE": market["ca_bundle"],
        _RATE: base.get(_RATE, "5"),
    }


MANIFEST = Manifest(
    offer=YahooOffer(),
    demonstration=_stay_offline,
    capabilities=Capabilities(has_search=True, has_action_list=True),
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
    grammar=GRAMMAR,
    exchanges=EXCHANGES,
    describe_variant=describe_variant,
    listing_of=listing_of,
    assume_facts=assume_facts,
    pairs=name_pairs,
    translate_quote=translate_quote,
    least_log_levels={
        "yfinance": logging.CRITICAL,  # it logs each failure that we report in our own words
        "peewee": logging.WARNING,
        "curl_cffi": logging.WARNING,
    },
    samples=(
        ("AAPL", "MSFT", "MC.PA", "BTC-USD", "--source", "yahoo", "--interval", "1d", "--period", "10y"),
        ("AAPL", "--source", "yahoo", "--interval", "1m", "--period", "1wk"),
    ),
)
