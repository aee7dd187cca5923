"""Exports in a browser: the preview follows the form, and the files that arrive are those that were asked for."""

import csv
import io
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.conftest import Site, opened
from tests.web.export_factories import make_export
from tests.web.factories import Asked, make_series
from webapp.context import context
from webapp.exporting import background
from webapp.exporting.rules_exports import ExportState
from webapp.kernel.intervals import Interval


def downloaded(page: Page) -> tuple[str, bytes]:
    with page.expect_download() as waiting:
        page.locator("#export-form .submit").click()
    return waiting.value.suggested_filename, Path(waiting.value.path()).read_bytes()


@pytest.mark.parametrize(("language", "theme"), [("en", "light"), ("fr", "dark")])
def test_a_preview_follows_the_form_and_the_file_is_the_one_asked_for(
    browser: Browser, site: Site, language: str, theme: str
) -> None:
    series_id = make_series(Asked(symbol="AAPL", interval=Interval.M30, days=40))
    second = make_series(Asked(symbol="^GSPC"))
    with opened(browser, language=language, theme=theme) as watched:
        page = watched.page
        page.goto(f"{site.url}/series/{series_id}")
        sample = page.locator(".export-sample tbody tr")
        expect(sample.first).to_contain_text("Z")
        page.locator("#zone").select_option("other")
        expect(page.locator("#zone-name")).to_have_value("Europe/Paris")
        expect(sample.first).to_contain_text("+0")
        page.locator("#zone-name").fill("Mars/Olympus")
        expect(page.locator("#zone-problem")).to_be_visible()
        page.locator("#zone").select_option("exchange")
        expect(sample.first).to_contain_text("-0")
        expect(page.locator("#zone-problem")).to_have_count(0)
        name, data = downloaded(page)
        assert name == "AAPL_30m_yahoo.csv"
        lines = list(csv.reader(io.StringIO(data.decode())))
        assert lines[1] == sample.first.locator("td").all_inner_texts()
        page.goto(f"{site.url}/exports/new?series={series_id},{second}")
        expect(page.locator("#export-preview")).to_contain_text("ZIP")
        with page.expect_response("**/ui/exports/form"):  # or the download would break the next preview off
            page.locator("input[value=parquet]").check(force=True)
        name, data = downloaded(page)
        assert name.startswith("moisson_2_series_")
        archive = zipfile.ZipFile(io.BytesIO(data))
        assert archive.namelist() == ["AAPL_30m_yahoo.parquet", "%5EGSPC_1d_yahoo.parquet", "series.csv"]
        assert watched.complaints == []


def test_what_is_picked_while_a_preview_is_under_way_stays(browser: Browser, site: Site) -> None:
    series_id = make_series(Asked())
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    with opened(browser) as watched:
        page = watched.page
        page.route("**/ui/exports/form", hold)
        page.clock.install(time=0)
        page.goto(f"{site.url}/exports/new?series={series_id}")
        page.wait_for_selector("#export-look.htmx-request", state="attached")
        page.clock.pause_at(60_000)  # the next preview is asked for when the clock goes on
        page.locator("input[value=parquet]").check(force=True)
        held[0].continue_()
        page.wait_for_selector("#export-look:not(.htmx-request)", state="attached")
        expect(page.locator("input[value=parquet]")).to_be_checked()
        expect(page.locator("#export-preview dl")).to_have_count(0)
        page.unroute("**/ui/exports/form")
        page.clock.resume()
        expect(page.locator(".export-sample tbody tr").first).to_be_visible()
        expect(page.locator("input[value=parquet]")).to_be_checked()
        assert watched.complaints == []


def test_the_list_follows_a_file_until_it_is_there(browser: Browser, site: Site) -> None:
    series_id = make_series(Asked())
    running = make_export(series_id, ExportState.RUNNING)
    with opened(browser, width=390, theme="dark") as watched:
        page = watched.page
        page.goto(f"{site.url}/exports")
        row = page.locator(f"#export-{running}")
        expect(row).to_contain_text("40%")
        background.cancel(context(), running)
        expect(row).to_contain_text("Stopped")
        expect(page.locator("#exports")).not_to_have_attribute("data-poll", "")
        row.get_by_role("button", name="Make again").click()
        expect(row).to_contain_text("Pending")
        row.get_by_role("button", name="Cancel").click()
        row.get_by_role("button", name="Delete").click()
        expect(row).to_have_count(0)
        made = make_export(series_id)
        page.reload()
        with page.expect_download() as waiting:
            page.locator(f"#export-{made}").get_by_role("link", name="Download").click()
        assert waiting.value.suggested_filename == "MSFT.csv"
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(wide) <= 0
        assert watched.complaints == []
