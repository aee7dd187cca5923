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
    "XLIM": "Lima",
    "XBOG": "Bogotá",
    "XBDA": "Bermuda",
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
    "XSTU": "Stuttgart",
    "XDUS": "Düsseldorf",
    "XHAM": "Hamburg",
    "XLUX": "Luxembourg",
    "XSWX": "Zürich",
    "XWBO": "Wien",
    "XSTO": "Stockholm",
    "XCSE": "København",
    "XHEL": "Helsinki",
    "XOSL": "Oslo",
    "XICE": "Reykjavík",
    "XTAL": "Tallinn",
    "XRIS": "Rīga",
    "XLIT": "Vilnius",
    "XWAR": "Warszawa",
    "XPRA": "Praha",
    "XBUD": "Budapest",
    "XBRA": "Bratislava",
    "XLJU": "Ljubljana",
    "XZAG": "Zagreb",
    "XBEL": "Beograd",
    "XBSE": "București",
    "ASEX": "Athína",
    "XCYS": "Lefkosía",
    "XIST": "İstanbul",
    "XMOS": "Moskva",
    "XTAE": "Tel Aviv",
    "XSAU": "Saudi Exchange",
    "XJSE": "Johannesburg",
    "XTKS": "Tokyo",
    "XHKG": "Hong Kong",
    "XSHG": "Shanghai, Shenzhen",
    "XTAI": "Taipei",
    "XKRX": "Seoul",
    "XBOM": "Mumbai",
    "XKAR": "Karachi",
    "AIXK": "Astana",
    "XSES": "Singapore",
    "XKLS": "Kuala Lumpur",
    "XIDX": "Jakarta",
    "XBKK": "Bangkok",
    "XPHS": "Manila",
    "XASX": "Sydney",
    "XNZE": "Wellington",
    FUTURES: "CME Globex",
    "us_futures": "US futures",
    "IEPA": "ICE Futures US",
    "XCBF": "Cboe Futures",
    "XEUR": "Eurex",
    "XEEE": "EEX",
    WEEKDAYS: "24/5",
    ALWAYS: "24/7",
}
"""Every calendar that may be chosen, all that ``exchange_calendars`` has, with its exchange or city as people there
write it."""

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
    "America/Lima": "XLIM",
    "America/Bogota": "XBOG",
    "Atlantic/Bermuda": "XBDA",
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
    "Atlantic/Reykjavik": "XICE",
    "Europe/Tallinn": "XTAL",
    "Europe/Riga": "XRIS",
    "Europe/Vilnius": "XLIT",
    "Europe/Luxembourg": "XLUX",
    "Europe/Bratislava": "XBRA",
    "Europe/Ljubljana": "XLJU",
    "Europe/Zagreb": "XZAG",
    "Europe/Belgrade": "XBEL",
    "Europe/Bucharest": "XBSE",
    "Asia/Nicosia": "XCYS",
    "Europe/Moscow": "XMOS",
    "Europe/Warsaw": "XWAR",
    "Europe/Prague": "XPRA",
    "Europe/Budapest": "XBUD",
    "Europe/Athens": "ASEX",
    "Europe/Istanbul": "XIST",
    "Asia/Jerusalem": "XTAE",
    "Asia/Riyadh": "XSAU",
    "Asia/Karachi": "XKAR",
    "Asia/Almaty": "AIXK",
    "Asia/Manila": "XPHS",
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


_PLACES = {
    **dict.fromkeys((FUTURES, "XCBF"), "America/Chicago"),
    **dict.fromkeys(("us_futures", "IEPA"), "America/New_York"),
    **dict.fromkeys(("XEUR", "XEEE", "XFRA", "XSTU", "XDUS", "XHAM"), "Europe/Berlin"),
}
"""The zones of calendars that no zone alone means."""


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

    Futures and currencies begin their week on Sunday evening, Tel Aviv traded on Sundays until 2026, Riyadh does, and
    an exchange that nobody knows (``24/5``) may trade on any day.
    """
    return code not in (ALWAYS, WEEKDAYS, FUTURES, "us_futures", "IEPA", "XCBF", "XTAE", "XSAU")


def zone_of(code: str) -> str | None:
    """Return the time zone of a calendar's exchange (a name of the IANA's); None for those of no place."""
    return _PLACES.get(code) or next((zone for zone, named in _ZONES.items() if named == code), None)
