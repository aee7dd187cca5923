"""The names of what exports are made of, as people read them."""

from webapp.errors import Sentence, sentence
from webapp.exporting.requests import NAMED_ZONE
from webapp.exporting.rules_exports import EXCHANGE, UTC, ExportState

FORMAT_NAMES = {"csv": "CSV", "parquet": "Parquet", "arrow": "Arrow"}

PLACES: dict[str, Sentence] = {
    UTC: sentence("UTC"),
    EXCHANGE: sentence("The exchange’s time zone"),
    NAMED_ZONE: sentence("Another time zone…"),
}

STATES: dict[ExportState, Sentence] = {
    ExportState.PENDING: sentence("Pending"),
    ExportState.RUNNING: sentence("Being made"),
    ExportState.DONE: sentence("Ready"),
    ExportState.FAILED: sentence("Not made"),
    ExportState.CANCELLED: sentence("Stopped"),
    ExportState.EXPIRED: sentence("Expired"),
}

ICONS: dict[ExportState, str] = {
    ExportState.PENDING: "clock",
    ExportState.RUNNING: "play",
    ExportState.DONE: "check",
    ExportState.FAILED: "cross",
    ExportState.CANCELLED: "stop",
    ExportState.EXPIRED: "hourglass",
}

LOOKS: dict[ExportState, str] = {
    ExportState.PENDING: "pending",
    ExportState.RUNNING: "running",
    ExportState.DONE: "succeeded",
    ExportState.FAILED: "failed",
    ExportState.CANCELLED: "cancelled",
    ExportState.EXPIRED: "cancelled",
}
"""Which state of a job looks alike: badges and bars have its colours."""
