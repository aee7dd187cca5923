"""The form that says how a file of one's own is to be read: from what is typed to what is asked, and back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from webapp.coverage.rules_exchanges import CALENDARS
from webapp.errors import Sentence, sentence
from webapp.importing.reading import OF_THE_EXCHANGE, UTC, Ask, zones
from webapp.kernel.intervals import Interval
from webapp.sources.own.rules_imported import NEEDED, ROLES, BadLines, Cell, DateOrder, Names
from webapp.sources.own.rules_times import FORMS

E = TypeVar("E", bound=StrEnum)

ROLE_NAMES: Mapping[str, Sentence] = {
    "time": sentence("Date or time"),
    "clock": sentence("Time of day, if apart"),
    "open": sentence("Opening"),
    "high": sentence("Highest"),
    "low": sentence("Lowest"),
    "close": sentence("Closing"),
    "volume": sentence("Volume"),
    "wap": sentence("Average price"),
    "count": sentence("Number of trades"),
}
ORDER_NAMES: Mapping[DateOrder, Sentence] = {
    DateOrder.YEAR_FIRST: sentence("Year first (%(form)s)", form=FORMS[DateOrder.YEAR_FIRST]),
    DateOrder.DAY_FIRST: sentence("Day first (%(form)s)", form=FORMS[DateOrder.DAY_FIRST]),
    DateOrder.MONTH_FIRST: sentence("Month first (%(form)s)", form=FORMS[DateOrder.MONTH_FIRST]),
    DateOrder.SECONDS: sentence("Seconds since 1970 (%(form)s)", form=FORMS[DateOrder.SECONDS]),
    DateOrder.MILLISECONDS: sentence("Milliseconds since 1970 (%(form)s)", form=FORMS[DateOrder.MILLISECONDS]),
}
END_NAMES: Mapping[Names, Sentence] = {
    Names.START: sentence("The start of the bar"),
    Names.END: sentence("The end of the bar"),
}
DECIMALS: Mapping[str, Sentence] = {".": sentence("Point (1234.5)"), ",": sentence("Comma (1234,5)")}
BAD_NAMES: Mapping[BadLines, Sentence] = {
    BadLines.STOP: sentence("Stop, and import nothing"),
    BadLines.SKIP: sentence("Leave them out"),
}
_CELL = 40
_DIGITS = 3


@dataclass(frozen=True, slots=True)
class ImportForm:
    """What the form shows: what is asked so far, what may be chosen, and what is wrong."""

    ask: Ask
    names: tuple[str, ...]
    problems: Mapping[str, Sentence]

    roles = ROLE_NAMES
    needed = NEEDED
    orders = ORDER_NAMES
    ends = END_NAMES
    decimals = DECIMALS
    bad_lines = BAD_NAMES
    calendars = CALENDARS
    intervals = tuple(Interval)

    @property
    def zones(self) -> tuple[str, ...]:
        """The names of all time zones."""
        return zones()

    @property
    def strays(self) -> list[Sentence]:
        """What is wrong and belongs to no field."""
        fields = {*ROLES, *("order", "zone", "interval", "symbol", "name", "currency", "calendar")}
        return [told for name, told in self.problems.items() if name not in fields]


def ask_of(form: Mapping[str, str], names: Sequence[str]) -> Ask:
    """Return what the form says; what cannot be understood counts as not said.

    :param names: the names of the file's columns.
    """
    columns = {role: place for role in ROLES if (place := _place(form.get(role, ""), len(names))) is not None}
    zone = form.get("zone_name", "").strip() if form.get("zone") == "other" else form.get("zone", UTC)
    return Ask(
        columns=columns,
        order=_one_of(DateOrder, form.get("order", "")),
        zone=zone or UTC,
        names=_one_of(Names, form.get("names", "")) or Names.START,
        interval=_one_of(Interval, form.get("interval", "")),
        decimal="," if form.get("decimal") == "," else ".",
        bad=_one_of(BadLines, form.get("bad", "")) or BadLines.STOP,
        symbol=form.get("symbol", "").strip().upper(),
        name=" ".join(form.get("name", "").split()),
        currency=form.get("currency", "").strip(),
        calendar=form.get("calendar", ""),
    )


def zone_choice(ask: Ask) -> str:
    """Return which choice of the form a time zone is: ``UTC``, ``exchange`` or ``other``."""
    return ask.zone if ask.zone in (UTC, OF_THE_EXCHANGE) else "other"


def short(cell: Cell) -> str:
    """Write what stands in a file, cut to what a column can show."""
    text = "" if cell is None else str(cell)
    return text if len(text) <= _CELL else text[:_CELL] + "…"


def _one_of(kind: type[E], text: str) -> E | None:
    return kind(text) if text in list(kind) else None


def _place(text: str, count: int) -> int | None:
    if not text.isascii() or not text.isdigit() or len(text) > _DIGITS:
        return None
    return int(text) if int(text) < count else None
