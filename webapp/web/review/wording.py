"""The names of what may be wrong with a bar, and of what became of it, as people read them."""

from webapp.errors import Sentence, sentence
from webapp.flagging.rules_suspicion import Reply, SuspicionRule
from webapp.kernel.flag_states import FlagState

RULES: dict[SuspicionRule, Sentence] = {
    SuspicionRule.NOT_POSITIVE: sentence("A price is zero or negative."),
    SuspicionRule.INCONSISTENT: sentence("The high lies below the low, or the open or the close lies outside of both."),
    SuspicionRule.INCOMPLETE: sentence(
        "The source left a part of it blank: a price, the volume, or a day of the week or month. The rest is kept."
    ),
    SuspicionRule.FAR_OFF: sentence(
        "The high is more than twice the open and the close, or the low less than half of both."
    ),
    SuspicionRule.LEAP: sentence(
        "The price moves more than eight times as far as usual, and neither a split or dividend nor another source "
        "explains it."
    ),
    SuspicionRule.SPIKE: sentence("The price leaps more than eight times as far as usual, and is back at once."),
    SuspicionRule.SPLIT_SEAM: sentence(
        "The price leaps by a split: the source has not brought the bars before it to the new basis yet. Each update "
        "asks for them again."
    ),
}

RULE_NAMES: dict[SuspicionRule, Sentence] = {
    SuspicionRule.NOT_POSITIVE: sentence("Zero or negative price"),
    SuspicionRule.INCONSISTENT: sentence("Contradictory prices"),
    SuspicionRule.INCOMPLETE: sentence("Blank in part"),
    SuspicionRule.FAR_OFF: sentence("High or low far off"),
    SuspicionRule.LEAP: sentence("Unusual move"),
    SuspicionRule.SPIKE: sentence("Spike"),
    SuspicionRule.SPLIT_SEAM: sentence("Waiting for a split"),
}

FLAG_STATES: dict[FlagState, Sentence] = {
    FlagState.OPEN: sentence("To decide"),
    FlagState.ASKED: sentence("Asked again"),
    FlagState.ACCEPTED: sentence("Accepted"),
    FlagState.EXCLUDED: sentence("Excluded"),
    FlagState.SETTLED: sentence("Corrected by the source"),
}

FLAG_ICONS: dict[FlagState, str] = {
    FlagState.OPEN: "alert",
    FlagState.ASKED: "hourglass",
    FlagState.ACCEPTED: "check",
    FlagState.EXCLUDED: "cross",
    FlagState.SETTLED: "refresh",
}

FLAG_BADGES: dict[FlagState, str] = {
    FlagState.OPEN: "waiting",
    FlagState.ASKED: "running",
    FlagState.ACCEPTED: "succeeded",
    FlagState.EXCLUDED: "failed",
    FlagState.SETTLED: "succeeded",
}
"""Which of the badges of job states each looks like."""

REPLIES: dict[Reply, Sentence] = {
    Reply.SAME: sentence("Asked again, the source repeats it."),
    Reply.NOTHING: sentence("Asked again, the source has no bar there any more."),
}
