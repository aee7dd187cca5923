"""Reading plain symbols, as quote pages write them: a ticker, a dot and the exchange's suffix; ``^`` before an index.

For sources (and people) that write ``MC.PA``, ``BRK-B``, ``BTC-USD``, ``EURUSD=X`` and ``^GSPC``.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

from webapp.kernel.instruments import InstrumentFacts, InstrumentKind, Listing

_PAIR = re.compile(r"([A-Z]{3})?([A-Z]{3})=X")
_NO_NAMES: Mapping[str, str] = MappingProxyType({})


def plain_listing(symbol: str, facts: InstrumentFacts, index_names: Mapping[str, str] = _NO_NAMES) -> Listing | None:
    """Return what a plain symbol means; None for futures and for what has no currency yet.

    :param index_names: the usual names of indices that the source calls otherwise, without the ``^``.
    """
    if pair := _PAIR.fullmatch(symbol):
        return Listing(InstrumentKind.CURRENCY, pair[1] or "USD", pair[2])
    base, _, quoted = symbol.rpartition("-")
    if facts.instrument_kind is InstrumentKind.CRYPTO and base:
        return Listing(InstrumentKind.CRYPTO, base, quoted)
    if not facts.currency or "=" in symbol:
        return None
    if symbol.startswith("^"):
        return Listing(InstrumentKind.INDEX, index_names.get(symbol[1:], symbol[1:]), facts.currency)
    return Listing(InstrumentKind.SHARE_OR_FUND, symbol.partition(".")[0], facts.currency)
