"""Which bars are to be read, and how they are laid out; it takes no NumPy to say that."""

import datetime as dt
from dataclasses import dataclass, field

from webapp.framing.arguments import FrameShape
from webapp.kernel.intervals import Interval


@dataclass(frozen=True, slots=True)
class BarsRequest:
    """What is to be read of each symbol, and how it is laid out."""

    source: str | None
    interval: Interval
    adjust: str
    shape: FrameShape
    start: dt.date | None = None
    end: dt.date | None = None
    complete_only: bool = False
    options: dict[str, str] = field(default_factory=dict)
