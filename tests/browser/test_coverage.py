"""The heatmap as a reader sees it: cells with words for eyes and screen readers, and gaps that one click fills."""

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.chart_data import before, daily
from tests.browser.conftest import Site, opened
from webapp.collecting.submit import find
from webapp.kernel.spans import Span

WORDS = {
    "en": ("complete", "missing", "confirmed empty", "closed", "Fill the gaps", "Missing:"),
    "fr": ("complète", "manquante", "vide, confirmé", "bourse fermée", "Combler les lacunes", "Il manque"),
}


@pytest.mark.parametrize("language", ["en", "fr"])
def test_cells_say_what_they_are_and_the_gap_is_filled_by_a_job(browser: Browser, site: Site, language: str) -> None:
    hole, blank = Span(before(60), before(39)), Span(before(110), before(102))
    series_id = daily(2, hole, blank)
    complete, missing, empty, closed, fill, note = WORDS[language]
    with opened(browser, language=language, theme="dark" if language == "fr" else "light") as watched:
        page = watched.page
        page.goto(f"{site.url}/series/{series_id}")
        panel = page.locator("#coverage")
        expect(panel.locator(".coverage-note").first).to_contain_text(note)
        for state, word in (("have", complete), ("missing", missing), ("empty", empty)):
            cells = panel.locator(f".heat g:has(.heat-{state})")
            assert cells.count() >= 4, state
            assert word in (cells.first.locator("title").text_content() or "")
        assert closed in (panel.locator(".heat g:has(.heat-closed) title").first.text_content() or ""), "a holiday"
        expect(panel.get_by_role("img").first).to_have_accessible_name(re.compile(r"20\d\d"))
        colours = {
            page.evaluate(
                "(cell) => getComputedStyle(cell).fill", panel.locator(f".heat .heat-{state}").first.element_handle()
            )
            for state in ("have", "empty")
        }
        assert len(colours) == 2, "states do not look alike"
        page.get_by_role("button", name=fill).first.click()
        page.wait_for_url(re.compile(r"/jobs/\d+$"))
        span = find(int(page.url.rsplit("/", 1)[1])).span
        assert hole.start <= span.start < span.end <= hole.end
        assert watched.complaints == []
