"""Sources of installed packages: taken as they are, or left out with a sentence; none takes the product down."""

import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from tests.sources.example.manifest import MANIFEST as EXAMPLE
from webapp.sources.installed import GROUP, load_installed
from webapp.sources.registry import MANIFESTS

BASE = """
import dataclasses
from tests.sources.example.manifest import MANIFEST as EXAMPLE
from webapp.kernel.request_fields import FieldKind, RequestField
from webapp.sources.manifest import Option
def named(name):
    return dataclasses.replace(EXAMPLE, offer=dataclasses.replace(EXAMPLE.offer, name=name))
def with_option(*field):
    return dataclasses.replace(EXAMPLE, options=(Option(RequestField(*field)),))
"""
WRONG = {
    "raise RuntimeError('broken')": "cannot be loaded (RuntimeError: broken)",
    "import nothing_of_that_name": "cannot be loaded (ModuleNotFoundError: No module named 'nothing_of_that_name')",
    "OTHER = 1": "cannot be loaded (AttributeError",
    "raise SystemExit('no')": "cannot be loaded (SystemExit: no)",
    "MANIFEST = 1": "mine.manifest:MANIFEST is no manifest of a source",
    "MANIFEST = named('yahoo')": "there is a source “yahoo” already",
    "MANIFEST = named('Not a name')": "“Not a name” cannot be a source's name",
    "MANIFEST = named('a' * 17)": "cannot be a source's name",
    "MANIFEST = named(None)": "cannot be loaded (TypeError",
    "MANIFEST = with_option('wait')": "its option “wait” has a name that means something else already",
    "MANIFEST = with_option('prepost')": "its option “prepost” has a name that means something else already",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package ``mine`` with a client, whose manifest a test writes."""
    package = tmp_path / "mine"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "client.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    yield package
    for name in [name for name in sys.modules if name.partition(".")[0] in {"mine", "alone"}]:
        del sys.modules[name]


def point(value: str, name: str = "mine") -> EntryPoint:
    return EntryPoint(name, value, GROUP)


def test_a_package_s_source_stands_beside_ours_with_the_client_beside_its_manifest() -> None:
    loaded, problems = load_installed(MANIFESTS, [point("tests.sources.example.manifest:MANIFEST")])
    assert problems == ()
    assert loaded["example"].manifest is EXAMPLE
    assert loaded["example"].package == "tests.sources.example"


def test_a_manifest_may_stand_in_the_package_itself(folder: Path) -> None:
    (folder / "__init__.py").write_text(f"{BASE}\nMANIFEST = EXAMPLE", encoding="ascii")
    loaded, _ = load_installed(MANIFESTS, [point("mine:MANIFEST")])
    assert loaded["example"].package == "mine"


@pytest.mark.parametrize("code", WRONG)
def test_what_cannot_be_used_is_left_out_with_a_sentence_and_the_others_stay(folder: Path, code: str) -> None:
    (folder / "manifest.py").write_text(f"{BASE}\n{code}\n", encoding="ascii")
    good = point("tests.sources.example.manifest:MANIFEST", name="z")
    loaded, [problem] = load_installed(MANIFESTS, [point("mine.manifest:MANIFEST"), good])
    assert list(loaded) == ["example"]
    assert str(problem).startswith("The source package mine.manifest is left out: ")
    assert WRONG[code] in str(problem)


def test_of_two_packages_with_one_name_the_first_stays() -> None:
    twice = [point("tests.sources.example.manifest:MANIFEST", name) for name in "ab"]
    loaded, [problem] = load_installed(MANIFESTS, twice)
    assert list(loaded) == ["example"]
    assert "there is a source “example” already" in str(problem)


def test_a_source_without_a_client_is_left_out(folder: Path) -> None:
    (folder / "client.py").unlink()
    (folder / "manifest.py").write_text(f"{BASE}\nMANIFEST = EXAMPLE", encoding="ascii")
    (folder.parent / "alone.py").write_text(f"{BASE}\nMANIFEST = EXAMPLE", encoding="ascii")
    for module in ("mine.manifest", "alone"):
        loaded, [problem] = load_installed(MANIFESTS, [point(f"{module}:MANIFEST")])
        assert loaded == {}
        assert f"there is no module “client” beside {module}" in str(problem)
