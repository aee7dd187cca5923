"""Epoch seconds as times."""

import datetime as dt

import pytest

from webapp.kernel.instants import EPOCH, EPOCH_DATE, datetime_of


@pytest.mark.parametrize(
    ("time", "text"),
    [
        (0, "1970-01-01T00:00:00+00:00"),
        (-1, "1969-12-31T23:59:59+00:00"),
        (-2_208_988_800, "1900-01-01T00:00:00+00:00"),
    ],
)
def test_seconds_are_times_even_before_1970(time: int, text: str) -> None:
    assert datetime_of(time).isoformat() == text


def test_the_epoch_is_the_first_day() -> None:
    assert dt.datetime.combine(EPOCH_DATE, dt.time(), dt.UTC) == EPOCH == datetime_of(0)
