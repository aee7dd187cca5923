"""Parts of the pages in docs/ that are made of the code: ``python -m tests.pages`` writes them anew.

A part stands between two comments that name it: ``BEGIN`` and ``END``.
"""

import re
import sys
from collections.abc import Callable, Mapping

from tests.documents import EXAMPLES, text_of
from tests.python_page import list_verbs
from tests.servers import ROOT
from webapp.kernel.job_states import FINAL, LEGAL_MOVES

BEGIN, END = "<!-- {}: begin, written by python -m tests.pages -->\n", "<!-- {}: end -->"


def draw_states() -> str:
    """The diagram of a job's states, from the table of legal moves."""
    first = next(iter(LEGAL_MOVES))
    lines = ["```mermaid", "stateDiagram-v2", f"    [*] --> {first.value}"]
    for state, targets in LEGAL_MOVES.items():
        lines += [f"    {state.value} --> {target.value}" for target in sorted(targets)]
    lines += [f"    {state.value} --> [*]" for state in LEGAL_MOVES if state in FINAL]
    return "\n".join([*lines, "```", ""])


def list_settings() -> str:
    """A table a section of the examples: names, what stands there as a value, and the comment above them."""
    text = "".join(map(text_of, EXAMPLES))
    lines: list[str] = []
    for section in re.split(r"(?m)^# --- ", text)[1:]:
        lines += [f"### {section.partition(' ---')[0]}", "", "| setting | default or example | |", "|---|---|---|"]
        for comment, name, value in re.findall(r"(?m)((?:^# .*\n)*)^#([A-Z_]+)=(.*)$", section.partition("\n")[2]):
            words = " ".join(line.removeprefix("# ") for line in comment.splitlines()) or "as above"
            lines.append(f"| `{name}` | {f'`{value}`' if value else ''} | {words} |")
        lines.append("")
    return "\n".join(lines)


def list_targets() -> str:
    """A table of what ``make`` can do, from the comments in the Makefile."""
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"(?m)^([a-z-]+):.*?## (.*)$", text)
    return "\n".join(["| target | does |", "|---|---|", *(f"| `make {name}` | {does} |" for name, does in targets), ""])


PARTS: Mapping[str, tuple[str, Callable[[], str]]] = {
    "states": ("docs/architecture.md", draw_states),
    "settings": ("docs/settings.md", list_settings),
    "targets": ("docs/commands.md", list_targets),
    "verbs": ("docs/python.md", list_verbs),
}


def read_part(name: str) -> str:
    """What stands in the page now."""
    _, part, _ = _split(name)
    return part


def _split(name: str) -> tuple[str, str, str]:
    text = (ROOT / PARTS[name][0]).read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN.format(name))
    part, end, after = rest.partition(END.format(name))
    assert begin, f"{PARTS[name][0]} has no line {BEGIN.format(name)}"
    assert end, f"{PARTS[name][0]} has no line {END.format(name)}"
    return before + begin, part, end + after


def main() -> int:
    for name, (page, make) in PARTS.items():
        before, _, after = _split(name)
        (ROOT / page).write_text(before + make() + after, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
