"""IBKR end to end: a person finds a contract, collects it through the offline TWS, and sees how the gateway stands."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Site, opened
from tests.plant import Plant, plant
from tests.servers import Market, RedisServer, start_market, wait_until
from webapp.kernel.job_states import JobState


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Market]:
    started = start_market(tmp_path_factory.mktemp("market"))
    yield started
    started.running.end()


@pytest.fixture
def made(redis_server: RedisServer, market: Market, tmp_path: Path) -> Iterator[Plant]:
    host, _, port = market.tws.rpartition(":")
    with plant(tmp_path, redis_server, market, IB_HOST=host, IB_PORT=port, IB_NIGHTLY_WINDOW="") as started:
        yield started


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_contract_is_found_collected_and_the_gateway_shown(browser: Browser, made: Plant, language: str) -> None:
    _, url = made.web()
    made.worker(), made.clock()
    with opened(browser, language=language) as watched:
        page = watched.page
        page.goto(url)
        page.locator("#symbols").fill("msft")
        page.locator("#source").select_option("ibkr")
        expect(page.locator("#sec_type")).to_be_visible()
        expect(page.locator("#symbols")).to_have_value("msft")
        page.locator("#symbol-query").press_sequentially("AAPL")
        page.locator("[data-add='AAPL']").click(timeout=30_000)
        expect(page.locator("#symbols")).to_have_value("msft, AAPL")
        page.locator("#symbols").fill("AAPL")
        page.locator("#interval").select_option("1h")
        page.locator("#period").select_option("1mo")
        page.locator(".submit").first.click()
        wait_until(made.jobs, "the job is there")
        [job] = made.jobs()
        wait_until(lambda: made.job(job.id).state is JobState.SUCCEEDED, "the job has succeeded")
        page.goto(f"{url}/gateways")
        expect(page.locator("#status .lamp-on", has_text=re.compile("connect"))).to_be_visible()
        assert watched.complaints == []


def test_a_gateway_is_tested_and_what_is_wrong_is_said_beside_its_field(browser: Browser, made: Plant) -> None:
    _, url = made.web()
    made.worker()
    with opened(browser) as watched:
        page = watched.page
        page.goto(f"{url}/gateways")
        page.get_by_role("button", name="Test the connection").click()
        expect(page.locator("#gateway-test")).to_contain_text("Connected.", timeout=30_000)
        polls = watched.polls("/ui/gateways/tests/")
        page.locator("#host").fill("169.254.169.254")
        page.locator("#name").fill("probe")
        page.locator("#name").press("Enter")
        expect(page.locator("#host-problem")).to_contain_text("IB_ALLOWED_HOSTS")
        expect(page.locator("#host")).to_be_focused()
        page.locator("[data-fill='port']").first.click()
        expect(page.locator("#port")).to_have_value("7496")
        assert watched.polls("/ui/gateways/tests/") == polls, "polling has stopped"
        assert watched.complaints == []


def test_the_enter_key_in_a_field_of_a_contract_collects(browser: Browser, site: Site) -> None:
    """A button for readers without JavaScript must not become the one that the Enter key means."""
    with opened(browser) as watched:
        page = watched.page
        page.goto(site.url)
        page.locator("#symbols").fill("AAPL")
        page.locator("#source").select_option("ibkr")
        page.locator("#exchange").fill("NOT ONE")
        page.locator("#exchange").press("Enter")
        expect(page.locator("#exchange-problem")).to_be_visible()
        page.locator("#symbol-query").fill("aapl")
        page.locator("#symbol-query").press("Enter")
        expect(page.locator("#search-results")).to_contain_text("The queue (Redis) does not answer")
        assert page.url.rstrip("/") == site.url
        assert watched.complaints == []


def test_without_javascript_everything_is_there(browser: Browser, site: Site) -> None:
    with opened(browser, script=False) as watched:
        page = watched.page
        page.goto(site.url)
        page.locator("#symbols").fill("ES")
        page.locator("#source").select_option("ibkr")
        page.get_by_role("button", name="Show the fields of the chosen source and type").click()
        page.locator("#sec_type").select_option("FUT")
        page.get_by_role("button", name="Show the fields of the chosen source and type").click()
        expect(page.locator("#symbols")).to_have_value("ES")
        page.get_by_role("button", name="Fetch the data").click()
        expect(page.locator("#expiry-problem")).to_be_visible()
        page.locator("#expiry").fill("203003")
        page.get_by_role("button", name="Fetch the data").click()
        expect(page.locator(".receipt")).to_contain_text("ES.FUT.CME.USD.203003")
        page.goto(f"{site.url}/gateways")
        page.locator("#name").fill("paper")
        page.get_by_role("button", name="Save").click()
        expect(page.locator(".table-gateways")).to_contain_text("paper")
