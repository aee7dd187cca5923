"""A world whose source stays on one basis until it is told to go to another."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tests.world import World, bar, good
from webapp.database.transactions import reading
from webapp.jobs import queries_events
from webapp.kernel.bars import Action, Bar
from webapp.kernel.intervals import Interval
from webapp.kernel.job_states import JobState
from webapp.reading.rules_adjustment import scale_bar
from webapp.restating import queries_restatements
from webapp.restating.queries_restatements import RestatementRow
from webapp.series import queries_bars as bars
from webapp.sources.base import Answer, ChunkRequest

DAY_LENGTH = 86_400.0
JANUARY: dict[str, Any] = {"start": dt.date(2024, 1, 1), "end": dt.date(2024, 1, 31)}
TO_FEBRUARY: dict[str, Any] = {"start": dt.date(2024, 1, 1), "end": dt.date(2024, 2, 29)}


def on(original: Bar, ratio: float, volume: float | None = None) -> Bar:
    """Return a bar on a basis that is ``ratio`` times smaller."""
    time, first, high, low, close, traded, wap, count = original
    whole = (time, first, high, low, close, float(traded), wap, count)
    return scale_bar(whole, 1 / ratio, ratio if volume is None else volume)


def on_basis(ratio: float, actions: Sequence[Action] = ()) -> Callable[[ChunkRequest], Answer]:
    """Return how a source answers after a split."""

    def answer(request: ChunkRequest) -> Answer:
        full = good(request)
        inside = [action for action in actions if request.span.start <= action.time < request.span.end]
        return replace(full, bars=[on(stored, ratio) for stored in full.bars], actions=inside)

    return answer


@dataclass
class Stage:
    """A world whose source stays on one basis until it is told to go to another."""

    world: World
    series_id: int = 0

    def collect(self, **request: Any) -> int:  # noqa: ANN401 -- a request's fields
        [job_id] = self.world.submit(**request)
        job = self.world.work(job_id)
        assert job.state is JobState.SUCCEEDED, str(job.message)
        self.series_id = job.series_id
        return job_id

    def go_to(self, ratio: float, *actions: Action, days: float = 2.0) -> None:
        self.world.clock.advance(days * DAY_LENGTH)
        self.world.source.replies = [on_basis(ratio, actions)] * 50

    @property
    def bars(self) -> list[Bar]:
        with reading() as connection:
            return bars.read(connection, self.series_id)

    def is_on(self, ratio: float) -> bool:
        """Whether every stored bar stands on one basis."""
        expected = [on(bar(stored[0]), ratio) for stored in self.bars]
        stored, should = (np.array([bar[1:6] for bar in bars]) for bars in (self.bars, expected))
        return np.allclose(stored[:, :4], should[:, :4], rtol=1e-6, atol=0) and np.allclose(
            stored[:, 4], should[:, 4], rtol=1e-2, atol=0.5
        )

    @property
    def restated(self) -> list[RestatementRow]:
        with reading() as connection:
            return queries_restatements.page(connection, self.series_id)

    def said(self, job_id: int) -> list[str]:
        with reading() as connection:
            return [str(line.message) for line in queries_events.read(connection, job_id) if line.kind == "restated"]

    @property
    def requests(self) -> list[tuple[int, int]]:
        return [(request.span.start, request.span.end) for request in self.world.source.asked]


def minutes(first: int, last: int) -> dict[str, Any]:
    """A request for minutes of February 2024, from the first day to the last, both inside."""
    february = dt.date(2024, 2, 1)
    return {
        "interval": Interval.M1,
        "start": february + dt.timedelta(days=first - 1),
        "end": february + dt.timedelta(days=last - 1),
    }
