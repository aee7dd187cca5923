"""Parts of the pages in docs/ that are made of the code: ``python -m tests.pages`` writes them anew.

A part stands between two comments that name it: ``BEGIN`` and ``END``.
"""

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping

import click

from tests.documents import EXAMPLES, text_of
from tests.python_page import list_verbs
from tests.servers import ROOT
from webapp.cli import COMMANDS
from webapp.cli.speaking import SpokenCommand
from webapp.cli.statuses import MEANINGS
from webapp.kernel.job_states import FINAL, LEGAL_MOVES

BAR = "\\|"
"""A bar in a cell of a table."""
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


def list_statuses() -> str:
    """A table of what commands may end with."""
    rows = (f"| {status} | {meaning.replace('|', BAR)} |" for status, meaning in MEANINGS.items())
    return "\n".join(["| status | means |", "|---|---|", *rows, ""])


def list_commands() -> str:
    """A section a command, from what Click knows of it."""
    return "\n".join(line for words, command in leaves() for line in _section(words, command))


def leaves(
    commands: Iterable[click.Command] = COMMANDS, words: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], SpokenCommand]]:
    """Every command that does something, with the words that it is called by."""
    for command in commands:
        path = (*words, str(command.name))
        if isinstance(command, click.Group):
            yield from leaves(command.commands.values(), path)
        elif isinstance(command, SpokenCommand):
            yield path, command


def _section(words: tuple[str, ...], command: SpokenCommand) -> Iterator[str]:
    ctx = click.Context(command, info_name=" ".join(["flask --app wsgi", *words]))
    named = " ".join(command.collect_usage_pieces(ctx))
    yield f"### {' '.join(words)}\n"
    yield f"`{ctx.info_name} {named}`\n"
    yield " ".join((command.help or "").split()) + "\n"
    yield "| option | default | |\n|---|---|---|"
    for option in command.params:
        if isinstance(option, click.Option):
            names, _, _ = (option.get_help_record(ctx) or ("", "", ""))[0].partition("  ")
            cells = (f"`{names}`", _default_of(option, ctx), option.help or "")
            yield "| " + " | ".join(cell.replace("|", BAR) for cell in cells) + " |"
    yield f"\nExit statuses: {', '.join(map(str, command.statuses))}.\n"


def _default_of(option: click.Option, ctx: click.Context) -> str:
    if option.required:
        return "required"
    value = option.get_default(ctx)
    return f"`{value}`" if isinstance(value, str | int) and value not in ("", False) else ""


PARTS: Mapping[str, tuple[str, Callable[[], str]]] = {
    "states": ("docs/architecture.md", draw_states),
    "settings": ("docs/settings.md", list_settings),
    "targets": ("docs/commands.md", list_targets),
    "statuses": ("docs/cli.md", list_statuses),
    "options": ("docs/cli.md", list_commands),
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
