"""Where things listen on this machine."""

import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from webapp.errors import SettingsError, sentence

LOOPBACK = "127.0.0.1"
WEB, FLOWER, REDIS, MARKET, TWS = 8000, 5555, 16379, 18443, 17497
_HIGHEST = 65_535


@dataclass(frozen=True, slots=True)
class Ports:
    """Ports on the loopback interface. ``redis`` is None when a server of the user's own is used."""

    web: int
    flower: int
    redis: int | None
    market: int
    tws: int


def is_taken(port: int) -> bool:
    """Tell whether somebody listens on a port."""
    with socket.socket() as client:
        client.settimeout(1)
        return client.connect_ex((LOOPBACK, port)) == 0


def is_free(port: int) -> bool:
    """Tell whether a port can be listened on."""
    if is_taken(port):
        return False
    with socket.socket() as listener:
        if sys.platform != "win32":  # there it would let two listen on one port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def choose_ports(environment: Mapping[str, str], redis_address: Path, *, embeds_redis: bool) -> Ports:
    """Choose free ports: the usual ones if possible. One that was asked for must be free.

    :param redis_address: the file with the address that the embedded server had last time.
    :raises SettingsError: when it is not.
    """
    return Ports(
        web=_asked(environment["PORT"]) if environment.get("PORT") else _first_free(WEB),
        flower=_first_free(FLOWER),
        redis=(_same_again(redis_address) or _first_free(REDIS)) if embeds_redis else None,
        market=_first_free(MARKET),
        tws=_first_free(TWS),
    )


def _asked(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text) <= _HIGHEST:
        raise SettingsError(
            sentence("PORT is %(port)s, which is not a port: it takes a number up to 65535.", port=text)
        )
    if not is_free(int(text)):
        raise SettingsError(sentence("PORT is %(port)s, but that port is in use. Choose another one.", port=text))
    return int(text)


def _first_free(first: int) -> int:
    port = next((port for port in range(first, first + 200) if is_free(port)), None)
    if port is None:
        message = sentence("No port from %(first)s to %(last)s is free.", first=first, last=first + 199)
        raise SettingsError(message)
    return port


def _same_again(address: Path) -> int | None:
    """Return the port of last time if it is free, so that other terminals need not be told anew."""
    if not address.exists():
        return None
    port = address.read_text(encoding="ascii").strip().rpartition(":")[2].partition("/")[0]
    return int(port) if port.isdigit() and is_free(int(port)) else None
