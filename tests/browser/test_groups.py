"""Picking jobs in the table: what is picked survives polls, works by keyboard, and asks before many are cancelled."""

import re

from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Site, opened
from tests.web.factories import Asked, advance, finish, make_job, start
from webapp.collecting import submit as job_service
from webapp.jobs.claims import Release
from webapp.kernel.job_states import JobState

RUNNING = Asked(symbol="MSFT")


def picked(page: Page) -> list[str]:
    found: list[str] = page.evaluate(
        "[...document.querySelectorAll('.cell-pick input:checked')].map((box) => box.value)"
    )
    return found


def test_what_is_picked_survives_polls_that_change_rows_and_add_some(browser: Browser, site: Site) -> None:
    claim = start(make_job(RUNNING))
    paused = make_job(Asked(symbol="AAPL"))
    with opened(browser) as watched:
        page = watched.page
        page.goto(f"{site.url}/jobs")
        page.locator(f"#pick-{claim.job_id}").check()
        page.locator("#selection-reason").fill("because")
        advance(claim, RUNNING, 0, 4)
        expect(page.locator(f"#job-{claim.job_id} .percent")).to_contain_text("40%")
        assert picked(page) == [str(claim.job_id)]
        new = make_job(Asked(symbol="TSLA"))
        expect(page.locator(f"#job-{new}")).to_be_visible()
        assert picked(page) == [str(claim.job_id)]
        expect(page.locator("#selection output")).to_have_text("1")
        page.locator(f"#pick-{paused}").check()
        finish(claim)
        expect(page.locator(f"#job-{claim.job_id} .badge")).to_contain_text("Succeeded")
        assert picked(page) == [str(paused), str(claim.job_id)]
        expect(page.locator("#selection-reason")).to_have_value("because")
        assert watched.complaints == []


def test_a_row_that_leaves_the_page_is_no_longer_picked(browser: Browser, site: Site) -> None:
    claim = start(make_job(RUNNING))
    second = make_job(Asked(symbol="AAPL"))
    with opened(browser) as watched:
        page = watched.page
        page.goto(f"{site.url}/jobs?state=active")
        page.locator("[data-pick-all]").check()
        expect(page.locator("#selection output")).to_have_text("2")
        finish(claim)
        expect(page.locator(f"#job-{claim.job_id}")).to_have_count(0)
        assert picked(page) == [str(second)]
        expect(page.locator("#selection output")).to_have_text("1")


def test_only_the_buttons_that_apply_can_be_pressed(browser: Browser, site: Site) -> None:
    failed = make_job(Asked(symbol="NOPE"))
    finish(start(failed), told=Release(JobState.FAILED))
    with opened(browser) as watched:
        page = watched.page
        page.goto(f"{site.url}/jobs")
        retry = page.locator("#selection").get_by_role("button", name="Retry")
        expect(retry).to_have_attribute("aria-disabled", "true")
        page.locator(f"#pick-{failed}").check()
        expect(retry).to_have_attribute("aria-disabled", "false")
        cancel = page.locator("#selection").get_by_role("button", name="Cancel")
        expect(cancel).to_have_attribute("aria-disabled", "true")
        cancel.dispatch_event("click")
        retry.click()
        expect(page.locator("#toasts")).to_contain_text("1 collection is tried again.")
        assert watched.polls("/jobs/cancellations") == 0
        assert watched.complaints == []


def test_by_keyboard_several_are_paused_and_the_focus_stays(browser: Browser, site: Site) -> None:
    ids = [make_job(Asked(symbol=symbol)) for symbol in ("A", "B", "C")]
    with opened(browser, language="fr") as watched:
        page = watched.page
        page.goto(f"{site.url}/jobs")
        page.locator("[data-pick-all]").focus()
        page.keyboard.press("Space")
        expect(page.locator("#selection output")).to_have_text("3")
        page.keyboard.press("Tab")
        expect(page.locator("#selection [data-verb='pause']")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator("#toasts")).to_contain_text("3 collectes mises en pause.")
        expect(page.locator("#jobs .badge-paused")).to_have_count(3)
        expect(page.locator("#selection [data-verb='pause']")).to_be_focused()
        assert {job_service.find(job_id).state for job_id in ids} == {JobState.PAUSED}
        assert watched.complaints == []


def test_many_are_cancelled_only_after_a_question(browser: Browser, site: Site) -> None:
    ids = [make_job(Asked(symbol=symbol)) for symbol in ("A", "B")]
    with opened(browser) as watched:
        page = watched.page
        page.goto(f"{site.url}/jobs")
        page.locator("[data-pick-all]").check()
        page.locator("#selection-reason").fill("wrong list")
        page.locator("#selection").get_by_role("button", name="Cancel").click()
        dialog = page.get_by_role("dialog", name="Cancel 2 collections?")
        expect(dialog).to_be_visible()
        expect(dialog.get_by_role("textbox")).to_have_value("wrong list")
        page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()
        page.locator("#selection").get_by_role("button", name="Cancel").click()
        dialog.get_by_role("link", name="Let them go on").click()
        expect(dialog).to_be_hidden()
        assert {job_service.find(job_id).state for job_id in ids} == {JobState.PENDING}
        page.locator("#selection").get_by_role("button", name="Cancel").click()
        dialog.get_by_role("button", name="Cancel 2 collections").click()
        expect(page.locator("#toasts")).to_contain_text("2 collections cancelled.")
        expect(page.locator("#jobs .badge-cancelled")).to_have_count(2)
        expect(page.locator("#selection-reason")).to_have_value("")
        page.goto(f"{site.url}/jobs/{ids[0]}")
        expect(page.locator(".log")).to_contain_text("Reason: wrong list")
        assert watched.complaints == []


def test_a_batch_is_paused_as_a_whole_and_its_counts_follow(browser: Browser, site: Site) -> None:
    first = make_job(Asked(symbol="A"))
    batch_id = job_service.find(first).batch_id
    make_job(Asked(symbol="B"), batch_id=batch_id)
    with opened(browser) as watched:
        page = watched.page
        page.goto(f"{site.url}/jobs?batch={batch_id}")
        page.get_by_role("button", name="Pause all (2)").click()
        expect(page.locator(".batch-counts")).to_contain_text("2 paused")
        expect(page.get_by_role("button", name="Resume all (2)")).to_be_visible()
        assert watched.complaints == []


def test_a_button_in_focus_is_never_left_with_the_label_of_another(browser: Browser, site: Site) -> None:
    job_id = make_job()
    with opened(browser) as watched:
        page = watched.page
        page.goto(f"{site.url}/jobs")
        row = page.locator(f"#job-{job_id}")
        row.get_by_role("button", name="Pause").press("Enter")
        expect(row.locator(".badge")).to_contain_text("Paused")
        expect(row.get_by_role("button")).to_have_text(["Resume", "Cancel"])
        expect(row.locator("use").nth(1)).to_have_attribute("href", re.compile("#play$"))


def test_a_jobs_own_page_takes_a_reason_and_another_priority(browser: Browser, site: Site) -> None:
    claim = start(make_job(RUNNING))
    with opened(browser) as watched:
        page = watched.page
        page.goto(f"{site.url}/jobs/{claim.job_id}")
        page.get_by_role("button", name="High").click()
        expect(page.get_by_role("button", name="High")).to_have_attribute("aria-pressed", "true")
        page.locator("#job-reason").fill("lunch")
        page.locator("h1").click()
        advance(claim, RUNNING, 0, 4)
        expect(page.locator("#job-percent")).to_contain_text("40%")
        expect(page.locator("#job-reason")).to_have_value("lunch")
        page.locator("#job-card").get_by_role("button", name="Pause").click()
        expect(page.locator(".log")).to_contain_text("Reason: lunch")
        expect(page.locator(".log")).to_contain_text("Now high.")
        expect(page.locator("#job-reason")).to_have_value("")
        assert watched.complaints == []


def test_without_script_a_selection_is_a_plain_form(browser: Browser, site: Site) -> None:
    ids = [make_job(Asked(symbol=symbol)) for symbol in ("A", "B")]
    with opened(browser, script=False) as watched:
        page = watched.page
        page.goto(f"{site.url}/jobs")
        expect(page.locator("[data-pick-all]")).to_be_hidden()
        for job_id in ids:
            page.locator(f"#pick-{job_id}").check()
        page.locator("#selection").get_by_role("button", name="Pause").click()
        expect(page.locator(".banner-success")).to_have_text("2 collections paused.")
        for job_id in ids:
            page.locator(f"#pick-{job_id}").check()
        page.locator("#selection").get_by_role("button", name="Cancel").click()
        expect(page.get_by_role("heading", name="Cancel 2 collections?")).to_be_visible()
        page.get_by_role("button", name="Cancel 2 collections").click()
        expect(page.locator(".banner-success")).to_have_text("2 collections cancelled.")
        assert {job_service.find(job_id).state for job_id in ids} == {JobState.CANCELLED}


def test_in_a_hand_the_bar_lies_at_the_bottom_only_while_something_is_picked(browser: Browser, site: Site) -> None:
    job_id = make_job()
    with opened(browser, language="fr", width=390) as watched:
        page = watched.page
        page.goto(f"{site.url}/jobs")
        expect(page.locator(".selection-actions")).to_be_hidden()
        before = page.locator("#jobs").bounding_box()
        page.locator(f"#pick-{job_id}").check()
        expect(page.locator(".selection-actions")).to_be_in_viewport(ratio=1)
        assert page.locator("#jobs").bounding_box() == before
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
