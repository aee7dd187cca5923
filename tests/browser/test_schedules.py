"""Schedules in a browser: the form says when it runs while one types, and buttons work, in both languages."""

import datetime as dt

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Site, opened
from tests.scheduling.calendars import draft
from tests.web.factories import Asked, make_series
from webapp.context import context
from webapp.coverage import completeness
from webapp.database.transactions import writing
from webapp.scheduling import queries_runs
from webapp.scheduling.queries_runs import NewRun
from webapp.scheduling.rules_run_states import RunState
from webapp.scheduling.schedules import create_schedule, list_schedules

WORDS = {
    "en": {
        "close": "45 min after each close",
        "cron": "At 18:30, from Monday to Friday (time of Europe/Paris)",
        "run": "Run now",
        "pause": "Pause",
        "resume": "Resume",
        "paused": "Paused",
        "at_work": "at work, by hand",
    },
    "fr": {
        "close": "45 min après chaque clôture",
        "cron": "À 18:30, du lundi au vendredi (heure de Europe/Paris)",
        "run": "Exécuter maintenant",
        "pause": "Mettre en pause",
        "resume": "Reprendre",
        "paused": "En pause",
        "at_work": "en cours, à la demande",
    },
}


@pytest.mark.parametrize(("language", "theme"), [("en", "light"), ("fr", "dark")])
def test_a_schedule_from_the_form_to_its_first_run(browser: Browser, site: Site, language: str, theme: str) -> None:
    said = WORDS[language]
    with opened(browser, language=language, theme=theme) as watched:
        page = watched.page
        page.goto(f"{site.url}/schedules/new")
        expect(page.locator("#cron")).to_be_hidden()
        page.locator("#symbols").fill("AAPL, MC.PA")
        expect(page.locator("#plan .timing-words")).to_have_text(said["close"])
        expect(page.locator("#plan .coming li")).to_have_count(3)
        page.locator("[name=when][value=cron]").check(force=True)
        expect(page.locator("#minutes")).to_be_hidden()
        page.locator("#cron").fill("30 18 * * mon-fri")
        page.locator("#zone").fill("Europe/Paris")
        expect(page.locator("#plan .timing-words")).to_have_text(said["cron"])
        page.locator("#zone").fill("Mars/Olympus")
        page.locator(".submit").click()
        expect(page.locator("#zone-problem")).to_be_visible()
        page.locator("#zone").fill("Europe/Paris")
        page.locator(".submit").click()
        page.wait_for_url("**/schedules/1")
        expect(page.locator("h1")).to_have_text("AAPL, MC.PA · 1d")
        page.get_by_role("button", name=said["pause"], exact=True).click()
        expect(page.locator(".badge-paused")).to_contain_text(said["paused"])
        page.get_by_role("button", name=said["resume"]).click()
        expect(page.locator(".badge-paused")).to_have_count(0)
        page.get_by_role("button", name=said["run"]).click()
        expect(page.locator(".table-runs tbody tr")).to_contain_text(said["at_work"])
        assert watched.complaints == []


def test_the_fields_of_another_source_stay_those_of_a_schedule(browser: Browser, site: Site) -> None:
    with opened(browser) as watched:
        page = watched.page
        page.goto(f"{site.url}/schedules/new")
        page.locator("#source").select_option("ibkr")
        expect(page.locator("#sec_type")).to_be_visible()
        expect(page.locator("[name=refresh]")).to_have_count(0)
        page.locator("#sec_type").select_option("FUT")
        expect(page.locator("#expiry")).to_be_visible()
        page.locator("#period").select_option("dates")
        expect(page.locator("#start")).to_be_visible()
        expect(page.locator("#end")).to_have_count(0)
        assert watched.complaints == []


def test_without_a_script_a_schedule_is_made_and_run(browser: Browser, site: Site) -> None:
    with opened(browser, script=False) as watched:  # and its dot leads to what it collected
        page = watched.page
        page.goto(f"{site.url}/schedules/new")
        page.locator("#symbols").fill("AAPL")
        page.locator(".submit").click()
        page.wait_for_url("**/schedules/1")
        page.get_by_role("button", name="Run now").click()
        expect(page.locator(".table-runs tbody tr")).to_have_count(1)
        page.goto(f"{site.url}/schedules")
        page.locator(".run-dot a").click()
        page.wait_for_url("**/jobs?batch=1")


def fill(site: Site) -> int:
    """Schedules with runs of every kind, and a series that is late."""
    with site.app.app_context():
        make_series(Asked("AAPL"))
        completeness.catch_up(context(), 60)
        symbols = ("AAPL", "MC.PA", "7203.T", "LONGNAME.VERYLONG-USD=XYZ")
        schedule_id = create_schedule(context(), draft(*symbols, fresh="30", name="After the close, everywhere"))
        create_schedule(context(), draft("BTC-USD", kind="cron", cron="*/20 * * * *", zone="UTC"))
        now = context().now()
        runs = [
            NewRun(schedule_id, now - dt.timedelta(hours=number), "XNYS", state, is_late=number == 3)
            for number, state in enumerate(RunState)
        ]
        with writing() as connection:
            queries_runs.insert_runs(connection, runs, now)
            month = int((now - dt.timedelta(days=30)).timestamp() * 1_000_000)
            connection.exec_driver_sql("UPDATE schedule SET changed_at = :at", {"at": month})
        assert len(list_schedules(context())) == 2
        return schedule_id


@pytest.mark.parametrize(
    ("language", "theme", "width"),
    [("fr", "light", 1440), ("en", "dark", 1440), ("fr", "dark", 390), ("en", "light", 360)],
)
def test_no_page_of_schedules_complains_or_overflows(
    browser: Browser, site: Site, language: str, theme: str, width: int
) -> None:
    schedule_id = fill(site)
    paths = ["/schedules", f"/schedules/{schedule_id}", f"/schedules/{schedule_id}/edit", "/schedules/new"]
    with opened(browser, language=language, theme=theme, width=width) as watched:
        for path in paths:
            watched.page.goto(site.url + path)
            expect(watched.page.locator("html")).to_have_attribute("lang", language)
            wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            assert watched.page.evaluate(wide) <= 0, path
        assert watched.complaints == []
