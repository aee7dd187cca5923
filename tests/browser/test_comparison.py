"""Two sources side by side, and where bars came from, as a browser shows them."""

import re

from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Site, opened
from tests.web.factories import Asked, advance, finish, make_job, start
from tests.web.pairs import disagreeing

WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
LINES = "#disagreements-title + table tbody tr"


def test_both_panels_load_on_a_series_page_and_lead_on(browser: Browser, site: Site) -> None:
    asked = Asked(symbol="MSFT", days=60, chunks=2)
    claim = start(make_job(asked))
    advance(claim, asked, 0, 2)
    finish(claim)
    first, second = disagreeing()
    with opened(browser) as watched:
        page = watched.page
        page.goto(f"{site.url}/series/{first}")
        expect(page.locator("#provenance .provenance-jobs tbody tr")).to_have_count(1)
        page.locator("#time").fill("1999-01-04")
        page.get_by_role("button", name="Look").click()
        expect(page.locator(".provenance-answer")).to_have_text("No bar is stored for that day.")
        assert page.url.endswith(f"/series/{first}"), "the question is answered in its place"
        expect(page.locator("#comparison .badge")).to_have_text("Closes differ")
        page.locator("#comparison header a").click()
        expect(page).to_have_url(f"{site.url}/comparisons/{first}/{second}")
        expect(page.locator(".ratio-path")).to_have_attribute("d", re.compile("^M"))
        expect(page.locator(LINES)).to_have_count(1)
        page.locator("#tolerance").select_option("5")
        page.get_by_role("button", name="Compare").click()
        expect(page).to_have_url(re.compile("tolerance=5$"))
        expect(page.locator(LINES)).to_have_count(0)
        assert watched.complaints == []
    with opened(browser, language="fr", theme="dark", width=390) as watched:
        for path in (f"/comparisons/{first}/{second}", "/comparisons", f"/series/{first}/provenance?time=2021-03-01"):
            whole(watched.page, site.url + path)
        assert watched.complaints == []


def whole(page: Page, url: str) -> None:
    page.goto(url)
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    assert page.evaluate(WIDE) <= 0, url
