"""Whether anything was traded in what a series lacks: a schedule asks nobody for a weekend or a holiday alone."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection

from webapp.collecting.validation import ValidRequest
from webapp.coverage.calendar_files import CalendarError
from webapp.coverage.rules_expected import Session
from webapp.kernel.intervals import DAY
from webapp.kernel.spans import Span
from webapp.scheduling.markets import Exchanges

_AROUND = 2 * DAY


class ExpectedSessions:
    """Tells it of the series of requests, and reads what it needs of their exchanges once."""

    def __init__(self, requests: Iterable[ValidRequest]) -> None:
        self._requests = list(requests)
        self._exchanges: Exchanges | None = None
        self._answers: dict[tuple[str, str, Span, bool], bool] = {}

    def __call__(self, connection: Connection, request: ValidRequest, symbol: str, spans: Sequence[Span]) -> bool:
        """Tell whether a session lies in spans of bars' starts; without the calendar one may."""
        if self._exchanges is None or self._exchanges.connection is not connection:
            self._exchanges = Exchanges(connection, request.validated_at)
            self._exchanges.read_ahead(self._requests)
        venue = self._exchanges.look_up(request.source, [symbol])[symbol]
        is_dated = request.interval.is_dated
        for span in spans:
            key = (venue.code, venue.facts.timezone or "", span, is_dated)
            if key not in self._answers:
                [market] = self._exchanges.markets(request.source, request.interval, [symbol])
                try:
                    sessions = market.sessions(Span(span.start - _AROUND, span.end + _AROUND))
                except CalendarError:
                    return True
                self._answers[key] = any(_lies_in(session, span, is_dated=is_dated) for session in sessions)
            if self._answers[key]:
                return True
        return False


def _lies_in(session: Session, span: Span, *, is_dated: bool) -> bool:
    if is_dated:
        return span.start <= session.label < span.end
    return any(bool(part.intersection(span)) for part in session.parts)
