"""What a shell proposes while a command is typed: words of the program, and what is stored."""

import os
import pty
import re
import select
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from webapp.access import tokens
from webapp.access.queries_tokens import Scope
from webapp.database.transactions import writing
from webapp.kernel.instruments import InstrumentFacts
from webapp.series import queries_series

from .conftest import Terminal, stored_series
from .test_system import ROOT, environment

BASH = Path("/bin/bash")


def propose(terminal: Terminal, line: str) -> list[str]:
    """What a shell is told of a line that ends where the cursor stands, by the same request as that of its script."""
    words = ["flask", *line.split()] + ([""] if line.endswith(" ") else [])
    asking = {"COMP_WORDS": " ".join(words), "COMP_CWORD": str(len(words) - 1), "_FLASK_COMPLETE": "bash_complete"}
    answer = terminal.app.test_cli_runner().invoke(args=[], env=asking, prog_name="flask")
    assert answer.stderr == ""
    return [item.partition(",")[2] for item in answer.stdout.splitlines() if item.startswith("plain,")]


@pytest.fixture
def full(terminal: Terminal) -> Terminal:
    """A terminal with series at two sources, jobs and tokens."""
    for symbol, source in (("AAPL", "yahoo"), ("AAP", "yahoo"), ("EURUSD=X", "yahoo"), ("AMINE", "own")):
        stored_series(terminal, symbol, source=source)
    stored_series(terminal, "AEMPTY", bars=0)
    terminal.type("collect", "MSFT", "NVDA", "--period", "1y")
    with terminal.app.app_context():
        with writing() as connection:
            row = queries_series.get(connection, 1)
            assert row
            facts = InstrumentFacts(name="Apple Inc.")
            queries_series.update_facts(connection, row.instrument_id, facts, terminal.context.now())
        for name in ("laptop", "old"):
            tokens.create(terminal.context, name, [Scope.READ])
        tokens.revoke(terminal.context, 2)
    return terminal


@pytest.mark.parametrize(
    ("line", "proposed"),
    [
        ("export a", ["AAP", "AAPL", "AMINE"]),
        ("export --source own A", ["AMINE"]),
        ("export AAPL EUR", ["EURUSD=X"]),
        ("series coverage AAPL", ["AAPL"]),
        ("collect A", ["AAP", "AAPL"]),
        ("jobs list --symbol EUR", ["EURUSD=X"]),
        ("jobs show ", ["2", "1"]),
        ("jobs cancel 2 ", ["1"]),
        ("jobs watch --batch ", ["1"]),
        ("batches show ", ["1"]),
        ("tokens revoke ", ["1"]),
        ("collect AAPL --source i", ["ibkr"]),
        ("collect AAPL --source o", []),
        ("export AAPL --source o", ["own"]),
        ("export AAPL --interval 1w", ["1wk"]),
        ("export AAPL --format p", ["parquet"]),
        ("calendars correct XNY", ["XNYS"]),
        ("jobs priority h", ["high"]),
        ("batches sh", ["show"]),
        ("jobs watch --js", ["--json"]),
    ],
)
def test_what_is_stored_is_proposed(full: Terminal, line: str, proposed: list[str]) -> None:
    assert propose(full, line) == proposed


def test_nothing_is_proposed_and_nothing_said_where_nothing_can_be_read(bare: Terminal) -> None:
    for line in ("export A", "jobs show ", "batches show ", "tokens revoke "):
        assert propose(bare, line) == []


class Shell:
    """A bash at a terminal, into which a person types."""

    def __init__(self, master: int) -> None:
        self._master = master

    def type(self, keys: str, until: str) -> str:
        """Type, and return what is on the screen when the pattern has come up."""
        os.write(self._master, keys.encode())
        screen = ""
        while not re.search(until, screen):
            ready, _, _ = select.select([self._master], [], [], 60)
            assert ready, f"nothing came up like {until!r}: {screen!r}"
            screen += os.read(self._master, 4096).decode()
        return screen


@contextmanager
def bash(environ: dict[str, str]) -> Iterator[Shell]:
    master, follower = pty.openpty()
    process = subprocess.Popen(
        [str(BASH), "--norc", "--noprofile", "-i"], cwd=ROOT, env=environ,
        stdin=follower, stdout=follower, stderr=follower, start_new_session=True,
    )  # fmt: skip
    os.close(follower)
    try:
        yield Shell(master)
    finally:
        process.kill()
        process.wait()
        os.close(master)


@pytest.mark.skipif(not BASH.exists(), reason="there is no bash here")
def test_a_real_bash_completes_symbols_and_numbers(full: Terminal, tmp_path: Path) -> None:
    """With the line of docs/cli.md and the script that Click makes, typed at a terminal."""
    folder = Path(sys.executable).parent
    environ = environment(tmp_path) | {
        "DATABASE_URL": f"sqlite:///{tmp_path / 'test.db'}",
        "PATH": f"{folder}:{os.environ['PATH']}",
        "PS1": "ready> ",
        "TERM": "dumb",
        "INPUTRC": os.devnull,
    }
    [switch] = re.findall(r"(?m)^(eval .*bash_source.*)$", (ROOT / "docs" / "cli.md").read_text(encoding="utf-8"))
    with bash(environ) as shell:
        shell.type(f"{switch}; echo o''k\n", r"ok\r\n(.*\r\n)*.*ready> ")
        shell.type("flask --app wsgi export EUR\t", "export EURUSD=X ")
        shell.type("--interval 1w\t", "--interval 1wk ")
        shell.type("\x15flask --app wsgi jobs watch --batch \t", "--batch 1 ")
        shell.type("\x15flask --app wsgi export AA\t", "export AA\x07?P")
        both = shell.type("\t\t", "AAPL")
        assert "AAP " in both
