"""The exchanges of instruments, as schedules need them: each symbol with its calendar, read for many at once."""

import dataclasses
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from webapp.collecting.validation import ValidRequest
from webapp.coverage import queries_calendars, queries_corrections
from webapp.coverage.calendars import Calendar
from webapp.coverage.expected_bars import assumed_facts
from webapp.coverage.queries_corrections import Corrections
from webapp.coverage.rules_exchanges import calendar_of, zone_of
from webapp.coverage.rules_expected import Session
from webapp.coverage.rules_freshness import closing_instant
from webapp.kernel.instruments import InstrumentFacts
from webapp.kernel.intervals import DAY, Interval, next_start
from webapp.scheduling.rules_runs import Market
from webapp.series import queries_series
from webapp.sources.registry import OFFERS


@dataclass(frozen=True, slots=True)
class Venue:
    """Where an instrument trades: the code of its calendar, and what is known of it, or else assumed."""

    code: str
    facts: InstrumentFacts


@dataclass(slots=True)
class Exchanges:
    """The exchanges of many instruments; ``connection`` is read from once a source and once a calendar.

    :param now: epoch seconds.
    """

    connection: Connection
    now: float
    _venues: dict[tuple[str, str], Venue] = field(default_factory=dict)
    _corrections: dict[str, Corrections] = field(default_factory=dict)

    def read_ahead(self, requests: Iterable[ValidRequest]) -> None:
        """Read about the instruments of many requests at once."""
        symbols: dict[str, dict[str, None]] = defaultdict(dict)
        for request in requests:
            symbols[request.source].update(dict.fromkeys(request.symbols))
        for source, names in symbols.items():
            self.look_up(source, names)

    def look_up(self, source: str, symbols: Iterable[str]) -> Mapping[str, Venue]:
        """Return where instruments of a source trade, by their symbols."""
        names = list(symbols)
        unread = [symbol for symbol in names if (source, symbol) not in self._venues]
        if unread:
            facts = queries_series.facts_of_symbols(self.connection, source, unread)
            chosen = queries_calendars.chosen_of_symbols(self.connection, source, unread)
            for symbol in unread:
                assumed = assumed_facts(source, symbol, facts.get(symbol, InstrumentFacts()), self.now)
                self._venues[source, symbol] = Venue(chosen.get(symbol) or calendar_of(assumed), assumed)
        return {symbol: self._venues[source, symbol] for symbol in names}

    def markets(self, source: str, interval: Interval, symbols: Iterable[str]) -> tuple[Market, ...]:
        """Return the exchanges at which symbols of a source trade, by their codes."""
        facts: dict[str, list[InstrumentFacts]] = defaultdict(list)
        for venue in self.look_up(source, symbols).values():
            facts[venue.code].append(venue.facts)
        return tuple(self._market(source, interval, code, facts[code]) for code in sorted(facts))

    def bare_markets(self, source: str, interval: Interval, codes: Sequence[str]) -> tuple[Market, ...]:
        """Return exchanges by their codes, where the instruments cannot be had just now (an unknown list)."""
        facts = {code: [InstrumentFacts(timezone=zone_of(code))] for code in codes}
        markets = (self._market(source, interval, code, facts[code]) for code in codes)
        delay = _delay_of(source)
        return tuple(
            dataclasses.replace(market, final_at=lambda session: session.parts[-1].end + delay) for market in markets
        )

    def _market(self, source: str, interval: Interval, code: str, facts: Sequence[InstrumentFacts]) -> Market:
        if code not in self._corrections:
            self._corrections[code] = queries_corrections.read(self.connection, code)
        clocks = sorted(set(map(_clock_of, facts)), key=repr)
        calendar = Calendar(code, clocks[0], corrections=self._corrections[code])
        delay = _delay_of(source)
        return Market(code, calendar.sessions, lambda session: _final_at(session, interval, clocks, delay))


def _delay_of(source: str) -> int:
    """Return how many seconds after its end a source still changes a bar; none for one that is no longer there."""
    offer = OFFERS.get(source)
    return offer.finality_delay if offer else 0


def _clock_of(facts: InstrumentFacts) -> InstrumentFacts:
    """Return of what is known of an instrument what decides when its days close."""
    return InstrumentFacts(
        kind=facts.kind,
        timezone=facts.timezone,
        session_open=facts.session_open,
        session_close=facts.session_close,
    )


def _final_at(session: Session, interval: Interval, clocks: Sequence[InstrumentFacts], delay: int) -> int:
    """Return the instant from which on the source has the bars of a session, of whichever instrument closes last.

    A daily bar of a half day counts as final with the usual close, as everywhere (``kernel.closing.closed_until``).
    """
    close = session.parts[-1].end
    if not interval.is_dated:
        return closing_instant(interval, InstrumentFacts(), close, delay)
    end = session.label + DAY if interval is Interval.D1 else next_start(session.label, interval)
    return max(closing_instant(interval, facts, end, delay) for facts in clocks)
