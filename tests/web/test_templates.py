"""Templates, catalogues and vendored files: nothing is missing, nothing is left over."""

import hashlib
import io
import re
from pathlib import Path

import pytest
from babel.messages import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask
from jinja2 import StrictUndefined, UndefinedError

from webapp.config import ROOT

TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
FRENCH = ROOT / "webapp" / "translations" / "fr" / "LC_MESSAGES"
PLACES = re.compile(r"%\(\w+\)[a-z]|\{\w+\}")
NOT_MIRRORED = {"layout", "components", "errors"}


@pytest.fixture(scope="module")
def french() -> Catalog:
    with (FRENCH / "messages.po").open("rb") as file:
        return read_po(file)


def extracted() -> set[str]:
    """Return every sentence that code and templates mark for translation."""
    methods = [("webapp/**.py", "python"), ("templates/**.html", "jinja2")]
    keywords = {"_": None, "gettext": None, "ngettext": (1, 2), "sentence": None}
    options = {"templates/**.html": {"trimmed": "true"}}
    found = set()
    for top in ("webapp", "templates"):
        rows = extract_from_dir(
            ROOT / top,
            [(p.split("/", 1)[1], m) for p, m in methods if p.startswith(top)],
            {"**.html": options["templates/**.html"]},
            keywords,
        )
        found |= {row[2][0] if isinstance(row[2], tuple) else row[2] for row in rows}
    return found


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_parses_is_used_and_says_what_it_needs(app: Flask, path: Path) -> None:
    name = path.relative_to(ROOT / "templates").as_posix()
    app.jinja_env.get_template(name)
    text = path.read_text(encoding="utf-8")
    assert text.startswith("{# "), "a template opens with a comment on what it needs"
    assert "|safe" not in text
    assert "style=" not in text
    assert not re.search(r"\son\w+=|hx-on|hx-vars|js:", text)
    users = [*TEMPLATES, *(ROOT / "webapp" / "web").rglob("*.py")]
    assert any(f'"{name}"' in user.read_text(encoding="utf-8") for user in users if user != path)


def test_a_folder_of_templates_belongs_to_a_blueprint(app: Flask) -> None:
    folders = {path.parent.name for path in TEMPLATES}
    assert folders <= set(app.blueprints) | NOT_MIRRORED


def test_a_misspelt_name_is_an_error(app: Flask) -> None:
    assert app.jinja_env.undefined is StrictUndefined
    with pytest.raises(UndefinedError):
        app.jinja_env.from_string("{{ nobody }}").render()


def test_vendored_files_are_the_ones_we_chose() -> None:
    vendor = ROOT / "static" / "vendor"
    listed = dict(line.split("  ")[::-1] for line in (vendor / "SHA256SUMS").read_text().splitlines())
    there = {path.relative_to(vendor).as_posix() for path in vendor.rglob("*") if path.is_file()} - {"SHA256SUMS"}
    assert set(listed) == there
    for name, digest in listed.items():
        assert hashlib.sha256((vendor / name).read_bytes()).hexdigest() == digest
    notices = (ROOT / "THIRD_PARTY_NOTICES.md").read_text(encoding="utf-8")
    for folder in {name.split("/")[0] for name in there}:
        name, _, version = folder.rpartition("-")
        assert name in notices.lower()
        assert version in notices


def _strings(message: Message) -> tuple[str, ...]:
    string = message.string
    return tuple(string) if isinstance(string, list | tuple) else (string or "",)


def test_french_lacks_no_sentence_and_keeps_none_that_is_gone(french: Catalog) -> None:
    there = {message.id[0] if isinstance(message.id, tuple) else message.id for message in french if message.id}
    assert extracted() - there == set()
    assert there - extracted() == set()


def test_every_french_sentence_is_whole(french: Catalog) -> None:
    for message in french:
        if not message.id:
            continue
        assert not message.fuzzy, message.id
        original = message.id[-1] if isinstance(message.id, tuple) else message.id
        for text in _strings(message):
            assert text, message.id
            assert set(PLACES.findall(text)) == set(PLACES.findall(str(original))), message.id


def test_french_typography_keeps_signs_with_their_words(french: Catalog) -> None:
    for message in french:
        for text in _strings(message) if message.id else ():
            assert not re.search(r" [:;!?»]|« ", text), text
            assert "'" not in text, text


def test_the_compiled_catalogue_is_that_of_the_text(french: Catalog) -> None:
    made = io.BytesIO()
    write_mo(made, french)
    assert made.getvalue() == (FRENCH / "messages.mo").read_bytes(), "run: make translations"
