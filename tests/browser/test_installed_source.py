"""A source that an installed package brings, through everything: form, plan, worker, pages, commands, API.

One stack serves all: web, worker and clock are processes that know the source by its entry point alone. Addresses of
the other sources lead nowhere.
"""

import csv
import json
import re
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import opened
from tests.browser.installed import Stack, running_stack
from tests.servers import RedisServer, wait_until
from tests.sources.example.client import WRONG
from tests.sources.packages import EXAMPLE, install
from webapp.access import tokens
from webapp.access.queries_tokens import Scope
from webapp.context import context
from webapp.kernel.job_states import ErrorKind, JobState

ATTEMPTS = 2
REFUSAL = "“venue” is not an option of Yahoo Finance. It has: prepost."
WORDS = {
    "en": {"submit": "Fetch the data", "done": "Succeeded"},
    "fr": {"submit": "Récupérer les données", "done": "Réussi"},
}
SAYS = {
    "OUTSIDE": "lies outside the span",
    "FIVE": "no 1d bar begins at",
    "NAN": "nan cannot be the close of a bar",
    "NONE": "None cannot be the volume of a bar",
    "TEXT": "'12.5' cannot be the open of a bar",
    "SHORT": "does not have the 8 values",
    "ZONE": "no time zone “Mars/Olympus”",
    "TWICE": "comes twice, or after a later one",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("stack")


@pytest.fixture(scope="module")
def journal(folder: Path) -> Path:
    """Where the source writes down what it was asked."""
    return folder / "journal"


@pytest.fixture(scope="module")
def stack(redis_server: RedisServer, folder: Path, journal: Path) -> Iterator[Stack]:
    packages = install(folder / "packages", "moisson-example", EXAMPLE)
    install(packages, "moisson-broken", "broken = nothing_of_that_name:MANIFEST")
    settings = {"EXAMPLE_JOURNAL": str(journal), "MAX_ATTEMPTS": str(ATTEMPTS)}
    with running_stack(folder, redis_server, packages, **settings) as stack:
        yield stack


def choose_the_example(page: Page) -> None:
    page.locator("#source").select_option("example")
    expect(page.get_by_label("With fees")).to_be_visible()


@pytest.mark.parametrize(("language", "symbol"), [("en", "GOOD-USD"), ("fr", "FINE-EUR")])
def test_a_person_collects_from_it_by_the_form_and_sees_its_bars(
    browser: Browser, stack: Stack, language: str, symbol: str
) -> None:
    words = WORDS[language]
    with opened(browser, language=language) as watched:
        page = watched.page
        page.goto(stack.url)
        expect(page.locator("#symbol-query")).to_have_count(1)
        choose_the_example(page)
        expect(page.locator("#symbol-query")).to_have_count(0)
        expect(page.locator("#symbols")).to_have_attribute("placeholder", "GOOD-USD, FINE-EUR")
        expect(page.locator("#interval option")).to_have_count(2)
        page.get_by_label("With fees").check()
        page.get_by_label("Venue").select_option("south")
        page.locator("#symbols").fill(symbol.lower())
        page.locator("#interval").select_option("1h")
        page.locator("#period").select_option("1mo")
        expect(page.locator("#plan")).to_contain_text(re.compile(r"[1-9]"))
        page.get_by_role("button", name=words["submit"]).click()
        wait_until(lambda: [job for job in stack.plant.jobs() if job.symbol == symbol], "the job is there")
        [job] = [job for job in stack.plant.jobs() if job.symbol == symbol]
        [over] = stack.plant.wait(job.id)
        assert (over.state, over.source, over.variant) == (JobState.SUCCEEDED, "example", "gross+south")
        assert over.rows_written > 600
        page.goto(f"{stack.url}/jobs/{job.id}")
        expect(page.locator("#chart")).to_have_attribute("data-candle-count", re.compile(r"[1-9]\d*"))
        page.goto(f"{stack.url}/series/{job.series_id}")
        expect(page.get_by_role("heading", level=1)).to_contain_text(symbol)
        expect(page.locator("#coverage, .calendar").first).to_be_visible()
        assert watched.complaints == []


def test_commands_collect_and_export_it(stack: Stack, journal: Path, tmp_path: Path) -> None:
    asked = ("SHELL-USD", "--source", "example", "--interval", "1d", "--venue", "north")
    collected = stack.type("collect", *asked, "--start", "2022-01-01", "--end", "2023-12-31", "--wait")
    assert collected.returncode == 0, collected.stderr
    assert "2 requests, about 0 seconds; about" in collected.stdout
    exported = stack.type("export", *asked, "--output", str(tmp_path / "bars.csv"))
    assert exported.returncode == 0, exported.stderr
    with (tmp_path / "bars.csv").open(encoding="utf-8") as file:
        rows = list(csv.reader(file))
    assert len(rows) == 1 + 730
    assert Counter(journal.read_text(encoding="ascii").split())["SHELL-USD"] == 2


def test_each_entrance_refuses_an_option_of_it_at_another_source_with_one_sentence(
    browser: Browser, stack: Stack
) -> None:
    typed = stack.type("collect", "AAPL", "--source", "yahoo", "--venue", "south")
    assert (typed.returncode, REFUSAL in typed.stderr) == (2, True), typed.stderr
    assert REFUSAL in call(stack, {"source": "yahoo", "options": {"venue": "south"}})
    with opened(browser) as watched:
        page = watched.page
        page.goto(stack.url)
        page.locator("#symbols").fill("AAPL")
        page.evaluate("""document.querySelector("#collect-form")
            .insertAdjacentHTML("beforeend", "<input type='hidden' name='venue' value='south'>")""")
        page.get_by_role("button", name="Fetch the data").click()
        expect(page.locator("#collect")).to_contain_text(REFUSAL)


def test_a_value_that_is_none_of_a_list_is_refused(stack: Stack) -> None:
    answer = call(stack, {"source": "example", "options": {"venue": "east"}})
    assert "“east” is not a value of “venue”. Use one of: north, south." in answer


def call(stack: Stack, body: dict[str, object]) -> str:
    """Ask the API for a plan; return what it refuses."""
    with stack.plant.app.app_context():
        token = tokens.create(context(), "test", [Scope.READ]).text
    whole = {"symbols": ["AAPL"], "interval": "1d", "period": "1mo"} | body
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{stack.url}/api/v1/plans", json.dumps(whole).encode(), headers)
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=30)
    with refused.value as answer:
        return json.dumps(json.load(answer), ensure_ascii=False)


def test_every_process_says_which_package_cannot_be_used_and_runs(stack: Stack) -> None:
    for running in stack.plant.running:
        assert "The source package moisson-broken is left out: it cannot be loaded" in running.text
        assert running.is_alive


def test_each_wrong_answer_ends_as_nonsense_and_leaves_nothing(stack: Stack, journal: Path) -> None:
    assert set(SAYS) == set(WRONG)
    asked = ("--source", "example", "--interval", "1d", "--start", "2024-01-01", "--end", "2024-01-31", "--wait")
    typed = stack.type("collect", *WRONG, "TRUE", *asked)
    assert typed.returncode == 1, typed.stdout + typed.stderr
    jobs = {job.symbol: job for job in stack.plant.jobs() if job.symbol in {*WRONG, "TRUE"}}
    requests = Counter(journal.read_text(encoding="ascii").split())
    for symbol, words in SAYS.items():
        job = jobs[symbol]
        assert (job.state, job.error_kind) == (JobState.FAILED, ErrorKind.NONSENSE)
        assert str(job.message).startswith("The source answered nonsense: ")
        assert words in str(job.message)
        assert stack.plant.bars(job.id) == []
        assert stack.plant.covered(job.id) == []
        assert requests[symbol] == ATTEMPTS
    assert (jobs["TRUE"].state, jobs["TRUE"].rows_written) == (JobState.SUCCEEDED, 31)
