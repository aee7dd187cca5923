"""What an answer holds that cannot be: its bars are taken all the same, and the job says what was left out."""

import dataclasses
import datetime as dt

from tests.world import World, good
from webapp.database.transactions import reading
from webapp.errors import sentence
from webapp.jobs import queries_events
from webapp.kernel.job_states import JobState
from webapp.series import queries_bars

LEFT_OUT = sentence("A split of 1/0 was left out.")


def test_bars_are_stored_and_the_job_says_what_was_left_out(world: World) -> None:
    [job_id] = world.submit(start=dt.date(2024, 1, 1), end=dt.date(2024, 1, 31))
    world.source.replies = [lambda request: dataclasses.replace(good(request), left_out=LEFT_OUT)]
    job = world.work(job_id)
    assert (job.state, job.note, job.rows_written) == (JobState.SUCCEEDED, LEFT_OUT, 31)
    with reading() as connection:
        assert len(queries_bars.read(connection, job.series_id)) == 31
        [line] = [line for line in queries_events.read(connection, job_id) if line.kind == "left_out"]
    assert line.message == LEFT_OUT
