"""What TradingView's names of instruments mean here: a contract from the exchange's code, and what no code proves.

Sources: TradingView's page "Data coverage" for the codes of exchanges, IBKR's "Exchange listings" for the primary
exchanges and their currencies. Where a code means several of them (shares and funds have exchanges of their own at
some places), the contracts that are possible are doubts. An exchange without a line here offers nothing.
"""

import re

from webapp.errors import InvalidRequestError
from webapp.kernel.symbols import QuoteNames
from webapp.sources.ibkr.contract_names import Contract, SecType, contract_of
from webapp.sources.quote_exchanges import COIN_EXCHANGES, CURRENCY_FEEDS, parse_coin, parse_nearest_future, parse_pair

_AMERICAN = frozenset(("NASDAQ", "NYSE", "AMEX", "CBOE", "BATS"))
"""Their shares need no primary exchange: in dollars a symbol is given once."""
_LISTINGS = {
    "TSX": ("TSE CAD",),
    "TSXV": ("VENTURE CAD",),
    "BMV": ("MEXI MXN",),
    "LSE": ("LSE GBP", "LSEETF GBP", "LSEETF USD", "LSEETF EUR"),
    "EURONEXT": ("SBF EUR", "AEB EUR", "ENEXT.BE EUR", "BVL EUR"),
    "XETR": ("IBIS EUR", "IBIS2 EUR"),
    "FWB": ("FWB EUR", "FWB2 EUR"),
    "SWB": ("SWB EUR", "SWB2 EUR"),
    "MIL": ("BVME EUR", "BVME.ETF EUR"),
    "BME": ("BM EUR",),
    "SIX": ("EBS CHF",),
    "VIE": ("VSE EUR",),
    "OMXSTO": ("SFB SEK",),
    "OMXCOP": ("CPH DKK",),
    "OMXHEX": ("HEX EUR",),
    "OSL": ("OSE NOK",),
    "GPW": ("WSE PLN",),
    "TASE": ("TASE ILS",),
    "TSE": ("TSEJ JPY",),
    "HKEX": ("SEHK HKD",),
    "SGX": ("SGX SGD",),
    "ASX": ("ASX AUD",),
    "NSE": ("NSE INR",),
}
_INDICES = {
    "SP:SPX": ("SPX", "CBOE"),
    "TVC:SPX": ("SPX", "CBOE"),
    "CBOE:VIX": ("VIX", "CBOE"),
    "TVC:VIX": ("VIX", "CBOE"),
    "NASDAQ:NDX": ("NDX", "NASDAQ"),
    "TVC:NDX": ("NDX", "NASDAQ"),
    "NASDAQ:IXIC": ("COMP", "NASDAQ"),
    "DJ:DJI": ("INDU", "CME"),
    "TVC:DJI": ("INDU", "CME"),
}
_FUTURES = {
    "CME": "CME",
    "CME_MINI": "CME",
    "CBOT": "CBOT",
    "CBOT_MINI": "CBOT",
    "NYMEX": "NYMEX",
    "NYMEX_MINI": "NYMEX",
    "COMEX": "COMEX",
    "COMEX_MINI": "COMEX",
}
_PLAIN = re.compile(r"[A-Z0-9]{1,12}")
_CLASS = re.compile(r"([A-Z0-9]{1,12})[._]([A-Z])")


def translate_quote(exchange: str, symbol: str) -> QuoteNames:
    """Return the contracts that an exchange's code and a symbol there may mean, by their names."""
    names = _translate(exchange, symbol)
    return names if all(_is_name(name) for name in names.symbols) else QuoteNames()


def _translate(exchange: str, symbol: str) -> QuoteNames:
    if index := _INDICES.get(f"{exchange}:{symbol}"):
        return QuoteNames((Contract(index[0], SecType.INDEX, index[1]).name,), is_certain=True)
    if exchange in CURRENCY_FEEDS:
        pair = parse_pair(symbol)
        if pair is None:
            return QuoteNames()
        return QuoteNames((Contract(pair[0], SecType.FOREX, "IDEALPRO", pair[1]).name,), is_certain=True)
    if exchange in COIN_EXCHANGES:  # IBKR's price of a coin is that of its own exchange
        coin = parse_coin(symbol)
        return QuoteNames((Contract(coin[0], SecType.CRYPTO, "PAXOS", coin[1]).name,)) if coin else QuoteNames()
    if exchange in _FUTURES:  # which contract is the nearest is each one's own rule
        root = parse_nearest_future(symbol)
        return QuoteNames((Contract(root, SecType.CONTINUOUS, _FUTURES[exchange]).name,)) if root else QuoteNames()
    return _translate_share(exchange, symbol.removesuffix("."))


def _translate_share(exchange: str, symbol: str) -> QuoteNames:
    match = _CLASS.fullmatch(symbol)
    if match is None and not _PLAIN.fullmatch(symbol):
        return QuoteNames()
    name = f"{match[1]}.{match[2]}" if match else symbol
    if exchange in _AMERICAN:
        return QuoteNames((Contract(name).name,), is_certain=True)
    listings = [listing.split() for listing in _LISTINGS.get(exchange, ())]
    symbols = tuple(Contract(name, currency=currency, primary=primary).name for primary, currency in listings)
    is_sure = match is None or exchange != "NSE"  # there an underscore may be an ampersand
    return QuoteNames(symbols, is_certain=is_sure and len(symbols) == 1)


def _is_name(name: str) -> bool:
    """Tell whether a contract's name is read as that very contract."""
    try:
        return contract_of(name).name == name
    except InvalidRequestError:
        return False
