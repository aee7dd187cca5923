"""A heartbeat tells a worker that waits when to look at its job again."""

import dataclasses
import time

from tests.jobs.rows import claim_job, new_job
from tests.servers import wait_until
from tests.world import World
from webapp.context import JobRules
from webapp.database.transactions import writing
from webapp.jobs import queries_claims, queries_moves
from webapp.jobs.claims import Release
from webapp.jobs.lease import Heartbeat
from webapp.kernel.job_states import Intent, JobState

QUICK = JobRules(lease=0.4)
LONG = 60.0


def test_a_wait_goes_on_for_as_long_as_the_job_is_wanted(world: World) -> None:
    context = dataclasses.replace(world.context, rules=QUICK)
    with Heartbeat(context, claim_job(new_job())) as heartbeat:
        started = time.monotonic()
        heartbeat.sleep(0.3)
        assert time.monotonic() - started >= 0.3
        assert not heartbeat.is_interrupted


def test_a_wait_ends_when_a_person_wants_something_else_and_goes_on_once_that_is_taken_back(world: World) -> None:
    job_id = new_job()
    with Heartbeat(dataclasses.replace(world.context, rules=QUICK), claim_job(job_id)) as heartbeat:
        with writing() as connection:
            assert queries_moves.request_intent(connection, job_id, Intent.PAUSE)
        started = time.monotonic()
        heartbeat.sleep(LONG)
        assert time.monotonic() - started < LONG
        assert heartbeat.is_interrupted
        assert not heartbeat.is_lost
        with writing() as connection:
            assert queries_moves.request_intent(connection, job_id, Intent.RUN)
        wait_until(lambda: not heartbeat.is_interrupted, "the next renewal has seen that the job is wanted again")


def test_a_wait_ends_when_the_job_is_no_longer_ours(world: World) -> None:
    claim = claim_job(new_job())
    with Heartbeat(dataclasses.replace(world.context, rules=QUICK), claim) as heartbeat:
        with writing() as connection:
            queries_claims.release(connection, claim, Release(JobState.PENDING), world.clock())
        heartbeat.sleep(LONG)
        assert heartbeat.is_lost
        assert heartbeat.is_interrupted
