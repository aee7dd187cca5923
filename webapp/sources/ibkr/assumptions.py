"""What a contract's name says of an instrument that was never asked for: its kind, exchange and time zone.

A share that SMART routes is taken for one of its currency's country; the exchanges are IBKR's names of them. What the
contract's details say later takes the place of all this.
"""

from webapp.errors import InvalidRequestError
from webapp.kernel.instruments import InstrumentFacts, InstrumentKind
from webapp.sources.ibkr.contract_names import Contract, SecType, contract_of

_EXCHANGES = {
    "America/New_York": "NASDAQ NYSE ARCA AMEX BATS IEX ISLAND IDEALPRO NYMEX COMEX NYBOT",
    "America/Chicago": "CME CBOT CBOE CFE GLOBEX ECBOT",
    "America/Toronto": "TSE VENTURE",
    "America/Mexico_City": "MEXI",
    "Europe/London": "LSE LSEETF ICEEU",
    "Europe/Paris": "SBF",
    "Europe/Amsterdam": "AEB FTA",
    "Europe/Brussels": "ENEXT.BE",
    "Europe/Lisbon": "BVL",
    "Europe/Rome": "BVME",
    "Europe/Madrid": "BM MEFFRV",
    "Europe/Berlin": "IBIS IBIS2 FWB FWB2 SWB EUREX DTB",
    "Europe/Zurich": "EBS",
    "Europe/Vienna": "VSE",
    "Europe/Stockholm": "SFB OMS",
    "Europe/Copenhagen": "CPH",
    "Europe/Helsinki": "HEX",
    "Europe/Oslo": "OSE",
    "Europe/Warsaw": "WSE",
    "Asia/Jerusalem": "TASE",
    "Asia/Tokyo": "TSEJ OSE.JPN",
    "Asia/Hong_Kong": "SEHK HKFE",
    "Asia/Singapore": "SGX",
    "Asia/Kolkata": "NSE",
    "Australia/Sydney": "ASX SNFE",
}
_ZONES = {name: zone for zone, names in _EXCHANGES.items() for name in names.split()}
_CURRENCIES = {
    "USD": "America/New_York",
    "CAD": "America/Toronto",
    "MXN": "America/Mexico_City",
    "EUR": "Europe/Paris",
    "GBP": "Europe/London",
    "CHF": "Europe/Zurich",
    "SEK": "Europe/Stockholm",
    "DKK": "Europe/Copenhagen",
    "NOK": "Europe/Oslo",
    "PLN": "Europe/Warsaw",
    "HUF": "Europe/Budapest",
    "CZK": "Europe/Prague",
    "ILS": "Asia/Jerusalem",
    "JPY": "Asia/Tokyo",
    "HKD": "Asia/Hong_Kong",
    "SGD": "Asia/Singapore",
    "INR": "Asia/Kolkata",
    "AUD": "Australia/Sydney",
}
_KINDS = {
    SecType.STOCK: InstrumentKind.SHARE,
    SecType.INDEX: InstrumentKind.INDEX,
    SecType.FOREX: InstrumentKind.CURRENCY,
    SecType.FUTURE: InstrumentKind.FUTURE,
    SecType.CONTINUOUS: InstrumentKind.FUTURE,
    SecType.OPTION: InstrumentKind.OPTION,
    SecType.CRYPTO: InstrumentKind.CRYPTO,
}


def assume_facts(name: str) -> InstrumentFacts:
    """Return what a contract's name says; no zone where it does not say one."""
    try:
        contract = contract_of(name)
    except InvalidRequestError:
        return InstrumentFacts()
    exchange = contract.primary or contract.exchange
    return InstrumentFacts(kind=_KINDS[contract.kind], exchange=exchange, timezone=_zone(contract, exchange))


def _zone(contract: Contract, exchange: str) -> str | None:
    if exchange == "SMART":
        return _CURRENCIES.get(contract.currency)
    return _ZONES.get(exchange)
