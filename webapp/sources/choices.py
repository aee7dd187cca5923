"""What the sources offer, as plain values for forms; nothing is asked of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypedDict
from zoneinfo import ZoneInfo

from webapp.errors import InvalidRequestError, Sentence
from webapp.kernel.instruments import InstrumentFacts, InstrumentKind, Listing
from webapp.kernel.intervals import Interval
from webapp.kernel.requests import EARLIEST
from webapp.kernel.spans import Span
from webapp.kernel.symbols import USUAL_GRAMMAR, Grammar
from webapp.sources import registry
from webapp.sources.base import SeriesQuery
from webapp.sources.form_fields import FormShape, OptionChoice, OptionField, ShapeForm
from webapp.sources.manifest import Capabilities, GatewaySettings, Option
from webapp.sources.registry import COLLECTING, MANIFESTS, OFFERS, capabilities_of
from webapp.sources.wording import VariantMeaning, describe_plainly


class SourceOptions(TypedDict, total=False):
    """The options that type checkers of scripts know; the manifests say which are whose.

    An option needs no line here to be taken: only a script that names it, and is checked, does.
    """

    prepost: bool
    sec_type: str
    exchange: str
    currency: str
    primary_exchange: str
    expiry: str
    strike: str
    right: str
    what: str
    rth: bool
    gateway: str


@dataclass(frozen=True, slots=True)
class IntervalChoice:
    """An interval that a source serves, and why it does not reach back for ever (None when it does)."""

    interval: Interval
    limit: Sentence | None


@dataclass(frozen=True, slots=True)
class SourceChoice:
    """A source that a form may offer."""

    name: str
    label: str
    intervals: tuple[IntervalChoice, ...]
    grammar: Grammar
    capabilities: Capabilities
    options: tuple[Option, ...]
    """Those for which a form has a field by their label."""
    shape: ShapeForm | None = None
    """Says which fields there are, where that depends on what was chosen."""

    @property
    def boxes(self) -> tuple[Option, ...]:
        """The options for which a form has a box to tick."""
        return tuple(option for option in self.options if option.is_box)

    def form(self, texts: Mapping[str, str]) -> FormShape:
        """Return what a form has besides the boxes, given the texts of its options so far."""
        if self.shape:
            return self.shape(texts)
        fields = tuple(_described_field(option) for option in self.options if not option.is_box)
        return FormShape(fields, self.grammar.examples)


def _described_field(option: Option) -> OptionField:
    """Return the field of an option that its manifest describes; a list begins with nothing chosen."""
    field = option.field
    values = ("", *field.values) if field.values else ()
    return OptionField(
        field.name,
        option.label or Sentence(field.name),
        tuple(OptionChoice(value, Sentence(value)) for value in values),
        hint=option.hint,
        longest=field.longest,
        is_intraday=option.is_intraday,
    )


def choices(now: float) -> tuple[SourceChoice, ...]:
    """Return every source that can be asked, with the intervals that it serves now (epoch seconds)."""
    everything = Span(EARLIEST, int(now))
    sources = []
    for manifest in (MANIFESTS[name] for name in COLLECTING):
        offer = manifest.offer
        options = tuple(option for option in manifest.options if option.label)
        intervals = []
        for interval in sorted(offer.intervals, key=lambda interval: interval.seconds):
            _, refusals = offer.split_servable(SeriesQuery(offer.example, interval), everything, now)
            intervals.append(IntervalChoice(interval, refusals[0].reason if refusals else None))
        sources.append(
            SourceChoice(
                offer.name,
                offer.label,
                tuple(intervals),
                manifest.grammar,
                manifest.capabilities,
                options,
                manifest.shape_form,
            )
        )
    return tuple(sources)


def has_gateways(source: str) -> bool:
    """Tell whether a source is reached through gateways."""
    return capabilities_of(source).has_gateways


def has_search(source: str) -> bool:
    """Tell whether a source finds instruments by a part of their name."""
    return capabilities_of(source).has_search


def gateway_settings() -> GatewaySettings:
    """Return where the gateways of the source that has some usually are."""
    return registry.gateway_settings()


def can_be_asked(source: str) -> bool:
    """Tell whether bars can be collected from a source; not from one that is no longer there, nor from files."""
    return capabilities_of(source).is_collected


def is_imported(source: str) -> bool:
    """Tell whether a source's bars come from a person's files."""
    return source in OFFERS and source not in COLLECTING


def grammar_of(source: str) -> Grammar:
    """Return how a source's symbols are written; the usual way for one that is no longer there."""
    manifest = MANIFESTS.get(source)
    return manifest.grammar if manifest else USUAL_GRAMMAR


def split_symbols(source: str, text: str | Iterable[str]) -> tuple[str, ...]:
    """Return the symbols in a pasted text, or in several, as a source writes them, each once; none is checked."""
    return tuple(grammar_of(source).split(text))


def kind_of(source: str, word: str) -> InstrumentKind:
    """Return what a source's word for a kind of instrument means; UNKNOWN for one that nobody knows."""
    manifest = MANIFESTS.get(source)
    meaning = manifest.kinds.get(word.upper()) if manifest else None
    return meaning or InstrumentKind.parse(word)


def variant_of(source: str, variant: str) -> VariantMeaning:
    """Return what a variant of a source's series means."""
    manifest = MANIFESTS.get(source)
    return (manifest.describe_variant if manifest else describe_plainly)(variant)


def listing_of(source: str, symbol: str, facts: InstrumentFacts) -> Listing | None:
    """Return what a symbol of a source is of; None for what can be compared with nothing."""
    manifest = MANIFESTS.get(source)
    return manifest.listing_of(symbol, facts) if manifest else None


def assume_facts(source: str, symbol: str) -> InstrumentFacts:
    """Return what a symbol itself says of an instrument of which its source has told nothing yet."""
    manifest = MANIFESTS.get(source)
    return manifest.assume_facts(symbol) if manifest else InstrumentFacts()


def zone_of(source: str, symbol: str, timezone: str | None) -> ZoneInfo | None:
    """Return the zone whose days are an instrument's: the source's word for it, else what its symbol says, or None."""
    name = timezone or assume_facts(source, symbol).timezone
    return ZoneInfo(name) if name else None


def pairs_of(source: str, base: str, quote: str) -> tuple[str, ...]:
    """Return the symbols of a source whose price is that of one of ``base`` in ``quote``, the usual one first."""
    manifest = MANIFESTS.get(source)
    return manifest.pairs(base, quote) if manifest else ()


def implied_options(source: str, symbol: str) -> Mapping[str, str]:
    """Return the options that a symbol itself says."""
    manifest = MANIFESTS.get(source)
    return manifest.imply_options(symbol) if manifest else {}


def options_of(source: str, variant: str) -> dict[str, str]:
    """Return the options that select a variant; none for a source that is no longer there."""
    offer = OFFERS.get(source)
    return offer.options_of(variant) if offer else {}


def problem_of(name: str) -> Sentence | None:
    """Return what is wrong with a source's name, or None."""
    try:
        registry.offer(name)
    except InvalidRequestError as err:
        return err.message
    return None


def labels(names: Iterable[str] = OFFERS) -> dict[str, str]:
    """Return the names of sources (all there are) as people write them, by their bare names."""
    return {name: label(name) for name in names}


def label(name: str) -> str:
    """Return a source's name as people write it; the bare name for a source that is no longer there."""
    offer = OFFERS.get(name)
    return offer.label if offer else name
