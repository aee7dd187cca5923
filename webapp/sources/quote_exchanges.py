"""How TradingView writes what is no share: pairs of currencies and of coins, and the nearest of a row of futures.

The codes are those of TradingView's page "Data coverage". Its lists (``.txt``) name an instrument by an exchange's
code, a colon and the symbol there; ``&`` and ``-`` in a symbol became ``_``.
"""

import re

CURRENCY_FEEDS = frozenset(
    (
        "FX",
        "FX_IDC",
        "IDC",
        "OANDA",
        "FOREXCOM",
        "SAXO",
        "PEPPERSTONE",
        "ICMARKETS",
        "CAPITALCOM",
        "EASYMARKETS",
        "FXCM",
    )
)
"""Whose rates a pair of currencies comes from; the pair is the same."""
COIN_EXCHANGES = frozenset(
    ("BINANCE", "BITFINEX", "BITSTAMP", "BYBIT", "COINBASE", "CRYPTO", "GEMINI", "KRAKEN", "KUCOIN", "OKX")
)
_CODES = (
    "AED AUD BRL CAD CHF CNH CNY CZK DKK EUR GBP HKD HUF ILS INR ISK JPY KRW MXN MYR NOK NZD PLN RON RUB SAR SEK SGD "
    "THB TRY TWD USD ZAR"
)
_CURRENCIES = frozenset(_CODES.split())
_PAIR = re.compile(r"([A-Z]{3})([A-Z]{3})")
_COIN = re.compile(r"([A-Z0-9]{2,10}?)(USDT|USDC|USD|EUR|GBP|JPY)")
_NEAREST_FUTURE = re.compile(r"([A-Z0-9]{1,5})1!")


def parse_pair(symbol: str) -> tuple[str, str] | None:
    """Return the two currencies of ``EURUSD``; None for anything else."""
    pair = _PAIR.fullmatch(symbol)
    if pair is None or pair[1] == pair[2] or not {pair[1], pair[2]} <= _CURRENCIES:
        return None
    return pair[1], pair[2]


def parse_coin(symbol: str) -> tuple[str, str] | None:
    """Return a coin and what it is paid in, of ``BTCUSDT``; a coin that stands for the dollar counts as the dollar."""
    pair = _COIN.fullmatch(symbol)
    if pair is None:
        return None
    return pair[1], "USD" if pair[2] in ("USDT", "USDC") else pair[2]


def parse_nearest_future(symbol: str) -> str | None:
    """Return the root of ``ES1!``, the nearest contract of a future; None for anything else."""
    match = _NEAREST_FUTURE.fullmatch(symbol)
    return match[1] if match else None
