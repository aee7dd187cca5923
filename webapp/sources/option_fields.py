"""The options of the sources, told once for form, API and command line; ``choices`` says which are whose."""

from collections.abc import Iterable

from webapp.kernel.contracts import SecType, What
from webapp.kernel.request_fields import FieldKind, RequestField, by_name
from webapp.sources.choices import OPTIONS

_TYPES = ", ".join(kind.value for kind in SecType)
_WHATS = ", ".join(What)
OPTION_FIELDS = by_name(
    (
        RequestField(
            "prepost",
            FieldKind.FLAG,
            help="With pre- and post-market bars (Yahoo, intraday).",
            note="true or false",
        ),
        RequestField("sec_type", help=f"Type of contract (IBKR): {_TYPES}.", note=_TYPES),
        RequestField("exchange", help="Exchange (IBKR), such as SMART, IDEALPRO or CME."),
        RequestField("currency", help="Currency (IBKR), such as USD or EUR."),
        RequestField("primary_exchange", help="Tells a share from its namesakes (IBKR), such as NASDAQ."),
        RequestField("expiry", help="Month or last trading day (IBKR): 202603 or 20260320.", note="202603 or 20260320"),
        RequestField("strike", help="An option's strike (IBKR)."),
        RequestField("right", help="An option's right (IBKR): C or P.", note="C or P"),
        RequestField("what", help=f"What bars show (IBKR): {_WHATS}.", note=_WHATS),
        RequestField(
            "rth",
            FieldKind.SWITCH,
            help="Regular hours only (the usual), or all hours (IBKR).",
            note="true: regular hours",
            opposite="all-hours",
        ),
        RequestField(
            "gateway",
            help="A saved gateway (IBKR); the default one without.",
            note="the name of a saved one",
        ),
    )
)


def described() -> str:
    """Return which options each source takes, in words for programmers."""
    return " ".join(f"{source}: {_listed(names)}." for source, names in OPTIONS.items())


def _listed(names: Iterable[str]) -> str:
    notes = {name: OPTION_FIELDS[name].note for name in names}
    return ", ".join(f"{name} ({note})" if note else name for name, note in notes.items())
