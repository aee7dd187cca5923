"""The contracts that the offline TWS knows: one for each listing of the market, and what is derived from some."""

import calendar
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from webapp.sandbox import catalogue, noise
from webapp.sandbox.listings import Kind, Listing, UnknownSymbolError

_PRIMARY = {
    "NMS": "NASDAQ",
    "NGM": "NASDAQ",
    "NYQ": "NYSE",
    "PCX": "ARCA",
    "PAR": "SBF",
    "LSE": "LSE",
    "GER": "IBIS",
    "JPX": "TSEJ",
    "TOR": "TSE",
}
_ALSO_AT = {"AIR.PA": "IBIS"}
"""Shares that are listed at a second exchange in the same currency: their symbol alone is ambiguous."""
_INDICES = {"^GSPC": ("SPX", "CBOE"), "^FCHI": ("CAC40", "MONEP")}
_ROOTS = {"GC=F": ("GC", "COMEX", 100, range(2, 13, 2)), "^GSPC": ("ES", "CME", 50, range(3, 13, 3))}
"""Futures by what they are of: symbol, exchange, multiplier, months."""
_MONTHS_AHEAD, _MONTHS_BACK = 15, 36
_STRIKES = (0.8, 0.9, 1.0, 1.1, 1.2)
_OPTIONS_OF = "AAPL"
_APPLE = 265598


@dataclass(frozen=True, slots=True)
class Paper:
    """A contract.

    :param listing: whose prices it has, or is derived from.
    :param expiry: the last trading day as ``YYYYMMDD``; empty where there is none.
    :param spread: what is added to the listing's prices (a future's basis).
    """

    con_id: int
    symbol: str
    sec_type: str
    exchange: str
    primary: str
    currency: str
    listing: Listing
    name: str
    expiry: str = ""
    strike: float = 0.0
    right: str = ""
    multiplier: str = ""
    local_symbol: str = ""
    spread: float = 0.0

    @property
    def day(self) -> dt.date | None:
        """The last trading day."""
        return dt.datetime.strptime(self.expiry, "%Y%m%d").date() if self.expiry else None  # noqa: DTZ007 (a date)


def shares() -> Iterator[Paper]:
    """Yield a contract for each share and fund that the market lists."""
    for listing in catalogue.listed():
        if listing.kind in (Kind.EQUITY, Kind.ETF) and listing.venue.currency and not listing.gone:
            yield _share(listing, _PRIMARY[listing.venue.code])
            if listing.symbol in _ALSO_AT:
                yield _share(listing, _ALSO_AT[listing.symbol])


def made_up(symbol: str) -> Paper | None:
    """Return the contract of a made-up share, such as SIM007; None for another symbol."""
    try:
        listing = catalogue.find(symbol)
    except UnknownSymbolError:
        return None
    return _share(listing, "NASDAQ") if symbol.startswith("SIM") else None


def _share(listing: Listing, primary: str) -> Paper:
    symbol = listing.symbol.partition(".")[0].replace("-", " ")
    return Paper(
        con_id=_APPLE if listing.symbol == "AAPL" else _number(f"{listing.symbol} {primary}"),
        symbol=symbol,
        sec_type="STK",
        exchange="SMART",
        primary=primary,
        currency=(listing.venue.currency or "").upper(),
        listing=listing,
        name=listing.name.upper(),
        local_symbol=symbol,
    )


def others() -> Iterator[Paper]:
    """Yield indices, currency pairs and coins."""
    for listing in catalogue.listed():
        if listing.symbol in _INDICES:
            symbol, exchange = _INDICES[listing.symbol]
            currency = listing.venue.currency or "USD"
            number = _number(f"IND {symbol}")
            yield Paper(number, symbol, "IND", exchange, "", currency, listing, listing.name, local_symbol=symbol)
        elif listing.kind is Kind.CURRENCY:
            first, second = listing.symbol[:3], listing.symbol[3:6]
            number, name = _number(f"CASH {first}{second}"), f"{first}.{second}"
            yield Paper(number, first, "CASH", "IDEALPRO", "", second, listing, name, local_symbol=name)
        elif listing.kind is Kind.CRYPTO:
            first, _, second = listing.symbol.partition("-")
            number, name = _number(f"CRYPTO {first}"), f"{first}.{second}"
            yield Paper(number, first, "CRYPTO", "PAXOS", "", second, listing, listing.name, local_symbol=name)


def futures(today: dt.date) -> Iterator[Paper]:
    """Yield the months of each future, from those that expired up to three years ago; the nearest first."""
    for underlying, (symbol, exchange, multiplier, months) in _ROOTS.items():
        listing = catalogue.find(underlying)
        first = today.year * 12 + today.month - 1 - _MONTHS_BACK
        for count in range(first, first + _MONTHS_BACK + _MONTHS_AHEAD):
            year, month = divmod(count, 12)
            if month + 1 in months:
                yield _future(listing, symbol, exchange, multiplier, third_friday(year, month + 1))


def _future(listing: Listing, symbol: str, exchange: str, multiplier: int, day: dt.date) -> Paper:
    steps = (day.year - 2000) * 12 + day.month
    local = f"{symbol}{'FGHJKMNQUVXZ'[day.month - 1]}{day.year % 10}"
    return Paper(
        con_id=_number(f"FUT {symbol} {day}"),
        symbol=symbol,
        sec_type="FUT",
        exchange=exchange,
        primary="",
        currency="USD",
        listing=listing,
        name=f"{listing.name} futures",
        expiry=f"{day:%Y%m%d}",
        multiplier=str(multiplier),
        local_symbol=local,
        spread=steps % 12 * 0.25,
    )


def continuous() -> Iterator[Paper]:
    """Yield the continuous series of each future; which month it stands for changes (see ``derived``)."""
    for underlying, (symbol, exchange, multiplier, _) in _ROOTS.items():
        listing = catalogue.find(underlying)
        name = f"{listing.name} futures"
        number = _number(f"CONTFUT {symbol}")
        yield Paper(
            number, symbol, "CONTFUT", exchange, "", "USD", listing, name, multiplier=str(multiplier),
            local_symbol=symbol,
        )  # fmt: skip


def options(today: dt.date) -> Iterator[Paper]:
    """Yield options on Apple: five strikes, calls and puts, this month's and the next ones."""
    listing = catalogue.find(_OPTIONS_OF)
    for count in range(-2, 4):
        year, month = divmod(today.year * 12 + today.month - 1 + count, 12)
        day = third_friday(year, month + 1)
        for share in _STRIKES:
            strike = float(round(listing.price * share / 10) * 10)
            for right in ("C", "P"):
                yield Paper(
                    con_id=_number(f"OPT {day} {strike} {right}"),
                    symbol=_OPTIONS_OF,
                    sec_type="OPT",
                    exchange="SMART",
                    primary="",
                    currency="USD",
                    listing=listing,
                    name=listing.name.upper(),
                    expiry=f"{day:%Y%m%d}",
                    strike=strike,
                    right=right,
                    multiplier="100",
                    local_symbol=f"{_OPTIONS_OF:6}{day:%y%m%d}{right}{round(strike * 1000):08}",
                )


def third_friday(year: int, month: int) -> dt.date:
    """Return the day on which futures and options of a month expire."""
    first = dt.date(year, month, 1)
    return first + dt.timedelta(days=(calendar.FRIDAY - first.weekday()) % 7 + 14)


def _number(text: str) -> int:
    return 10_000_000 + noise.seed_of(text) % 800_000_000
