"""The usual ports if they are free, the next ones if not; one that was asked for or none."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from webapp.errors import SettingsError
from webapp.stack import ports
from webapp.stack.ports import choose_ports

NOWHERE = Path("there-was-no-last-time")


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield int(server.getsockname()[1])


def test_a_usual_port_that_is_taken_gives_way_to_the_next_free_one(taken: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "WEB", taken)
    assert taken < choose_ports({}, NOWHERE, embeds_redis=False).web < taken + 200


@pytest.mark.parametrize("wrong", ["0", "65536", "http", "80 80", "²"])
def test_what_is_no_port_is_refused(wrong: str) -> None:
    with pytest.raises(SettingsError, match="it takes a number up to 65535"):
        choose_ports({"PORT": wrong}, NOWHERE, embeds_redis=False)


def test_a_port_that_was_asked_for_and_is_taken_is_refused(taken: int) -> None:
    with pytest.raises(SettingsError, match=f"PORT is {taken}, but that port is in use"):
        choose_ports({"PORT": str(taken)}, NOWHERE, embeds_redis=False)


def test_the_embedded_server_listens_where_it_did_last_time(tmp_path: Path, free_port: int) -> None:
    address = tmp_path / "redis_url"
    address.write_text(f"redis://127.0.0.1:{free_port}/0")
    assert choose_ports({}, address, embeds_redis=True).redis == free_port


def test_unless_somebody_else_does_now(tmp_path: Path, taken: int) -> None:
    address = tmp_path / "redis_url"
    address.write_text(f"redis://127.0.0.1:{taken}/0")
    assert choose_ports({}, address, embeds_redis=True).redis != taken


def test_no_server_is_embedded_when_the_user_has_one(tmp_path: Path) -> None:
    assert choose_ports({}, NOWHERE, embeds_redis=False).redis is None
