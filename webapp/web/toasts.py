"""What came of something that was asked for: said in a toast where a script asked, or on the page that comes next."""

from dataclasses import asdict, dataclass

from flask import flash


@dataclass(frozen=True, slots=True)
class Toast:
    """A sentence with counts, and notes below it. ``kind`` is ``success``, ``warning`` or ``error``."""

    kind: str
    headline: str
    notes: list[str]


def show_on_next_page(toast: Toast) -> None:
    """Keep a toast until the next page, which shows it at its top."""
    flash(asdict(toast))  # type: ignore[arg-type]  # any JSON may be flashed
