"""The main job, end to end: a person asks for bars in a browser, leaves, comes back, and finds them."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import opened
from tests.plant import plant
from tests.servers import Market, RedisServer, start_market, wait_until

WORDS = {
    "en": {"heading": "Collect data", "submit": "Fetch the data", "history": "Collection history", "done": "Succeeded"},
    "fr": {
        "heading": "Collecte de données",
        "submit": "Récupérer les données",
        "history": "Historique des collectes",
        "done": "Réussi",
    },
}


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Market]:
    started = start_market(tmp_path_factory.mktemp("market"))
    yield started
    started.running.end()


def percent(page: Page) -> int:
    match = re.search(r"\d+", page.locator("#job-percent").inner_text())
    return int(match[0]) if match else 0


@pytest.mark.parametrize("language", ["en", "fr"])
def test_bars_are_asked_for_seen_arriving_and_found_again(
    browser: Browser, redis_server: RedisServer, market: Market, tmp_path: Path, language: str
) -> None:
    words = WORDS[language]
    with plant(tmp_path, redis_server, market, YAHOO_REQUESTS_PER_SECOND="1") as running:
        _, url = running.web()
        running.worker(), running.clock()
        with opened(browser, language=language) as watched:
            page = watched.page
            page.goto(url)
            expect(page.get_by_role("heading", level=1)).to_have_text(words["heading"])
            page.get_by_role("textbox").first.fill("aapl")
            page.locator("#interval").select_option("1m")
            page.locator("#period").select_option("max")
            expect(page.locator("#plan")).to_contain_text(re.compile(r"\d"))
            page.get_by_role("button", name=words["submit"]).click()
            wait_until(running.jobs, "the job is there")
            [job] = running.jobs()
            page.goto(f"{url}/jobs/{job.id}")
            page.evaluate("window.never_reloaded = true")
            wait_until(lambda: 0 < percent(page) < 100, "progress moves")
            assert page.evaluate("window.never_reloaded")
            assert watched.complaints == []
        # The browser is closed; the collection goes on.
        running.wait(job.id)
        finds_it_again(browser, url, language, job.id)


def finds_it_again(browser: Browser, url: str, language: str, job_id: int) -> None:
    with opened(browser, language=language) as watched:
        page = watched.page
        page.goto(f"{url}/jobs")
        expect(page.get_by_role("heading", level=1)).to_have_text(WORDS[language]["history"])
        expect(page.locator("#jobs")).to_contain_text(WORDS[language]["done"])
        page.get_by_role("link", name="AAPL").first.click()
        expect(page.locator("#job-percent")).to_contain_text("100")
        expect(page.locator("#chart")).to_have_attribute("data-candle-count", re.compile(r"[1-9]\d*"))
        expect(page.locator("#chart canvas").first).to_be_visible()
        assert page.locator("#job-card[data-poll]").count() == 0
        before = watched.polls(f"/ui/jobs/{job_id}")
        # Longer than two polls would take; nothing can be waited for, because nothing may happen.
        page.wait_for_timeout(2500)
        assert watched.polls(f"/ui/jobs/{job_id}") == before
        assert watched.complaints == []


def test_a_worker_is_seen_in_the_sidebar(
    browser: Browser, redis_server: RedisServer, market: Market, tmp_path: Path
) -> None:
    with plant(tmp_path, redis_server, market) as running:
        _, url = running.web()
        running.worker()
        with opened(browser) as watched:
            watched.page.goto(url)
            expect(watched.page.get_by_role("definition").nth(1)).to_have_text("1")
            assert watched.complaints == []
