"""A list from its making to its end, as people of both languages do it."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Site, opened
from tests.web.factories import Asked, make_series
from webapp.context import context
from webapp.watchlists import lists
from webapp.watchlists.watchlist import Entry

WORDS = {
    "en": {
        "save": "Save the list",
        "add": "Add",
        "up": "Up",
        "top": "To the top",
        "out": "Take out",
        "as": "Save as a list…",
    },
    "fr": {
        "save": "Enregistrer la liste",
        "add": "Ajouter",
        "up": "Monter",
        "top": "Tout en haut",
        "out": "Retirer",
        "as": "Enregistrer comme liste…",
    },
}
LEAVE_OUT = {"en": "Leave it out", "fr": "Laisser de côté"}


def symbols(page: Page) -> list[str]:
    return page.locator("#watchlist .cell-title strong").all_inner_texts()


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def paste(page: Page, site: Site, language: str) -> None:
    """Make a list of what TradingView saved, and answer what is in doubt."""
    page.goto(f"{site.url}/lists")
    page.locator("input[name=name]").fill("tech")
    page.locator("#symbols").fill("###US,NASDAQ:AAPL,NASDAQ:MSFT,###Europe,EURONEXT:MC,KRX:005930")
    press(page, WORDS[language]["save"])
    doubts = page.locator(".list-doubt")
    expect(doubts).to_have_count(2)
    doubts.nth(0).locator("select").select_option("MC.PA")
    doubts.nth(1).locator("select").select_option(label=LEAVE_OUT[language])
    press(page, WORDS[language]["save"])
    expect(page).to_have_url(re.compile(r"/lists/tech$"))
    assert symbols(page) == ["AAPL", "MSFT", "MC.PA"]
    expect(page.locator(".list-heading")).to_have_count(2)


def reorder(page: Page, language: str) -> None:
    """Move an entry by the keyboard; it stays picked, and the button keeps the focus."""
    page.locator("#watchlist input[name=id]").nth(1).check()
    button = page.get_by_role("button", name=WORDS[language]["up"], exact=True)
    button.press("Enter")
    expect(page.locator("#watchlist .cell-title strong").first).to_have_text("MSFT")
    expect(page.locator("#watchlist input[name=id]:checked")).to_have_count(1)
    expect(page.locator(".selection output")).to_have_text("1")
    expect(button).to_be_focused()
    page.locator("#watchlist input[name=id]").nth(0).uncheck()
    page.locator("#watchlist input[name=id]").nth(2).check()
    press(page, WORDS[language]["top"])
    expect(page.locator("#watchlist .cell-title strong").first).to_have_text("MC.PA")
    assert symbols(page) == ["MC.PA", "MSFT", "AAPL"]


def add_and_remove(page: Page, language: str) -> None:
    page.locator("#symbols").fill("NVDA")
    press(page, WORDS[language]["add"])
    expect(page.locator("#watchlist .cell-title strong")).to_have_count(4)
    page.locator("#watchlist input[name=id]").nth(1).check()
    press(page, WORDS[language]["out"])
    expect(page.locator("#watchlist .cell-title strong")).to_have_count(3)
    assert symbols(page) == ["MC.PA", "AAPL", "NVDA"]


def annotate_and_rename(page: Page) -> None:
    page.locator("#watchlist .cell-buttons a").first.click()
    page.locator("#note").fill("wine & bags")
    page.locator("#section").fill("Luxury")
    page.locator(".list-form .submit").click()
    expect(page.locator(".list-entry-note").first).to_have_text("wine & bags")
    page.locator("#head-form input[name=name]").fill("mine")
    page.locator("#head-form .submit").click()
    expect(page.locator("h1")).to_have_text("@mine")


def delete(page: Page) -> None:
    page.locator("#head-form .catalogue-delete").click()
    dialog = page.locator("#dialog[open]")
    expect(dialog).to_contain_text("3")
    dialog.locator(".button-danger").click()
    expect(page).to_have_url(re.compile(r"/lists$"))
    expect(page.locator(".table-lists tbody tr")).to_have_count(0)


@pytest.mark.parametrize(("language", "theme", "width"), [("en", "dark", 1440), ("fr", "light", 390)])
def test_a_list_is_pasted_ordered_annotated_renamed_and_deleted(
    browser: Browser, site: Site, language: str, theme: str, width: int
) -> None:
    with opened(browser, language=language, theme=theme, width=width) as watched:
        page = watched.page
        paste(page, site, language)
        reorder(page, language)
        add_and_remove(page, language)
        annotate_and_rename(page)
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(wide) <= 0
        delete(page)
        assert watched.complaints == []


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_collection_s_symbols_and_picked_series_are_saved_as_lists(
    browser: Browser, site: Site, language: str
) -> None:
    for symbol in ("AAPL", "MSFT"):
        make_series(Asked(symbol))
    with opened(browser, language=language) as watched:
        page = watched.page
        page.goto(f"{site.url}/?symbols=AAPL,EURONEXT:MC")
        press(page, WORDS[language]["as"])
        dialog = page.locator("#dialog[open]")
        expect(dialog.locator("#list-name")).to_be_focused()
        dialog.locator("#list-name").fill("one")
        dialog.locator("select").select_option("MC.PA")
        dialog.locator(".button-primary").click()
        expect(page).to_have_url(re.compile(r"/lists/one$"))
        assert symbols(page) == ["AAPL", "MC.PA"]
        page.goto(f"{site.url}/series")
        page.locator("[data-pick-all]").check()
        press(page, WORDS[language]["as"])
        dialog.locator("#list-name").fill("one")
        dialog.locator(".button-primary").click()
        expect(dialog.locator(".field-problem")).to_contain_text("one")
        dialog.locator("#list-name").fill("two")
        dialog.locator(".button-primary").click()
        expect(page).to_have_url(re.compile(r"/lists/two$"))
        assert sorted(symbols(page)) == ["AAPL", "MSFT"]
        page.goto(f"{site.url}/series?q=@one")
        expect(page.locator("#catalogue .cell-title strong")).to_have_text(["AAPL"])
        assert watched.complaints == []


def test_whoever_is_slower_is_told_and_nothing_is_overwritten(browser: Browser, site: Site) -> None:
    made = lists.create(context(), "tech", [Entry("yahoo", symbol) for symbol in ("AAPL", "MSFT")])
    with opened(browser) as watched:
        page = watched.page
        page.goto(f"{site.url}/lists/tech")
        lists.add(context(), "tech", [Entry("yahoo", "NVDA")], made.revision)
        page.locator("#watchlist input[name=id]").nth(1).check()
        press(page, "Up")
        expect(page.locator("#toasts")).to_contain_text("has been changed meanwhile")
        page.reload()
        assert symbols(page) == ["AAPL", "MSFT", "NVDA"]


def test_without_a_script_a_list_is_made_and_ordered(browser: Browser, site: Site) -> None:
    with opened(browser, script=False) as watched:
        page = watched.page
        page.goto(f"{site.url}/lists")
        page.locator("input[name=name]").fill("tech")
        page.locator("#symbols").fill("AAPL EURONEXT:MC")
        press(page, "Save the list")
        page.locator(".list-doubt select").select_option("MC.PA")
        press(page, "Save the list")
        page.locator("#watchlist input[name=id]").nth(1).check()
        press(page, "Up")
        assert symbols(page) == ["MC.PA", "AAPL"]
        expect(page.locator("#watchlist input[name=id]:checked")).to_have_count(1)
