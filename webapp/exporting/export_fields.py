"""The fields of an export, told once for the form, the links that download, and the command line."""

from dataclasses import replace

from webapp.exporting.rules_exports import FORMATS, UTC
from webapp.kernel.collect_fields import COLLECT_FIELDS
from webapp.kernel.request_fields import FieldKind, RequestField, by_name
from webapp.reading.adjusting import NO_ADJUSTMENT
from webapp.reading.rules_adjustment import Adjust

EXPORT_FIELDS = by_name(
    (
        RequestField(
            "format", FieldKind.CHOICE, help="What the file is written in.", values=FORMATS, default=FORMATS[0]
        ),
        RequestField(
            "adjust",
            FieldKind.CHOICE,
            values=tuple(adjust.value for adjust in Adjust),
            default=Adjust.SPLITS.value,
            help="none: as traded on the day. splits: on today's split basis. all: dividends taken out as well.",
            refusal=NO_ADJUSTMENT,
        ),
        RequestField(
            "start",
            FieldKind.DAY,
            longest=40,
            help="First day (the exchange's), like 2020-01-01, or an instant (2024-03-01T14:30, UTC).",
            examples=("2024-03-01",),
        ),
        RequestField(
            "end",
            FieldKind.DAY,
            longest=40,
            help="Last day, or an instant, which is not included.",
            note="A day is included.",
            examples=("2024-03-28",),
        ),
        RequestField(
            "zone",
            default=UTC,
            help="That of times: exchange, or like Europe/Paris.",
            note="Times carry its offset from UTC; dates stay dates.",
            examples=("Europe/Paris",),
        ),
        RequestField("zone_name", help="Which zone, where zone is other.", examples=("America/New_York",)),
        replace(
            COLLECT_FIELDS["interval"],
            default="",
            is_required=False,
            help="A larger interval, whose bars are made of the stored ones.",
            examples=("1d",),
        ),
        RequestField(
            "complete_only",
            FieldKind.FLAG,
            help="Leave out bars made of smaller ones that are partial: with a hole inside, or cut at an edge.",
        ),
    )
)
