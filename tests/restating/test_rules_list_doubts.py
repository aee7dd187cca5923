"""When the days of a disagreement are asked again: at growing distances, and at once when it is another one."""

import datetime as dt
from dataclasses import replace

from webapp.kernel.intervals import DAY, HOUR
from webapp.kernel.spans import Span
from webapp.restating.rules_list_doubts import Doubt, is_due, note_looks

NOON = dt.datetime(2026, 3, 6, 12, tzinfo=dt.UTC)
DOUBT = Doubt("dividend 86400", Span(DAY, 2 * DAY), (1.0, 1.2))


def looked(doubt: Doubt, count: int, hours: float = 0.0) -> dict[str, list[float]]:
    """So many looks, the last of them so many hours ago."""
    return {doubt.key: [NOON.timestamp() - hours * HOUR, float(count), *doubt.compared]}


def test_a_disagreement_is_due_at_once_and_then_after_six_hours_one_day_two_and_each_four() -> None:
    assert is_due(DOUBT, {}, NOON)
    for count, hours in ((1, 6), (2, 24), (3, 48), (4, 96), (9, 96)):
        assert not is_due(DOUBT, looked(DOUBT, count, hours - 0.1), NOON)
        assert is_due(DOUBT, looked(DOUBT, count, hours), NOON)


def test_other_numbers_are_another_disagreement_and_what_was_kept_in_another_form_is_none() -> None:
    assert is_due(replace(DOUBT, compared=(1.0, 1.3)), looked(DOUBT, 4), NOON)
    assert is_due(replace(DOUBT, compared=(1.0,)), looked(DOUBT, 4), NOON)
    assert not is_due(replace(DOUBT, compared=(1.0, 1.20001)), looked(DOUBT, 4), NOON)
    assert is_due(DOUBT, {DOUBT.key: [1.0, 1.2]}, NOON)
    assert is_due(DOUBT, {DOUBT.key: [0.98, 0.97, 0.99]}, NOON)


def test_what_days_have_shown_themselves_was_looked_at_then() -> None:
    shown = replace(DOUBT, since=NOON.timestamp() - 5 * HOUR)
    assert not is_due(shown, {}, NOON)
    assert is_due(shown, {}, NOON + dt.timedelta(hours=1))


def test_a_look_counts_when_it_was_due_and_its_days_were_asked() -> None:
    later = looked(DOUBT, 2, 30.0)
    assert note_looks([DOUBT], later, Span(0, 9 * DAY), NOON) == looked(DOUBT, 3)
    assert note_looks([DOUBT], later, Span(5 * DAY, 9 * DAY), NOON) == later
    assert note_looks([DOUBT], later, None, NOON) == later
    early = looked(DOUBT, 2, 3.0)
    assert note_looks([DOUBT], early, Span(0, 9 * DAY), NOON) == early


def test_what_no_longer_disagrees_or_was_not_asked_yet_has_no_looks() -> None:
    assert note_looks([], looked(DOUBT, 2, 30.0), Span(0, 9 * DAY), NOON) == {}
    assert note_looks([DOUBT], {}, None, NOON) == {}
    assert note_looks([replace(DOUBT, compared=(1.0, 1.3))], looked(DOUBT, 4, 100.0), None, NOON) == {}
