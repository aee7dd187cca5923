"""Search and the facts about single instruments, as little of them as a client needs."""

from collections.abc import Mapping

from webapp.sandbox.listings import Kind, Listing
from webapp.sandbox.market import Market
from webapp.sandbox.view import View
from webapp.sandbox.yahoo.answers import Document, RefusalError

_TYPES = {Kind.ETF: "ETF", Kind.CRYPTO: "Cryptocurrency", Kind.FUND: "Fund"}
_BEST_SCORE = 3_000_000
_QUOTES = 6


def search(market: Market, query: Mapping[str, str]) -> Document:
    """Return the listings that a text may mean."""
    listings = market.search(query.get("q", ""))
    limit = query.get("quotesCount", "")
    quotes = listings[: int(limit) if limit.isdecimal() else _QUOTES]
    return {
        "explains": [],
        "count": len(quotes),
        "quotes": [_quote(listing, _BEST_SCORE // 10**place) for place, listing in enumerate(quotes)],
        **{name: [] for name in ("news", "nav", "lists", "researchReports", "screenerFieldResults")},
        "totalTime": 1,
    }


def quote_summary(market: Market, symbol: str) -> Document:
    """Return the modules ``quoteType`` and ``price`` of a symbol.

    :raises UnknownSymbolError: the market does not know it.
    :raises RefusalError: it is gone.
    """
    facts = _facts(market.view(symbol))
    names = (
        "exchange",
        "quoteType",
        "symbol",
        "shortName",
        "longName",
        "timeZoneFullName",
        "gmtOffSetMilliseconds",
    )
    kind = {name: facts[name] for name in names if name in facts}
    price = {name: facts[name] for name in ("symbol", "currency", "regularMarketPrice", "exchangeName", "shortName")}
    return {"quoteSummary": {"result": [{"quoteType": kind, "price": price}], "error": None}}


def quotes(market: Market, symbols: list[str]) -> Document:
    """Return the last prices of symbols.

    :raises UnknownSymbolError: the market does not know one.
    :raises RefusalError: one is gone.
    """
    result = [_facts(market.view(symbol)) for symbol in symbols if symbol]
    return {"quoteResponse": {"result": result, "error": None}}


def _quote(listing: Listing, score: int) -> Document:
    return {
        "exchange": listing.venue.code,
        "shortname": listing.name,
        "quoteType": str(listing.kind),
        "symbol": listing.symbol,
        "index": "quotes",
        "score": max(score, 20_000),
        "typeDisp": _TYPES.get(listing.kind, listing.kind.capitalize()),
        "longname": listing.name,
        "exchDisp": listing.venue.display,
        "isYahooFinance": True,
    }


def _facts(view: View) -> Document:
    listing = view.listing
    if listing.gone:
        text = f"Quote not found for symbol: {listing.symbol}"
        raise RefusalError(404, "Not Found", text)
    daily = view.daily()
    return {
        "symbol": listing.symbol,
        "quoteType": str(listing.kind),
        "shortName": listing.name,
        "longName": listing.name,
        "exchange": listing.venue.code,
        "exchangeName": listing.venue.name,
        "fullExchangeName": listing.venue.name,
        "currency": listing.venue.currency,
        "exchangeTimezoneName": listing.venue.timezone,
        "timeZoneFullName": listing.venue.timezone,
        "regularMarketPrice": float(daily.close[-1]) if len(daily) else None,
    }
