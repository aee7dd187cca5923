"""What may become of a suspicious bar."""

from enum import StrEnum


class FlagState(StrEnum):
    """What became of a suspicious bar.

    ``asked``: its source is asked again. ``settled``: the source has delivered values since that raise no doubt.
    """

    OPEN = "open"
    ASKED = "asked"
    ACCEPTED = "accepted"
    EXCLUDED = "excluded"
    SETTLED = "settled"
