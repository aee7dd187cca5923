"""What a source says of an instrument, as plain values."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class InstrumentFacts:
    """What a source says of an instrument; None where it does not say.

    ``timezone`` is an IANA name; ``session_open`` and ``session_close`` are seconds after local midnight of the
    regular session; ``first_trade`` and ``last_trade`` are epoch seconds. ``currency`` is kept as the source writes it
    (``GBp`` is a hundredth of a pound, and stays ``GBp``). ``contract_id`` is IBKR's ``conId``.
    """

    name: str | None = None
    kind: str | None = None
    currency: str | None = None
    exchange: str | None = None
    timezone: str | None = None
    session_open: int | None = None
    session_close: int | None = None
    first_trade: int | None = None
    last_trade: int | None = None
    price_decimals: int | None = None
    contract_id: int | None = None
