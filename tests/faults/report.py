"""Writes what chaos has measured into docs/RELIABILITY.md: promise → test → figure.

``python -m tests.faults.report --seeds 1 2 --minutes 5`` runs chaos once a seed; ``--json FILE…`` reads earlier runs.
Nothing stands in the table that no run has measured; what a run has missed is said as it is.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.servers import ROOT

PAGE = ROOT / "docs" / "RELIABILITY.md"
BEGIN, END = "<!-- figures: begin, written by make reliability -->", "<!-- figures: end -->"
Runs = list[dict[str, Any]]


def total(runs: Runs, *path: str) -> int:
    return sum(int(_at(run, path)) for run in runs)


def largest(runs: Runs, *path: str) -> float:
    return max(float(_at(run, path)) for run in runs)


def _at(run: dict[str, Any], path: Sequence[str]) -> Any:  # noqa: ANN401 -- a value of the JSON
    value: Any = run
    for name in path:
        value = value.get(name, 0) if isinstance(value, dict) else 0
    return value


def figures(runs: Runs) -> list[tuple[str, str, str, str]]:
    """Return promise, what shows it, the limit and the figure."""
    lease = f"{largest(runs, 'lease'):g} s"
    chaos, directed = "`make chaos`", "`faults/test_directed.py"
    bars, jobs = f"{total(runs, 'bars', 'bars'):,} compared", f"{total(runs, 'jobs'):,} jobs"
    zombie = f"{directed}::test_row_7_a_frozen_worker_that_wakes_up_writes_nothing`"
    pages = "`faults/chaos_web.py::figures`"
    again = total(runs, "chunks_fetched_again")
    crashes = total(runs, "rescues")
    return [
        ("No job is lost", f"{chaos}, `faults/story.py::check`", "0", f"{total(runs, 'jobs_lost')} of {jobs}"),
        (
            "No bar is lost",
            f"{chaos}, `faults/chaos_judge.py::compare_bars`",
            "0",
            f"{total(runs, 'bars', 'lost')} of {bars}",
        ),
        ("No bar is there twice", "the same", "0", f"{total(runs, 'bars', 'doubled')}"),
        ("No bar differs from the market's", "the same", "0", f"{total(runs, 'bars', 'different')}"),
        (
            "No chunk is committed twice",
            f"{chaos}, `faults/story.py::check`",
            "0",
            f"{total(runs, 'chunks_committed_twice')} of {total(runs, 'chunks'):,} chunks",
        ),
        (
            "An attempt that was over writes nothing",
            f"{zombie}, `faults/chaos_judge.py::fenced_commits`",
            "0",
            f"{total(runs, 'fenced_commits')}; {total(runs, 'leases_lost')} leases lost and noticed",
        ),
        (
            "A crash costs at most one chunk's download",
            "`faults/test_kills.py::fetched_again`, `faults/chaos_judge.py::fetched_again`",
            "one each",
            f"{again} chunks fetched again ({crashes} rescues; aborted transactions and cancellations also count)",
        ),
        (
            f"A killed worker's job goes on within the lease ({lease}) + 10 s: the killed one is started again at once",
            f"`faults/chaos_calm.py::measure`, {directed}::test_row_1_a_worker_killed_with_all_its_processes`",
            f"{largest(runs, 'lease') + 10:g} s",
            _slowest(runs, "calm", "killed_worker", "max"),
        ),
        (
            "The same when it is not, and another worker has a free slot",
            "`faults/chaos_calm.py::measure`",
            f"{largest(runs, 'lease') + 10:g} s",
            _slowest(runs, "calm", "killed_for_good", "max"),
        ),
        (
            "The same in the middle of chaos, counted while Redis and the database were there and a place was free",
            f"{chaos}, `faults/chaos_judge.py::able_seconds`",
            f"{largest(runs, 'lease') + 10:g} s",
            _spread(runs, "recovery_when_able"),
        ),
        (
            "The same by the wall clock, with the times in which nobody could have taken the job",
            chaos,
            "no limit",
            _spread(runs, "recovery_from_kill"),
        ),
        (
            "A lost job is claimed again, counted from its rescue, in chaos",
            chaos,
            "no limit",
            _spread(runs, "recovery_from_lost"),
        ),
        (
            "A cancellation takes effect within 2 s beyond the request under way",
            f"`faults/chaos_calm.py::measure`, {directed}::test_row_39_a_cancel_is_obeyed_in_every_state`",
            "2 s",
            _slowest(runs, "calm", "cancel", "max"),
        ),
        *[
            (
                f"While Redis is frozen, `{what}` answers within 2 s",
                pages,
                "2 s",
                _slowest(runs, "pages", what, "slowest"),
            )
            for what in ("GET /jobs", "POST /jobs")
        ],
        ("No page fails (HTTP 5xx) whatever breaks", pages, "0", f"{total(runs, 'pages', 'errors_5xx')}"),
        (
            "A message too many is ignored",
            "`faults/test_queue_faults.py::test_rows_17_18_and_41_messages_too_many_too_late_or_about_nobody`",
            "all",
            f"{total(runs, 'messages_ignored')} ignored",
        ),
    ]


def _slowest(runs: Runs, *path: str) -> str:
    return f"slowest {largest(runs, *path):g} s of {total(runs, *path[:-1], 'count')}"


def _spread(runs: Runs, what: str) -> str:
    parts = [f"{_at(r, (what, 'p50')):g} / {_at(r, (what, 'p95')):g} / {_at(r, (what, 'max')):g}" for r in runs]
    return "; ".join(parts) + f" s (p50 / p95 / max, each run; {total(runs, what, 'count')} in all)"


def page_part(runs: Runs) -> str:
    """Return what stands between the markers."""
    kinds: Counter[str] = Counter()
    for run in runs:
        for name, number in run["faults_by_kind"].items():
            kinds[_family(name)] += number
        kinds["worker killed, all else well"] += run["calm"]["faults"]
    lines = [
        f"{total(runs, 'faults')} faults injected in {len(runs)} runs:",
        "",
        "| seed | pool | minutes | faults | jobs | commit | begun | broken invariants |",
        "|---|---|---|---|---|---|---|---|",
        *[
            f"| {run['seed']} | {run['pool']} | {run['minutes']:g} | {run['faults']} | {run['jobs']} | {run['commit']}"
            f" | {run['date']} | {'; '.join(run['broken']) or 'none'} |"
            for run in runs
        ],
        "",
        "| promise | shown by | limit | measured |",
        "|---|---|---|---|",
        *[f"| {' | '.join(row)} |" for row in figures(runs)],
        "",
        "| fault | times |",
        "|---|---|",
        *[f"| {name} | {number} |" for name, number in sorted(kinds.items())],
    ]
    return "\n".join(lines)


def _family(name: str) -> str:
    """Put the failpoints of an action together: there are twenty-seven pairs."""
    return f"failpoint, {name.split(':', 1)[1]}" if name.startswith("failpoint") else name


def rewrite(page: str, part: str) -> str:
    """Return the page with a new part between its markers."""
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n\n{part}\n\n{END}{after}"


def named_but_gone(page: str) -> list[str]:
    """Return the tests that the page names and that are not there (any more)."""
    named = re.findall(r"`([\w/]+\.py)::(\w+)`", page)
    return [f"{file}::{test}" for file, test in named if not _is_there(ROOT / "tests" / file, test)]


def _is_there(file: Path, test: str) -> bool:
    return file.exists() and f"def {test}(" in file.read_text(encoding="utf-8")


def run_chaos(seeds: Sequence[int], minutes: float, folder: Path) -> list[Path]:
    """Run chaos once a seed and return where the figures are; a run that broke is reported like the others."""
    files = []
    for seed in seeds:
        file = folder / f"{seed}.json"
        words = ["--seed", str(seed), "--minutes", str(minutes), "--json", str(file)]
        subprocess.run([sys.executable, "-m", "tests.faults.chaos", *words], cwd=ROOT, check=False)
        files.append(file)
    return files


def main() -> int:
    parser = argparse.ArgumentParser(prog="report", description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="*", default=[])
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--json", type=Path, nargs="*", default=[], help="figures of earlier runs")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="moisson-report-") as name:
        files = [*options.json, *run_chaos(options.seeds, options.minutes, Path(name))]
        runs = [json.loads(file.read_text(encoding="utf-8")) for file in files]
    if not runs:
        parser.error("nothing to report: name seeds or files")
    page = rewrite(PAGE.read_text(encoding="utf-8"), page_part(runs))
    PAGE.write_text(page, encoding="utf-8")
    gone = named_but_gone(page)
    sys.stdout.write("".join(f"docs/RELIABILITY.md names a test that is not there: {name}\n" for name in gone))
    return 1 if gone or any(run["broken"] for run in runs) else 0


if __name__ == "__main__":
    sys.exit(main())
