"""When the listings of two sources are one: by kind, ticker, currency, and the calendar of the exchange."""

import re
from dataclasses import replace

from webapp.coverage.rules_exchanges import calendar_of
from webapp.kernel.currencies import parse_unit
from webapp.kernel.instruments import InstrumentFacts, InstrumentKind, Listing

_ON_EXCHANGES = (InstrumentKind.SHARE, InstrumentKind.ETF, InstrumentKind.FUND, InstrumentKind.SHARE_OR_FUND)


def comparable(listing: Listing, facts: InstrumentFacts) -> Listing:
    """Return a listing as those of all sources are compared.

    Shares and funds are not told apart, since sources disagree on that, nor ``BRK-B``, ``BRK.B`` and ``BRK B``; money
    is counted whole.
    """
    currency = money(listing.currency)
    if listing.kind not in _ON_EXCHANGES:
        return replace(listing, currency=currency)
    ticker = re.sub(r"[-. _]", " ", listing.ticker)
    return Listing(InstrumentKind.SHARE_OR_FUND, ticker, currency, calendar_of(facts))


def money(currency: str | None) -> str:
    """Return the currency that prices are counted in, of one that is counted in hundredths (``GBp``) the whole one."""
    unit = parse_unit(currency)
    return unit.whole if unit else ""
