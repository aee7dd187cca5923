"""The template's copy, through everything: form, plan, worker, pages in both languages, commands; a service answers."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import opened
from tests.browser.installed import Stack, running_stack
from tests.servers import RedisServer, wait_until
from tests.sources.csv_service import Handler, running_service
from tests.sources.packages import copy_template
from webapp.jobs.queries_jobs import JobRow
from webapp.kernel.job_states import ErrorKind, JobState

WORDS = {
    "en": {"submit": "Fetch the data", "dividend": "Dividend", "none": "Copied has no data of NEW in that span."},
    "fr": {
        "submit": "Récupérer les données",
        "dividend": "Dividende",
        "none": "Copied n’a aucune donnée pour NEW sur cette période.",
    },
}
YEAR = ("--start", "2023-01-01", "--end", "2023-12-31")
ASKED = ("--source", "copied", "--interval", "1d")


@pytest.fixture(scope="module")
def stack(redis_server: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("stack")
    packages = copy_template(folder / "copy")
    with running_service() as address:
        settings = {
            "COPIED_BASE_URL": address,
            "COPIED_REQUESTS_PER_SECOND": "20",
            "COPIED_COOLDOWN_SECONDS": "0.1",
        }
        with running_stack(folder, redis_server, packages, **settings) as stack:
            yield stack


def job_of(stack: Stack, symbol: str) -> JobRow:
    [job] = [job for job in stack.plant.jobs() if job.symbol == symbol]
    return job


def collect(page: Page, stack: Stack, symbol: str, language: str) -> JobRow:
    page.goto(stack.url)
    page.locator("#source").select_option("copied")
    expect(page.locator("#symbols")).to_have_attribute("placeholder", "ABC, XYZ")
    expect(page.locator("#interval option")).to_have_count(1)
    page.locator("#symbols").fill(symbol.lower())
    page.locator("#period").select_option("1y")
    expect(page.locator("#plan")).to_contain_text(re.compile(r"2[45]\d"))
    page.get_by_role("button", name=WORDS[language]["submit"]).click()
    wait_until(lambda: [job for job in stack.plant.jobs() if job.symbol == symbol], "the job is there")
    [over] = stack.plant.wait(job_of(stack, symbol).id)
    return over


@pytest.mark.parametrize(("language", "symbol"), [("en", "ABC"), ("fr", "XYZ")])
def test_a_person_collects_bars_and_dividends_by_the_form(
    browser: Browser, stack: Stack, language: str, symbol: str
) -> None:
    with opened(browser, language=language) as watched:
        page = watched.page
        job = collect(page, stack, symbol, language)
        assert job.state is JobState.SUCCEEDED
        assert job.rows_written > 250
        page.goto(f"{stack.url}/series/{job.series_id}")
        expect(page.locator("#chart")).to_have_attribute("data-candle-count", re.compile(r"[1-9]\d*"))
        expect(page.get_by_role("cell", name=WORDS[language]["dividend"], exact=True)).to_have_count(4)
        expect(page.locator("#coverage, .calendar").first).to_be_visible()
        expect(page.locator("#main")).to_contain_text("XNYS")
        assert watched.complaints == []


def test_a_span_without_data_is_done_and_says_so_in_the_reader_s_language(browser: Browser, stack: Stack) -> None:
    typed = stack.type("collect", "NEW", *ASKED, *YEAR, "--wait")
    assert typed.returncode == 0, typed.stdout + typed.stderr
    job = job_of(stack, "NEW")
    assert (job.state, job.rows_written) == (JobState.SUCCEEDED, 0)
    for language, words in WORDS.items():
        with opened(browser, language=language) as watched:
            watched.page.goto(f"{stack.url}/jobs/{job.id}")
            expect(watched.page.locator("#main")).to_contain_text(words["none"])


def test_what_is_not_known_fails_with_its_name(stack: Stack) -> None:
    typed = stack.type("collect", "NOPE", *ASKED, *YEAR, "--wait")
    assert typed.returncode == 1, typed.stdout + typed.stderr
    job = job_of(stack, "NOPE")
    assert (job.state, job.error_kind) == (JobState.FAILED, ErrorKind.UNKNOWN_SYMBOL)
    assert "Copied does not know “NOPE”." in typed.stdout + typed.stderr


def test_a_refusal_is_waited_out_and_the_job_ends_well(stack: Stack, tmp_path: Path) -> None:
    typed = stack.type("collect", "BUSY", *ASKED, *YEAR, "--wait")
    assert typed.returncode == 0, typed.stdout + typed.stderr
    assert (job_of(stack, "BUSY").state, Handler.requests["BUSY"]) == (JobState.SUCCEEDED, 2)
    exported = stack.type("export", "BUSY", *ASKED, "--output", str(tmp_path / "bars.csv"))
    assert exported.returncode == 0, exported.stderr
    assert len((tmp_path / "bars.csv").read_text(encoding="utf-8").splitlines()) == 1 + 260
