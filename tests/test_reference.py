"""Settings, commands, targets and API calls: each is in a document, and a document names none that is not there."""

import re
from pathlib import Path

import click
import pytest
from flask import Flask

from tests.documents import DOCUMENTS, name_of, prose, text_of
from tests.servers import ROOT
from tests.stored import Store
from webapp.app import create_app
from webapp.config import load_settings
from webapp.database.transactions import reading
from webapp.sources.registry import MANIFESTS

OUTSIDE = {"CI", "MOISSON_SHARED"}
"""Settings of the tests alone."""
THEIRS = {"run", "shell", "routes", "db", "openapi"}
"""Commands that Flask and its extensions bring."""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return create_app(load_settings(tmp_path_factory.mktemp("documents"), read_dotenv=False))


# --- Settings ---


def read_settings() -> set[str]:
    """The names that the product reads from the environment."""
    code = text_of(ROOT / "webapp" / "config.py") + text_of(ROOT / "gunicorn.conf.py")
    sources = {name for manifest in MANIFESTS.values() for name in manifest.environments}
    return sources | set(re.findall(r"""env(?:iron)?\.\w+\(\s*["']([A-Z_]+)["']""", code))


def listed_settings() -> set[str]:
    return set(re.findall(r"(?m)^#([A-Z_]+)=", text_of(ROOT / ".env.example")))


def test_every_setting_is_listed_in_the_example_and_described() -> None:
    page = text_of(ROOT / "docs" / "settings.md")
    assert len(read_settings()) > 30
    assert sorted(name for name in read_settings() if f"`{name}`" not in page) == [], "describe these in .env.example"


def test_every_listed_setting_is_read() -> None:
    theirs = {"FLOWER_BASIC_AUTH", "FLOWER_READ_ONLY"}  # Flower itself reads them
    assert sorted(listed_settings() - read_settings() - theirs) == [], "take these out of .env.example"


def test_settings_that_documents_name_exist() -> None:
    known = read_settings() | listed_settings() | OUTSIDE
    for path in DOCUMENTS:
        named = set(
            re.findall(
                r"`((?:YAHOO|IB|REDIS|MOISSON|FLOWER|JOB|TASK|CLOCK|MAX|TRUST)\w*_[A-Z_]+)(?:=[^`]*)?`", prose(path)
            )
        )
        assert sorted(named - known) == [], f"{name_of(path)} names settings that nothing reads"


# --- Commands ---


def commands(app: Flask) -> set[str]:
    paths: set[str] = set()
    for name, command in app.cli.commands.items():
        if name in THEIRS:
            continue
        inner = command.commands if isinstance(command, click.Group) else None
        paths |= {f"{name} {sub}" for sub in inner} if inner else {name}
    return paths


def test_every_command_is_in_the_list_of_commands(app: Flask) -> None:
    page = text_of(ROOT / "docs" / "commands.md")
    lacking = sorted(command for command in commands(app) if f"`flask --app wsgi {command}`" not in page)
    assert lacking == [], "give each a row in docs/commands.md"


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_commands_that_a_document_names_exist(app: Flask, document: Path) -> None:
    known = commands(app) | {command.partition(" ")[0] for command in commands(app)}
    for first, second in re.findall(r"flask --app wsgi ([a-z][\w-]*)(?: ([a-z][\w-]*))?", prose(document)):
        is_group = any(command.startswith(f"{first} ") for command in known)
        named = f"{first} {second}" if is_group and second else first
        assert first in THEIRS or named in known, f"{name_of(document)} names a command that is not there: {named}"


def targets() -> set[str]:
    return set(re.findall(r"(?m)^([a-z-]+):.*## ", text_of(ROOT / "Makefile")))


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_make_targets_that_a_document_names_exist(document: Path) -> None:
    named = set(re.findall(r"(?m)(?:`|^)make ([a-z][\w-]*)", prose(document)))
    assert sorted(named - targets()) == [], f"{name_of(document)} names targets that the Makefile lacks"


def test_queries_that_a_document_shows_can_be_asked(store: Store) -> None:
    """The tables are those of the migrations; ``store`` has them and nothing in them."""
    queries = re.findall(r'(?:sqlite3 \S+|psql \S+ -c) "([^"]+)"', "".join(prose(path) for path in DOCUMENTS))
    assert len(queries) > 2
    with reading() as connection:
        assert [connection.exec_driver_sql(query).fetchall() for query in queries] == [[]] * len(queries)


# --- API ---


def api_calls(app: Flask) -> set[str]:
    calls: set[str] = set()
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<[^>]*?(\w+)>", r"<\1>", str(rule))
        if path.startswith("/api/") or path in {"/metrics", "/healthz", "/readyz"}:
            calls |= {f"{method} {path}" for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}}
    return calls


def test_the_list_of_calls_is_that_of_the_application(app: Flask) -> None:
    listed = set(re.findall(r"`((?:GET|POST|PUT|PATCH|DELETE) [^`]+)`", text_of(ROOT / "docs" / "http.md")))
    assert sorted(api_calls(app) - listed) == [], "give each a row in docs/http.md"
    assert sorted(listed - api_calls(app)) == [], "docs/http.md lists calls that are not there"


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_api_paths_that_a_document_names_exist(app: Flask, document: Path) -> None:
    known = {call.partition(" ")[2] for call in api_calls(app)}
    for path in re.findall(r"/api/v1/[\w./<>-]*[\w>]", prose(document)):
        assert path in known, f"{name_of(document)} names {path}, which the application does not have"
