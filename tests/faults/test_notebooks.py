"""The notebooks do what they say, from top to bottom, against real processes and the offline market."""

import ast
import json
import re
import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.plant import Plant
from tests.servers import ROOT

FOLDER = ROOT / "docs"
PUBLIC = {"webapp.job_manager", "webapp.stack.demonstration"}
"""What a notebook may import of Moisson: what a reader's own may rely on."""


def cells(name: str) -> list[str]:
    """The code of a notebook, cell by cell."""
    several = json.loads((FOLDER / name).read_text(encoding="utf-8"))["cells"]
    assert all(cell.get("outputs", []) == [] and cell.get("execution_count") is None for cell in several)
    return ["".join(cell["source"]) for cell in several if cell["cell_type"] == "code"]


def run(name: str, plant: Plant) -> list[str]:
    """Run all cells of a notebook in one process, and return what each has printed."""
    plant.worker(pool="threads")
    plant.clock()
    (plant.folder / "redis_url").write_text(plant.redis.url, encoding="ascii")
    code = "\n".join(f"print('== {number}')\n{cell}" for number, cell in enumerate(cells(name)))
    demo = {key: value for key, value in plant.environment.items() if key not in ("REDIS_URL", "DATABASE_URL")}
    answer = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        cwd=FOLDER,
        env=demo | {"MPLBACKEND": "agg", "MPLCONFIGDIR": str(plant.folder)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return [part.partition("\n")[2] for part in answer.stdout.split("== ")[1:]]


@pytest.mark.parametrize("name", sorted(path.name for path in FOLDER.glob("*.ipynb")))
def test_a_notebook_uses_no_internals(name: str) -> None:
    tree = ast.parse("\n".join(cells(name)))
    modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {module for module in modules if module and module.startswith("webapp")} <= PUBLIC


def test_the_first_steps_print_what_makes_sense(make_plant: Callable[..., Plant]) -> None:
    outputs = run("first-steps.ipynb", make_plant())
    collected, repeated, daily, several, actions, minutes, coverage, filled, plot = outputs[1:]
    assert re.search(r"NVDA succeeded [12]\d{3} bars *\n", collected)
    assert "MC.PA succeeded" in collected
    assert re.search(r"NOSUCH failed 0 bars \S+", collected), "with the reason"
    assert re.search(r"NVDA succeeded 0 bars: \S+", repeated), "with what that means"
    assert daily.startswith("datetime64[us, UTC] ['open', 'high', 'low', 'close', 'volume'] 252 bars")
    assert "'currency': 'USD', 'adjust': 'splits'" in daily
    assert "NOSUCH" in several.partition("\n")[0]
    assert "left out: ['NOSUCH']" in several
    assert int(several.rstrip().rpartition(" ")[2]) > 5, "holidays in Paris and in New York"
    before = next(line.split() for line in actions.splitlines() if line.startswith("2024-06-07"))
    assert float(before[2]) == pytest.approx(10 * float(before[3]), rel=1e-3), "ten for one"
    assert float(before[4]) < float(before[3])
    assert " 390" in minutes
    assert "have" in coverage
    assert re.search(r"2015-0[12]-\S+ .*\b2015-0[23]", coverage.split("Empty")[0]), "February is the gap"
    assert filled == "gaps left: 0\n"
    assert plot == ""


def test_the_study_is_checked_and_does_not_look_ahead(make_plant: Callable[..., Plant]) -> None:
    outputs = run("research.ipynb", make_plant())
    _, collected, checked, study, ahead, plot = outputs[1:]
    sessions = 2516
    assert collected == f"({sessions}, 8) 2015-01-02 2024-12-31\n"
    assert "sessions missing: 0 | holes: 0 | gaps: 0" in checked
    assert "nothing is missing: True" in checked
    figures = {line.split("  ")[0]: re.findall(r"-?\d+\.\d%", line) for line in study.splitlines()}
    yearly = float(figures["momentum"][0].rstrip("%"))
    with_foresight = float(re.findall(r"(-?\d+\.\d)% a year", ahead)[0])
    assert with_foresight > yearly + 20, "knowing the month ahead is worth a lot"
    assert "the past does not change with the future: True" in ahead
    assert plot == ""
