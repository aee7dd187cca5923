"""States, legal moves, retries and honest progress."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.kernel.job_states import (
    ACTIVE,
    DUE,
    FINAL,
    LEGAL_MOVES,
    POLICIES,
    ErrorKind,
    JobState,
    Progress,
    RetryPolicy,
    retry_delay,
    states_before,
)


def test_every_state_and_kind_of_error_has_its_rule() -> None:
    assert set(LEGAL_MOVES) == set(JobState)
    assert set(POLICIES) == set(ErrorKind)
    assert set(JobState) == ACTIVE | FINAL
    assert not ACTIVE & FINAL
    assert DUE <= ACTIVE


def test_a_job_that_succeeded_stays_so_and_others_can_be_tried_again() -> None:
    assert LEGAL_MOVES[JobState.SUCCEEDED] == frozenset()
    for state in (JobState.FAILED, JobState.CANCELLED, JobState.PAUSED):
        assert JobState.PENDING in LEGAL_MOVES[state]


def test_only_a_job_that_is_due_can_be_taken_and_only_a_running_one_ends() -> None:
    assert states_before(JobState.RUNNING) == DUE
    assert states_before(JobState.SUCCEEDED) == {JobState.RUNNING}
    assert states_before(JobState.FAILED) == {JobState.RUNNING}
    assert states_before(JobState.CANCELLED) == ACTIVE


def test_what_a_retry_cannot_help_is_not_retried() -> None:
    never = {kind for kind, policy in POLICIES.items() if not policy.retried}
    assert never == {ErrorKind.UNKNOWN_SYMBOL, ErrorKind.NO_PERMISSION, ErrorKind.BAD_REQUEST}
    assert not POLICIES[ErrorKind.GATEWAY_DOWN].counted


@given(st.integers(1, 10_000), st.floats(0, 1, exclude_max=True), st.sampled_from(ErrorKind))
def test_a_delay_is_spread_over_a_step_that_grows_to_its_cap(failures: int, jitter: float, kind: ErrorKind) -> None:
    policy = POLICIES[kind]
    delay = retry_delay(policy, failures, jitter)
    step = min(policy.cap, policy.base * 2 ** min(failures - 1, 40))
    assert delay == step * jitter <= step


def test_what_the_source_asks_for_is_honoured_as_it_is() -> None:
    assert retry_delay(RetryPolicy(retried=True), 1, 0.0, retry_after=4321.0) == 4321.0
    assert retry_delay(RetryPolicy(retried=True), 1, 0.0, retry_after=0.0) == 0.0


@pytest.mark.parametrize(
    ("done", "total", "finished", "percent"),
    [(0, 0, False, 0), (0, 0, True, 100), (1, 3, False, 33), (3, 3, False, 99), (5, 3, False, 99), (2, 3, True, 100)],
)
def test_only_a_job_that_succeeded_shows_hundred_percent(
    done: int, total: int, *, finished: bool, percent: int
) -> None:
    assert Progress(done, total, finished=finished).percent == percent
