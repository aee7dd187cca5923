"""What a person says of a file of their own, checked and turned into how it is read."""

import json
import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from webapp.coverage.calendar_files import CalendarError
from webapp.coverage.calendars import Calendar
from webapp.coverage.rules_exchanges import CALENDARS, zone_of
from webapp.errors import InvalidRequestError, Sentence, sentence
from webapp.kernel.instruments import InstrumentFacts
from webapp.kernel.intervals import DAY, Interval
from webapp.kernel.spans import Span
from webapp.sources.own.offer import GRAMMAR
from webapp.sources.own.rules_imported import NEEDED, TICKER, BadLines, DateOrder, Names, Reading
from webapp.sources.own.uploads import About

log = logging.getLogger(__name__)

OF_THE_EXCHANGE = "exchange"
"""The time zone that stands for the one of the chosen exchange."""
UTC = "UTC"
VOLUME = "volume"
LONGEST_NAME = 80
_LONGEST_CURRENCY = 8


@dataclass(frozen=True, slots=True)
class Ask:
    """What a person says. ``columns`` maps roles to places in a line; ``zone`` may be ``OF_THE_EXCHANGE``.

    ``order``, ``interval`` and ``decimal`` are None as long as nobody has said them and they could not be told.
    ``doubts`` are roles that more than one column may have, ``absent`` those of which the person says that no column
    has them. ``chosen`` are the symbols that become series, of a file with a column of them; None for all of them.
    """

    columns: Mapping[str, int] = field(default_factory=dict)
    order: DateOrder | None = None
    zone: str = OF_THE_EXCHANGE
    names: Names = Names.START
    interval: Interval | None = None
    decimal: str | None = "."
    bad: BadLines = BadLines.STOP
    symbol: str = ""
    name: str = ""
    currency: str = ""
    calendar: str = ""
    doubts: frozenset[str] = frozenset()
    absent: frozenset[str] = frozenset()
    chosen: frozenset[str] | None = None


def first_ask(about: About) -> Ask:
    """Return what a file looks like, for a person to confirm."""
    guess = about.guess
    return Ask(
        columns=guess.columns,
        order=guess.order,
        interval=guess.interval,
        decimal=guess.decimal,
        symbol=symbol_of(about.ticker) or _symbol_in(about.inside or about.filename),
        doubts=guess.doubts,
    )


def ask_text(ask: Ask) -> str:
    """Write down what a person says, for a worker."""
    return json.dumps(asdict(ask), default=sorted)


def ask_of(text: str) -> Ask:
    """Return what a person says, as ``ask_text`` wrote it down."""
    values = json.loads(text)
    values |= {
        "order": DateOrder(values["order"]) if values["order"] else None,
        "names": Names(values["names"]),
        "interval": Interval(values["interval"]) if values["interval"] else None,
        "bad": BadLines(values["bad"]),
        "doubts": frozenset(values["doubts"]),
        "absent": frozenset(values["absent"]),
        "chosen": None if values["chosen"] is None else frozenset(values["chosen"]),
    }
    return Ask(**values)


def _symbol_in(filename: str) -> str:
    name = filename.removesuffix(".gz").removesuffix(".zip")
    stem = name.rpartition(".")[0] or name
    words = "".join(letter if letter.isascii() and (letter.isalnum() or letter in "^.=-") else " " for letter in stem)
    return symbol_of(next(iter(words.split()), "")[: GRAMMAR.longest])


def symbol_of(text: str) -> str:
    """Return the symbol that a text is; empty for what is none."""
    symbol = GRAMMAR.normalize(text)
    return symbol if GRAMMAR.is_symbol(symbol) else ""


def reading_of(ask: Ask) -> Reading:
    """Return how lines are read.

    :raises InvalidRequestError: with a sentence for each thing that is still to be said.
    """
    problems: dict[str, Sentence] = {
        role: sentence("Choose the column that holds this.") for role in NEEDED if role not in ask.columns
    }
    if VOLUME in ask.doubts - ask.columns.keys() - ask.absent:
        problems[VOLUME] = sentence(
            "More than one column may be the volume. Choose it, or say that it is not in the file."
        )
    if ask.order is None:
        problems["order"] = sentence("Say how dates are written: the file alone does not tell.")
    if ask.interval is None:
        problems["interval"] = sentence("Choose how long a bar is.")
    zone, wrong = _zone(ask)
    if wrong:
        problems["zone"] = wrong
    if ask.decimal is None:
        problems["decimal"] = sentence("Say what the decimals follow: these numbers can be read in two ways.")
    if problems or ask.order is None or ask.interval is None or ask.decimal is None:
        raise InvalidRequestError(problems)
    return Reading(ask.columns, ask.order, zone, ask.names, ask.interval, ask.decimal)


def target_problems(ask: Ask) -> dict[str, Sentence]:
    """Return what is wrong with what the bars are to be called."""
    problems: dict[str, Sentence] = {}
    problem = None if TICKER in ask.columns else GRAMMAR.find_problem([ask.symbol] if ask.symbol else [])
    if problem:
        problems["symbol"] = problem
    if ask.calendar and ask.calendar not in CALENDARS:
        problems["calendar"] = sentence("There is no calendar “%(code)s”.", code=ask.calendar[:20])
    if len(ask.currency) > _LONGEST_CURRENCY or not (ask.currency or "A").isalpha():
        problems["currency"] = sentence("Write a currency with its letters, for example EUR.")
    if len(ask.name) > LONGEST_NAME:
        problems["name"] = sentence("A name has at most %(most)d characters.", most=LONGEST_NAME)
    return problems


def facts_of(ask: Ask, zone: str) -> InstrumentFacts:
    """Return what is to be known of the instrument: its time zone is that of its exchange, or else of its times.

    A name is that of one instrument, and none of several.

    :param zone: may be empty, when nobody has said it.
    """
    return InstrumentFacts(
        name=(ask.name or None) if TICKER not in ask.columns else None,
        currency=ask.currency or None,
        timezone=zone_of(ask.calendar) or zone or UTC,
    )


def with_hours(facts: InstrumentFacts, code: str, now: int) -> InstrumentFacts:
    """Return the facts with the exchange's usual hours, so that hourly candles begin when trading does.

    A calendar that cannot be made leaves them out: hours then begin at midnight.
    """
    try:
        sessions = Calendar(code, facts).sessions(Span(now - 14 * DAY, now))
    except CalendarError:
        log.exception("an import goes on without the hours of its exchange")
        return facts
    if not sessions:
        return facts
    return replace(
        facts,
        session_open=min(session.parts[0].start - session.midnight for session in sessions),
        session_close=max(session.parts[-1].end - session.midnight for session in sessions),
    )


def _zone(ask: Ask) -> tuple[str, Sentence | None]:
    """Return the zone of times that do not say their own; empty as long as the exchange is not chosen."""
    if ask.zone == OF_THE_EXCHANGE:
        return (zone_of(ask.calendar) or UTC) if ask.calendar else "", None
    if ask.zone not in zones():
        return UTC, sentence("“%(zone)s” is not a time zone. Write it like Europe/Paris.", zone=ask.zone[:40])
    return ZoneInfo(ask.zone).key, None


@cache
def zones() -> tuple[str, ...]:
    """Return the names of all time zones, by name."""
    return tuple(sorted(available_timezones()))
