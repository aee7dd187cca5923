"""Files, definitions and sections that the documents name are there; failures say what to correct."""

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from tests import pages
from tests.documents import DOCUMENTS, MODULES, everything, name_of, prose, text_of
from tests.servers import ROOT

FOLDERS = ("webapp/", "tests/", "templates/", "static/", "docs/", "deploy/")


# --- Parts that are made of the code ---


@pytest.mark.parametrize("name", pages.PARTS)
def test_a_part_that_is_made_of_the_code_is_up_to_date(name: str) -> None:
    page, make = pages.PARTS[name]
    assert pages.read_part(name) == make(), f"{page} is old: run python -m tests.pages"


# --- Files, definitions, sections ---


def named_places(path: Path) -> Iterator[tuple[str, str]]:
    """Each ``path`` or ``path::name`` that a document names in code quotes; pages on figures shorten those of tests."""
    for quoted in re.findall(r"`([^`\s]+)`", prose(path)):
        place, _, name = quoted.partition("::")
        if re.fullmatch(r"[\w.-]+/[\w./-]*\w|[\w-]+\.(?:md|py|toml|txt|yaml|ipynb)", place) and not place.startswith(
            "var/"
        ):
            yield place, name


@cache
def definitions(path: Path) -> frozenset[str]:
    """The names that a module defines; those of its classes also as ``Class.name``."""
    names: set[str] = set()

    def add(body: list[ast.stmt], prefix: str) -> None:
        for node in body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                names.update((prefix + node.name, node.name))
            if isinstance(node, ast.ClassDef):
                add(node.body, f"{node.name}.")
            if isinstance(node, ast.Assign | ast.AnnAssign):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                names.update(prefix + target.id for target in targets if isinstance(target, ast.Name))

    add(ast.parse(text_of(path)).body, "")
    return frozenset(names)


def is_there(place: str, name: str, document: Path) -> bool:
    """Whether a place exists, from the top, from ``tests/`` or beside the document; a mere file name, anywhere."""
    bases = (ROOT, ROOT / "tests", document.parent)
    files = [base / place for base in bases if (base / place).exists()]
    if not files and "/" not in place and not name:
        return any(path.name == place for path in MODULES)
    if not files or not name:
        return bool(files)
    return name in definitions(files[0]) if files[0].suffix == ".py" else name in text_of(files[0])


def whereabouts(name: str) -> str:
    """Where a definition of this name stands now, for the reader of a failure."""
    last = name.rpartition(".")[2]
    return (
        ", ".join(name_of(path) for path in MODULES if name in definitions(path) or last in definitions(path))
        or "nowhere"
    )


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_files_and_definitions_that_a_document_names_are_there(document: Path) -> None:
    gone = [
        f"{place}::{name} (a “{name}” stands in: {whereabouts(name)})" if name else place
        for place, name in named_places(document)
        if place.startswith(FOLDERS) or "/" not in place or name
        if not is_there(place, name, document)
    ]
    assert gone == [], f"correct the lines of {name_of(document)} that name these"


def anchors(path: Path) -> set[str]:
    """The anchors that a forge gives to the headings of a page."""
    heads = re.findall(r"(?m)^#+ (.+)$", text_of(path))
    return {re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_links_of_a_document_lead_somewhere(document: Path) -> None:
    for link in re.findall(r"\]\((?!http)([^)\s]+)\)", prose(document)):
        place, _, anchor = link.partition("#")
        target = (document.parent / place).resolve() if place else document
        assert target.exists(), f"{name_of(document)} links to {link}, which is not there"
        assert not anchor or anchor in anchors(target), (
            f"{name_of(document)}: {target.name} has no heading for #{anchor}"
        )


def test_sections_that_the_code_cites_are_there() -> None:
    for path in [*MODULES, *sorted((ROOT / "tests").rglob("*.py"))]:
        for page, anchor in re.findall(r"docs/([\w/-]+\.md)#([\w-]+)", text_of(path)):
            target = ROOT / "docs" / page
            assert target.exists(), f"{name_of(path)} cites docs/{page}, which is not there"
            assert anchor in anchors(target), (
                f"{name_of(path)} cites docs/{page}#{anchor}; cite a heading that is there"
            )


def test_the_code_cites_no_page_that_the_repository_lacks() -> None:
    lacking = re.compile("DESIGN" + r"[ .]")
    citing = [name_of(path) for path in [*MODULES, *DOCUMENTS, ROOT / "Makefile"] if lacking.search(text_of(path))]
    assert citing == [], "cite docs/data.md#… or docs/jobs.md#… instead"


def test_every_page_can_be_reached() -> None:
    named = everything() + "".join(text_of(path) for path in [*MODULES, ROOT / "CHANGELOG.md"])
    lonely = [name_of(path) for path in DOCUMENTS if path.parent != ROOT and path.name not in named]
    assert lonely == [], "name these pages in CONTRIBUTING.md or README.md, or cite them in the code"


# --- Recipes ---


def hunks(text: str) -> Iterator[tuple[str, str, bool]]:
    """Each hunk of a document's diffs: the file, the lines that must stand in it, and whether the file is new."""
    for diff in re.findall(r"(?ms)^```diff\n(.*?)^```$", text):
        head, *parts = re.split(r"(?m)^@@\n", diff)
        file = re.search(r"(?m)^\+\+\+ b/(.+)$", head)
        assert file, f"a diff without +++: {diff[:80]}"
        for part in parts:
            stays = [line[1:] for line in part.splitlines() if not line.startswith("+")]
            yield file[1], "\n".join(stays), "/dev/null" in head


@pytest.mark.parametrize("document", sorted((ROOT / "docs" / "howto").glob("*.md")), ids=name_of)
def test_diffs_of_recipes_fit_the_files_as_they_are(document: Path) -> None:
    for file, stays, is_new in hunks(text_of(document)):
        assert (ROOT / file).exists() != is_new, f"{name_of(document)}: is {file} new, or not?"
        fits = is_new or stays in text_of(ROOT / file)
        assert fits, f"{name_of(document)}: correct the lines of the diff that do not stand in {file}:\n{stays}"


# --- Floors, words ---


def floors() -> list[str]:
    contracts = tomllib.loads(text_of(ROOT / "pyproject.toml"))["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    return [room for layer in layers for room in layer.split(" | ")]


def test_the_floor_plan_is_that_of_the_import_contract() -> None:
    part = text_of(ROOT / "docs" / "architecture.md").partition("<!-- floors")[2].partition("\n## ")[0]
    rows = re.findall(r"(?m)^\| `(\w+)` \|", part)
    assert rows == floors(), (
        "docs/architecture.md lists the rooms in the order of [tool.importlinter] in pyproject.toml"
    )


def words() -> list[tuple[str, str]]:
    rows = re.findall(r"(?m)^\| `\w+` \| ([^|]*) \| ([^|]*) \|", text_of(ROOT / "docs" / "glossary.md"))
    return [(english.strip(), french.strip()) for english, french in rows if english.strip()]


def test_words_of_the_glossary_are_those_of_the_pages() -> None:
    with (ROOT / "webapp/translations/fr/LC_MESSAGES/messages.po").open("rb") as file:
        catalog = read_po(file)
    for english, french in words():
        said = [message for message in catalog if re.search(rf"\b{english}", str(message.id), re.IGNORECASE)]
        assert said, f"no sentence says “{english}”; docs/glossary.md shows the words that readers see"
        translated = any(french.lower() in str(message.string).lower() for message in said)
        assert not french or translated, f"“{english}” is never “{french}” in French; correct docs/glossary.md"
