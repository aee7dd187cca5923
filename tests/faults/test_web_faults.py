"""Directed faults of the web server: killed between commit and message, restarted under a browser, clicked twice."""

import http.cookiejar
import re
import subprocess
import sys
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from tests.faults.story import check
from tests.faults.test_directed import SLOW, begin
from tests.faults.test_kills import fetched_again
from tests.plant import Plant, succeeded
from tests.servers import ROOT, wait_until
from webapp.database.transactions import reading
from webapp.jobs.tables import Job
from webapp.kernel.job_states import JobState

MakePlant = Callable[..., Plant]
FORM = {"source": "yahoo", "interval": "1d", "period": "1y", "priority": "normal"}


class Browser:
    """Somebody with cookies, who has opened the form."""

    def __init__(self, url: str) -> None:
        self.url = url
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), jar)
        wait_until(lambda: self.get("/")[0] == 200, "the site answers")
        found = re.search(r'"X-CSRFToken": "([^"]+)"', self.get("/")[1])
        assert found
        self.token = found[1]

    def get(self, path: str) -> tuple[int, str]:
        return self._ask(
            urllib.request.Request(self.url + path, headers={"HX-Request": "true"} if "ui" in path else {})
        )

    def submit(self, symbols: str) -> tuple[int, str]:
        data = urllib.parse.urlencode({**FORM, "symbols": symbols}).encode()
        headers = {"HX-Request": "true", "X-CSRFToken": self.token}
        return self._ask(urllib.request.Request(f"{self.url}/jobs", data, headers))

    def _ask(self, request: urllib.request.Request) -> tuple[int, str]:
        """Return the status, 0 when nobody answers, and the page."""
        try:
            with self._opener.open(request, timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""


DIES_BEFORE_IT_PUBLISHES = """
import dataclasses, os
from webapp.app import create_app
from webapp.kernel.intervals import Interval
from webapp.kernel.requests import CollectRequest
from webapp.collecting import submit
from webapp.collecting.validation import validate_request
class Deadly:
    def enqueue(self, *_):
        os._exit(9)
app = create_app()
with app.app_context():
    context = dataclasses.replace(app.extensions["moisson"], queue=Deadly())
    request = CollectRequest("yahoo", ("AAPL",), Interval.D1, period="1y")
    submit.submit(context, validate_request(request, context.now()), "test")
"""


def announced(plant: Plant, job_id: int) -> bool:
    with plant.app.app_context(), reading() as connection:
        return connection.execute(select(Job.delivered_at).where(Job.id == job_id)).scalar() is not None


def test_row_20_a_process_that_dies_between_commit_and_message(make_plant: MakePlant) -> None:
    plant = make_plant()
    command = [sys.executable, "-c", DIES_BEFORE_IT_PUBLISHES]
    assert subprocess.run(command, cwd=ROOT, env=plant.environment, timeout=60, check=False).returncode == 9
    [job] = plant.jobs()
    assert job.state is JobState.PENDING
    assert announced(plant, job.id)  # which it never was
    plant.worker(), plant.clock()
    assert succeeded(plant.wait())
    check(plant)


def test_row_20_the_site_killed_while_it_publishes(make_plant: MakePlant) -> None:
    plant = make_plant()
    web, url = plant.web()
    browser = Browser(url)
    plant.redis.freeze()
    clicked = threading.Thread(target=browser.submit, args=("AAPL MSFT NVDA",))
    clicked.start()
    wait_until(plant.jobs, "the jobs are committed")
    web.kill()
    clicked.join()
    assert [job.state for job in plant.jobs()] == [JobState.PENDING] * 3
    plant.redis.kill()
    plant.redis.start()
    plant.worker(), plant.clock()
    assert succeeded(plant.wait())
    check(plant)


def test_row_21_the_site_restarted_under_a_browser_that_polls(make_plant: MakePlant) -> None:
    plant = make_plant(**SLOW)
    web, url = plant.web()
    browser = Browser(url)
    _, ids = begin(plant, "prefork")
    poll = "/ui/jobs/table"
    assert browser.get(poll)[0] == 200
    before = plant.job(ids[0]).progress.done
    web.kill()
    assert browser.get(poll)[0] == 0
    wait_until(lambda: plant.job(ids[0]).progress.done > before, "the collection goes on without the site")
    plant.web(urlsplit(url).port or 0)
    wait_until(lambda: browser.get(poll)[0] == 200, "the same browser is answered again")
    assert succeeded(plant.wait(*ids))
    status, page = browser.get(poll)
    assert status == 200
    assert "AAPL" in page
    assert fetched_again(plant, "AAPL") == 0
    status, _ = browser.submit("MSFT")
    assert status == 200, "the token of before the restart is good"
    assert succeeded(plant.wait())
    check(plant)


@pytest.mark.parametrize("clicks", [2, 6])
def test_row_23_clicks_at_the_same_moment_make_one_job(make_plant: MakePlant, clicks: int) -> None:
    plant = make_plant()
    _, url = plant.web()
    browsers = [Browser(url) for _ in range(clicks)]
    symbols = ["AAPL", "MSFT", "NVDA"]
    with ThreadPoolExecutor(clicks) as pool:
        for symbol in symbols:
            together = threading.Barrier(clicks)

            def click(browser: Browser, symbol: str = symbol, together: threading.Barrier = together) -> int:
                together.wait()
                return browser.submit(symbol)[0]

            assert list(pool.map(click, browsers)) == [200] * clicks
    assert sorted(job.symbol for job in plant.jobs()) == symbols
    with plant.redis.client() as client:
        assert client.llen("celery\x06\x163") == len(symbols)
    plant.worker(), plant.clock()
    assert succeeded(plant.wait())
    check(plant)
