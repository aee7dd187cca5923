"""What a person is told of a package's source that cannot be used."""

from importlib.metadata import EntryPoint

import pytest

from tests.cli.conftest import Terminal
from webapp.sources.installed import GROUP, load_installed
from webapp.sources.registry import LEFT_OUT, MANIFESTS
from webapp.upkeep import doctor


def test_the_doctor_says_in_the_reader_s_language_what_is_left_out(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert LEFT_OUT == ()
    _, problems = load_installed(MANIFESTS, [EntryPoint("mine", "nothing_of_that_name:MANIFEST", GROUP)])
    monkeypatch.setattr(doctor, "LEFT_OUT", problems)
    result = terminal.type("doctor", env={"LANG": "fr_FR.UTF-8"})
    assert "✗ Le paquet de source nothing_of_that_name est écarté\u00a0: il ne peut pas être chargé" in result.output
    assert result.exit_code != 0
