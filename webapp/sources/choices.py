"""What the sources offer, as plain values for forms; nothing is asked of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypedDict

from webapp.errors import InvalidRequestError, Sentence, sentence
from webapp.kernel.contracts import ALWAYS_REGULAR, SecType, What, contract_of, whats
from webapp.kernel.intervals import Interval
from webapp.kernel.request_fields import FieldKind
from webapp.kernel.requests import EARLIEST
from webapp.kernel.spans import Span
from webapp.sources import registry
from webapp.sources.base import SeriesQuery
from webapp.sources.manifest import Capabilities, Option
from webapp.sources.option_fields import OPTION_FIELDS, OPTIONS
from webapp.sources.registry import COLLECTING, MANIFESTS, OFFERS, capabilities_of


class SourceOptions(TypedDict, total=False):
    """The options of all sources, as scripts write them; the manifests say which are whose."""

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
    symbol_examples: str
    capabilities: Capabilities
    options: tuple[Option, ...]
    """Those for which a form has a field by their label."""


@dataclass(frozen=True, slots=True)
class ContractChoice:
    """What a form asks of a contract of one type. ``exchange`` and the first of ``whats`` are the usual ones."""

    kind: SecType
    exchange: str
    whats: tuple[What, ...]
    has_expiry: bool
    has_strike: bool
    has_primary: bool
    has_currency: bool
    has_hours: bool
    """Whether more than the regular hours can be had."""


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
                offer.name, offer.label, tuple(intervals), manifest.symbol_examples, manifest.capabilities, options
            )
        )
    return tuple(sources)


def has_contracts(source: str) -> bool:
    """Tell whether a source's instruments are contracts of several types."""
    return capabilities_of(source).has_contracts


def has_gateways(source: str) -> bool:
    """Tell whether a source is reached through gateways."""
    return capabilities_of(source).has_gateways


def has_search(source: str) -> bool:
    """Tell whether a source finds instruments by a part of their name."""
    return capabilities_of(source).has_search


def can_be_asked(source: str) -> bool:
    """Tell whether bars can be collected from a source; not from one that is no longer there, nor from files."""
    return capabilities_of(source).is_collected


def is_imported(source: str) -> bool:
    """Tell whether a source's bars come from a person's files."""
    return source in OFFERS and source not in COLLECTING


def contract_choice(text: str) -> ContractChoice:
    """Return what is asked of a contract of the type that is meant; of a share for a type that there is not."""
    kind = SecType(text) if text in list(SecType) else SecType.STOCK
    example = contract_of("EURUSD", {"sec_type": kind.value, "expiry": "203012", "strike": "1", "right": "C"})
    return ContractChoice(
        kind=kind,
        exchange=example.exchange,
        whats=whats(kind),
        has_expiry=kind in (SecType.FUTURE, SecType.OPTION),
        has_strike=kind is SecType.OPTION,
        has_primary=kind is SecType.STOCK,
        has_currency=kind is not SecType.FOREX,
        has_hours=kind not in ALWAYS_REGULAR,
    )


def type_of(symbol: str) -> str:
    """Return the type that a contract's name says, such as ``FUT``; the empty text for what is no such name."""
    try:
        return contract_of(symbol).kind.value
    except InvalidRequestError:
        return ""


def option_texts(source: str, options: Mapping[str, object]) -> dict[str, str]:
    """Return a source's options as it takes them: texts, ``true`` and ``false`` among them; None and "" are left out.

    :raises InvalidRequestError: with the field ``options`` for one that the source has not.
    """
    texts = {name: _text(value) for name, value in options.items() if value not in (None, "")}
    for name, field in OPTION_FIELDS.items():
        if field.kind is FieldKind.FLAG and options.get(name) is False:
            del texts[name]  # that nothing is included is so anyway
    allowed = OPTIONS.get(source)
    if allowed is None:
        return texts  # that there is no such source is for the plan to say
    unknown = [name for name in texts if name not in allowed]
    if unknown:
        raise InvalidRequestError({"options": _no_such_option(source, unknown[0][:40], allowed)})
    return texts


def _no_such_option(source: str, name: str, allowed: Iterable[str]) -> Sentence:
    names = ", ".join(allowed)
    if not names:
        return sentence("“%(name)s” is not an option of %(source)s, which has none.", name=name, source=label(source))
    return sentence(
        "“%(name)s” is not an option of %(source)s. It has: %(names)s.", name=name, source=label(source), names=names
    )


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value).strip()


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
