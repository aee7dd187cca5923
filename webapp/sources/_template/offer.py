"""What Template serves: days, as far back as it has any. Pure: the web loads it, and nobody is asked."""

from webapp.kernel.instruments import InstrumentFacts, InstrumentKind
from webapp.kernel.intervals import HOUR, Interval
from webapp.kernel.symbols import Grammar
from webapp.sources.kit.offer import StaticOffer

GRAMMAR = Grammar(examples=("ABC", "XYZ"))
OFFER = StaticOffer(
    name="template",
    label="Template",
    kept_days={Interval.D1: None},
    finality_delay=2 * HOUR,
    grammar=GRAMMAR,
)
FACTS = InstrumentFacts(
    kind=InstrumentKind.SHARE,
    currency="USD",
    exchange="XNYS",
    timezone="America/New_York",
    session_open=9 * HOUR + HOUR // 2,
    session_close=16 * HOUR,
)
"""The service says nothing of its instruments: all are shares in New York."""


def assume_facts(symbol: str) -> InstrumentFacts:  # noqa: ARG001 -- whatever the symbol
    """Return what is assumed of an instrument before its first answer."""
    return FACTS
