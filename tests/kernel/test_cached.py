"""An answer that is remembered for a moment, and who waits for the next one."""

import datetime as dt
import threading
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from webapp.kernel.cached import Cached, fingerprint
from webapp.kernel.request_fields import FieldKind

NOON = dt.datetime(2024, 3, 6, 12, 0, tzinfo=dt.UTC)


class Clock:
    def __init__(self) -> None:
        self.at = NOON

    def __call__(self) -> dt.datetime:
        return self.at

    def advance(self, seconds: float) -> None:
        self.at += dt.timedelta(seconds=seconds)


def sequence(*answers: str | None) -> tuple[list[str | None], Callable[[], str | None]]:
    """Return the answers that are still to come, and what gives the next one."""
    coming = list(answers)
    return coming, lambda: coming.pop(0)


def test_a_fresh_answer_is_given_again_and_a_stale_one_is_not() -> None:
    clock, cached = Clock(), Cached[str](fresh=1, failed=5)
    coming, load = sequence("first", "second")
    assert [cached.get(clock, load), cached.get(clock, load)] == ["first", "first"]
    clock.advance(0.9)
    assert cached.get(clock, load) == "first"
    clock.advance(0.1)
    assert cached.get(clock, load) == "second"
    assert coming == []


def test_that_nobody_answered_is_remembered_for_its_own_time() -> None:
    clock, cached = Clock(), Cached[str](fresh=1, failed=5)
    _, load = sequence(None, "back")
    assert cached.get(clock, load) is None
    clock.advance(4.9)
    assert cached.get(clock, load) is None
    clock.advance(0.1)
    assert cached.get(clock, load) == "back"


def test_a_clock_that_was_set_back_makes_an_answer_stale() -> None:
    clock, cached = Clock(), Cached[str](fresh=1, failed=5)
    _, load = sequence("first", "second")
    cached.get(clock, load)
    clock.advance(-60)
    assert cached.get(clock, load) == "second"


def test_an_error_is_not_remembered_and_leaves_the_next_caller_free() -> None:
    clock, cached = Clock(), Cached[str](fresh=1, failed=5)

    def broken() -> str:
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011 -- it has no words
        cached.get(clock, broken)
    assert cached.get(clock, lambda: "well") == "well"


def test_while_one_thread_asks_the_others_take_what_is_stale() -> None:
    clock, cached = Clock(), Cached[str](fresh=1, failed=5)
    cached.get(clock, lambda: "stale")
    clock.advance(2)
    is_asking, may_answer = threading.Event(), threading.Event()

    def slow() -> str:
        is_asking.set()
        assert may_answer.wait(60)
        return "new"

    asking = threading.Thread(target=cached.get, args=(clock, slow))
    asking.start()
    assert is_asking.wait(60)
    assert cached.get(clock, lambda: pytest.fail("only one may ask")) == "stale"
    may_answer.set()
    asking.join(60)
    assert cached.get(clock, lambda: pytest.fail("it is fresh")) == "new"


def test_the_first_callers_wait_for_the_first_answer() -> None:
    clock, cached = Clock(), Cached[str](fresh=1, failed=5)
    is_asking, may_answer = threading.Event(), threading.Event()
    answers: list[str | None] = []

    def slow() -> str:
        is_asking.set()
        assert may_answer.wait(60)
        return "first"

    asking = threading.Thread(target=lambda: answers.append(cached.get(clock, slow)))
    asking.start()
    assert is_asking.wait(60)
    waiting = threading.Thread(target=lambda: answers.append(cached.get(clock, lambda: "never asked")))
    waiting.start()
    may_answer.set()
    for thread in (asking, waiting):
        thread.join(60)
    assert answers == ["first", "first"]


@dataclass(frozen=True)
class Part:
    name: str
    at: dt.datetime
    marks: frozenset[int]


def test_a_fingerprint_changes_with_every_value_and_is_the_same_for_the_same() -> None:
    at = dt.datetime(2024, 3, 1, tzinfo=dt.UTC)
    parts = [
        Part("a", at, frozenset({1, 2})),
        Part("b", at, frozenset({1, 2})),
        Part("a", at + dt.timedelta(microseconds=1), frozenset({1, 2})),
        Part("a", at, frozenset({1})),
        {"name": "a", 1: 2.0},
        FieldKind.FLAG,
        FieldKind.SWITCH,
    ]
    assert len({fingerprint(part=part) for part in parts}) == len(parts)
    assert fingerprint(part=Part("a", at, frozenset({2, 1}))) == fingerprint(part=parts[0])
    assert fingerprint(other=parts[0]) != fingerprint(part=parts[0])
    with pytest.raises(TypeError):
        fingerprint(part=object())
