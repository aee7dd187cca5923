"""What the inbox and the panel of a series show of suspicious bars."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import url_for

from webapp.errors import Sentence
from webapp.flagging.queries_flags import FlagFilter, FlagRow, Listed
from webapp.flagging.rules_suspicion import UNDECIDED, SuspicionRule
from webapp.kernel.flag_states import FlagState
from webapp.kernel.job_states import ACTIVE
from webapp.reviewing import inbox as flagged
from webapp.reviewing import review
from webapp.reviewing.inbox import Surrounded
from webapp.reviewing.review import Decision
from webapp.sources import choices
from webapp.watchlists.expansion import read_filter
from webapp.web.formats import decimals_of
from webapp.web.review.drawing import PriceDrawing, draw
from webapp.web.url_queries import UrlQuery, choice, number, parameter, short_text

PAGE_SIZE = 10
_GROUPS: Mapping[str, tuple[FlagState, ...] | None] = {
    "": UNDECIDED,
    "all": None,
    **{state.value: (state,) for state in FlagState if state not in UNDECIDED},
}
STATE_CHOICES = tuple(_GROUPS)
_WATCH = 3


@dataclass(frozen=True, slots=True)
class FlagQuery(UrlQuery):
    """Which page of which flags, as the URL says it; an empty text means any, an empty state what is undecided."""

    state: str = parameter("", choice(_GROUPS))
    source: str = parameter("", lambda value: value[:16])
    symbol: str = parameter("", short_text(64))
    rule: str = parameter("", choice(set(SuspicionRule)))
    series: int = parameter(0, number(0, 2**31 - 1))
    page: int = parameter(1, number(1, 100_000))

    def filter(self) -> FlagFilter:
        """Return the filter for the queries."""
        return FlagFilter(
            states=_GROUPS[self.state],
            series_id=self.series or None,
            source=self.source or None,
            symbol=self.symbol,
            instruments=read_filter(self.symbol).instruments,
            rule=SuspicionRule(self.rule) if self.rule else None,
        )


@dataclass(frozen=True, slots=True)
class FlagView:
    """A suspicious bar as a card shows it. ``can`` are the decisions possible, with spaces between."""

    shown: Surrounded
    source_label: str
    drawing: PriceDrawing
    can: str
    is_being_asked: bool

    @property
    def flag(self) -> FlagRow:
        """The flag itself."""
        return self.shown.flag

    @property
    def listed(self) -> Listed:
        """The flag with what its bar belongs to."""
        return self.shown.listed

    @property
    def decimals(self) -> int:
        """The decimals of all prices of the card."""
        flag = self.flag
        values = [flag.bar, *(bar.bar for bar in self.shown.elsewhere)]
        prices = [price for bar in values for price in bar[1:5]] + list((flag.came or ())[:4])
        return decimals_of(prices, self.listed.decimals)

    @property
    def key(self) -> str:
        """What forms name the bar by."""
        return f"{self.flag.series_id}:{self.flag.time}"


@dataclass(frozen=True, slots=True)
class Inbox:
    """A page of flags. ``poll`` is in seconds, None when nothing changes by itself; ``url`` is that of the fragment."""

    query: FlagQuery
    rows: list[FlagView]
    total: int
    pages: int
    undecided: int
    poll: int | None
    url: str
    problem: Sentence | None = None
    """That there is no list of the name that is filtered by."""


def inbox(query: FlagQuery, most_counted: int) -> Inbox:
    """Return a page of flags, newest first."""
    offset = (query.page - 1) * PAGE_SIZE
    page = flagged.page(query.filter(), limit=PAGE_SIZE, offset=offset, most_undecided=most_counted)
    rows = [_view(flag) for flag in page.rows]
    return Inbox(
        query=query,
        rows=rows,
        total=page.total,
        pages=max(1, -(-page.total // PAGE_SIZE)),
        undecided=page.undecided,
        poll=_WATCH if any(row.is_being_asked for row in rows) else None,
        url=url_for("review.listing", **query.params()),
        problem=None if rows else read_filter(query.symbol).problem,
    )


def of_series(series_id: int, most: int) -> tuple[list[FlagView], int]:
    """Return the newest flags of a series, decided ones as well, and how many there are."""
    page = flagged.page(FlagFilter(series_id=series_id), limit=most)
    return [_view(flag) for flag in page.rows], page.total


def _view(shown: Surrounded) -> FlagView:
    job = shown.recheck_job
    is_asked = shown.flag.state is FlagState.ASKED and job is not None and job.state in ACTIVE
    return FlagView(
        shown=shown,
        source_label=choices.label(shown.listed.source),
        drawing=draw(shown.around, shown.flag.time, shown.listed_times),
        can=" ".join(_possible(shown)),
        is_being_asked=is_asked,
    )


def _possible(shown: Surrounded) -> list[Decision]:
    """Return what can be decided of a bar; a file is never asked again."""
    possible = review.POSSIBLE[shown.flag.state]
    can_ask = choices.can_be_asked(shown.listed.source)
    return [decision for decision in possible if can_ask or decision is not Decision.ASK]
