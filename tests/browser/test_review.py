"""The inbox in a browser: bars are picked, decided of and put back, in both languages, without a complaint."""

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import Site, opened
from tests.web.review_factories import CONTRADICTORY, HUNDREDFOLD, NEGATIVE, make_flags
from webapp.kernel.flag_states import FlagState
from webapp.reviewing import review

ACCEPTANCE, QUESTION, EXCLUSION, RETURN = (
    f"button[formaction='/review/{verb}']" for verb in ("acceptances", "questions", "exclusions", "returns")
)


@pytest.mark.parametrize(("language", "theme", "width"), [("en", "light", 1440), ("fr", "dark", 390)])
def test_bars_are_decided_of(browser: Browser, site: Site, language: str, theme: str, width: int) -> None:
    series_id = make_flags()
    with opened(browser, language=language, theme=theme, width=width) as watched:
        page = watched.page
        page.goto(f"{site.url}/review")
        expect(page.locator(".review-chart")).to_have_count(3)
        expect(page.locator("#to-review")).to_contain_text("3")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")

        card = page.locator(f"#bar-{series_id}-{NEGATIVE}")
        card.locator("button[formaction='/review/acceptances']").click()
        expect(page.locator(".toast-success")).to_be_visible()
        expect(card).to_have_count(0)
        expect(page.locator("#to-review")).to_contain_text("2")

        page.locator("[data-pick-all]").check()
        expect(page.locator("#selection output")).to_have_text("2")
        page.locator("#selection button[data-verb='exclude']").click()
        expect(page.locator(".review-card")).to_have_count(0)
        expect(page.locator("#to-review")).to_be_hidden()
        assert review.find((series_id, HUNDREDFOLD)).state is FlagState.EXCLUDED

        page.goto(f"{site.url}/series/{series_id}")
        panel = page.locator("#series-review")
        expect(panel.locator("tbody tr")).to_have_count(3)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        panel.locator("button[formaction='/review/returns']").first.click()
        expect(panel.locator("button[formaction='/review/returns']")).to_have_count(1)
        assert watched.complaints == []


def test_the_keyboard_keeps_its_place(browser: Browser, site: Site) -> None:
    series_id = make_flags()
    with opened(browser) as watched:
        page = watched.page
        page.goto(f"{site.url}/review")
        first, second, last = (
            page.locator(f"#bar-{series_id}-{time}") for time in (CONTRADICTORY, NEGATIVE, HUNDREDFOLD)
        )

        press(page, second.locator(QUESTION))
        expect(second.locator(QUESTION)).to_have_count(0)
        expect(second).to_be_focused()  # its button is gone until the source has answered

        press(page, first.locator(EXCLUSION))
        expect(first).to_have_count(0)
        expect(second.locator(EXCLUSION)).to_be_focused()

        press(page, last.locator(ACCEPTANCE))
        expect(last).to_have_count(0)
        expect(second.locator(ACCEPTANCE)).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator(".review-card")).to_have_count(0)
        expect(page.get_by_role("heading", name="To review")).to_be_focused()

        page.goto(f"{site.url}/series/{series_id}")
        row = page.locator(f"#bar-{series_id}-{CONTRADICTORY}")
        press(page, row.locator(RETURN))
        expect(row.locator(RETURN)).to_have_count(0)
        expect(row).to_be_focused()
        assert watched.complaints == []


def press(page: Page, button: Locator) -> None:
    """Press a button with the keyboard."""
    button.focus()
    page.keyboard.press("Enter")
