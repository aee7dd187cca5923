"""Progress as a person sees it while a script waits: a bar in a terminal or a notebook, else a line when it matters."""

import importlib
import sys
from dataclasses import dataclass
from html import escape
from typing import Any, Protocol, TextIO

_WIDTH = 24


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a batch is: jobs that are over of all, their whole progress in percent, and what there is to say."""

    over: int
    jobs: int
    percent: int
    rows: int
    notice: str = ""
    """Why nothing happens, where that is so."""

    @property
    def text(self) -> str:
        """What stands beside the bar."""
        parts = [f"{self.percent:3d} %", f"{self.over}/{self.jobs} jobs", f"{self.rows:,} bars"]
        return " · ".join([*parts, *([self.notice] if self.notice else [])])


class ProgressDisplay(Protocol):
    """Where progress is shown."""

    def show(self, progress: Progress) -> None:
        """Show how far it is now."""
        ...

    def close(self) -> None:
        """Leave what was shown as it stands."""
        ...


class TerminalBar:
    """A line of a terminal that is written over."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._line = ""

    def show(self, progress: Progress) -> None:
        """Write the line anew when it changed."""
        full = _WIDTH * progress.percent // 100
        line = f"{'█' * full}{'░' * (_WIDTH - full)} {progress.text}"
        if line != self._line:
            self._stream.write(f"\r{line}\x1b[K")
            self._stream.flush()
            self._line = line

    def close(self) -> None:
        """Go to the next line, if there is anything on this one."""
        if self._line:
            self._stream.write("\n")
            self._stream.flush()


class NotebookBar:
    """An output of a notebook's cell that is replaced."""

    def __init__(self, library: Any) -> None:  # noqa: ANN401 -- IPython.display, which is not installed here
        self._library = library
        self._handle: Any = None
        self._text = ""

    def show(self, progress: Progress) -> None:
        """Replace the output when it changed."""
        if progress.text == self._text:
            return
        self._text = progress.text
        bar = f'<progress max="100" value="{progress.percent}"></progress> {escape(progress.text)}'
        output = self._library.HTML(bar)
        if self._handle is None:
            self._handle = self._library.display(output, display_id=True)
        else:
            self._handle.update(output)

    def close(self) -> None:
        """Leave the output as it stands."""


class NoticeLines:
    """A line for each notice, for logs and pipes, where nobody can see a bar."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._notice = ""

    def show(self, progress: Progress) -> None:
        """Write the notice when it is another one."""
        if progress.notice and progress.notice != self._notice:
            self._stream.write(f"{progress.notice}\n")
            self._stream.flush()
        self._notice = progress.notice

    def close(self) -> None:
        """Nothing is to be tidied up."""


class NoDisplay:
    """Shows nothing."""

    def show(self, progress: Progress) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


def choose_display(*, is_shown: bool | None) -> ProgressDisplay:
    """Return where progress is shown: in a notebook, on a terminal, or as lines.

    :param is_shown: True for a bar in any case, False for nothing at all.
    """
    if is_shown is False:
        return NoDisplay()
    if _is_in_notebook():
        return NotebookBar(importlib.import_module("IPython.display"))
    if is_shown or sys.stderr.isatty():
        return TerminalBar(sys.stderr)
    return NoticeLines(sys.stderr)


def _is_in_notebook() -> bool:
    """Tell whether a notebook's kernel runs this; IPython in a terminal has a terminal."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return shell is not None and type(shell).__name__ == "ZMQInteractiveShell"
