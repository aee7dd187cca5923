"""Catalogues of French: the product's, and that of each source that brings one; none lacks a sentence or keeps one."""

import io
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from tests.servers import ROOT

SOURCES = sorted(folder.parent for folder in (ROOT / "webapp" / "sources").glob("*/translations"))
"""Folders of sources that bring their sentences' French themselves, the template among them."""
PLACES = re.compile(r"%\(\w+\)[a-z]|\{\w+\}")
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "sentence": None}
OWNERS = pytest.mark.parametrize("owner", [ROOT / "webapp", *SOURCES], ids=lambda path: path.name)
"""The folders in which ``translations`` stands."""
REMEDY = "run make translations (SOURCE=… for that of a source), then complete the French in {}"


def catalogue_of(owner: Path) -> Path:
    return owner / "translations" / "fr" / "LC_MESSAGES" / "messages.po"


def french_of(owner: Path) -> Catalog:
    with catalogue_of(owner).open("rb") as file:
        return read_po(file)


@cache
def extract(owner: Path) -> set[str]:
    """Return every sentence that is marked for translation, and is to stand in this catalogue."""
    if owner in SOURCES:
        return set(_extract(owner, [("**.py", "python")]))
    others = [(f"sources/{folder.name}/**", "ignore") for folder in SOURCES]
    return {
        *_extract(ROOT / "webapp", [*others, ("**.py", "python")]),
        *_extract(ROOT / "templates", [("**.html", "jinja2")]),
    }


def _extract(top: Path, methods: list[tuple[str, str]]) -> Iterator[str]:
    for row in extract_from_dir(top, methods, {"**.html": {"trimmed": "true"}}, KEYWORDS):
        yield row[2][0] if isinstance(row[2], tuple) else row[2]


def strings_of(message: Message) -> tuple[str, ...]:
    string = message.string
    return tuple(string) if isinstance(string, list | tuple) else (string or "",)


@OWNERS
def test_french_lacks_no_sentence_and_keeps_none_that_is_gone(owner: Path) -> None:
    there = {message.id[0] if isinstance(message.id, tuple) else message.id for message in french_of(owner)} - {""}
    remedy = REMEDY.format(catalogue_of(owner).relative_to(ROOT))
    assert extract(owner) - there == set(), remedy
    assert there - extract(owner) == set(), remedy


@OWNERS
def test_every_french_sentence_is_whole(owner: Path) -> None:
    for message in french_of(owner):
        if not message.id:
            continue
        assert not message.fuzzy, message.id
        original = message.id[-1] if isinstance(message.id, tuple) else message.id
        for text in strings_of(message):
            assert text, message.id
            assert set(PLACES.findall(text)) == set(PLACES.findall(str(original))), message.id


@OWNERS
def test_french_typography_keeps_signs_with_their_words(owner: Path) -> None:
    for message in french_of(owner):
        for text in strings_of(message) if message.id else ():
            assert not re.search(r" [:;!?»]|« ", text), text
            assert "'" not in text, text


@OWNERS
def test_the_compiled_catalogue_is_that_of_the_text(owner: Path) -> None:
    made = io.BytesIO()
    write_mo(made, french_of(owner))
    compiled = catalogue_of(owner).with_suffix(".mo")
    assert made.getvalue() == compiled.read_bytes(), "run make translations (SOURCE=… for that of a source)"


def test_a_source_s_sentences_stand_in_its_own_catalogue_alone() -> None:
    template = ROOT / "webapp" / "sources" / "_template"
    assert extract(template)
    assert extract(template) & extract(ROOT / "webapp") == set()
