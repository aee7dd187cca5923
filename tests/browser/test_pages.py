"""Pages as a browser sees them: whole in both languages, themes and widths, live, and quiet when nothing moves."""

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Site, opened
from tests.web.factories import Asked, advance, finish, make_job, make_series, one_of_each, start
from webapp.kernel.job_states import JobState

IMG = '"><img src=x onerror=alert(1)>'
RUNNING = Asked(symbol="MSFT")


# Words are long in French, colours differ by theme: every two of the three meet, not every three.
@pytest.mark.parametrize(
    ("language", "theme", "width"),
    [
        ("fr", "light", 1440),
        ("en", "dark", 1440),
        ("fr", "dark", 390),
        ("en", "light", 390),
        ("fr", "light", 360),
        ("en", "dark", 360),
    ],
)
def test_no_page_complains_or_overflows(browser: Browser, site: Site, language: str, theme: str, width: int) -> None:
    ids = one_of_each()
    series_id = make_series(Asked(symbol="LONGNAME.VERYLONG-USD=XYZ"))
    paths = ["/", "/jobs", "/series", f"/series/{series_id}", *(f"/jobs/{job_id}" for job_id in ids.values())]
    with opened(browser, language=language, theme=theme, width=width) as watched:
        for path in paths:
            watched.page.goto(site.url + path)
            expect(watched.page.locator("html")).to_have_attribute("lang", language)
            if "/" in path[1:]:
                expect(watched.page.locator("#chart")).to_have_attribute("data-candle-count", re.compile(r"\d"))
            wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            assert watched.page.evaluate(wide) <= 0, path
        ground = watched.page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
        assert ground == ("rgb(18, 21, 19)" if theme == "dark" else "rgb(246, 245, 241)")
        assert watched.complaints == []


def test_on_a_small_screen_the_state_of_the_system_is_one_line(browser: Browser, site: Site) -> None:
    with opened(browser, width=390) as watched:
        page = watched.page
        page.goto(f"{site.url}/series")
        workers = page.locator("#status").get_by_text("Workers", exact=True)
        expect(workers).to_be_hidden()
        assert page.evaluate("document.querySelector('main').getBoundingClientRect().top") < 200
        page.locator("#status-fold summary").click()
        expect(workers).to_be_visible()
        page.evaluate("htmx.trigger('#status', 'jobs-changed')")
        expect(page.locator("#status-fold")).to_have_attribute("open", "")
        assert watched.complaints == []
    with opened(browser) as watched:
        watched.page.goto(f"{site.url}/series")
        expect(watched.page.locator("#status").get_by_text("Workers", exact=True)).to_be_visible()
        expect(watched.page.locator("#status-fold")).to_be_hidden()


def test_a_poll_keeps_the_nodes_and_what_the_reader_did(browser: Browser, site: Site) -> None:
    claim = start(make_job(RUNNING))
    with opened(browser) as watched:
        page = watched.page
        page.goto(f"{site.url}/jobs/{claim.job_id}")
        page.evaluate("window.kept = document.querySelector('#job-card h1')")
        page.locator(".job-summary button").first.focus()
        advance(claim, RUNNING, 0, 4)
        expect(page.locator("#job-percent")).to_contain_text("40%")
        assert page.evaluate("window.kept === document.querySelector('#job-card h1')")
        assert page.evaluate("document.activeElement.closest('.job-summary') !== null")
        expect(page).to_have_title("40% – MSFT – Moisson")
        expect(page.locator("#announcement")).to_contain_text("MSFT: Running, 40%")
        assert watched.complaints == []


def test_what_is_typed_and_unfolded_in_a_polled_region_survives(browser: Browser, site: Site) -> None:
    with opened(browser) as watched:
        page = watched.page
        page.goto(site.url)
        kept = page.evaluate(
            """() => {
              const html = (rows) =>
                `<div id="m"><details><summary>s</summary></details><input id="i"><p>${rows}</p></div>`;
              document.querySelector('#main').insertAdjacentHTML('beforeend', html(1));
              const input = document.querySelector('#i');
              document.querySelector('#m details').open = true;
              input.focus();
              input.value = 'typed';
              Idiomorph.morph(document.querySelector('#m'), html(2), {morphStyle: 'outerHTML'});
              return [document.querySelector('#m p').textContent, document.querySelector('#m details').open,
                      document.querySelector('#i').value, document.querySelector('#i') === input];
            }"""
        )
        assert kept == ["2", True, "typed", True]


def test_the_chart_grows_as_bars_arrive(browser: Browser, site: Site) -> None:
    claim = start(make_job(RUNNING))
    with opened(browser) as watched:
        page = watched.page
        page.goto(f"{site.url}/jobs/{claim.job_id}")
        expect(page.locator(".chart-message")).to_have_text("No bars yet. They appear here as they arrive.")
        advance(claim, RUNNING, 0, 2)
        expect(page.locator(".chart-message")).to_have_count(0)
        few = int(page.locator("#chart").get_attribute("data-candle-count") or 0)
        advance(claim, RUNNING, 2, 2)
        expect(page.locator("#chart")).not_to_have_attribute("data-candle-count", str(few), timeout=10_000)
        expect(page.get_by_role("link", name="TradingView")).to_be_visible()
        assert watched.complaints == []


def test_polling_stops_when_the_job_is_over(browser: Browser, site: Site) -> None:
    claim = start(make_job(RUNNING))
    with opened(browser) as watched:
        page = watched.page
        page.clock.install()
        page.goto(f"{site.url}/jobs/{claim.job_id}")
        with page.expect_request(lambda request: "/card" in request.url):
            pass
        finish(claim)
        expect(page.locator("#job-card .badge")).to_contain_text("Succeeded")
        expect(page.locator("#job-card")).not_to_have_attribute("data-poll", "")
        before = watched.polls("/card")
        page.clock.run_for(30_000)
        assert watched.polls("/card") == before
        assert watched.complaints == []


def test_polling_rests_while_the_tab_is_hidden_and_looks_at_once_when_seen(browser: Browser, site: Site) -> None:
    claim = start(make_job(RUNNING))
    hide = """(hidden) => {
      Object.defineProperty(document, 'hidden', {configurable: true, get: () => hidden});
      document.dispatchEvent(new Event('visibilitychange'));
    }"""
    with opened(browser) as watched:
        page = watched.page
        page.clock.install()
        page.goto(f"{site.url}/jobs/{claim.job_id}")
        with page.expect_request(lambda request: "/card" in request.url):
            pass
        page.evaluate(hide, True)  # noqa: FBT003
        before = watched.polls("/ui/")
        page.clock.run_for(30_000)
        assert watched.polls("/ui/") == before
        advance(claim, RUNNING, 0, 5)
        page.evaluate(hide, False)  # noqa: FBT003
        expect(page.locator("#job-percent")).to_contain_text("50%", timeout=900)


def test_a_wrong_field_is_marked_focused_and_only_text(browser: Browser, site: Site) -> None:
    with opened(browser, language="fr") as watched:
        page = watched.page
        page.goto(site.url)
        page.locator("#symbols").fill(IMG)
        expect(page.locator("#plan")).to_contain_text("n’est pas un symbole")
        page.get_by_role("button", name="Récupérer les données").click()
        expect(page.locator("#symbols-problem")).to_contain_text("n’est pas un symbole")
        expect(page.locator("#symbols")).to_be_focused()
        expect(page.locator("#symbols")).to_have_value(IMG)
        expect(page.locator("#symbols")).to_have_attribute("aria-invalid", "true")
        assert page.locator("img[src='x']").count() == 0
        assert watched.complaints == []


def test_the_form_previews_its_plan_submits_and_the_table_follows(browser: Browser, site: Site) -> None:
    with opened(browser) as watched:
        page = watched.page
        page.goto(site.url)
        page.locator("#symbols").fill("aapl, msft")
        expect(page.locator("#plan")).to_contain_text("Plan for 2 symbols")
        page.get_by_role("button", name="Fetch the data").click()
        expect(page.locator(".receipt")).to_contain_text("2 collections submitted.", timeout=20_000)
        expect(page.locator("#jobs tbody tr")).to_have_count(2)
        expect(page.locator("#symbols")).to_have_value("")
        page.locator("#jobs tr").nth(1).get_by_role("button", name="Cancel").click()
        expect(page.locator("#jobs .badge-cancelled")).to_have_count(1)
        assert watched.complaints == []


def test_dates_and_extended_hours_show_only_where_they_mean_something(browser: Browser, site: Site) -> None:
    with opened(browser) as watched:
        page = watched.page
        page.goto(site.url)
        expect(page.locator("#start")).to_be_hidden()
        expect(page.locator(".intraday-only")).to_be_hidden()
        page.locator("#period").select_option("dates")
        page.locator("#interval").select_option("1m")
        expect(page.locator("#start")).to_be_visible()
        expect(page.locator(".intraday-only")).to_be_visible()


def test_what_cannot_be_done_is_a_toast_that_goes_away(browser: Browser, site: Site) -> None:
    claim = start(make_job(RUNNING))
    with opened(browser) as watched:
        page = watched.page
        page.goto(f"{site.url}/jobs?state=running")
        page.route("**/ui/jobs/table**", lambda route: route.fulfill(status=204))
        finish(claim)
        page.locator("#jobs").get_by_role("button", name="Cancel").click()
        expect(page.locator("#toasts")).to_contain_text("there is nothing left to do")
        page.get_by_role("button", name="Close").click()
        expect(page.locator("#toasts .toast")).to_have_count(0)
        assert watched.complaints == []


def test_times_are_the_readers_own_and_utc_in_the_title(browser: Browser, site: Site) -> None:
    job_id = one_of_each()[JobState.SUCCEEDED]
    with opened(browser, language="fr") as watched:
        watched.page.goto(f"{site.url}/jobs/{job_id}")
        time = watched.page.locator("time[data-local]").first
        expect(time).not_to_contain_text("UTC")
        assert "UTC" in (time.get_attribute("title") or "")
    with opened(browser, language="fr", script=False) as plain:
        plain.page.goto(f"{site.url}/jobs/{job_id}")
        expect(plain.page.locator("time[data-local]").first).to_contain_text("UTC")


def test_everything_works_without_script(browser: Browser, site: Site) -> None:
    with opened(browser, language="fr", script=False) as watched:
        page = watched.page
        page.goto(site.url)
        page.locator("#symbols").fill("AAPL")
        page.get_by_role("button", name="Récupérer les données").click()
        expect(page.locator(".receipt")).to_contain_text("1 collecte demandée.", timeout=20_000)
        page.get_by_role("button", name="Mettre en pause").click()
        expect(page.locator("#jobs .badge-paused")).to_have_count(1)
        page.get_by_role("button", name="English").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Collect data")
        page.get_by_role("button", name="Dark").click()
        expect(page.locator("html")).to_have_attribute("data-theme", "dark")
