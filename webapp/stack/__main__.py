"""``python -m webapp.stack run`` and ``demo``."""

import argparse
import os
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from webapp.config import ROOT, load_settings
from webapp.errors import SettingsError, sentence
from webapp.stack import parts, ports, sample
from webapp.stack.console import say
from webapp.stack.guardian import Guardian
from webapp.stack.instance import sole
from webapp.stack.ports import Ports
from webapp.stack.supervisor import NotReadyError, Supervisor

_WRONG_SETTINGS = 2
_PATIENCE = 180
"""Seconds that a part may take to answer: a small or busy machine is slow to import everything for the first time."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the stack until Ctrl-C; return the exit status."""
    options = _parser().parse_args(arguments)
    os.chdir(ROOT)
    try:
        folder, database = _installation(options)
        embeds_redis = _embeds_redis(is_demo=options.what == "demo")
        with sole(folder) as lock:
            chosen = ports.choose_ports(os.environ, folder / parts.REDIS_ADDRESS, embeds_redis=embeds_redis)
            return _supervise(options, Supervisor(folder / "logs", Guardian((lock,))), folder, database, chosen)
    except SettingsError as wrong:
        say(str(wrong))
        return _WRONG_SETTINGS


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m webapp.stack", description="Start everything and keep it running.")
    parser.add_argument("what", choices=["run", "demo"], help="the real sources, or the offline market and a sample")
    parser.add_argument("--once", action="store_true", help="demo only: end after the sample has been collected")
    parser.add_argument("--folder", type=_absolute, help="where its files are kept (default: var, or var/demo)")
    parser.add_argument("--since", type=float, default=time.time(), help=argparse.SUPPRESS)  # when `make` was typed
    return parser


def _absolute(text: str) -> Path:
    return Path(text).resolve()


def _installation(options: argparse.Namespace) -> tuple[Path, str]:
    """Read all settings, so that a wrong one is told before anything starts; return the folder and the database.

    The demonstration keeps to itself: what ``.env`` says of the real installation's files does not count.
    """
    if options.what == "demo":
        folder = options.folder or ROOT / "var" / "demo"
        os.environ["MOISSON_FOLDER"], os.environ["DATABASE_URL"] = str(folder), f"sqlite:///{folder / 'moisson.db'}"
    elif options.folder:
        os.environ["MOISSON_FOLDER"] = str(options.folder)
    settings = load_settings()
    return settings.folder.resolve(), settings.database_url


def _embeds_redis(*, is_demo: bool) -> bool:
    """Tell whether to start the embedded server; the demonstration's jobs must not reach another installation's worker.

    :raises SettingsError: on Windows, where there is none, when no other is named.
    """
    has_own = bool(os.environ.get("REDIS_URL") or os.environ.get("REDIS_HOST"))
    if not parts.ON_WINDOWS:
        return is_demo or not has_own
    if not has_own:
        message = sentence(
            "There is no embedded Redis-compatible server for Windows. Install Redis (WSL, Docker or Memurai) "
            "and set REDIS_URL."
        )
        raise SettingsError(message)
    return False


def _supervise(options: argparse.Namespace, supervisor: Supervisor, folder: Path, database: str, chosen: Ports) -> int:
    supervisor.obey_signals()
    environment = parts.environment_for(os.environ, folder, chosen)
    try:
        _start(supervisor, environment, folder, chosen, is_demo=options.what == "demo")
        _show_addresses(environment, folder, chosen)
        if options.what == "demo":
            status = _collect_sample(supervisor, environment, sample.FirstBar.awaited(database, options.since))
            if options.once:
                return status
        if not supervisor.stopping.is_set():
            say("Press Ctrl-C to end it.")
        supervisor.watch()
    except NotReadyError as problem:
        say(str(problem))
        return 1
    finally:
        say("Ending …")
        supervisor.stop()
        say("Everything has ended.")
    return 0


def _start(supervisor: Supervisor, environment: dict[str, str], folder: Path, chosen: Ports, *, is_demo: bool) -> None:
    """Start everything; what the offline market says of itself is added to ``environment``.

    :raises NotReadyError: when something does not come up, or we were told to stop.
    """
    ready = None
    if chosen.redis is not None:
        supervisor.start(parts.queue_server(environment, folder, chosen.redis))
    if is_demo:
        market, ready = parts.offline_market(environment, folder, chosen)
        supervisor.start(market)
    if supervisor.run(parts.our_command("init-db"), environment) != 0:
        raise NotReadyError("The database is not ready; see above.")
    if chosen.redis is not None:
        supervisor.wait_for(lambda: ports.is_taken(chosen.redis or 0), "The queue's server", 20)
    if ready is not None:
        supervisor.wait_for(ready.exists, "The offline market", _PATIENCE)
        environment.update(parts.market_environment(environment, ready))
    for part in parts.our_parts(dict(environment), chosen):
        supervisor.start(part)
    supervisor.wait_for(lambda: _answers(f"{parts.site(environment)}/healthz"), "The site", _PATIENCE)
    supervisor.wait_for(lambda: _answers(f"{environment['FLOWER_URL']}/healthcheck"), "Flower", _PATIENCE)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2):  # noqa: S310 -- our own address
            return True
    except urllib.error.HTTPError:
        return True  # not what we hoped for, but an answer
    except (urllib.error.URLError, OSError):
        return False


def _show_addresses(environment: dict[str, str], folder: Path, chosen: Ports) -> None:
    if not os.environ.get("PORT") and chosen.web != ports.WEB:
        say(f"Port {ports.WEB} is in use, so the site is on the next free one.")
    say(f"Moisson is at {parts.site(environment)}")
    say(f"Flower: {environment['FLOWER_URL']}    logs: {folder / 'logs'}")


def _collect_sample(supervisor: Supervisor, environment: dict[str, str], first: sample.FirstBar) -> int:
    """Collect the sample, watched in this terminal; return 0 only if every job succeeded."""
    say(
        f"The data are simulated: an offline market stands in for {sample.SOURCES}, with a database of its own. "
        "A sample comes now."
    )
    worst = 0
    for words in sample.COLLECTIONS:
        if supervisor.stopping.is_set():
            return 1
        worst = max(worst, abs(supervisor.run(parts.our_command("collect", *words, "--wait"), environment, first.look)))
    if first.seconds is not None:
        say(f"The first bars were there {first.seconds:.1f} s after the command.")
    if not supervisor.stopping.is_set():
        say("Every job succeeded." if worst == 0 else "Not every job succeeded; see above.")
    return worst


if __name__ == "__main__":
    sys.exit(main())
