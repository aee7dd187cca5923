"""What TradingView's names of instruments mean here: a suffix from the exchange's code, and what no code proves.

Sources: TradingView's page "Data coverage" for the codes of exchanges, Yahoo's help page "Exchanges and data providers
on Yahoo Finance" for the suffixes. Where one code means several of Yahoo's exchanges (``EURONEXT``), or the symbol is
written otherwise there, the names that are possible are doubts. An exchange without a line here has no such page at
Yahoo, or other symbols (Kuala Lumpur's are numbers), so that nothing is offered for it.
"""

import re

from webapp.kernel.symbols import QuoteNames
from webapp.sources.quote_exchanges import COIN_EXCHANGES, CURRENCY_FEEDS, parse_coin, parse_nearest_future, parse_pair

_AMERICAN = frozenset(("NASDAQ", "NYSE", "AMEX", "CBOE", "BATS", "OTC"))
"""Their shares have no suffix."""
_CODES = {
    "AS": "AMS",
    "AT": "ATHEX",
    "AX": "ASX",
    "BA": "BCBA",
    "BD": "BET",
    "BE": "BER",
    "BK": "SET",
    "BO": "BSE",
    "CA": "EGX",
    "CN": "CSE",
    "CO": "OMXCOP",
    "DE": "XETR",
    "DU": "DUS",
    "F": "FWB",
    "HA": "HAN",
    "HE": "OMXHEX",
    "HK": "HKEX",
    "HM": "HAM",
    "IC": "OMXICE",
    "IL": "LSIN",
    "IS": "BIST",
    "JK": "IDX",
    "JO": "JSE",
    "L": "LSE",
    "MC": "BME",
    "MI": "MIL",
    "MU": "MUN",
    "MX": "BMV",
    "NE": "NEO",
    "NS": "NSE",
    "NZ": "NZX",
    "OL": "OSL",
    "PR": "PSECZ",
    "QA": "QSE",
    "RG": "OMXRSE",
    "SA": "BMFBOVESPA",
    "SG": "SWB",
    "SI": "SGX",
    "SN": "BCS",
    "SR": "TADAWUL",
    "SS": "SSE",
    "ST": "OMXSTO",
    "SW": "SIX",
    "SZ": "SZSE",
    "T": "TSE",
    "TA": "TASE",
    "TL": "OMXTSE",
    "TO": "TSX",
    "TW": "TWSE",
    "TWO": "TPEX",
    "V": "TSXV",
    "VI": "VIE",
    "VS": "OMXVSE",
    "WA": "GPW",
}
_SUFFIXES = {code: (suffix,) for suffix, code in _CODES.items()} | {
    "NEWCONNECT": ("WA",),
    "EURONEXT": ("PA", "AS", "BR", "LS", "IR"),
    "KRX": ("KS", "KQ"),
}
_INDICES = {
    "GSPC": "SP:SPX TVC:SPX",
    "DJI": "DJ:DJI TVC:DJI",
    "IXIC": "NASDAQ:IXIC TVC:IXIC",
    "NDX": "NASDAQ:NDX TVC:NDX",
    "VIX": "CBOE:VIX TVC:VIX",
    "RUT": "TVC:RUT",
    "FTSE": "FTSE:UKX TVC:UKX",
    "GDAXI": "XETR:DAX TVC:DAX",
    "FCHI": "EURONEXT:PX1 TVC:CAC40",
    "AEX": "EURONEXT:AEX",
    "HSI": "HSI:HSI TVC:HSI",
    "N225": "TVC:NI225",
}
_INDEX_NAMES = {quote: f"^{name}" for name, quotes in _INDICES.items() for quote in quotes.split()}
_FUTURES = frozenset(("CME", "CME_MINI", "CBOT", "CBOT_MINI", "NYMEX", "NYMEX_MINI", "COMEX", "COMEX_MINI"))
_PLAIN = re.compile(r"[A-Z0-9]{1,12}")
_CLASS = re.compile(r"([A-Z0-9]{1,12})[._]([A-Z])")
_SPACED = re.compile(r"[A-Z0-9]{1,12}([._/-][A-Z0-9]{1,6}){1,2}")
_HONG_KONG_DIGITS = 4


def name_pairs(base: str, quote: str) -> tuple[str, ...]:
    """Return Yahoo's symbols of a currency in another; of the dollar the short name (``KRW=X``) is the usual one."""
    whole = f"{base}{quote}=X"
    return (f"{quote}=X", whole) if base == "USD" else (whole,)


def translate_quote(exchange: str, symbol: str) -> QuoteNames:
    """Return the symbols that an exchange's code and a symbol there may mean."""
    if index := _INDEX_NAMES.get(f"{exchange}:{symbol}"):
        return QuoteNames((index,), is_certain=True)
    if exchange in CURRENCY_FEEDS:
        pair = parse_pair(symbol)
        return QuoteNames(name_pairs(*pair)[:1], is_certain=True) if pair else QuoteNames()
    if exchange in COIN_EXCHANGES:  # Yahoo's price of a coin is of no single exchange
        coin = parse_coin(symbol)
        return QuoteNames((f"{coin[0]}-{coin[1]}",)) if coin else QuoteNames()
    if exchange in _FUTURES:  # which contract is the nearest is each one's own rule
        root = parse_nearest_future(symbol)
        return QuoteNames((f"{root}=F",)) if root else QuoteNames()
    return _translate_share(exchange, symbol)


def _translate_share(exchange: str, symbol: str) -> QuoteNames:
    suffixes = ("",) if exchange in _AMERICAN else _SUFFIXES.get(exchange, ())
    name, is_plain = _write_symbol(exchange, symbol.removesuffix("."))  # of two letters, London's end with a dot
    if name is None:
        return QuoteNames()
    symbols = tuple(f"{name}.{suffix}" if suffix else name for suffix in suffixes)
    return QuoteNames(symbols, is_certain=is_plain and len(symbols) == 1)


def _write_symbol(exchange: str, symbol: str) -> tuple[str | None, bool]:
    """Return a share's symbol as Yahoo writes it, and whether that is sure; None where nothing can be said."""
    if exchange == "HKEX" and symbol.isdigit():
        return symbol.zfill(_HONG_KONG_DIGITS), True
    if _PLAIN.fullmatch(symbol):
        return symbol, True
    is_indian = exchange in ("NSE", "BSE")  # there an underscore may be an ampersand
    if match := _CLASS.fullmatch(symbol):
        return f"{match[1]}-{match[2]}", not is_indian
    if _SPACED.fullmatch(symbol):
        return re.sub(r"[._/]", "-", symbol), False
    return None, False
