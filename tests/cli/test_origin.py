"""``series origin``: which job wrote a bar."""

import json

from .conftest import Terminal, finish, stored_series


def test_a_bar_says_its_jobs_as_text_and_as_json(terminal: Terminal) -> None:
    terminal.queue.work = finish
    terminal.type("collect", "AAPL", "--start", "1970-01-01", "--end", "1970-01-05")
    words = ("series", "origin", "AAPL", "--time", "1970-01-03")
    answer = terminal.type(*words)
    assert answer.exit_code == 0, answer.stderr
    assert "first collected  job 1" in answer.stdout
    assert "last confirmed" not in answer.stdout
    body = json.loads(terminal.type(*words, "--json").stdout)
    assert (body["time"], body["first"]["job_id"], body["first"]["job_url"]) == (
        "1970-01-03T00:00:00Z",
        1,
        "/api/v1/jobs/1",
    )
    assert body["last"] == body["first"]
    assert body["changes"] == []


def test_what_is_not_there_and_what_is_not_known_are_told_apart(terminal: Terminal) -> None:
    stored_series(terminal)
    assert (
        terminal.type("series", "origin", "AAPL", "--time", "1980-01-03").stdout == "No bar is stored for that day.\n"
    )
    assert "by no job on record" in terminal.type("series", "origin", "AAPL", "--time", "1970-01-02").stdout
    wrong = terminal.type("series", "origin", "AAPL", "--time", "soon")
    assert wrong.exit_code == 2
    assert "“soon” is not a date" in wrong.stderr
