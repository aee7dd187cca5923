"""How many sessions, weeks or months, in words."""

from flask_babel import ngettext

from webapp.kernel.intervals import Interval
from webapp.web.formats import number, spell


def count_sessions(count: int, interval: Interval) -> str:
    """Write how many sessions, weeks or months, in the reader's language."""
    if interval in (Interval.W1, Interval.MO1):
        return spell(f"{count}{interval.value[1:]}")
    return str(ngettext("%(count)s session", "%(count)s sessions", count, count=number(count)))
