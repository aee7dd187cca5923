"""Every source keeps the contract, and the contract notices when one does not."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.servers import RedisServer
from tests.sources.example.client import ExampleClient
from tests.sources.example.manifest import MANIFEST as EXAMPLE
from tests.sources.example.offer import OFFER, ExampleOffer
from webapp.kernel.intervals import DAY, Interval
from webapp.kernel.plans import Refusal
from webapp.kernel.requests import EARLIEST, CollectRequest
from webapp.kernel.spans import Span
from webapp.sources import contract
from webapp.sources.base import Answer, ChunkRequest, ClientTools, Pacing, SeriesQuery
from webapp.sources.contract import LAWS, NOW, find_answer_problems, find_broken_laws, find_error_problems
from webapp.sources.manifest import Environment, Manifest
from webapp.sources.registry import MANIFESTS

EVERY = {**MANIFESTS, "example": EXAMPLE}
sources = pytest.mark.parametrize("manifest", EVERY.values(), ids=EVERY)


@sources
@pytest.mark.parametrize("law", LAWS)
def test_every_source_keeps_every_law(manifest: Manifest, law: str) -> None:
    assert list(LAWS[law](manifest)) == []


@sources
@given(data=st.data())
def test_any_span_is_cut_and_split_without_a_second_lost(manifest: Manifest, data: st.DataObject) -> None:
    query = data.draw(st.sampled_from(contract.list_queries(manifest)))
    start = data.draw(st.integers(max(EARLIEST, int(NOW) - 20_000 * query.interval.seconds), int(NOW)))
    span = Span(start, data.draw(st.integers(start, int(NOW) + 2 * DAY)))
    assert list(contract.find_cut_problems(manifest, query, span)) == []
    assert list(contract.find_split_problems(manifest, query, span)) == []


class LosesASecond(ExampleOffer):
    def cut(self, query: SeriesQuery, span: Span) -> list[Span]:
        return [Span(chunk.start, chunk.end - 1) for chunk in super().cut(query, span)]


class RefusesMore(ExampleOffer):
    def split_servable(self, query: SeriesQuery, span: Span, now: float) -> tuple[Span, tuple[Refusal, ...]]:
        servable, refusals = super().split_servable(query, span, now)
        return Span(servable.start + 1, servable.end), refusals


class HasNoNewBar(ExampleOffer):
    def cut(self, query: SeriesQuery, span: Span) -> list[Span]:
        return []


class ForgetsAnOption(ExampleOffer):
    def options_of(self, variant: str) -> dict[str, str]:
        return {}


class Sorts(ExampleOffer):
    def normalized(self, request: CollectRequest) -> CollectRequest:
        return dataclasses.replace(request, symbols=tuple(sorted(request.symbols)))


class Costless(ExampleOffer):
    def seconds(self, query: SeriesQuery, requests: int, pace: Pacing) -> float:
        return 0.0


BROKEN: dict[str, tuple[type[ExampleOffer], str]] = {
    "cut_tiles_spans": (LosesASecond, "cut makes"),
    "split_tiles_spans": (RefusesMore, "split_servable makes"),
    "intervals_can_be_asked": (HasNoNewBar, "not even the newest 1d bar"),
    "variants_have_options": (ForgetsAnOption, "whose own options select “”"),
    "symbols_keep_their_order": (Sorts, "in another order"),
    "seconds_can_be_told": (Costless, "1 request of 1d takes 0.0 s"),
}


@pytest.mark.parametrize("law", BROKEN)
def test_a_law_that_is_broken_is_named_with_what_breaks_it(law: str) -> None:
    kind, words = BROKEN[law]
    values = {field.name: getattr(OFFER, field.name) for field in dataclasses.fields(OFFER)}
    broken = find_broken_laws(dataclasses.replace(EXAMPLE, offer=kind(**values)))
    assert any(problem.startswith(f"{law}: ") and words in problem for problem in broken), broken


def set_another(base: Environment, market: Environment) -> Environment:
    return {"OTHER": "1"}


def test_a_demonstration_that_sets_what_is_no_setting_is_named() -> None:
    strange = dataclasses.replace(EXAMPLE, demonstration=set_another)
    [problem] = find_broken_laws(strange)
    assert problem == "demonstration_asks_nobody: the demonstration sets ['OTHER'], which are no settings of the source"


@pytest.fixture
def client(tmp_path: Path, redis_server: RedisServer) -> Iterator[ExampleClient]:
    with redis_server.client() as redis:
        settings = {"requests_per_second": 1000.0}
        yield ExampleClient(ClientTools(redis=redis, folder=tmp_path, now=lambda: NOW, settings=settings))


def month(symbol: str, interval: Interval = Interval.D1) -> ChunkRequest:
    return ChunkRequest(symbol, interval, Span(int(NOW) // DAY * DAY - 30 * DAY, int(NOW) // DAY * DAY + 2 * DAY))


@pytest.mark.parametrize("interval", OFFER.intervals)
def test_true_answers_are_taken(client: ExampleClient, interval: Interval) -> None:
    assert list(find_answer_problems(client, month("GOOD-USD", interval), NOW)) == []


def leak(request: ChunkRequest) -> Answer:
    raise KeyError(request.symbol)


def test_wrong_answers_and_errors_are_told_apart(client: ExampleClient, monkeypatch: pytest.MonkeyPatch) -> None:
    [nonsense] = find_answer_problems(client, month("NAN"), NOW)
    assert "nan cannot be the close of a bar" in nonsense
    [error] = find_answer_problems(client, month("UNKNOWN"), NOW)
    assert error == "an error came instead of an answer: There is no UNKNOWN."
    assert list(find_error_problems(client, month("UNKNOWN"))) == []
    [answer] = find_error_problems(client, month("GOOD-USD"))
    assert answer.startswith("an answer came instead of an error: 30 bars")
    monkeypatch.setattr(client, "fetch", leak)
    assert list(find_error_problems(client, month("X"))) == ["KeyError leaks out of fetch: 'X'"]
    assert list(find_answer_problems(client, month("X"), NOW)) == ["KeyError leaks out of fetch: 'X'"]
