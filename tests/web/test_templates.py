"""Templates and vendored files: nothing is missing, nothing is left over."""

import hashlib
import re
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import StrictUndefined, UndefinedError

from webapp.config import ROOT

TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
NOT_MIRRORED = {"layout", "components", "errors"}


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
