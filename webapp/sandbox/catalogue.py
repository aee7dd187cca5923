"""The instruments of the offline market.

Names, places and the dates of splits are those of the world, so that a demonstration looks familiar; every
price is invented.
"""

import re
from datetime import date

import numpy as np

from webapp.sandbox import american_listings, noise, venues, world_listings
from webapp.sandbox.listings import Kind, Listing, Payments, UnknownSymbolError, splits

_QUARTERS = (2, 5, 8, 11)
_MADE_UP = re.compile(r"SIM\d{3}")

_LISTINGS = american_listings.LISTINGS + world_listings.LISTINGS
_BY_SYMBOL = {listing.symbol: listing for listing in _LISTINGS}


def find(symbol: str) -> Listing:
    """Return the listing of a symbol, in capitals as Yahoo writes it.

    ``SIM000`` to ``SIM999`` are made up when asked for: as many more instruments as a measurement needs.

    :raises UnknownSymbolError: nobody ever listed it.
    """
    listing = _BY_SYMBOL.get(symbol)
    if listing is not None:
        return listing
    if _MADE_UP.fullmatch(symbol):
        return _made_up(symbol)
    message = f"{symbol} is not listed on the offline market."
    raise UnknownSymbolError(message)


def listed() -> tuple[Listing, ...]:
    """Return all listings but those that are made up."""
    return _LISTINGS


def search(text: str) -> list[Listing]:
    """Return the listings that a text may mean, the best match first; none for an empty text."""
    query = text.strip().upper()
    if not query:
        return []
    if _MADE_UP.fullmatch(query):
        return [_made_up(query)]
    ranked = [(_rank(listing, query), listing.symbol) for listing in _LISTINGS]
    return [_BY_SYMBOL[symbol] for rank, symbol in sorted(ranked) if rank]


def _rank(listing: Listing, query: str) -> int:
    """Return 1 for the best kind of match, then 2, 3, 4; 0 for none."""
    name = listing.name.upper()
    matches = (
        listing.symbol == query,
        listing.symbol.startswith(query),
        any(word.startswith(query) for word in name.split()),
        query in listing.symbol or query in name,
    )
    return next((rank for rank, match in enumerate(matches, start=1) if match), 0)


def _made_up(symbol: str) -> Listing:
    """Invent a listing from nothing but its symbol."""
    dice = noise.uniform(noise.seeds(noise.seed_of(symbol), 0, np.arange(4))).tolist()
    number = int(symbol.removeprefix("SIM"))
    return Listing(
        symbol=symbol,
        name=f"Simulated {number:03} Inc.",
        kind=Kind.EQUITY,
        venue=venues.NASDAQ,
        first=date(2000, 1, 3),
        first_price=5 + 60 * dice[0],
        price=20 + 400 * dice[1],
        volatility=0.008 + 0.02 * dice[2],
        volume=100_000 + 30_000_000 * dice[3],
        splits=splits("2012-06-11 2") if number % 5 == 0 else (),
        dividends=Payments(_QUARTERS, 8, 0.02, 2001) if number % 2 == 0 else None,
    )
