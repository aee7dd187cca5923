"""``python -m webapp.stack run`` and ``demo``."""

import argparse
import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

from dotenv import dotenv_values

from webapp.errors import SettingsError
from webapp.stack import parts
from webapp.stack.console import say
from webapp.stack.parts import ROOT, Ports
from webapp.stack.supervisor import NotReadyError, Supervisor

_SAMPLE = (
    ("AAPL", "MSFT", "MC.PA", "BTC-USD", "--source", "yahoo", "--interval", "1d", "--period", "10y"),
    ("AAPL", "--source", "yahoo", "--interval", "1m", "--period", "1wk"),
)


def main() -> int:
    """Run the stack until Ctrl-C; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m webapp.stack", description=__doc__)
    parser.add_argument("what", choices=["run", "demo"], help="the real sources, or the offline market and a sample")
    parser.add_argument("--once", action="store_true", help="demo only: end after the sample has been collected")
    arguments = parser.parse_args()
    os.chdir(ROOT)
    is_demo = arguments.what == "demo"
    base = {**{k: v for k, v in dotenv_values(ROOT / ".env").items() if v is not None}, **os.environ}
    if is_demo:
        base = {name: value for name, value in base.items() if name not in ("DATABASE_URL", "MOISSON_FOLDER")}
    folder = Path(base.get("MOISSON_FOLDER") or ROOT / "var" / ("demo" if is_demo else ""))
    folder.mkdir(parents=True, exist_ok=True)
    supervisor = Supervisor(folder / "logs")
    supervisor.obey_signals()
    try:
        ports = parts.choose_ports(base, folder)
        environment = parts.environment_for(base, folder, ports)
        return _run(supervisor, environment, folder, ports, arguments)
    except SettingsError as wrong:
        say(str(wrong))
        return 2
    finally:
        supervisor.stop()


def _run(
    supervisor: Supervisor,
    environment: dict[str, str],
    folder: Path,
    ports: Ports,
    arguments: argparse.Namespace,
) -> int:
    try:
        _start(supervisor, environment, folder, ports, is_demo=arguments.what == "demo")
    except NotReadyError as problem:
        if not supervisor.stopping.is_set():
            say(str(problem))
        return 1
    say(f"Moisson is at http://127.0.0.1:{ports.web}    (Flower: {environment['FLOWER_URL']}, logs: {folder / 'logs'})")
    if arguments.what == "demo":
        say("The data are simulated: the offline market stands in for Yahoo, in a database of its own.")
        status = _collect_sample(supervisor, environment)
        if arguments.once:
            say("Everything was collected." if status == 0 else "Not everything was collected; see above.")
            return status
    say("Press Ctrl-C to end it.")
    supervisor.watch()
    say("Ending …")
    return 0


def _start(supervisor: Supervisor, environment: dict[str, str], folder: Path, ports: Ports, *, is_demo: bool) -> None:
    """Start everything; what the offline market says of itself is added to ``environment``.

    :raises NotReadyError: when something does not come up, or we were told to stop.
    """
    if ports.redis is not None:
        supervisor.start(parts.queue_server(environment, folder, ports.redis))
        supervisor.wait_for(lambda: _listens(ports.redis or 0), "The queue's server", 20)
    if is_demo:
        market, ready = parts.offline_market(environment, folder)
        supervisor.start(market)
        supervisor.wait_for(ready.exists, "The offline market", 60)
        environment.update(parts.market_environment(ready))
    if _command(environment, "init-db") != 0:
        raise NotReadyError("The database could not be prepared; see above.")
    for part in parts.our_parts(dict(environment), ports):
        supervisor.start(part)
    supervisor.wait_for(lambda: _answers(f"http://127.0.0.1:{ports.web}/healthz"), "The site", 60)


def _collect_sample(supervisor: Supervisor, environment: dict[str, str]) -> int:
    worst = 0
    for words in _SAMPLE:
        if supervisor.stopping.is_set():
            return 1
        worst = max(worst, _command(environment, "collect", *words, "--wait", supervisor=supervisor))
    return worst


def _command(environment: dict[str, str], *words: str, supervisor: Supervisor | None = None) -> int:
    """Run one of our commands in this terminal, and keep watch over the others meanwhile."""
    command = [sys.executable, "-m", "flask", "--app", "wsgi", *words]
    with subprocess.Popen(command, env=environment) as process:  # noqa: S603 -- our own command
        while process.poll() is None:
            if supervisor is None:
                process.wait()
            elif supervisor.stopping.is_set():
                process.terminate()
                process.wait()
            else:
                supervisor.glance()
        return process.returncode


def _listens(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 -- our own address
            return bool(answer.status == 200)  # noqa: PLR2004 -- HTTP
    except (urllib.error.URLError, OSError):
        return False


if __name__ == "__main__":
    sys.exit(main())
