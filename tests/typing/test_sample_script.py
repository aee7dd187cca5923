"""A script that uses the façade passes type checkers at their strictest, and what is wrong in one does not."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest

from tests.servers import ROOT
from webapp.framing.arguments import AdjustName, IntervalName, PriorityName
from webapp.kernel.intervals import Interval
from webapp.kernel.job_states import Priority
from webapp.reading.rules_adjustment import Adjust

SCRIPT = ROOT / "tests" / "typing" / "sample_script.py"
WRONG = """
from webapp.job_manager import JobManager

JobManager.bars("AAPL", interval="7m")
JobManager.bars("AAPL", as_="excel")
JobManager.bars(["AAPL"], field="klose")
JobManager.get("AAPL", priority="now")
JobManager.get_recent_jobs()[0]["colour"]
"""


def check_with_mypy(script: Path, folder: Path) -> str:
    settings = folder / "empty.ini"  # and not the project's own
    settings.write_text("[mypy]\n", encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--strict", "--follow-imports=silent", "--no-error-summary"]
    command += ["--config-file", str(settings), "--cache-dir", str(folder / "cache"), str(script)]
    return run(command)


def check_with_pyright(script: Path, folder: Path) -> str:
    settings = {"typeCheckingMode": "strict", "include": [str(script)], "extraPaths": [str(ROOT)]}
    (folder / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    command = [sys.executable, "-m", "basedpyright", "--pythonpath", sys.executable, "--project", str(folder)]
    report = json.loads(run([*command, "--outputjson"]))
    assert report["summary"]["filesAnalyzed"] == 1
    return "\n".join(
        f"{each['range']['start']['line'] + 1}: {each['message']}" for each in report["generalDiagnostics"]
    )


def run(command: list[str]) -> str:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for all, since mypy keeps there what it has read of the product."""
    return tmp_path_factory.mktemp("typing")


CHECKERS = pytest.mark.parametrize("check", [check_with_mypy, check_with_pyright])


@CHECKERS
def test_a_strict_checker_finds_nothing_in_a_script(check: Callable[[Path, Path], str], folder: Path) -> None:
    assert check(SCRIPT, folder).strip() == ""


@CHECKERS
def test_a_strict_checker_finds_each_wrong_word(check: Callable[[Path, Path], str], folder: Path) -> None:
    script = folder / "wrong.py"
    script.write_text(WRONG, encoding="utf-8")
    found = check(script, folder)
    for word in ("7m", "excel", "klose", "now", "colour"):
        assert word in found or f"{WRONG[: WRONG.index(word)].count(chr(10)) + 1}:" in found, f"{word}: {found}"


def test_the_words_of_the_types_are_those_of_the_product() -> None:
    assert get_args(IntervalName) == tuple(Interval)
    assert get_args(AdjustName) == tuple(Adjust)
    assert set(get_args(PriorityName)) == {priority.name.lower() for priority in Priority}
