"""Playing tapes to the product, and comparing what it has stored in the end with an honest source's history.

Each tape is played to an instrument of its own, and the same share is collected anew, as another instrument, from a
source that never lied.
"""

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from tests.faults.tape_share import Teller
from tests.faults.tapes import WHOLE, Ask, Tape, days_until, describe, make_tape
from tests.world import World
from webapp.collecting.missing import updates
from webapp.context import EXTENSION
from webapp.database.transactions import reading
from webapp.jobs.queries_jobs import JobRow
from webapp.kernel.adjusted_closes import ActionList
from webapp.kernel.bars import Action, Bar
from webapp.kernel.gateways import Gateway
from webapp.kernel.intervals import DAY, HOUR, Interval
from webapp.kernel.job_states import JobState
from webapp.kernel.plans import Verdict
from webapp.reading.bars import open_bars
from webapp.series import queries_actions, queries_coverage, queries_series
from webapp.sources.base import Answer, ChunkRequest, SearchHit
from webapp.sources.yahoo.answers import action_list_of, answer_of
from webapp.sources.yahoo.offer import YahooOffer

HONEST_DAYS = 7
_MOST_WAITS, _LONG_ENOUGH = 5, 601.0
_SAME = 1e-6
"""How far (relatively) values may differ: history that was re-based was divided, and delivered history was not."""


@dataclass
class TapeSource:
    """A client that says of each symbol what its teller says at the moment."""

    now: Callable[[], dt.datetime]
    tellers: dict[str, Teller] = field(default_factory=dict)

    def fetch(self, request: ChunkRequest) -> Answer:
        now = self.now().timestamp()
        chart = self.tellers[request.symbol].chart(request.span, int(now))
        return answer_of(chart, request, now, YahooOffer.finality_delay)

    def list_actions(self, symbol: str) -> ActionList:
        return action_list_of(self.tellers[symbol].quarters(int(self.now().timestamp())))

    def search(self, text: str, gateway: Gateway | None = None) -> list[SearchHit]:
        return []

    def close(self) -> None:
        return


@dataclass(frozen=True, slots=True)
class EndState:
    """What is stored of a symbol at the end."""

    bars: dict[str, list[Bar]]
    """As they are read with each adjustment."""
    actions: list[Action]
    verdicts: dict[int, Verdict | None]
    """Of each session of what was asked for. A day without a session has none: whether it stands in a span with bars
    or was confirmed empty by itself follows from how the requests were cut, and says the same."""


@dataclass
class Player:
    """Plays tapes in a world, each to an instrument of its own."""

    world: World
    played: int = 0

    def __post_init__(self) -> None:
        world = self.world
        self.source = TapeSource(world.clock)
        rules = dataclasses.replace(world.context.rules, short_wait=-1.0)  # who must wait gives its place back
        world.context = dataclasses.replace(world.context, open_client=lambda _name: self.source, rules=rules)
        world.app.extensions[EXTENSION] = world.context

    def find_disagreements(self, tape: Tape) -> list[str]:
        """Play a tape to its end, and return in what the stored history differs from an honest source's."""
        self.played += 1
        lied, honest = f"LIED{self.played}", f"HONEST{self.played}"
        self.source.tellers = {lied: Teller(tape.share, tape.lies), honest: Teller(tape.share)}
        for ask in tape.asks:
            self._ask(lied, ask)
        for day in range(HONEST_DAYS + 1):
            job = self._ask(lied, Ask(tape.honest_from + HOUR + day * DAY))
            assert job.state is JobState.SUCCEEDED, str(job.message)
        fresh = self._ask(honest, Ask(int(self.world.clock().timestamp()), WHOLE))
        return list(_compare(self._read(job), self._read(fresh)))

    def _ask(self, symbol: str, ask: Ask) -> JobRow:
        """Collect a symbol since a date, or bring it up to date; a job that must wait is waited for."""
        self.world.clock.at = dt.datetime.fromtimestamp(ask.at, dt.UTC)
        job = self.world.work(self._submit(symbol, ask.since))
        for _ in range(_MOST_WAITS):
            if job.state is not JobState.WAITING:
                break
            self.world.clock.advance(_LONG_ENOUGH)
            job = self.world.work(job.id)
        return job

    def _submit(self, symbol: str, since: dt.date | None) -> int:
        if since is not None:
            return self.world.submit(symbol, start=since)[0]
        with reading() as connection:
            row = queries_series.find(connection, "yahoo", symbol, Interval.D1, "")
        assert row is not None
        submission = updates.update(self.world.context, [row], "test").submission
        assert submission is not None
        return submission.job_ids[0]

    def _read(self, job: JobRow) -> EndState:
        with reading() as connection:
            coverage = queries_coverage.read(connection, job.series_id)
            actions = queries_actions.of_instrument(connection, "yahoo", job.symbol) or []
        bars = {
            adjust: [bar for page in open_bars(job.series_id, adjust).adjusted(1000) for bar in page]
            for adjust in ("splits", "none", "all")
        }
        verdicts = {
            day: next((part.verdict for part in coverage if part.span.start <= day < part.span.end), None)
            for day in days_until(int(self.world.clock().timestamp()))
        }
        return EndState(bars, actions, verdicts)


def _compare(ours: EndState, honest: EndState) -> Iterator[str]:
    """Yield what differs, each in a line."""
    for adjust, bars in honest.bars.items():
        yield from _compare_bars(adjust, ours.bars[adjust], bars)
    mine, theirs = _by_day(ours.actions), _by_day(honest.actions)
    for key in sorted(mine.keys() | theirs.keys()):
        if not _is_same([mine.get(key, 0.0)], [theirs.get(key, 0.0)]):
            yield f"{key[0]} of {_date(key[1])}: {mine.get(key)} for {theirs.get(key)}"
    for day, verdict in honest.verdicts.items():
        if ours.verdicts[day] is not verdict:
            yield f"coverage of {_date(day)}: {ours.verdicts[day]} for {verdict}"


def _compare_bars(adjust: str, ours: Sequence[Bar], honest: Sequence[Bar]) -> Iterator[str]:
    days = {bar[0] for bar in ours} ^ {bar[0] for bar in honest}
    if days:
        yield f"{adjust}: days that only one has: {sorted(map(_date, days))}"
        return
    off = [pair for pair in zip(ours, honest, strict=True) if not _is_same(pair[0][1:6], pair[1][1:6])]
    if off:
        yield f"{adjust}: {len(off)} bars since {_date(off[0][0][0])}: {off[0][0][1:6]} for {off[0][1][1:6]}"


def _by_day(actions: Sequence[Action]) -> dict[tuple[str, int], float]:
    return {(action.kind, action.time): action.value for action in actions}


def _is_same(ours: Sequence[float], honest: Sequence[float]) -> bool:
    return all(abs(a - b) <= _SAME * max(abs(a), abs(b)) for a, b in zip(ours, honest, strict=True))


def _date(label: int) -> str:
    return f"{dt.datetime.fromtimestamp(label, dt.UTC):%m-%d}"


def shrink(player: Player, tape: Tape) -> Tape:
    """Return the tape with the fewest lies that still disagrees, dropping one after the other."""
    for lie in tape.lies:
        fewer = dataclasses.replace(tape, lies=tuple(other for other in tape.lies if other is not lie))
        if player.find_disagreements(fewer):
            tape = fewer
    return tape


def play(player: Player, seeds: Sequence[int]) -> list[str]:
    """Play tapes, and return those that disagree, each with the fewest lies that do."""
    failures = []
    for seed in seeds:
        tape = make_tape(seed)
        if player.find_disagreements(tape):
            smallest = shrink(player, tape)
            failures.append(describe(smallest, player.find_disagreements(smallest)))
    return failures
