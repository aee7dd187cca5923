"""The form that says how a file of one's own is to be read: from what is typed to what is asked, and back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Self, TypeVar

from wtforms import FileField, SelectMultipleField, StringField

from webapp.coverage.rules_exchanges import CALENDARS
from webapp.errors import Sentence, sentence
from webapp.importing.reading import OF_THE_EXCHANGE, UTC, Ask, zones
from webapp.kernel.intervals import Interval
from webapp.kernel.request_fields import RequestField
from webapp.sources.own.layouts.rules_headers import read_header
from webapp.sources.own.offer import GRAMMAR
from webapp.sources.own.rules_imported import NEEDED, ROLES, TICKER, BadLines, DateOrder, Names
from webapp.sources.own.rules_times import FORMS
from webapp.web.forms import RequestForm, described_by

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
    "ticker": sentence("Symbol, of a file with several"),
}
ORDER_NAMES: Mapping[DateOrder, Sentence] = {
    DateOrder.YEAR_FIRST: sentence("Year first (%(form)s)", form=FORMS[DateOrder.YEAR_FIRST]),
    DateOrder.DAY_FIRST: sentence("Day first (%(form)s)", form=FORMS[DateOrder.DAY_FIRST]),
    DateOrder.MONTH_FIRST: sentence("Month first (%(form)s)", form=FORMS[DateOrder.MONTH_FIRST]),
    DateOrder.NAMED: sentence("Month in letters (%(form)s)", form=FORMS[DateOrder.NAMED]),
    DateOrder.SECONDS: sentence("Seconds since 1970 (%(form)s)", form=FORMS[DateOrder.SECONDS]),
    DateOrder.MILLISECONDS: sentence("Milliseconds since 1970 (%(form)s)", form=FORMS[DateOrder.MILLISECONDS]),
    DateOrder.MICROSECONDS: sentence("Microseconds since 1970 (16 digits)"),
    DateOrder.NANOSECONDS: sentence("Nanoseconds since 1970 (19 digits)"),
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
_OTHER = "other"
_ABSENT = "none"
"""In the field of a role: no column has it, which must be said where more than one may."""
_DIGITS = 3


class UploadForm(RequestForm):
    """A file to import."""

    file = FileField()


class _LayoutForm(RequestForm):
    """How a file is read, but for its columns."""

    order = StringField()
    zone = StringField(default=OF_THE_EXCHANGE)
    zone_name = StringField()
    names = StringField()
    interval = StringField()
    decimal = StringField()
    bad = StringField()
    symbol = StringField()
    name = StringField()
    currency = StringField()
    calendar = StringField()
    series = SelectMultipleField(validate_choice=False)
    choosing = StringField()
    """The place of the column whose symbols could be chosen; without it nobody was asked."""


@described_by(RequestField(role) for role in ROLES)
class LayoutForm(_LayoutForm):
    """How a file is read. The field of a role has the place of its column; ``zone`` is ``other`` with a name."""

    @classmethod
    def saying(cls, ask: Ask) -> Self:
        """Return the form that says what is asked."""
        zone = ask.zone if ask.zone in (UTC, OF_THE_EXCHANGE) else _OTHER
        texts = dict.fromkeys(ask.absent, _ABSENT) | {role: str(place) for role, place in ask.columns.items()}
        texts |= {
            "order": ask.order.value if ask.order else "",
            "zone": zone,
            "zone_name": ask.zone if zone == _OTHER else "",
            "names": ask.names.value,
            "interval": ask.interval.value if ask.interval else "",
            "decimal": ask.decimal or "",
            "bad": ask.bad.value,
            **{name: getattr(ask, name) for name in ("symbol", "name", "currency", "calendar")},
        }
        return cls(data=texts)

    def _chosen(self) -> frozenset[str] | None:
        """Return the symbols that are ticked; None when those of this column were not shown yet."""
        texts = self.texts
        is_asked = texts["choosing"] and texts["choosing"] == texts[TICKER]
        return frozenset(self.series.data or ()) if is_asked else None

    def to_ask(self, columns: Sequence[str]) -> Ask:
        """Return what the form says; what cannot be understood counts as not said.

        :param columns: the names of the file's columns.
        """
        texts = self.texts
        places = {role: place for role in ROLES if (place := _place(texts[role], len(columns))) is not None}
        zone = texts["zone_name"].strip() if texts["zone"] == _OTHER else texts["zone"]
        return Ask(
            columns=places,
            order=_member(DateOrder, texts["order"]),
            zone=zone or OF_THE_EXCHANGE,
            names=_member(Names, texts["names"]) or Names.START,
            interval=_member(Interval, texts["interval"]),
            decimal=texts["decimal"] if texts["decimal"] in DECIMALS else None,
            bad=_member(BadLines, texts["bad"]) or BadLines.STOP,
            symbol=GRAMMAR.normalize(texts["symbol"]),
            name=" ".join(texts["name"].split()),
            currency=texts["currency"].strip(),
            calendar=texts["calendar"],
            doubts=read_header(columns).doubts,
            chosen=self._chosen(),
            absent=frozenset(role for role in ROLES if texts[role] == _ABSENT),
        )


@dataclass(frozen=True, slots=True)
class ImportForm:
    """What the page shows: the form as it is filled so far, and what may be chosen.

    ``columns`` are the names of the file's columns.
    """

    fields: LayoutForm
    columns: tuple[str, ...]

    roles = ROLE_NAMES
    needed = NEEDED
    date_orders = ORDER_NAMES
    ends = END_NAMES
    decimals = DECIMALS
    bad_lines = BAD_NAMES
    calendars = CALENDARS
    intervals = tuple(Interval)

    @property
    def doubts(self) -> frozenset[str]:
        """The roles that more than one column may have."""
        return read_header(self.columns).doubts

    @property
    def zones(self) -> tuple[str, ...]:
        """The names of all time zones."""
        return zones()

    @property
    def strays(self) -> list[Sentence]:
        """What is wrong and belongs to no field."""
        shown = {*ROLES, *("order", "zone", "interval", "symbol", "name", "currency", "calendar")}
        return self.fields.problems_beside(shown)


def _member(kind: type[E], text: str) -> E | None:
    return kind(text) if text in list(kind) else None


def _place(text: str, count: int) -> int | None:
    if not text.isascii() or not text.isdigit() or len(text) > _DIGITS:
        return None
    return int(text) if int(text) < count else None
