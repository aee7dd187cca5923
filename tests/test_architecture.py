"""House rules that no linter knows."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import ROOT
from webapp.app import create_app
from webapp.config import load_settings
from webapp.queue import TaskName

MODULES = sorted(path for path in (ROOT / "webapp").rglob("*.py") if "versions" not in path.parts)
CLIENT = sorted((ROOT / "client" / "moisson_client").glob("*.py"))
OURS = [*MODULES, *CLIENT, *sorted((ROOT / "tests").rglob("*.py")), *(ROOT / name for name in ("wsgi.py", "worker.py"))]
STARTS_SOMETHING = {"wsgi.py", "worker.py", "gunicorn.conf.py", "env.py"}
"""Files that a server or a tool loads in order to have something done."""
ALLOWED_CALLS = {"celery.set_default()"}  # so that shared tasks are found by every thread (webapp/extensions.py)
REQUIREMENTS = ("requirements.txt", "requirements-dev.txt", "requirements-ib-async.txt")


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def syntax(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def our_text_files() -> Iterator[Path]:
    """Every file of the project that is text; in a checkout what git knows or would take, else what lies there."""
    command = ["git", "ls-files", "-co", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    found = [ROOT / line for line in listed.stdout.splitlines()] if listed.returncode == 0 else OURS
    for path in found:
        if path.is_file() and path.suffix not in {".gz", ".png", ".ico", ".woff2", ".mo", ".parquet", ".sqlite"}:
            yield path


def test_a_file_has_at_most_300_lines() -> None:
    assert [name_of(path) for path in OURS if len(path.read_text(encoding="utf-8").splitlines()) > 300] == []


def test_a_module_says_what_it_is() -> None:
    assert [name_of(path) for path in [*MODULES, *CLIENT] if not ast.get_docstring(syntax(path))] == []


def test_importing_a_module_does_nothing() -> None:
    """At the top level nothing but definitions stands; a call there may only make a value for a name."""
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    definitions = (ast.Import, ast.ImportFrom, *functions, ast.ClassDef, ast.Assign, ast.AnnAssign, ast.AugAssign)
    acting = [
        f"{name_of(path)}:{statement.lineno}"
        for path in [*MODULES, *CLIENT]
        if path.name not in STARTS_SOMETHING
        for statement in syntax(path).body
        if not isinstance(statement, definitions)
        if not (is_text(statement) or is_choice(statement) or registers(statement))
    ]
    assert acting == []


def is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def registers(statement: ast.stmt) -> bool:
    """Tell whether a command or a task is put where it is looked for; nothing is opened or asked by that."""
    if ast.unparse(statement) in ALLOWED_CALLS:
        return True
    return isinstance(statement, ast.For) and all(".add_command(" in ast.unparse(each) for each in statement.body)


def is_choice(statement: ast.stmt) -> bool:
    """Tell whether it is what is done when a module is run, or what depends on the operating system.

    So is what checkers of types alone import: a package that need not be installed.
    """
    conditions = ("__name__", "sys.platform", "TYPE_CHECKING")
    return isinstance(statement, ast.If) and ast.unparse(statement.test).startswith(conditions)


def test_imports_stand_at_the_top() -> None:
    inner = [
        f"{name_of(path)}:{node.lineno}"
        for path in OURS
        for function in ast.walk(syntax(path))
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert inner == []


def test_only_queries_speak_sql() -> None:
    """SQL stands in files that say so; there only names of ours are put into a statement."""
    speaking = [
        f"{name_of(path)}:{call.lineno}"
        for path in MODULES
        if not may_speak_sql(path)
        for call in ast.walk(syntax(path))
        if isinstance(call, ast.Call) and speaks_sql(call)
    ]
    assert speaking == []


def may_speak_sql(path: Path) -> bool:
    return path.name == "tables.py" or path.stem.startswith("queries") or path.parent == ROOT / "webapp" / "database"


def test_only_queries_know_sqlalchemy_s_statements() -> None:
    statements = {"select", "insert", "update", "delete", "text", "func", "case", "literal_column", "bindparam"}
    knowing = [
        name_of(path)
        for path in MODULES
        if not may_speak_sql(path)
        for node in ast.walk(syntax(path))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sqlalchemy")
        if statements & {alias.name for alias in node.names}
    ]
    assert knowing == []


def speaks_sql(call: ast.Call) -> bool:
    called = ast.unparse(call.func)
    is_composed = any(isinstance(part, ast.JoinedStr | ast.BinOp) for part in call.args)
    is_raw = called in {"text", "sqlalchemy.text", "sa.text"} or called.endswith("exec_driver_sql")
    return is_raw or (called.endswith(".execute") and is_composed)


def test_only_one_module_changes_bars() -> None:
    """Its functions mark the candles that they make stale; a statement anywhere else could forget it."""
    changing = re.compile(r"(INSERT INTO|UPDATE|DELETE FROM)\s+bar\b|\b(insert|update|delete)\(Bar\)", re.IGNORECASE)
    assert [name_of(path) for path in MODULES if changing.search(path.read_text(encoding="utf-8"))] == [
        "webapp/series/queries_bars.py"
    ]


def test_every_task_that_may_be_enqueued_is_registered(tmp_path: Path) -> None:
    celery = create_app(load_settings(tmp_path, read_dotenv=False)).extensions["celery"]
    assert {name.value for name in TaskName} <= set(celery.tasks)


def test_nothing_can_place_an_order() -> None:
    """Moisson reads the market; no order call of a broker's library is named anywhere."""
    forbidden = re.compile(r"(place|cancel|modify|what_?if)_?order|\b(Market|Limit|Stop|Bracket)Order\b", re.IGNORECASE)
    assert [name_of(path) for path in MODULES if forbidden.search(path.read_text(encoding="utf-8"))] == []


def test_no_path_of_a_developers_machine_is_written_down() -> None:
    machine = re.compile(r"(?<![\w.])/(?:work|root|farm|home/\w+)/\w")  # this line: no path
    found = [
        f"{name_of(path)}:{number}: {line.strip()[:100]}"
        for path in our_text_files()
        if path.stat().st_size < 400_000
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if machine.search(line) and "this line: no path" not in line
    ]
    assert not found


@pytest.mark.parametrize("name", REQUIREMENTS)
def test_requirements_are_pinned_and_name_no_host(name: str) -> None:
    for line in (ROOT / name).read_text().splitlines():
        assert re.fullmatch(r"[a-z0-9._-]+(\[[a-z,]+\])?==[^\s;]+( ; .+)?", line), f"{name}: {line}"


def test_the_tests_requirements_agree_with_the_products() -> None:
    product, tests = (set((ROOT / name).read_text().splitlines()) for name in REQUIREMENTS[:2])
    assert product <= tests


def test_only_flask_htmx_reads_htmx_s_headers() -> None:
    """``webapp/web/htmx.py`` asks the extension; elsewhere a header is named only to say that answers differ by it."""
    naming = [
        f"{name_of(path)}:{number}: {line.strip()}"
        for path in [*MODULES, *sorted((ROOT / "templates").rglob("*.html"))]
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(r"[\"'`]HX-", line) and "vary.update" not in line
    ]
    assert naming == []


def test_the_client_knows_nothing_of_the_server() -> None:
    """It is installed alone, on other machines."""
    naming = [
        f"{name_of(path)}: {name}"
        for path in CLIENT
        for node in ast.walk(syntax(path))
        for name in imported(node)
        if name.partition(".")[0] in {"webapp", "tests"}
    ]
    assert naming == []


def imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.ImportFrom):
        return [node.module or ""]
    return [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
