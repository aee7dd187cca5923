"""How a source may have changed what it delivered before."""

from enum import StrEnum


class RestatementKind(StrEnum):
    """What became of stored values."""

    REBASED = "rebased"
    PRICES = "prices"
    VOLUMES = "volumes"
    PAYOUTS = "payouts"
