"""What the example serves: days for ever, hours for 90 days, in four variants."""

from webapp.kernel.intervals import DAY, Interval
from webapp.kernel.symbols import Grammar
from webapp.sources.kit.offer import StaticOffer

GRAMMAR = Grammar(examples=("GOOD-USD", "FINE-EUR"))
VENUES = ("north", "south")


class ExampleOffer(StaticOffer):
    """See ``webapp.sources.base.Offer``."""

    def variant(self, options: dict[str, str]) -> str:
        words = ["gross"] if options.get("gross") == "true" else []
        return "+".join([*words, *filter(None, [options.get("venue")])])

    def options_of(self, variant: str) -> dict[str, str]:
        return dict(_option_of(word) for word in variant.split("+") if word)


def _option_of(word: str) -> tuple[str, str]:
    return ("gross", "true") if word == "gross" else ("venue", word)


OFFER = ExampleOffer(
    name="example",
    label="Example Exchange",
    kept_days={Interval.D1: None, Interval.H1: 90},
    longest_chunks={Interval.D1: 365 * DAY, Interval.H1: 30 * DAY},
    grammar=GRAMMAR,
)
