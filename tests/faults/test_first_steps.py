"""The notebook that a newcomer begins with does what it says, against real processes and the offline market."""

import json
import re
import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.plant import Plant
from tests.servers import ROOT

NOTEBOOK = ROOT / "docs" / "first-steps.ipynb"


def cells() -> list[str]:
    """The code of the notebook, cell by cell."""
    several = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    assert all(cell.get("outputs", []) == [] and cell.get("execution_count") is None for cell in several)
    return ["".join(cell["source"]) for cell in several if cell["cell_type"] == "code"]


def test_every_cell_runs_from_top_to_bottom_and_prints_what_makes_sense(make_plant: Callable[..., Plant]) -> None:
    plant = make_plant()
    plant.worker(pool="threads")
    plant.clock()
    (plant.folder / "redis_url").write_text(plant.redis.url, encoding="ascii")
    code = "\n".join(f"print('== {number}')\n{cell}" for number, cell in enumerate(cells()))
    demo = {name: value for name, value in plant.environment.items() if name not in ("REDIS_URL", "DATABASE_URL")}
    command = [sys.executable, "-W", "ignore", "-c", code]
    answer = subprocess.run(
        command, cwd=NOTEBOOK.parent, env=demo, capture_output=True, text=True, timeout=300, check=False
    )
    assert answer.returncode == 0, answer.stderr
    told = [part.partition("\n")[2] for part in answer.stdout.split("== ")[1:]]
    collected, daily, adjusted, wide, minutes, coverage, months = told[1:]
    assert re.match(r"NVDA succeeded [12]\d{3} bars\n", collected)
    assert "MC.PA succeeded" in collected
    assert daily.startswith("UTC ['open', 'high', 'low', 'close', 'volume'] ")
    before = next(line.split() for line in adjusted.splitlines() if line.startswith("2024-06-07"))
    assert float(before[2]) == pytest.approx(10 * float(before[3]), rel=1e-3), "ten for one"
    assert float(before[4]) < float(before[3])
    assert re.match(r"\(2[56]\d, 3\) \{'NVDA': \d+, 'MC.PA': \d, 'AAPL': \d+\}\n", wide), "Paris traded on more days"
    assert re.search(r"NVDA +\d\.\d+ +10\.0", wide)
    assert "AAPL succeeded" in minutes
    assert " 390" in minutes
    assert "have" in coverage
    assert len(months.splitlines()) == 12
