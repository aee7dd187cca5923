"""House rules of the scripts in static/: modules, small, without globals; the tools that check them are pinned.

What they do is tested in ``tests/js`` (what is pure, by Node) and in ``tests/browser``.
"""

import json
import re
from pathlib import Path

from tests.servers import ROOT

STATIC = ROOT / "static"
MODULES = sorted(path for path in STATIC.rglob("*.js") if "vendor" not in path.relative_to(STATIC).parts)
OURS = [*MODULES, *sorted(STATIC.rglob("*.d.ts")), *sorted((ROOT / "tests" / "js").glob("*.mjs"))]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
OF_THE_BROWSER = {"addEventListener", "setTimeout"}
VENDORED = {"LightweightCharts", "Idiomorph", "htmx"}
PACKAGES = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def imports_of(path: Path) -> list[str]:
    return re.findall(r"""^(?:import|export)\b[^;]*?["']([^"']+)["'];$""", text_of(path), re.MULTILINE)


def test_a_script_has_at_most_300_lines_and_says_what_it_is() -> None:
    assert len(MODULES) > 20
    assert [path.name for path in OURS if len(text_of(path).splitlines()) > 300] == []
    assert [path.name for path in MODULES if not text_of(path).startswith("// ")] == []


def test_scripts_of_ours_are_modules_and_vendored_ones_are_not() -> None:
    tags = [tag for path in TEMPLATES for tag in re.findall(r"<script\b[^>]*>", text_of(path))]
    assert len(tags) > 8
    for tag in tags:
        is_ours = re.fullmatch(r"""<script type="module" src="\{\{ script\('([a-z]+\.js)'\) \}\}">""", tag)
        assert is_ours or ("filename='vendor/" in tag and " defer" in tag), tag
        assert not is_ours or (STATIC / is_ours[1]).exists(), tag


def test_a_module_imports_by_relative_paths_what_is_there() -> None:
    """A bare name would want a bundler or an import map; an absolute path would lack the version."""
    imported = [(path, name) for path in MODULES for name in imports_of(path)]
    assert len(imported) > 40
    for path, name in imported:
        assert name.startswith(("./", "../")), f"{path.name}: {name}"
        assert (path.parent / name).is_file(), f"{path.name}: {name}"


def test_scripts_share_nothing_on_window() -> None:
    """Of ``window`` they use the browser's own and what vendored libraries put there; they put nothing there."""
    for path in MODULES:
        used = set(re.findall(r"\b(?:window|globalThis|self)\.(\w+)", text_of(path)))
        assert used <= OF_THE_BROWSER | VENDORED, path.name
        assert not re.search(r"\b(window|globalThis|self)\.\w+\s*=[^=]", text_of(path)), path.name


def test_what_decides_for_a_chart_knows_no_page() -> None:
    """The modules that tests of Node run neither read nor change a document."""
    pure = ["answers", "axis", "candles", "gaps", "intervals", "marks", "periods", "queries", "sections", "state"]
    pure += ["summary", "windows", "words"]
    for name in pure:
        path = STATIC / "chart" / f"{name}.js"
        code = re.sub(r"/\*.*?\*/|//[^\n]*", "", text_of(path), flags=re.DOTALL)
        assert "export const" in code, name
        assert not re.search(r"\b(document|window|location|fetch|localStorage|setTimeout)\b[.(]", code), name
        assert {Path(module).stem for module in imports_of(path)} <= set(pure), name


def test_the_tools_are_pinned_and_their_lock_names_no_host() -> None:
    assert "dependencies" not in PACKAGES, "the product needs no Node"
    pinned = PACKAGES["devDependencies"]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in pinned.values())
    locked = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert locked[""]["devDependencies"] == pinned
    for name, package in locked.items():
        assert "resolved" not in package, name
        assert not name or re.match(r"sha512-", package["integrity"]), name


def test_types_are_those_of_the_vendored_chart() -> None:
    assert (STATIC / "vendor" / f"lightweight-charts-{PACKAGES['devDependencies']['lightweight-charts']}").is_dir()
