"""The fields of a schedule, told once for the form, the API and the command line; beside them, those of a request."""

from webapp.kernel.collect_fields import COLLECT_FIELDS
from webapp.kernel.request_fields import FieldKind, RequestField, by_name
from webapp.scheduling.definitions import LONGEST_NAME
from webapp.scheduling.rules_cron import LONGEST_LINE, LONGEST_ZONE
from webapp.scheduling.rules_timing import OverlapPolicy, TimingKind

REQUEST_FIELDS = by_name(
    COLLECT_FIELDS[name] for name in ("source", "symbols", "interval", "start", "period", "priority")
)
"""What a schedule says of its request: it has no end, and asks for nothing again that is there."""

TIMING_FIELDS = by_name(
    (
        RequestField(
            "name", longest=LONGEST_NAME, help="What it is called; its symbols without.", examples=("Evenings",)
        ),
        RequestField(
            "when",
            FieldKind.CHOICE,
            values=tuple(kind.value for kind in TimingKind),
            default=TimingKind.CLOSE.value,
            help="After each exchange's close, within its session, or by a cron line.",
        ),
        RequestField(
            "minutes", longest=4, default="45", help="Minutes after the close, or between two runs of a session."
        ),
        RequestField(
            "cron",
            longest=LONGEST_LINE,
            help="Minute, hour, day of the month, month, day of the week.",
            examples=("30 18 * * MON-FRI",),
        ),
        RequestField("zone", longest=LONGEST_ZONE, help="The time zone of the cron line.", examples=("Europe/Paris",)),
        RequestField(
            "overlap",
            FieldKind.CHOICE,
            values=tuple(policy.value for policy in OverlapPolicy),
            default=OverlapPolicy.WAIT.value,
            help="What a run does whose predecessor is still at work.",
        ),
        RequestField(
            "fresh", longest=4, help="Promise that bars are there so many minutes after each close.", examples=("120",)
        ),
    )
)
