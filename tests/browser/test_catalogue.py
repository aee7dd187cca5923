"""The catalogue: what is asked for stands in the address, what is picked is updated, and deleting takes typing."""

import dataclasses
import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import Site, opened
from tests.web.factories import MICROSOFT, Asked, make_job, make_series
from tests.web.review_factories import make_flags
from webapp.catalogue import queries_catalogue
from webapp.catalogue.queries_catalogue import Filter
from webapp.context import context
from webapp.coverage import completeness
from webapp.database.transactions import reading
from webapp.jobs import queries_jobs
from webapp.jobs.queries_jobs import JobFilter
from webapp.kernel.intervals import Interval


def fill() -> None:
    """Some series of three companies, counted but for the last."""
    for symbol, days in (("AAPL", 60), ("MSFT", 90), ("NVDA", 30)):
        make_series(Asked(symbol=symbol, days=days), dataclasses.replace(MICROSOFT, name=f"Company {symbol}"))
    completeness.catch_up(context(), 10)
    make_series(Asked(symbol="MSFT", interval=Interval.H1, days=5), dataclasses.replace(MICROSOFT, name="Company MSFT"))


def symbols(page: Page) -> list[str]:
    return page.locator(".cell-title strong").all_inner_texts()


def left() -> list[str]:
    with reading() as connection:
        ids = queries_catalogue.ids(connection, Filter(context().now()), 99)
        return [entry.series.symbol for entry in queries_catalogue.entries(connection, ids)]


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name)


def sort_by_rows(page: Page) -> None:
    page.locator("#sort-rows").click()
    expect(page).to_have_url(re.compile(r"interval=1d&sort=rows&order=desc$"))
    expect(page.locator("#sort-rows")).to_be_focused()
    expect(page.locator("th[aria-sort=descending]")).to_have_count(1)
    assert symbols(page) == ["MSFT", "AAPL", "NVDA"]


def search_and_go_back(page: Page, lines: int) -> None:
    before = page.url
    page.locator("input[name=q]").fill("company n")
    page.locator("input[name=q]").press("Enter")
    expect(page).to_have_url(re.compile(r"q=company\+n&interval=1d"))
    expect(page.locator(".cell-title")).to_have_count(1)
    page.go_back()
    expect(page).to_have_url(before)
    expect(page.locator(".cell-title")).to_have_count(lines)


@pytest.mark.parametrize(("language", "theme", "width"), [("en", "light", 1440), ("fr", "dark", 390)])
def test_search_filters_and_sorting_stand_in_the_address_and_come_back(
    browser: Browser, site: Site, language: str, theme: str, width: int
) -> None:
    fill()
    with opened(browser, language=language, theme=theme, width=width) as watched:
        page = watched.page
        page.goto(f"{site.url}/series")
        assert symbols(page) == ["AAPL", "MSFT", "MSFT", "NVDA"]
        page.locator("select[name=interval]").select_option("1d")
        expect(page).to_have_url(f"{site.url}/series?interval=1d")
        expect(page.locator(".cell-title")).to_have_count(3)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        if width > 800:  # below, every line is a card, without heads
            sort_by_rows(page)
        search_and_go_back(page, 3)
        if width > 800:
            page.go_back()
        expect(page).to_have_url(f"{site.url}/series?interval=1d")
        expect(page.locator("select[name=interval]")).to_have_value("1d")
        expect(page.locator(".cell-title strong").first).to_have_text("AAPL")
        page.locator("[data-pick-all]").check()  # the scripts work on what came back, too
        expect(page.locator("#selection output")).to_have_text("3")
        page.locator("#selection [data-verb=delete]").click()
        expect(page.locator("#dialog[open]")).to_be_visible()
        assert watched.complaints == []


def test_typing_searches(browser: Browser, site: Site) -> None:
    fill()
    with opened(browser) as watched:
        page = watched.page
        page.goto(f"{site.url}/series")
        field = page.locator("input[name=q]")
        field.press_sequentially("company")
        expect(page).to_have_url(re.compile(r"q=company$"))
        field.press_sequentially(" n")
        expect(page).to_have_url(re.compile(r"q=company\+n$"))
        expect(page.locator(".cell-title strong")).to_have_text(["NVDA"])
        expect(field).to_be_focused()
        page.go_back()
        expect(page).to_have_url(f"{site.url}/series")
        expect(page.locator(".cell-title")).to_have_count(4)
        assert watched.complaints == []


@pytest.mark.parametrize(("path", "found"), [("/jobs", "#jobs tbody tr"), ("/review", ".review-card")])
def test_typing_filters_other_lists(browser: Browser, site: Site, path: str, found: str) -> None:
    for symbol in ("MSFT", "AAPL"):
        make_flags(symbol)
        make_job(Asked(symbol=symbol))
    with opened(browser) as watched:
        page = watched.page
        page.goto(f"{site.url}{path}")
        count = page.locator(found).count()
        field = page.locator("input[name=symbol]")
        field.press_sequentially("AAP")
        expect(page).to_have_url(re.compile("symbol=AAP$"))
        expect(page.locator(found)).to_have_count(count // 2)
        expect(field).to_be_focused()
        expect(page.locator("#list-reset a")).to_be_visible()
        field.press("ArrowLeft")
        field.press_sequentially("Q")
        expect(field).to_have_value("AAQP")
        expect(page.locator(found)).to_have_count(0)
        assert watched.complaints == []


def test_what_is_picked_is_updated_and_deleted_only_by_typing(browser: Browser, site: Site) -> None:
    fill()
    with opened(browser) as watched:
        page = watched.page
        page.goto(f"{site.url}/series")
        expect(button(page, "Delete…")).to_have_attribute("aria-disabled", "true")
        page.locator(".cell-pick input").nth(1).check()
        page.locator(".cell-pick input").nth(2).check()
        button(page, "Delete…").click()
        dialog = page.locator("#dialog[open]")
        expect(dialog).to_contain_text("Delete 2 series?")
        dialog.locator("input[name=typed]").fill("MSFT")
        button(page, "Delete for good").click()
        expect(dialog.locator("#deletion-problem")).to_contain_text("Type 2 to delete.")
        dialog.locator("input[name=typed]").fill("2")
        button(page, "Delete for good").click()
        expect(page.locator(".banner-success")).to_contain_text("2 series deleted.")
        assert left() == ["AAPL", "NVDA"]
        page.locator("[data-pick-all]").check()
        button(page, "Update").click()
        expect(page).to_have_url(re.compile(r"/jobs\?batch=1$"))
        expect(page.locator("main")).to_contain_text("2 series are updated.")
        with reading() as connection:
            made = queries_jobs.page(connection, JobFilter())
        assert {(job.symbol, job.batch_id) for job in made} == {("AAPL", 1), ("NVDA", 1)}
        assert watched.complaints == []
    without_scripts(browser, site)


def without_scripts(browser: Browser, site: Site) -> None:
    """Sort, search and delete once more, where no script runs."""
    make_series(Asked(symbol="TSLA", days=20), MICROSOFT)
    with opened(browser, script=False) as watched:
        page = watched.page
        page.goto(f"{site.url}/series")
        page.locator("#sort-last").click()
        page.locator("input[name=q]").fill("tsla")
        button(page, "Search").click()
        assert symbols(page) == ["TSLA"]
        assert "sort=last" in page.url
        page.locator(".cell-pick input").check()
        button(page, "Delete…").click()
        page.locator("input[name=typed]").fill("TSLA")
        button(page, "Delete for good").click()
        expect(page.locator(".banner-success")).to_contain_text("1 series deleted.")
        assert left() == ["AAPL", "NVDA"]
