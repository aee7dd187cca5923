"""What Template serves: days, as far back as it has any. Pure: the web loads it, and nobody is asked."""

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
