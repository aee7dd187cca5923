"""The documents, as tests read them."""

import re
from pathlib import Path

from tests.servers import ROOT
from webapp.sources.registry import FOLDERS

DOCUMENTS = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]
MODULES = sorted(path for path in (ROOT / "webapp").rglob("*.py") if "versions" not in path.parts)

EXAMPLES = [
    ROOT / ".env.example",
    *(path for name in FOLDERS if (path := ROOT / "webapp" / "sources" / name / "env.example").is_file()),
]
"""Where settings are described: the product's file, and that of each source which brings one."""


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def prose(path: Path) -> str:
    """A document without what it proposes to add."""
    return re.sub(r"(?ms)^```diff\n.*?^```$", "", text_of(path))


def shown_settings() -> dict[str, str]:
    """Each setting that the examples describe, with the value that stands there."""
    return dict(re.findall(r"(?m)^#([A-Z_]+)=(.*)$", "".join(map(text_of, EXAMPLES))))


def everything() -> str:
    return "\n".join(text_of(path) for path in DOCUMENTS)
