"""What TWS says of a contract, as values of our own."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Details:
    """One contract that TWS knows. ``expiry`` is ``YYYYMMDD`` or empty; hours are TWS's own texts."""

    contract_id: int
    symbol: str
    kind: str
    exchange: str
    primary: str
    currency: str
    expiry: str
    strike: float
    right: str
    multiplier: str
    local_symbol: str
    trading_class: str
    name: str
    stock_type: str
    min_tick: float
    timezone: str
    trading_hours: str
    liquid_hours: str


@dataclass(frozen=True, slots=True)
class Sample:
    """One instrument that a search by name found."""

    symbol: str
    kind: str
    primary: str
    currency: str
    name: str


def parse_details(data: Any) -> Details:  # noqa: ANN401 -- the library's ContractDetails
    """Return the library's contract details as ours."""
    contract = data.contract
    return Details(
        contract_id=int(contract.conId),
        symbol=contract.symbol,
        kind=contract.secType,
        exchange=contract.exchange,
        primary=contract.primaryExchange,
        currency=contract.currency,
        expiry=contract.lastTradeDateOrContractMonth[:8],
        strike=float(contract.strike),
        right=contract.right[:1],
        multiplier=contract.multiplier,
        local_symbol=contract.localSymbol,
        trading_class=contract.tradingClass,
        name=data.longName,
        stock_type=data.stockType,
        min_tick=float(data.minTick),
        timezone=data.timeZoneId,
        trading_hours=data.tradingHours,
        liquid_hours=data.liquidHours,
    )


def parse_sample(data: Any) -> Sample:  # noqa: ANN401 -- the library's ContractDescription
    """Return the library's contract description as ours."""
    contract = data.contract
    return Sample(
        symbol=contract.symbol,
        kind=contract.secType,
        primary=contract.primaryExchange,
        currency=contract.currency,
        name=contract.description,
    )
