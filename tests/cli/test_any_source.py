"""A series is found without its source being said: what a person imported, too; and sentences say where a symbol is."""

import pytest

from tests.cli.conftest import Terminal, stored_series
from webapp.errors import InvalidRequestError, NotFoundError
from webapp.job_manager import JobManager
from webapp.kernel.intervals import Interval


def bar_count(terminal: Terminal, *words: str) -> int:
    answer = terminal.type("export", *words)
    assert answer.exit_code == 0, answer.stderr
    return len(answer.stdout.splitlines()) - 1


def test_an_import_is_exported_without_the_word_for_its_source(terminal: Terminal) -> None:
    stored_series(terminal, "MINE", source="own", bars=3)
    assert bar_count(terminal, "MINE") == 3
    assert bar_count(terminal, "mine", "--interval", "1wk") == 1, "merged from what is stored"
    assert bar_count(terminal, "MINE", "--source", "own") == 3
    assert terminal.type("series", "coverage", "MINE", "--json").exit_code == 0
    with terminal.app.app_context():
        assert len(JobManager.bars("MINE")) == 3


def test_a_source_that_has_nothing_of_a_symbol_hides_no_other(terminal: Terminal) -> None:
    stored_series(terminal, "BTC-USD", source="own", bars=4)
    stored_series(terminal, "BTC-USD", source="yahoo", bars=0)
    assert bar_count(terminal, "BTC-USD") == 4


def test_of_several_sources_the_usual_one_counts(terminal: Terminal) -> None:
    stored_series(terminal, "AAPL", source="own", bars=3)
    stored_series(terminal, "AAPL", source="yahoo", bars=5)
    assert bar_count(terminal, "AAPL") == 5
    assert bar_count(terminal, "AAPL", "--source", "own") == 3
    stored_series(terminal, "AAPL", Interval.W1, source="own", bars=4)
    assert bar_count(terminal, "AAPL", "--interval", "1wk") == 2, "the usual source's days make its weeks"


def test_a_sentence_lists_every_source_that_has_the_symbol(terminal: Terminal) -> None:
    stored_series(terminal, "MINE", source="own")
    stored_series(terminal, "MINE", Interval.H1, source="own")
    answer = terminal.type("export", "MINE", "--source", "yahoo")
    assert (answer.exit_code, answer.stderr.strip()) == (
        3,
        "There are no 1d bars of MINE from yahoo. What is stored of it: 1h (own), 1d (own).",
    )
    stored_series(terminal, "MINE", Interval.W1, source="yahoo")
    answer = terminal.type("export", "MINE", "--interval", "5m")
    assert answer.stderr.strip().endswith("What is stored of it: 1h (own), 1d (own), 1wk (yahoo).")
    with terminal.app.app_context(), pytest.raises(NotFoundError, match="1h \\(own\\)"):
        JobManager.coverage("MINE", interval="5m")


def test_an_option_still_belongs_to_a_source(terminal: Terminal) -> None:
    stored_series(terminal, "MINE", source="own")
    answer = terminal.type("export", "MINE", "--prepost")
    assert (answer.exit_code, "from yahoo" in answer.stderr) == (3, True)
    with terminal.app.app_context(), pytest.raises(InvalidRequestError, match="is not an option of"):
        JobManager.bars("MINE", source="own", prepost=True)
