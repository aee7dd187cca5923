"""The fields of a request to collect, told once for the form, the API, the command line and the notebook.

Beside them stand the options of the sources (``sources.option_fields``).
"""

from dataclasses import replace

from webapp.errors import sentence
from webapp.kernel.intervals import Interval
from webapp.kernel.job_states import Priority
from webapp.kernel.request_fields import FieldKind, RequestField, by_name, is_said, parse_choice, refuse_choice
from webapp.kernel.requests import PERIODS
from webapp.kernel.symbols import USUAL_GRAMMAR

COLLECT_FIELDS = by_name(
    (
        RequestField("source", longest=16, help="Where the bars come from.", default="yahoo", is_required=True),
        RequestField(
            "symbols",
            FieldKind.SYMBOLS,
            help="What to collect, as the source writes it.",
            note="A job is made for each.",
            examples=USUAL_GRAMMAR.examples,
            is_required=True,
        ),
        RequestField(
            "interval",
            FieldKind.INTERVAL,
            longest=16,
            help="Length of a bar.",
            values=tuple(interval.value for interval in Interval),
            default=Interval.D1.value,
            is_required=True,
        ),
        RequestField(
            "start",
            FieldKind.DAY,
            longest=40,
            help="First day (the exchange's), like 2020-01-01.",
            note="A date-time (2024-03-01T14:30:00Z) is an instant, UTC unless it says otherwise.",
            examples=("2024-03-01",),
        ),
        RequestField(
            "end",
            FieldKind.DAY,
            longest=40,
            help="Last day, included; today without it.",
            note="A date-time is excluded.",
            examples=("2024-03-28",),
        ),
        RequestField(
            "period",
            longest=8,
            help=f"Instead of dates: {', '.join(PERIODS)}, or like 45d, 18mo, 3y.",
            examples=("1y", "max"),
        ),
        RequestField(
            "priority",
            FieldKind.CHOICE,
            help="Place in the queue.",
            values=tuple(priority.name.lower() for priority in Priority),
            default=Priority.NORMAL.name.lower(),
            refusal=sentence("“%(text)s” is not a priority. Use high, normal or low."),
        ),
        RequestField("refresh", FieldKind.FLAG, help="Ask again for what is there already."),
    )
)

SERIES_FIELDS = by_name(
    (
        RequestField("symbol", FieldKind.SYMBOL, is_required=True),
        replace(
            COLLECT_FIELDS["source"],
            default="",
            is_required=False,
            help="Where the bars come from; without it, wherever the symbol is stored.",
        ),
        COLLECT_FIELDS["interval"],
    )
)
"""What names one series that is stored; the options of sources that tell series apart stand beside these."""


def priority_of(value: object) -> Priority:
    """Return the priority that is meant.

    :raises InvalidRequestError: with the field ``priority``, also where none is said.
    """
    if isinstance(value, Priority):
        return value
    field = COLLECT_FIELDS["priority"]
    if not is_said(value):
        raise refuse_choice(field, "")
    return Priority[str(parse_choice(field, value)).upper()]
