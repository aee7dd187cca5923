"""The fields that a form has for a contract: they depend on its type."""

from collections.abc import Iterator, Mapping

from webapp.errors import InvalidRequestError, Sentence, sentence
from webapp.sources.form_fields import FormShape, OptionChoice, OptionField
from webapp.sources.ibkr.contract_names import ALWAYS_REGULAR, SecType, contract_of, whats
from webapp.sources.ibkr.wording import RIGHTS, SEC_TYPES, WHATS
from webapp.sources.wording import ALL_HOURS, REGULAR_HOURS

_EXAMPLES: dict[SecType, tuple[str, ...]] = {
    SecType.STOCK: ("AAPL", "MSFT", "MC.STK.SMART.EUR.SBF"),
    SecType.INDEX: ("SPX", "VIX", "DAX.IND.EUREX.EUR"),
    SecType.FOREX: ("EUR.USD", "USD.JPY"),
    SecType.FUTURE: ("ES", "NQ", "FDAX.FUT.EUREX.EUR.202603"),
    SecType.CONTINUOUS: ("ES", "NQ"),
    SecType.OPTION: ("AAPL", "SPY.OPT.SMART.USD.20260320.600.C"),
    SecType.CRYPTO: ("BTC.USD", "ETH.USD"),
}
_LONGEST_EXCHANGE = 16


def shape_form(texts: Mapping[str, str]) -> FormShape:
    """Return what a form has for a contract of the chosen type; of a share for a type that there is not."""
    text = texts.get("sec_type", "")
    kind = SecType(text) if text in list(SecType) else SecType.STOCK
    return FormShape((_type_field(), _what_field(kind), *_naming(kind), *_hours(kind)), _EXAMPLES[kind])


def imply_options(symbol: str) -> dict[str, str]:
    """Return the type that a contract's name says, such as ``FUT``; nothing for what is no such name."""
    try:
        return {"sec_type": contract_of(symbol).kind.value}
    except InvalidRequestError:
        return {}


def _type_field() -> OptionField:
    others = (OptionChoice(kind.value, name) for kind, name in SEC_TYPES.items() if kind is not SecType.STOCK)
    usual = OptionChoice("", SEC_TYPES[SecType.STOCK])
    return OptionField("sec_type", sentence("Type"), (usual, *others), is_deciding=True)


def _what_field(kind: SecType) -> OptionField:
    usual, *others = whats(kind)
    names = [OptionChoice("", WHATS[usual]), *(OptionChoice(what.value, WHATS[what]) for what in others)]
    return OptionField("what", sentence("What to show"), tuple(names))


def _naming(kind: SecType) -> Iterator[OptionField]:
    """Yield the parts of a contract's name that its type has."""
    example = contract_of("EURUSD", {"sec_type": kind.value, "expiry": "203012", "strike": "1", "right": "C"})
    yield OptionField("exchange", sentence("Exchange"), placeholder=example.exchange, longest=_LONGEST_EXCHANGE)
    if kind is not SecType.FOREX:
        yield OptionField("currency", sentence("Currency"), placeholder="USD", longest=3)
    if kind is SecType.STOCK:
        yield OptionField(
            "primary_exchange", sentence("Primary exchange"), placeholder="NASDAQ", longest=_LONGEST_EXCHANGE
        )
    if kind in (SecType.FUTURE, SecType.OPTION):
        yield OptionField("expiry", sentence("Expiry"), placeholder="202603", longest=8, is_numeric=True)
    if kind is SecType.OPTION:
        yield OptionField("strike", sentence("Strike"), placeholder="250", longest=14)
        yield OptionField("right", sentence("Right"), _choices(RIGHTS))


def _hours(kind: SecType) -> Iterator[OptionField]:
    """Yield whether all hours are meant, for a type of which more than the regular ones can be had."""
    if kind not in ALWAYS_REGULAR:
        yield OptionField("rth", sentence("Hours"), _choices({"": REGULAR_HOURS, "false": ALL_HOURS}))


def _choices(names: Mapping[str, Sentence]) -> tuple[OptionChoice, ...]:
    return tuple(OptionChoice(value, name) for value, name in names.items())
