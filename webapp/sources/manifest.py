"""A source's manifest: all that the rest of the product must know of it besides its offer and its client.

Each source's folder has one, ``<name>/manifest.py``; ``registry`` lists them. A manifest is pure: the web loads it, so
it imports no client library and asks nobody.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto

from webapp.errors import Sentence
from webapp.kernel.instruments import InstrumentFacts, InstrumentKind, Listing
from webapp.kernel.request_fields import FieldKind, RequestField
from webapp.kernel.symbols import USUAL_GRAMMAR, Grammar, QuoteNames
from webapp.sources.base import Offer
from webapp.sources.form_fields import ShapeForm
from webapp.sources.wording import VariantMeaning, describe_plainly

SourceSettings = Mapping[str, str | float | None]
"""A source's settings by their names, as its client is handed them."""
Environment = Mapping[str, str]
Finding = tuple[bool, Sentence]
"""Whether something is good, and what it is."""
_NO_HINT = Sentence("")


class SettingKind(Enum):
    """What a setting takes."""

    TEXT = auto()
    NUMBER = auto()


def accept_any(text: str) -> None:
    """Accept what a setting says; what stands there is looked at when it is used."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting of a source: its name in the source, its name in the environment and ``.env``, and what it usually is.

    ``check`` raises ``SettingsError`` for a text that cannot be used, with a sentence that says what can.
    """

    name: str
    environment: str
    default: str | float | None
    kind: SettingKind = SettingKind.TEXT
    check: Callable[[str], object] = accept_any


@dataclass(frozen=True, slots=True)
class GatewaySettings:
    """Where the gateway of the settings listens, and where saved ones may be.

    The fields that end in ``_environment`` are the settings' names, the others what they usually are.
    """

    host_environment: str
    host: str
    port_environment: str
    port: int
    client_id_environment: str
    client_id: int
    hosts_environment: str
    hosts: tuple[str, ...]
    ports_environment: str
    ports: tuple[int, ...]
    programs: Mapping[str, tuple[int, int]]
    """The usual ports of each program that is such a gateway: live, paper."""

    @property
    def place_environments(self) -> tuple[str, ...]:
        """The names of the settings that say where the gateway of the settings is."""
        return (self.host_environment, self.port_environment, self.client_id_environment)

    @property
    def environments(self) -> tuple[str, ...]:
        """All the settings' names."""
        return (*self.place_environments, self.hosts_environment, self.ports_environment)


@dataclass(frozen=True, slots=True)
class Option:
    """An option that a request to the source may have, with how forms, API and commands describe it.

    The form shows a field with this ``label`` and ``hint``; one without label has its place in the form's fields of
    contracts.
    """

    field: RequestField
    label: Sentence | None = None
    hint: Sentence = _NO_HINT
    is_intraday: bool = False
    """Whether it means nothing for dated intervals, so that a form leaves it out there."""
    is_stored: bool = True
    """Whether it tells one stored series from another; what only says how to ask is no option where bars are read."""

    @property
    def is_box(self) -> bool:
        """Whether a form has a box to tick for it."""
        return self.field.kind is FieldKind.FLAG


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a source can do that not every source can."""

    is_collected: bool = True
    """Whether it can be asked for bars; those of one that cannot come from a person's files."""
    has_search: bool = False
    """Whether its client finds instruments by a part of their name."""
    gateways: GatewaySettings | None = None
    """Of a source that is reached through gateways that people save; its client is a ``GatewayClient``."""
    has_action_list: bool = False
    """Whether it tells all actions of an instrument at once; its client is an ``ActionListClient``."""
    opens_with_session: bool = True
    """Whether intraday bars are counted from the session's opening; otherwise they stand on the exchange's clock,
    counted from midnight, and the first one of a session begins with that."""
    kinds_by_trade_date: frozenset[InstrumentKind] = frozenset()
    """The kinds whose days begin with the session, where that opens the evening before: Sunday evening is Monday's."""

    @property
    def has_gateways(self) -> bool:
        """Whether it is reached through gateways."""
        return self.gateways is not None


def find_nothing(settings: SourceSettings) -> Iterator[Finding]:  # noqa: ARG001 -- there is nothing to look at
    """Find nothing: the settings need no look of the source's own."""
    yield from ()


def stay_away(base: Environment, market: Environment) -> Environment:  # noqa: ARG001 -- whatever the market has
    """Set nothing for the demonstration: of a source that asks nobody."""
    return {}


def list_nothing(symbol: str, facts: InstrumentFacts) -> Listing | None:  # noqa: ARG001 -- whatever the symbol
    """Return nothing: symbols of the source cannot be compared with those of another."""
    return None


def assume_nothing(symbol: str) -> InstrumentFacts:  # noqa: ARG001 -- whatever the symbol
    """Assume nothing of an instrument that was never asked for."""
    return InstrumentFacts()


def pair_nothing(base: str, quote: str) -> tuple[str, ...]:  # noqa: ARG001 -- whatever the currencies
    """Return no symbol: the source has no currency pairs, or nothing that needs a rate."""
    return ()


def imply_nothing(symbol: str) -> Mapping[str, str]:  # noqa: ARG001 -- whatever the symbol
    """Return no option: a symbol of the source is nothing but a symbol."""
    return {}


def translate_nothing(exchange: str, symbol: str) -> QuoteNames:  # noqa: ARG001 -- whatever the name
    """Return no symbol: how other quote pages call exchanges says nothing about the source's symbols."""
    return QuoteNames()


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything of a source. What is not said is as for most sources; see docs/howto/add-a-source.md.

    ``demonstration`` is handed the environment and the addresses at which the offline market listens (``proxy``,
    ``ca_bundle``, ``tws``) and returns what must be set so that the source stays offline.
    """

    offer: Offer
    demonstration: Callable[[Environment, Environment], Environment]
    capabilities: Capabilities = Capabilities()
    settings: tuple[Setting, ...] = ()
    folders: Mapping[str, str] = field(default_factory=dict)
    """Settings that are folders of the installation: the folder's name, by the setting's."""
    options: tuple[Option, ...] = ()
    grammar: Grammar = USUAL_GRAMMAR
    """How its symbols are written; its offer checks them by the same."""
    kinds: Mapping[str, InstrumentKind] = field(default_factory=dict)
    """What its own words for kinds of instruments mean, in upper case; those of ``InstrumentKind`` need none."""
    exchanges: Mapping[str, str] = field(default_factory=dict)
    """Calendars (ISO 10383) by what it calls exchanges, in upper case; otherwise an instrument's time zone decides."""
    describe_variant: Callable[[str], VariantMeaning] = describe_plainly
    """Says what a variant of its series means."""
    listing_of: Callable[[str, InstrumentFacts], Listing | None] = list_nothing
    """Returns what a symbol is of, so that series of other sources with the same can be set beside it; None for what
    is compared with nothing."""
    assume_facts: Callable[[str], InstrumentFacts] = assume_nothing
    """Returns what a symbol itself says of an instrument that was never asked for: kind, exchange and time zone where
    it does. Days are those of that zone, and a plan counts by that exchange's hours, until the source says better."""
    pairs: Callable[[str, str], tuple[str, ...]] = pair_nothing
    """Returns the symbols whose price is that of one of the first currency in the second (``EUR``, ``USD``), the usual
    one first; payouts in another currency than the prices are converted by their daily bars."""
    imply_options: Callable[[str], Mapping[str, str]] = imply_nothing
    """Returns the options that a symbol itself says, for a form that is filled in with it."""
    translate_quote: Callable[[str, str], QuoteNames] = translate_nothing
    """Returns the symbols that may be meant by an exchange's code and a symbol there, as TradingView writes both
    (``NASDAQ``, ``AAPL``; in upper case); whatever the code does not prove is a doubt, and a person decides."""
    shape_form: ShapeForm | None = None
    """Says which fields a form has for its options, where that depends on what was chosen; without it, the form has
    those of ``options`` that have a label."""
    samples: tuple[tuple[str, ...], ...] = ()
    """What the demonstration collects, in the words of the command ``collect``."""
    least_log_levels: Mapping[str, int] = field(default_factory=dict)
    """From which level on what its libraries log is worth reading, by their loggers' names."""
    examine: Callable[[SourceSettings], Iterator[Finding]] = find_nothing
    """The doctor's look at the settings, besides rate, proxy and certificates; nobody is asked."""

    @property
    def name(self) -> str:
        """The source's name in forms, commands and the database."""
        return self.offer.name

    @property
    def environments(self) -> tuple[str, ...]:
        """The names of all its settings in the environment."""
        gateways = self.capabilities.gateways
        names = [setting.environment for setting in self.settings]
        return tuple(dict.fromkeys((*names, *(gateways.environments if gateways else ()))))
