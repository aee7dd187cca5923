"""Exit statuses: each means one thing, and docs/cli.md says which a command may end with."""

import click
import pytest

from tests.pages import leaves
from webapp.cli.statuses import INTERRUPTED, MEANINGS, NOT_FOUND
from webapp.database import engine
from webapp.extensions import db

from .conftest import Terminal

LEAVES = {" ".join(words): command for words, command in leaves()}
MISSING = {
    "export": ["NOPE"],
    "jobs list": ["--batch", "77"],
    "jobs show": ["77"],
    "jobs watch": ["77"],
    "jobs cancel": ["77"],
    "jobs pause": ["77"],
    "jobs resume": ["--batch", "77"],
    "jobs retry": ["77"],
    "jobs priority": ["high", "77"],
    "jobs clone": ["77"],
    "batches show": ["77"],
    "batches cancel": ["77"],
    "batches pause": ["77"],
    "batches resume": ["77"],
    "batches retry": ["77"],
    "series coverage": ["NOPE"],
    "series origin": ["NOPE", "--time", "2024-01-02"],
    "tokens revoke": ["77"],
}
"""Of each command that names what is stored, arguments for what is not there."""


def test_every_command_that_names_what_is_stored_is_tried_here() -> None:
    assert set(MISSING) == {name for name, command in LEAVES.items() if NOT_FOUND in command.statuses}


@pytest.mark.parametrize("name", MISSING)
def test_what_is_not_there_has_a_status_of_its_own(terminal: Terminal, name: str) -> None:
    answer = terminal.type(*name.split(), *MISSING[name])
    assert (answer.exit_code, answer.stdout) == (NOT_FOUND, "")
    assert answer.stderr.startswith("There ")
    assert terminal.type(*name.split(), *MISSING[name], "--quiet").stderr == answer.stderr


def test_a_database_that_is_full_is_a_sentence(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    with terminal.app.app_context():
        db.engine.dispose()
        monkeypatch.setattr(engine, "_PRAGMAS", (*engine._PRAGMAS, "max_page_count=1"))  # noqa: SLF001 -- no page more
    symbols = [f"S{n}" for n in range(500)]
    answer = terminal.type("collect", *symbols, "--period", "1y", "--json")
    assert (answer.exit_code, answer.stdout) == (1, "")
    assert answer.stderr.startswith("The database does not answer, or cannot be written to (database or disk is full)")


@pytest.mark.parametrize("name", LEAVES)
def test_an_option_that_there_is_not_is_bad_input(terminal: Terminal, name: str) -> None:
    assert terminal.type(*name.split(), "--nonsense").exit_code == 2


def test_statuses_are_those_that_are_listed() -> None:
    assert all(set(command.statuses) <= set(MEANINGS) for command in LEAVES.values())
    assert [name for name, command in LEAVES.items() if INTERRUPTED not in command.statuses] == ["clock"]


def test_every_option_says_what_it_is_for() -> None:
    silent = [
        f"{name} {param.opts[0]}"
        for name, command in LEAVES.items()
        for param in command.params
        if isinstance(param, click.Option) and not param.help
    ]
    assert silent == []
