"""What mutants quote of the product, and what the page on reliability names, is there."""

import pytest

from tests.faults.mutant import Mutant
from tests.faults.mutants import MUTANTS
from tests.faults.report import named_but_gone
from tests.servers import ROOT


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_what_a_mutant_changes_stands_once_in_its_file(mutant: Mutant) -> None:
    for change in mutant.changes:
        assert (ROOT / change.path).read_text(encoding="utf-8").count(change.old) == 1, change.path


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_the_tests_that_must_notice_a_mutant_are_there(mutant: Mutant) -> None:
    for test in mutant.tests:
        file, *names = test.partition("[")[0].split("::")
        source = (ROOT / file).read_text(encoding="utf-8")
        for name in names:
            assert f"def {name}(" in source or f"{name} = " in source or name == "runTest", test


def test_the_page_on_reliability_names_tests_that_are_there() -> None:
    assert named_but_gone((ROOT / "docs" / "RELIABILITY.md").read_text(encoding="utf-8")) == []
