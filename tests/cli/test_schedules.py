"""``schedules`` and ``late``: typed as a person does."""

import json

import pytest

from tests.cli.conftest import Terminal
from webapp.job_manager import JobManager

MAKE = ("schedules", "create", "AAPL", "MSFT", "--period", "1y")


def test_a_schedule_is_made_listed_shown_paused_run_and_deleted(terminal: Terminal) -> None:
    assert terminal.type("schedules", "list").output == "There are no schedules.\n"
    made = terminal.type(*MAKE, "--name", "Evenings", "--fresh", "120")
    assert made.exit_code == 0, made.output
    assert made.output.startswith("45 min after each close\nNext run: ")
    assert made.output.count("Next run: ") == 3
    assert "Schedule 1: Evenings" in made.output
    assert "Evenings" in terminal.type("schedules", "list").output
    assert terminal.type("schedules", "pause", "1").output == "Schedule 1 is paused.\n"
    again = terminal.type("schedules", "pause", "1")
    assert (again.exit_code, again.output) == (1, "Schedule 1 is paused already.\n")
    assert "paused" in terminal.type("schedules", "list").output
    assert terminal.type("schedules", "resume", "1").output == "Schedule 1 goes on.\n"
    ran = terminal.type("schedules", "run", "1")
    assert (ran.exit_code, "at work, by hand" in ran.output, "Batch 1" in ran.output) == (0, True, True)
    shown = terminal.type("schedules", "show", "1")
    assert "AAPL, MSFT · 1d · yahoo" in shown.output
    assert "at work, by hand" in shown.output
    [listed] = json.loads(terminal.type("schedules", "list", "--json").output)
    assert (listed["id"], listed["fresh"], listed["last_run"]["state"]) == (1, 120, "running")
    assert json.loads(terminal.type("schedules", "show", "1", "--json").output)["runs"][0]["jobs"] == 2
    with terminal.app.app_context():
        assert [schedule["name"] for schedule in JobManager.schedules()] == ["Evenings"]
    assert terminal.type("schedules", "delete", "1").exit_code == 0
    gone = terminal.type("schedules", "show", "1")
    assert (gone.exit_code, gone.output) == (3, "There is no schedule 1.\n")


def test_a_preview_says_when_and_makes_nothing(terminal: Terminal) -> None:
    cron = ("--when", "cron", "--cron", "30 18 * * mon-fri", "--zone", "Europe/Paris", "--preview")
    shown = terminal.type(*MAKE, *cron)
    assert shown.output.startswith("At 18:30, from Monday to Friday (time of Europe/Paris)\nNext run: ")
    french = terminal.type(*MAKE, *cron, env={"LANG": "fr_FR.UTF-8"})
    assert french.output.startswith("À 18:30, du lundi au vendredi (heure de Europe/Paris)\n")
    assert terminal.type("schedules", "list", "--json").output == "[]\n"


@pytest.mark.parametrize(
    ("words", "field"),
    [
        (("--when", "cron", "--cron", "61 * * * *", "--zone", "Mars"), "zone: "),
        (("--when", "session"), "when: "),
        (("--minutes", "-3"), "minutes: "),
        (("--fresh", "soon"), "fresh: "),
    ],
)
def test_what_is_wrong_is_said_and_ends_with_status_two(terminal: Terminal, words: tuple[str, ...], field: str) -> None:
    refused = terminal.type(*MAKE, *words)
    assert refused.exit_code == 2
    assert field in refused.output


def test_late_says_that_nothing_is(terminal: Terminal) -> None:
    assert terminal.type("late").output == "No series is late.\n"
    assert terminal.type("late", "--json").output == "[]\n"
