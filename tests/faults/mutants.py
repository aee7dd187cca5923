"""Does the suite notice when a safeguard is taken out? Each mutant of the product must be killed by a named test.

The mutants are made in a copy of the tree, by exact replacements: when the text is not there (any more), this fails,
so that it cannot rot. Each named test must pass on the unchanged copy, or it would kill anything.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.faults.mutant import Change, Mutant
from tests.faults.restatement_mutants import RESTATEMENT
from tests.servers import ROOT

_PATIENCE = 600
_PYTEST = """
import sys, pytest
from hypothesis import Phase, settings
settings.register_profile("mutants", derandomize=True, database=None, phases=[Phase.explicit, Phase.generate])
settings.load_profile("mutants")
sys.exit(pytest.main(sys.argv[1:]))
"""
"""The same examples each time, and none made smaller: that a test fails is all that is asked."""
_CALM = ("-W", "ignore::pytest.PytestAssertRewriteWarning")  # Hypothesis is there before pytest here


_CLAIMS, _RESCUE = "webapp/jobs/queries_claims.py", "webapp/jobs/queries_rescue.py"
_TABLES, _MIGRATION = "webapp/jobs/tables.py", "webapp/database/migrations/versions/0001_first_tables.py"
_COLLECT, _CHUNKS, _DELIVERY = "webapp/collecting/work.py", "webapp/collecting/commit.py", "webapp/delivery.py"
_STORE, _FENCES = "tests/jobs/test_queries_claims.py", "tests/collecting/test_fences.py"
_FETCH, _NONSENSE = "webapp/collecting/fetch.py", "tests/collecting/test_nonsense.py"
_TRANSACTIONS = "webapp/database/transactions.py"
_SPLIT = '    connection.exec_driver_sql("COMMIT")\n    connection.exec_driver_sql("BEGIN IMMEDIATE")\n'
_TRANSACTION = "        with writing() as connection:\n            rechecks = commit.commit("
_MACHINE = "tests/faults/test_state_machine.py::TestJobs::runTest"

MUTANTS = (
    Mutant(
        "the fence is removed: a worker's writes do not name their attempt",
        (
            Change(
                _CLAIMS,
                "return (Job.id == claim.job_id, Job.attempt == claim.attempt, Job.state == JobState.RUNNING.value)",
                "return (Job.id == claim.job_id, Job.state == JobState.RUNNING.value)",
            ),
        ),
        (
            f"{_STORE}::test_every_statement_of_an_attempt_that_was_taken_over_is_refused",
            _MACHINE,
            f"{_FENCES}::test_a_worker_that_wakes_up_while_another_works_commits_nothing",
        ),
    ),
    Mutant(
        "finishing does not name its attempt",
        (
            Change(
                _CLAIMS,
                "    _update_held(connection, claim, values)\n"
                "    append_event(connection, claim, to.state.value, now, to.message or to.note)",
                "    unfenced = update(Job).where(Job.id == claim.job_id, Job.state == JobState.RUNNING.value)\n"
                "    _require_held(connection.execute(unfenced.values(values).returning(Job.id)).scalar(), claim)\n"
                "    append_event(connection, claim, to.state.value, now, to.message or to.note)",
            ),
        ),
        (
            f"{_STORE}::test_every_statement_of_an_attempt_that_was_taken_over_is_refused",
            f"{_FENCES}::test_a_worker_that_wakes_up_while_another_works_finishes_nothing",
        ),
    ),
    Mutant(
        "the checkpoint is committed before the data",
        (
            Change(
                _CHUNKS,
                "    hit(Failpoint.FENCED)\n",
                _SPLIT + "    hit(Failpoint.FENCED)\n",
            ),
        ),
        (f"{_FENCES}::test_a_chunk_that_fails_half_way_leaves_nothing_behind[fenced]",),
    ),
    Mutant(
        "the data are committed before their coverage",
        (
            Change(
                _CHUNKS,
                "    hit(Failpoint.WRITTEN)\n",
                _SPLIT + "    hit(Failpoint.WRITTEN)\n",
            ),
        ),
        (f"{_FENCES}::test_a_chunk_that_fails_half_way_leaves_nothing_behind[written]",),
    ),
    Mutant(
        "the coverage is committed before the bars, in a transaction of its own",
        (
            Change(
                _COLLECT,
                _TRANSACTION,
                "        with writing() as connection:\n"
                "            commit._cover(connection, chunk, self.context.now())\n" + _TRANSACTION,
            ),
        ),
        (f"{_FENCES}::test_a_chunk_that_fails_half_way_leaves_nothing_behind[fenced]",),
    ),
    Mutant(
        "the bars are committed before the fence is checked, in a transaction of their own",
        (
            Change(
                _COLLECT,
                _TRANSACTION,
                "        with writing() as connection:\n"
                "            commit.queries_bars.upsert(connection, step.job.series_id, answer.bars)\n" + _TRANSACTION,
            ),
        ),
        (
            f"{_FENCES}::test_a_worker_that_wakes_up_while_another_works_commits_nothing",
            f"{_FENCES}::test_a_chunk_that_fails_half_way_leaves_nothing_behind[fenced]",
        ),
    ),
    Mutant(
        "an answer is believed unchecked",
        (Change(_FETCH, ".checked(request, context.now().timestamp())", ""),),
        (f"{_NONSENSE}::test_nonsense_is_refused_with_a_sentence_and_ends_after_its_attempts",),
    ),
    Mutant(
        "whatever the database says counts as the database having failed",
        (
            Change(
                _TRANSACTIONS,
                "= (OperationalError, InterfaceError, InternalError, TimeoutError)",
                "= (OperationalError.__base__, InterfaceError)",
            ),
        ),
        (f"{_NONSENSE}::test_a_row_that_the_database_refuses_is_a_defect_and_ends",),
    ),
    Mutant(
        "transactions that write begin late (deferred BEGIN)",
        (Change("webapp/database/engine.py", '("BEGIN IMMEDIATE")', '("BEGIN")'),),
        (f"{_STORE}::test_read_then_write_loses_no_update_among_many_writers",),
    ),
    Mutant(
        "what the queue has lost is not delivered again",
        (
            Change(
                _DELIVERY,
                "        due = delivery.find_due(connection, now, _LIMIT, lost)",
                "        due = delivery.find_due(connection, now, _LIMIT, now - dt.timedelta(days=9999))",
            ),
        ),
        ("tests/collecting/test_rescue.py::test_a_message_that_was_lost_is_sent_again_and_one_under_way_is_not",),
    ),
    Mutant(
        "the clock delivers nothing",
        (Change(_DELIVERY, "    if queue_length is None:\n        return 0", "    if True:\n        return 0"),),
        (
            "tests/collecting/test_rescue.py::test_a_job_submitted_without_a_queue_is_delivered_when_it_is_back",
            "tests/collecting/test_rescue.py::test_a_message_that_was_lost_is_sent_again_and_one_under_way_is_not",
        ),
    ),
    Mutant(
        "two active jobs may do the same (unique index dropped)",
        (
            Change(_MIGRATION, "['dedupe_key'], unique=True,", "['dedupe_key'], unique=False,"),
            Change(
                _TABLES,
                "            unique=True,\n            sqlite_where=_ACTIVE",
                "            sqlite_where=_ACTIVE",
            ),
        ),
        (f"{_FENCES}::test_of_many_who_submit_the_same_at_once_all_get_one_job",),
    ),
    Mutant(
        "a rescue does not name the attempt that it has seen",
        (
            Change(
                _RESCUE,
                "        Job.attempt == lost.attempt,\n        Job.state == JobState.RUNNING.value,\n        or_(",
                "        Job.state == JobState.RUNNING.value,\n        or_(",
            ),
        ),
        (f"{_FENCES}::test_a_rescuer_that_has_looked_too_early_takes_nothing_from_the_next_attempt",),
    ),
    Mutant(
        "a rescue does not ask whether the worker has come back",
        (
            Change(
                _RESCUE,
                "        or_(Job.lease_expires_at.is_(None), Job.lease_expires_at < now),\n    )\n    final",
                "    )\n    final",
            ),
        ),
        (f"{_FENCES}::test_a_worker_that_came_back_in_time_keeps_its_job",),
    ),
    Mutant(
        "a lease that was never written does not count as run out",
        (
            Change(
                _RESCUE,
                "        or_(Job.lease_expires_at.is_(None), Job.lease_expires_at < now),\n        Job.id > after_id,",
                "        Job.lease_expires_at < now,\n        Job.id > after_id,",
            ),
        ),
        (f"{_FENCES}::test_a_job_without_a_lease_is_rescued_too",),
    ),
    Mutant(
        "a job may be claimed while another worker has it",
        (
            Change(
                _CLAIMS,
                "Job.state.in_([s.value for s in DUE]), Job.intent == Intent.RUN.value)\n        .where(Job.due_at",
                "Job.intent == Intent.RUN.value)\n        .where(Job.due_at",
            ),
        ),
        (f"{_STORE}::test_of_many_workers_that_claim_at_once_exactly_one_wins", _MACHINE),
    ),
    *RESTATEMENT,
)


def copy_tree(target: Path) -> None:
    """Copy what git would commit: the tree itself is never changed."""
    command = ["git", "ls-files", "-coz", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout
    for name in listed.decode().split("\0"):
        source = ROOT / name
        if name and source.is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            (target / name).write_bytes(source.read_bytes())


class ChangeError(Exception):
    """A text that a mutant replaces does not stand there exactly once."""


def apply(tree: Path, changes: Iterable[Change]) -> dict[Path, str]:
    """Make a mutant and return what stood there before."""
    before: dict[Path, str] = {}
    for change in changes:
        path = tree / change.path
        text = path.read_text(encoding="utf-8")
        if text.count(change.old) != 1:
            raise ChangeError(f"{change.path} does not have this once ({text.count(change.old)}): {change.old!r}")
        before.setdefault(path, text)
        path.write_text(text.replace(change.old, change.new), encoding="utf-8")
    return before


def run_tests(tree: Path, tests: Sequence[str]) -> tuple[int, str]:
    """Run tests in a tree; return pytest's status and what it said."""
    command = [sys.executable, "-c", _PYTEST, "-q", "-x", "-p", "no:cacheprovider", "--timeout=300", *_CALM, *tests]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(tree)}
    ran = subprocess.run(
        command, cwd=tree, env=environment, capture_output=True, text=True, check=False, timeout=_PATIENCE
    )
    return ran.returncode, ran.stdout + ran.stderr


def judge(tree: Path, mutant: Mutant) -> list[tuple[str, str]]:
    """Return for each of a mutant's tests what became of it."""
    before = apply(tree, mutant.changes)
    try:
        verdicts = []
        for test in mutant.tests:
            status, said = run_tests(tree, [test])
            is_killed = f"FAILED {test}" in said  # a status alone may have another reason
            verdicts.append((test, "killed" if is_killed else "SURVIVED" if not status else f"BROKEN\n{said}"))
        return verdicts
    finally:
        for path, text in before.items():
            path.write_text(text, encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(prog="mutants", description=__doc__)
    parser.add_argument("--only", default="", help="mutants whose name has this in it")
    wanted = [mutant for mutant in MUTANTS if parser.parse_args().only in mutant.name]
    with tempfile.TemporaryDirectory(prefix="moisson-mutants-") as name:
        tree = Path(name)
        copy_tree(tree)
        named = sorted({test for mutant in wanted for test in mutant.tests})
        status, said = run_tests(tree, named)
        if status:
            sys.stdout.write(f"{said}\nThe named tests do not pass on the unchanged tree.\n")
            return 1
        bad = 0
        for mutant in wanted:
            for test, verdict in judge(tree, mutant):
                sys.stdout.write(f"{mutant.name} | {test} | {verdict}\n")
                sys.stdout.flush()
                bad += verdict != "killed"
    sys.stdout.write(f"{len(wanted)} mutants, {bad} not killed by a test that should\n")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
