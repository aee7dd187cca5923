"""What a series' page says of a changed history."""

from flask.testing import FlaskClient

from webapp.database.transactions import writing
from webapp.errors import sentence
from webapp.kernel.restatement_kinds import RestatementKind
from webapp.restating import queries_restatements
from webapp.restating.queries_restatements import NewRestatement
from webapp.restating.rules_basis import Difference

from .factories import NOW, Asked, make_job, make_series


def test_the_series_page_says_what_changed_when_and_by_which_job(client: FlaskClient) -> None:
    series_id = make_series(Asked())
    job_id = make_job(Asked())
    assert "Changed history" not in client.get(f"/series/{series_id}").text
    rebased = sentence("%(bars)d stored bars were divided by %(ratio)s.", bars=253, ratio="4")
    corrected = sentence("1 stored bar came with other prices.")
    old, new = (10.0, 11.0, 9.0, 10.5, 1000.0), (10.0, 11.0, 9.0, 10.25, 1000.0)
    with writing() as connection:
        told = NewRestatement(series_id, job_id, RestatementKind.REBASED, 0, 86_400, 253, rebased, ratio=4.0)
        queries_restatements.add(connection, told, NOW)
        told = NewRestatement(
            series_id, 99_999, RestatementKind.PRICES, 0, 0, 1, corrected, differences=[Difference(0, old, new)]
        )
        queries_restatements.add(connection, told, NOW)
    page = " ".join(client.get(f"/series/{series_id}").text.split())
    assert "Changed history" in page
    assert "253 stored bars were divided by 4." in page
    assert f'<a href="/jobs/{job_id}">{job_id}</a>' in page
    assert "<del>10.5</del> 10.25" in page
    assert page.count("<del>") == 1
    assert "99999" in page
    assert "/jobs/99999" not in page
