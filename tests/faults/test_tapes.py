"""A source that lied and became honest leaves nothing behind: a property over random tapes of its behaviour."""

import logging
from collections.abc import Iterator

import pytest

from tests.faults.tape_player import Player, play
from tests.faults.tapes import count_kinds, make_tape
from tests.properties import examples
from tests.world import World

QUICK, PART = 200, 200


@pytest.fixture
def player(world: World) -> Iterator[Player]:
    logging.disable(logging.WARNING)  # a thousand lines of log, whose capture takes a tenth of the time
    yield Player(world)
    logging.disable(logging.NOTSET)


def test_a_week_after_a_source_has_become_honest_its_history_is_an_honest_source_s(player: Player) -> None:
    failures = play(player, range(examples(QUICK)))
    assert failures == [], "\n".join(failures)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(QUICK, 2000, PART))
def test_so_it_is_on_two_thousand_tapes(player: Player, first: int) -> None:
    failures = play(player, range(first, first + PART))
    assert failures == [], "\n".join(failures)


def test_each_kind_of_lie_is_told_often() -> None:
    counts = count_kinds([make_tape(seed) for seed in range(QUICK)])
    assert counts.keys() == {"Blank", "Wrong", "Preliminary", "Empty", "LateBasis", "Told"}
    assert min(counts.values()) >= QUICK // 20
