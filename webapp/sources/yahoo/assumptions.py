"""What a symbol of Yahoo says of an instrument that was never asked for: its kind, and its exchange's time zone.

The suffixes are those of Yahoo's help page "Exchanges and data providers on Yahoo Finance". What an answer says of the
instrument later takes the place of all this.
"""

import re

from webapp.kernel.instruments import InstrumentFacts, InstrumentKind

_SUFFIXES = {
    "America/New_York": "CBT CME CMX NYB NYM",
    "America/Toronto": "TO V CN NE",
    "America/Mexico_City": "MX",
    "America/Sao_Paulo": "SA",
    "America/Buenos_Aires": "BA",
    "America/Santiago": "SN",
    "Europe/London": "L IL",
    "Europe/Dublin": "IR",
    "Europe/Paris": "PA NX",
    "Europe/Amsterdam": "AS",
    "Europe/Brussels": "BR",
    "Europe/Lisbon": "LS",
    "Europe/Rome": "MI TI",
    "Europe/Madrid": "MC",
    "Europe/Berlin": "DE F BE BM DU HM HA MU SG",
    "Europe/Zurich": "SW",
    "Europe/Vienna": "VI",
    "Europe/Stockholm": "ST",
    "Europe/Copenhagen": "CO",
    "Europe/Helsinki": "HE",
    "Europe/Oslo": "OL",
    "Europe/Warsaw": "WA",
    "Europe/Prague": "PR",
    "Europe/Budapest": "BD",
    "Europe/Athens": "AT",
    "Europe/Istanbul": "IS",
    "Europe/Tallinn": "TL",
    "Europe/Riga": "RG",
    "Europe/Vilnius": "VS",
    "Atlantic/Reykjavik": "IC",
    "Asia/Jerusalem": "TA",
    "Asia/Riyadh": "SR SAU",
    "Asia/Qatar": "QA",
    "Asia/Kuwait": "KW",
    "Africa/Cairo": "CA",
    "Africa/Johannesburg": "JO",
    "Asia/Tokyo": "T",
    "Asia/Hong_Kong": "HK",
    "Asia/Shanghai": "SS SZ",
    "Asia/Taipei": "TW TWO",
    "Asia/Seoul": "KS KQ",
    "Asia/Kolkata": "NS BO",
    "Asia/Singapore": "SI",
    "Asia/Kuala_Lumpur": "KL",
    "Asia/Jakarta": "JK",
    "Asia/Bangkok": "BK",
    "Australia/Sydney": "AX XA",
    "Pacific/Auckland": "NZ",
}
_ZONES = {suffix: zone for zone, suffixes in _SUFFIXES.items() for suffix in suffixes.split()}
_INDICES = {
    "America/New_York": "GSPC DJI IXIC NDX RUT VIX NYA TNX TYX FVX IRX SPX DJT DJU XAX",
    "America/Toronto": "GSPTSE",
    "America/Sao_Paulo": "BVSP",
    "Europe/London": "FTSE FTMC",
    "Europe/Paris": "FCHI",
    "Europe/Berlin": "GDAXI MDAXI TECDAX STOXX50E",
    "Europe/Amsterdam": "AEX",
    "Europe/Zurich": "SSMI",
    "Europe/Madrid": "IBEX",
    "Asia/Tokyo": "N225",
    "Asia/Hong_Kong": "HSI HSCE",
    "Asia/Seoul": "KS11",
    "Asia/Taipei": "TWII",
    "Asia/Kolkata": "NSEI BSESN",
    "Australia/Sydney": "AXJO AORD",
}
_INDEX_ZONES = {name: zone for zone, names in _INDICES.items() for name in names.split()}
_COIN = re.compile(r"[A-Z0-9]+-(USD|EUR|GBP|JPY|CAD|AUD|KRW|INR|CNY|BTC|ETH|USDT|USDC)")
_CLASS = re.compile(r"([A-Z]{1,5})([./])([A-Z])")
_NEW_YORK = "America/New_York"


def assume_facts(symbol: str) -> InstrumentFacts:
    """Return what the symbol says; no zone where it does not say one."""
    if symbol.endswith("=X"):
        return _facts(InstrumentKind.CURRENCY, "Europe/London")
    if symbol.endswith("=F"):
        return _facts(InstrumentKind.FUTURE, _NEW_YORK)
    if _COIN.fullmatch(symbol):
        return _facts(InstrumentKind.CRYPTO, "UTC")
    if symbol.startswith("^"):
        return _facts(InstrumentKind.INDEX, _INDEX_ZONES.get(symbol[1:]))
    _, dot, suffix = symbol.rpartition(".")
    return _facts(InstrumentKind.SHARE, _ZONES.get(suffix) if dot else _NEW_YORK)


def name_of_class(symbol: str) -> str | None:
    """Return how Yahoo writes a class of shares that others write ``BRK.B`` or ``BRK/B``; None for anything else.

    A dot also parts an exchange's letter (``VOD.L``), which is no class.
    """
    match = _CLASS.fullmatch(symbol)
    if match is None or (match[2] == "." and match[3] in _ZONES):
        return None
    return f"{match[1]}-{match[3]}"


def _facts(kind: InstrumentKind, zone: str | None) -> InstrumentFacts:
    return InstrumentFacts(kind=kind, timezone=zone)
