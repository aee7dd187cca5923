"""Cron lines and other timings said back, in both languages."""

import pytest
from flask_babel import force_locale
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.world import World, world
from webapp.kernel.intervals import Interval
from webapp.scheduling.rules_timing import Timing, TimingKind, TimingTexts, parse_timing
from webapp.scheduling.timing_words import describe_timing, length_of
from webapp.web.formats import say

__all__ = ["world"]

CASES = [
    ("30 18 * * MON-FRI", "At 18:30, from Monday to Friday", "À 18:30, du lundi au vendredi"),
    ("0 9,12 * * 1,3", "At 09:00 and 12:00, on Monday and on Wednesday", "À 09:00 et 12:00, le lundi et le mercredi"),
    ("0 0 * * 0", "At 00:00, on Sunday", "À 00:00, le dimanche"),
    ("0 0 * * 7", "At 00:00, on Sunday", "À 00:00, le dimanche"),
    ("*/15 * * * *", "Every 15 minutes", "Toutes les 15 minutes"),
    ("* * * * *", "Every minute", "Chaque minute"),
    ("5 * * * *", "At minute 5 of every hour", "À la minute 5 de chaque heure"),
    ("*/10 9-17 * * *", "Every 10 minutes in the hours 9–17", "Toutes les 10 minutes pendant les heures 9–17"),
    ("0 */4 * * *", "At 00:00, 04:00, 08:00, 12:00, 16:00 and 20:00", "À 00:00, 04:00, 08:00, 12:00, 16:00 et 20:00"),
    ("5,35 */2 * * *", "At minute 5 and 35 every 2 hours", "À la minute 5 et 35 toutes les 2 heures"),
    ("0 7 1 * *", "At 07:00, on day 1 of the month", "À 07:00, le 1 du mois"),
    ("0 7 L 1-3,6 *", "At 07:00, on the last day of the month, from January through March and in June",
     "À 07:00, le dernier jour du mois, de janvier à mars et en juin"),
    ("0 7 LW 5 *", "At 07:00, on the last weekday of the month, in May",
     "À 07:00, le dernier jour ouvré du mois, en mai"),
    ("0 7 * * 1#1", "At 07:00, on the first Monday of the month", "À 07:00, le premier lundi du mois"),
    ("0 7 * * 5L", "At 07:00, on the last Friday of the month", "À 07:00, le dernier vendredi du mois"),
    ("0 7 1,15 * MON", "At 07:00, on day 1 and 15 of the month or on Monday",
     "À 07:00, le 1 et 15 du mois ou le lundi"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "english", "french"), CASES, ids=[case[0] for case in CASES])
def test_a_cron_line_is_said_in_words(world: World, line: str, english: str, french: str) -> None:
    timing = Timing(TimingKind.CRON, cron=line, zone="America/New_York")
    with world.app.test_request_context():
        with force_locale("en"):
            assert describe_timing(timing, say) == f"{english} (time of America/New York)"
        with force_locale("fr"):
            assert describe_timing(timing, say) == f"{french} (heure de America/New York)"


@pytest.mark.parametrize(
    ("timing", "english", "french"),
    [
        (Timing(TimingKind.CLOSE, 45), "45 min after each close", "45 min après chaque clôture"),
        (Timing(TimingKind.CLOSE, 0), "After each close, as soon as the bars are final",
         "Après chaque clôture, dès que les barres sont définitives"),
        (Timing(TimingKind.SESSION, 90), "Every 1 h 30 min while the exchange trades, and after its close",
         "Toutes les 1 h 30 min pendant la séance, et après la clôture"),
    ],
)  # fmt: skip
def test_a_market_s_timing_is_said_in_words(world: World, timing: Timing, english: str, french: str) -> None:
    with world.app.test_request_context():
        with force_locale("en"):
            assert describe_timing(timing, say) == english
        with force_locale("fr"):
            assert describe_timing(timing, say) == french


def test_lengths_are_written_alike_everywhere() -> None:
    assert [length_of(minutes) for minutes in (0, 5, 60, 61, 1440)] == ["0 min", "5 min", "1 h", "1 h 1 min", "24 h"]


FIELD = {
    "minute": st.sampled_from(("*", "0", "5,10", "*/7", "3-9", "59", "1-50/3")),
    "hour": st.sampled_from(("*", "0", "9-17", "*/5", "1,3,5", "23")),
    "day": st.sampled_from(("*", "1", "1-7", "*/2", "L", "LW", "31,L")),
    "month": st.sampled_from(("*", "JAN", "2-4", "*/3", "1,12")),
    "weekday": st.sampled_from(("*", "MON", "1-5", "0,6", "2#3", "5L", "*/2", "5-7")),
}


@settings(deadline=None)
@given(st.tuples(*FIELD.values()))
def test_every_line_that_can_run_has_words_and_no_place_stays_empty(fields: tuple[str, ...]) -> None:
    timing = parse_timing(TimingTexts("cron", cron=" ".join(fields), zone="UTC"), Interval.D1)
    text = describe_timing(timing, str)
    assert text[0].isupper()
    assert "%(" not in text
    assert "  " not in text
    assert ", ," not in text
