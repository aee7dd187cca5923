"""Jobs through each door: what is submitted through one is seen through all, and what is refused, by the same words."""

from typing import Any

import pytest

from tests.client.conftest import Door, Installation


def steady(job: dict[str, Any]) -> dict[str, Any]:
    """A job without what an hour changes."""
    return job | {"progress": job["progress"] | {"eta_seconds": None}}


def test_a_submission_is_waited_for(door: Door, installation: Installation) -> None:
    batch = door.call("submit", ["AAPL", "msft"], start="2025-01-02", end="2025-03-28")
    assert len(batch.job_ids) == 2
    ended = door.call("wait", batch, timeout=60)
    assert [(job["id"], job["symbol"], job["state"]) for job in ended] == [
        (job_id, symbol, "succeeded") for job_id, symbol in zip(batch.job_ids, ("AAPL", "MSFT"), strict=True)
    ]
    assert [steady(job) for job in ended] == [steady(job) for job in installation.manager.call("wait", batch.id)]


def test_jobs_are_listed_newest_first(door: Door, installation: Installation) -> None:
    listed = door.call("get_recent_jobs", limit=3)
    assert listed == installation.manager.call("get_recent_jobs", limit=3)
    assert door.call("get_active_jobs") == installation.manager.call("get_active_jobs") == []


@pytest.mark.parametrize(
    ("verb", "arguments", "named"),
    [
        ("submit", ["AAPL"], {"interval": "7m", "period": "1y"}),
        ("submit", ["AAPL"], {"start": "yesterday"}),
        ("submit", ["AAPL"], {"period": "1y", "source": "nobody"}),
        ("submit", ["AAPL"], {}),
        ("submit", ["AAPL"], {"period": "1y", "what": "MIDPOINT"}),
        ("clone", [12345], {}),
        ("wait", [12345], {}),
        ("coverage", ["NOPE"], {}),
        ("gaps", ["AAPL"], {"interval": "5m"}),
        ("actions", ["NOPE"], {}),
        ("actions", ["AAPL"], {"source": "nobody"}),
    ],
)
def test_what_cannot_be_done_is_said_in_the_same_words(
    door: Door, installation: Installation, verb: str, arguments: list[object], named: dict[str, object]
) -> None:
    with pytest.raises(Exception) as here:  # noqa: PT011 -- each door has its own kind
        door.call(verb, *arguments, **named)
    with pytest.raises(Exception) as there:  # noqa: PT011 -- the same
        installation.manager.call(verb, *arguments, **named)
    assert str(here.value) == str(there.value)
    fields = {name: str(text) for name, text in getattr(there.value, "fields", {}).items()}
    assert {name: str(text) for name, text in getattr(here.value, "fields", {}).items()} == fields
