"""Which jobs are due, and how they are listed."""

from itertools import pairwise

import pytest
from sqlalchemy import text

from tests.jobs.rows import NOW, new_job
from webapp.database.transactions import reading, writing
from webapp.jobs import queries_deliveries, queries_jobs


@pytest.mark.usefixtures("app")
def test_urgent_jobs_are_delivered_first() -> None:
    ids = [new_job(symbol) for symbol in "ABC"]
    with writing() as connection:
        connection.execute(text("UPDATE job SET priority = 0 WHERE id = :id"), {"id": ids[2]})
        assert queries_deliveries.due(connection, NOW, 10, NOW) == [ids[2], ids[0], ids[1]]


@pytest.mark.usefixtures("app")
def test_pages_of_jobs_go_from_new_to_old() -> None:
    ids = [new_job(symbol) for symbol in "ABC"]
    with reading() as connection:
        newest = [job.id for job in queries_jobs.page(connection, queries_jobs.JobFilter())]
        later = [job.id for job in queries_jobs.page(connection, queries_jobs.JobFilter(), before_id=ids[1])]
        assert queries_jobs.count(connection, queries_jobs.JobFilter(symbol="B")) == 1
    assert all(newer > older for newer, older in pairwise(newest))
    assert later == [ids[0]]
