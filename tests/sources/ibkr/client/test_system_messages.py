"""What TWS says of itself, and when a request is not worth sending."""

import pytest

from webapp.sources.ibkr.messages.system_messages import GatewayCondition
from webapp.sources.ibkr.messages.wire_errors import TwsMessage

BROKEN = TwsMessage(2105, "HMDS data farm connection is broken:ushmds")
OTHER_OK = TwsMessage(2106, "HMDS data farm connection is OK:euhmds")


@pytest.mark.parametrize(
    ("code", "text", "name", "state"),
    [
        (2104, "Market data farm connection is OK:usfarm", "usfarm", "ok"),
        (2103, "Market data farm connection is broken:usfarm.nj", "usfarm.nj", "broken"),
        (
            2107,
            "HMDS data farm connection is inactive but should be available upon demand.ushmds",
            "ushmds",
            "inactive",
        ),
        (2158, "Sec-def data farm connection is OK:secdefil", "secdefil", "ok"),
    ],
)
def test_farms_are_known_by_name(code: int, text: str, name: str, state: str) -> None:
    condition = GatewayCondition()
    assert condition.take(TwsMessage(code, text)) is None
    assert condition.farms == {name: state}


def test_one_broken_farm_of_several_stops_nothing() -> None:
    condition = GatewayCondition()
    condition.take(OTHER_OK)
    assert condition.take(BROKEN) is None
    assert condition.obstacle(is_history=True) is None


def test_all_farms_broken_stop_history_and_nothing_else() -> None:
    condition = GatewayCondition()
    assert condition.take(BROKEN) is BROKEN
    assert condition.obstacle(is_history=True) is BROKEN
    assert condition.obstacle(is_history=False) is None


def test_a_broken_farm_is_not_believed_for_ever() -> None:
    now = [100.0]
    condition = GatewayCondition(steady=lambda: now[0])
    condition.take(BROKEN)
    now[0] += 61
    assert condition.obstacle(is_history=True) is None


@pytest.mark.parametrize("restored", [1101, 1102])
def test_the_link_s_return_brings_the_farms_back(restored: int) -> None:
    now = [100.0]
    condition = GatewayCondition(steady=lambda: now[0])
    condition.take(BROKEN)
    lost = TwsMessage(1100, "lost")
    assert condition.take(lost) is lost
    assert condition.is_cut
    condition.take(TwsMessage(restored, "restored"))
    now[0] += 5
    assert not condition.is_cut
    assert condition.obstacle(is_history=True) is None
    assert condition.farms == {"ushmds": "ok"}
    assert condition.seconds_since_outage() == 5
