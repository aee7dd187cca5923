"""The chart of a series as a reader handles it: zoom, scroll, jump, adjust, link; gaps and marks; and failures."""

import json
import re
import urllib.request

from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.chart_data import before, daily, intraday
from tests.browser.conftest import Site, Watched, opened
from webapp.kernel.spans import Span

_SETTLED = """(looks) => {
  const chart = document.querySelector('#chart');
  return chart.dataset.looks !== looks && !chart.hasAttribute('aria-busy');
}"""

_SAME_LAST_DAY = """() => {
  const day = document.querySelector('.legend-time').textContent;
  return document.querySelector('#chart-summary').textContent.includes(`, to ${day}, close `);
}"""


def told(page: Page, name: str) -> str:
    """Return what the chart says of itself."""
    return page.locator("#chart").get_attribute(f"data-{name}") or ""


def open_chart(watched: Watched, site: Site, series_id: int, query: str = "") -> None:
    """Open a series, and wait for its candles and its gaps."""
    watched.page.goto(f"{site.url}/series/{series_id}{query}")
    expect(watched.page.locator("#chart")).to_have_attribute("data-gaps-total", re.compile(r"\d"))
    watched.page.locator("#chart").focus()


def press(page: Page, keys: str) -> None:
    """Press keys, and wait until the chart has answered them."""
    looks = told(page, "looks")
    page.keyboard.press(keys)
    page.wait_for_function(_SETTLED, arg=looks)


def press_until(page: Page, keys: str, name: str, wanted: str) -> None:
    """Press keys until the chart says what is wanted; each press is answered by the chart before the next."""
    for _ in range(20):
        if re.fullmatch(wanted, told(page, name)):
            return
        press(page, keys)
    raise AssertionError(f"{name} is {told(page, name)}, not {wanted}")


def stored(site: Site, series_id: int, page: Page) -> int:
    """Return how many bars the server has between the first and the last candle that are shown."""
    first, last = int(told(page, "first-time")), int(told(page, "last-time"))
    url = f"{site.url}/series/{series_id}/candles.json?start={first}&end={last + 1}"
    with urllib.request.urlopen(url) as answer:
        return int(json.load(answer)["rows"])


def test_zooming_in_brings_finer_candles_scrolling_brings_older_and_newer_ones(browser: Browser, site: Site) -> None:
    series_id = intraday()
    with opened(browser) as watched:
        page = watched.page
        open_chart(watched, site, series_id)
        coarse = told(page, "step")
        assert coarse == "30m"
        expect(page.locator("#chart-note")).to_have_text(re.compile(r"1\d,\d+ bars of 5 minutes, merged into 1,\d+ "))
        page.locator("[data-period='1mo']").click()
        page.locator("#chart").focus()
        press(page, "Shift+ArrowLeft")  # a month before the last bars, so that there are newer ones to come
        press_until(page, "+", "step", "5m")
        expect(page.locator("#chart-note")).to_have_text(re.compile(r"^[\d,]+ bars$"))
        first, last = int(told(page, "first-time")), int(told(page, "last-time"))
        press_until(page, "Shift+ArrowLeft", "first-time", f"(?!{first}).*")
        assert int(told(page, "first-time")) < first
        assert told(page, "step") == "5m"
        assert int(told(page, "candle-count")) == stored(site, series_id, page), "nothing is missing or doubled"
        press_until(page, "End", "last-time", f"(?!{last}).*")
        assert int(told(page, "last-time")) > last
        press_until(page, "-", "step", coarse)
        page.keyboard.press("0")
        expect(page).to_have_url(re.compile(r"/series/\d+$"))
        assert watched.polls("candles.json") < 30, "each view is asked for once"
        assert watched.complaints == []


def test_a_view_has_an_address_and_keeps_its_place_when_adjusted_otherwise(browser: Browser, site: Site) -> None:
    series_id = daily()
    with opened(browser, language="fr", theme="dark") as watched:
        page = watched.page
        open_chart(watched, site, series_id)
        expect(page.locator("#chart")).to_have_attribute("data-step", "1wk")
        expect(page.locator("[data-period='1d']")).to_be_hidden()
        page.locator("[data-period='6mo']").click()
        expect(page.locator("#chart")).to_have_attribute("data-step", "1d")
        expect(page).to_have_url(re.compile(r"\?from=\d{4}-\d\d-\d\d&to=\d{4}-\d\d-\d\d$"))
        page.locator("#chart-date").fill(page.locator("#chart-date").get_attribute("min") or "")
        expect(page).not_to_have_url(re.compile(r"from=20[2-9]"))
        address = page.url
        expect(page.locator("#chart-summary")).to_have_text(re.compile("."))
        adjusted = page.locator("#chart-summary").text_content() or "-"
        with page.expect_response(re.compile("adjust=none")):
            page.locator("input[value='none'] + span").first.click()
        expect(page.locator("#chart-summary")).not_to_have_text(adjusted)
        expect(page).to_have_url(f"{address}&adjust=none")
        expect(page.locator("#chart")).not_to_have_attribute("aria-busy", "true")
        unadjusted, start = page.locator("#chart-summary").text_content(), told(page, "first-time")
        page.reload()
        expect(page.locator("#chart")).to_have_attribute("data-first-time", start)
        expect(page.locator("input[name='adjust'][value='none']").first).to_be_checked()
        with page.expect_response(re.compile("adjust=splits")):
            page.locator("input[value='splits'] + span").first.click()
        expect(page.locator("#chart-summary")).not_to_have_text(unadjusted or "-")
        expect(page).to_have_url(address)
        assert watched.complaints == []


def test_words_tell_what_is_on_the_screen(browser: Browser, site: Site) -> None:
    series_id = daily()
    with opened(browser) as watched:
        page = watched.page
        open_chart(watched, site, series_id)
        note, summary = page.locator("#chart-note"), page.locator("#chart-summary")
        page.locator("[data-period='1y']").click()
        expect(page.locator("#chart")).to_have_attribute("data-step", "1d")
        expect(note).to_have_text(re.compile(r"^25\d bars$"))
        assert int(told(page, "candle-count")) > 400, "more is held than is shown"
        latest = summary.text_content() or "-"
        page.locator("#chart").focus()
        page.keyboard.press("Shift+ArrowLeft")
        expect(summary).not_to_have_text(latest)
        expect(note).to_have_text(re.compile(r"^2[45]\d bars$"))
        page.wait_for_function(_SAME_LAST_DAY)
        page.keyboard.press("0")
        expect(note).to_have_text(re.compile(r"^2,5\d\d bars of 1 day, merged"))
        assert watched.complaints == []


def test_gaps_are_drawn_and_actions_are_marked_as_far_as_there_is_room(browser: Browser, site: Site) -> None:
    series_id = daily(hole=Span(before(200), before(172)))
    with opened(browser, width=390) as watched:
        page = watched.page
        open_chart(watched, site, series_id)
        expect(page.locator("#chart")).to_have_attribute("data-gap-count", "1")
        few = int(told(page, "mark-count"))
        assert 1 < few < 20, "forty actions do not fit"
        page.locator("[data-period='1y']").click()
        expect(page.locator("#chart")).to_have_attribute("data-step", "1d")
        expect(page.locator("#chart")).to_have_attribute("data-empty-places", re.compile("^(18|19|20)$"))
        place = page.locator("#chart canvas").first.bounding_box()
        assert place
        legend = page.locator("#chart-legend")
        for step in range(40):
            page.mouse.move(place["x"] + place["width"] * step / 55, place["y"] + 60)
            if "Missing" in (legend.text_content() or ""):
                break
        expect(legend).to_contain_text(re.compile(r"Missing: (18|19|20) sessions"))
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(wide) <= 0
        assert watched.complaints == []


def test_a_failure_says_so_and_can_be_tried_again(browser: Browser, site: Site) -> None:
    series_id = intraday(days=40)
    answers = iter([503, 200, 404])

    def answer(route: Route) -> None:
        status = next(answers, 200)
        if status == 200:
            route.continue_()
        else:
            body = json.dumps({"error": {"code": status, "message": f"Told with {status}."}})
            route.fulfill(status=status, body=body, content_type="application/json")

    with opened(browser) as watched:
        page = watched.page
        page.route(re.compile(r"candles\.json"), answer)
        page.goto(f"{site.url}/series/{series_id}")
        message = page.locator(".chart-message")
        expect(message).to_contain_text("Told with 503.")
        message.get_by_role("button", name="Retry").click()
        expect(page.locator("#chart")).to_have_attribute("data-gaps-total", "0")
        expect(message).to_have_count(0)
        page.locator("input[value='none'] + span").first.click()
        expect(message).to_contain_text("Told with 404.")
        expect(message.get_by_role("button")).to_have_count(0)
        assert int(told(page, "candle-count")) > 0, "what was there stays"
        page.get_by_text("Exchange’s time", exact=True).click()
        expect(page.locator("#chart-zone")).to_have_text("Times: America/New_York")
        page.get_by_text("My time").click()
        expect(page.locator("#chart-zone")).to_have_text("Times: Europe/Paris")
        assert [one for one in watched.complaints if "503" not in one] == []
