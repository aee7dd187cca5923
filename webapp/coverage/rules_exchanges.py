"""Which calendar an instrument follows: from the exchange as its source names it, else from its time zone.

A calendar is named by the exchange's ISO 10383 code, as ``exchange_calendars`` names them; ``24/7`` and ``24/5`` are
the two without holidays. A person may choose another one, since a source's names are not always what they seem.
"""

from webapp.kernel.instruments import InstrumentFacts, InstrumentKind
from webapp.sources.registry import EXCHANGES

ALWAYS = "24/7"
WEEKDAYS = "24/5"
FUTURES = "CMES"

CALENDARS: dict[str, str] = {
    "XNYS": "New York",
    "XTSE": "Toronto",
    "XMEX": "México",
    "BVMF": "São Paulo",
    "XBUE": "Buenos Aires",
    "XSGO": "Santiago",
    "XLON": "London",
    "XDUB": "Dublin",
    "XPAR": "Euronext Paris",
    "XAMS": "Euronext Amsterdam",
    "XBRU": "Euronext Bruxelles",
    "XLIS": "Euronext Lisboa",
    "XMIL": "Milano",
    "XMAD": "Madrid",
    "XETR": "Xetra",
    "XFRA": "Frankfurt",
    "XSWX": "Zürich",
    "XWBO": "Wien",
    "XSTO": "Stockholm",
    "XCSE": "København",
    "XHEL": "Helsinki",
    "XOSL": "Oslo",
    "XWAR": "Warszawa",
    "XPRA": "Praha",
    "XBUD": "Budapest",
    "ASEX": "Athína",
    "XIST": "İstanbul",
    "XTAE": "Tel Aviv",
    "XJSE": "Johannesburg",
    "XTKS": "Tokyo",
    "XHKG": "Hong Kong",
    "XSHG": "Shanghai, Shenzhen",
    "XTAI": "Taipei",
    "XKRX": "Seoul",
    "XBOM": "Mumbai",
    "XSES": "Singapore",
    "XKLS": "Kuala Lumpur",
    "XIDX": "Jakarta",
    "XBKK": "Bangkok",
    "XASX": "Sydney",
    "XNZE": "Wellington",
    FUTURES: "CME Globex",
    "IEPA": "ICE Futures US",
    "XEUR": "Eurex",
    WEEKDAYS: "24/5",
    ALWAYS: "24/7",
}
"""Every calendar that may be chosen, with the name of its exchange or city as people there write it."""

_KINDS = {InstrumentKind.CRYPTO: ALWAYS, InstrumentKind.CURRENCY: WEEKDAYS}
_ZONES = {
    "America/New_York": "XNYS",
    "America/Chicago": "XNYS",
    "America/Toronto": "XTSE",
    "America/Mexico_City": "XMEX",
    "America/Sao_Paulo": "BVMF",
    "America/Buenos_Aires": "XBUE",
    "America/Argentina/Buenos_Aires": "XBUE",
    "America/Santiago": "XSGO",
    "Europe/London": "XLON",
    "Europe/Dublin": "XDUB",
    "Europe/Paris": "XPAR",
    "Europe/Amsterdam": "XAMS",
    "Europe/Brussels": "XBRU",
    "Europe/Lisbon": "XLIS",
    "Europe/Rome": "XMIL",
    "Europe/Madrid": "XMAD",
    "Europe/Berlin": "XETR",
    "Europe/Zurich": "XSWX",
    "Europe/Vienna": "XWBO",
    "Europe/Stockholm": "XSTO",
    "Europe/Copenhagen": "XCSE",
    "Europe/Helsinki": "XHEL",
    "Europe/Oslo": "XOSL",
    "Europe/Warsaw": "XWAR",
    "Europe/Prague": "XPRA",
    "Europe/Budapest": "XBUD",
    "Europe/Athens": "ASEX",
    "Europe/Istanbul": "XIST",
    "Asia/Jerusalem": "XTAE",
    "Africa/Johannesburg": "XJSE",
    "Asia/Tokyo": "XTKS",
    "Asia/Hong_Kong": "XHKG",
    "Asia/Shanghai": "XSHG",
    "Asia/Taipei": "XTAI",
    "Asia/Seoul": "XKRX",
    "Asia/Kolkata": "XBOM",
    "Asia/Singapore": "XSES",
    "Asia/Kuala_Lumpur": "XKLS",
    "Asia/Jakarta": "XIDX",
    "Asia/Bangkok": "XBKK",
    "Australia/Sydney": "XASX",
    "Pacific/Auckland": "XNZE",
}


def calendar_of(facts: InstrumentFacts) -> str:
    """Return the calendar that an instrument follows; of what is not known, every weekday is expected.

    An exchange may be named by its calendar's code (``XPAR``), or as a source's manifest says that it is called.
    """
    kind = facts.instrument_kind
    if kind in _KINDS:
        return _KINDS[kind]
    exchange = (facts.exchange or "").strip().upper()
    named = exchange if exchange in CALENDARS else EXCHANGES.get(exchange)
    if named:
        return named
    if kind is InstrumentKind.FUTURE and (facts.timezone or "").startswith("America/"):
        return FUTURES
    return _ZONES.get(facts.timezone or "", WEEKDAYS)


def rests_on_weekends(code: str) -> bool:
    """Tell whether nothing is ever traded on a Saturday or Sunday by a calendar, in the exchange's own time.

    Futures and currencies begin their week on Sunday evening, Tel Aviv traded on Sundays until 2026, and an exchange
    that nobody knows (``24/5``) may trade on any day.
    """
    return code not in (ALWAYS, WEEKDAYS, FUTURES, "IEPA", "XTAE")


def zone_of(code: str) -> str | None:
    """Return the time zone of a calendar's exchange (a name of the IANA's); None for those of no place."""
    special = {FUTURES: "America/Chicago", "IEPA": "America/New_York", "XEUR": "Europe/Berlin", "XFRA": "Europe/Berlin"}
    return special.get(code) or next((zone for zone, named in _ZONES.items() if named == code), None)
