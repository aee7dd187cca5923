"""From a contract as a person names it to the one that IBKR knows, and back."""

import re
from collections.abc import Sequence

from webapp.errors import InvalidRequestError, sentence
from webapp.kernel.job_states import ErrorKind
from webapp.sources.base import SearchHit, SourceError
from webapp.sources.ibkr import library
from webapp.sources.ibkr.connection.details import Details, Sample
from webapp.sources.ibkr.contract_names import Contract, SecType, contract_of

MAX_CHOICES = 12
_CLASS_SHARE = re.compile(r"([A-Z0-9]+)[.\-]([A-Z])")
_AMERICAN = frozenset({"", "NASDAQ", "NYSE", "ARCA", "AMEX", "BATS", "IEX", "ISLAND", "PINK"})
_KINDS = {kind.value for kind in SecType}


def query_contract(contract: Contract) -> object:
    """Return the library's contract to ask TWS about: with what the person gave, and nothing else."""
    fields: dict[str, object] = {
        "symbol": ibkr_symbol(contract),
        "secType": contract.kind.value,
        "exchange": contract.exchange,
        "currency": contract.currency,
        "primaryExchange": contract.primary,
        "lastTradeDateOrContractMonth": contract.expiry,
        "right": contract.right,
        "includeExpired": contract.kind is SecType.FUTURE,
    }
    if contract.strike:
        fields["strike"] = float(contract.strike)
    return library.new_contract(**fields)


def qualify(contract: Contract, details: Details) -> object:
    """Return the library's contract to ask history of: the very one that was found.

    A continuous future has an id that changes as it rolls over, so it is asked by its name.
    """
    if contract.kind is SecType.CONTINUOUS:
        return query_contract(contract)
    return library.new_contract(
        conId=details.contract_id,
        symbol=details.symbol,
        secType=details.kind,
        exchange=contract.exchange,
        primaryExchange=details.primary,
        currency=details.currency,
        lastTradeDateOrContractMonth=details.expiry,
        strike=details.strike,
        right=details.right,
        multiplier=details.multiplier,
        localSymbol=details.local_symbol,
        tradingClass=details.trading_class,
        includeExpired=contract.kind is SecType.FUTURE,
    )


def ibkr_symbol(contract: Contract) -> str:
    """Return the symbol as IBKR writes it: a class of shares after a space (``BRK B``)."""
    match = _CLASS_SHARE.fullmatch(contract.symbol)
    if contract.kind in (SecType.STOCK, SecType.OPTION) and match:
        return f"{match[1]} {match[2]}"
    return contract.symbol


def pick_contract(contract: Contract, candidates: Sequence[Details]) -> Details | None:
    """Return the one contract that fits; None when there is none.

    :raises SourceError: with choices when several do.
    """
    by_name: dict[str, Details] = {}
    for details in sorted({each.contract_id: each for each in candidates}.values(), key=_preference):
        by_name.setdefault(name_of(contract, details), details)
    if contract.kind is SecType.CONTINUOUS and by_name:
        return next(iter(by_name.values()))
    if len(by_name) > 1:
        raise _ambiguity_error(contract, by_name)
    return next(iter(by_name.values()), None)


def name_of(contract: Contract, details: Details) -> str:
    """Return the name here of a contract that TWS found for another one: whole, so that it is unambiguous."""
    return Contract(
        symbol=details.symbol.replace(" ", "."),
        kind=contract.kind,
        exchange=contract.exchange,
        currency=details.currency,
        primary=_before_dot(details.primary) if contract.kind is SecType.STOCK else "",
        expiry=details.expiry if contract.kind in (SecType.FUTURE, SecType.OPTION) else "",
        strike=f"{details.strike:g}" if contract.kind is SecType.OPTION else "",
        right=details.right if contract.kind is SecType.OPTION else "",
    ).name


def search_hits(samples: Sequence[Sample]) -> list[SearchHit]:
    """Return what a search found, each by the name that can be collected; what cannot be is left out."""
    hits: dict[str, SearchHit] = {}
    for sample in samples:
        if sample.kind in _KINDS and (name := _name_of_sample(sample)):
            hits.setdefault(name, SearchHit(name, sample.name, sample.primary, sample.kind))
    return list(hits.values())


def _name_of_sample(sample: Sample) -> str | None:
    kind, primary = SecType(sample.kind), _before_dot(sample.primary)
    symbol = sample.symbol.replace(" ", ".").upper()
    if kind is SecType.STOCK:
        is_plain = sample.currency == "USD" and primary in _AMERICAN
        contract = Contract(symbol, kind, "SMART", sample.currency, "" if is_plain else primary)
    else:
        contract = Contract(symbol, kind, primary, sample.currency)
    try:
        return contract_of(contract.name).name
    except InvalidRequestError:
        return None


def _preference(details: Details) -> tuple[bool, bool, int]:
    """Sort what differs in nothing that a person could choose by: the usual class first (SPX before SPXW)."""
    return details.trading_class != details.symbol, details.multiplier not in ("", "100"), details.contract_id


def _ambiguity_error(contract: Contract, candidates: dict[str, Details]) -> SourceError:
    choices = [
        SearchHit(name, f"{each.name} {each.local_symbol}".strip(), each.primary or each.exchange, each.kind)
        for name, each in list(candidates.items())[:MAX_CHOICES]
    ]
    message = sentence(
        "“%(symbol)s” is ambiguous at Interactive Brokers: %(count)d contracts fit. Choose one.",
        symbol=contract.name,
        count=len(candidates),
    )
    hint = sentence("For example %(first)s.", first=choices[0].symbol)
    return SourceError(ErrorKind.BAD_REQUEST, message, hint=hint, choices=choices)


def _before_dot(exchange: str) -> str:
    """Return the part of an exchange's name that TWS takes in a request (``NASDAQ`` of ``NASDAQ.NMS``)."""
    return exchange.partition(".")[0]
