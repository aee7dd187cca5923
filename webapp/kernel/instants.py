"""Instants as numbers and as times: bars are kept by epoch seconds, people and forms write dates."""

import datetime as dt

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
EPOCH_DATE = EPOCH.date()


def datetime_of(time: int) -> dt.datetime:
    """Return epoch seconds as an aware time, UTC; ``fromtimestamp`` refuses times before 1970 on Windows."""
    return EPOCH + dt.timedelta(seconds=time)
