"""A sandbox from the outside: to steer it over its control port, and to run one for a while."""

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

from webapp.sandbox.tws.client import TwsClient

_PATIENCE_SECONDS = 30
_LOOK_SECONDS = 0.02
_ROOT = Path(__file__).parents[2]


class SandboxError(RuntimeError):
    """A sandbox did not start."""


class SandboxClient:
    """Steers a running sandbox.

    Every method raises ``urllib.error.HTTPError`` (its body says why) where the sandbox refuses, ``URLError``
    where there is none.

    :param url: the address of the control port.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self.tws = TwsClient(self._call)
        # Without the proxies of the environment, one of which may well be the sandbox itself.
        self._opener = build_opener(ProxyHandler({}))

    def log(self, since: int = 0) -> list[dict[str, Any]]:
        """Return the requests that were served after number ``since``; see ``yahoo/log.py``."""
        entries: list[dict[str, Any]] = self._call("GET", f"log?since={since}")
        return entries

    def clear(self) -> None:
        """Forget log, faults, distortions, silences and injected actions; the clock stays."""
        for what in ("log", "faults", "distortions", "silences", "actions", "tws"):
            self._call("DELETE", what)

    def fault(
        self,
        *,
        times: int | None = None,
        per: str = "rule",
        match: dict[str, str] | None = None,
        **action: object,
    ) -> None:
        """Add a rule: ``fault(status=429, times=2, match={"symbol": "AAPL"})``; see ``yahoo/faults.py``."""
        self._call("POST", "faults", {"match": match or {}, "times": times, "per": per, "action": action})

    def faults(self) -> list[dict[str, Any]]:
        """Return the rules, and how often each struck."""
        rules: list[dict[str, Any]] = self._call("GET", "faults")
        return rules

    def heal(self) -> None:
        """Remove all rules."""
        self._call("DELETE", "faults")

    def inject(self, symbol: str, date: str, kind: str, value: float | str) -> dict[str, Any]:
        """Bring an action about: ``inject("AAPL", "2026-03-16", "split", "4:1")``."""
        distortion = {"symbol": symbol, "date": date, "kind": kind, "value": value}
        action: dict[str, Any] = self._call("POST", "actions", distortion)
        return action

    def take_back(self, symbol: str) -> None:
        """Let all that was injected into a listing never have happened."""
        self._call("DELETE", f"actions?symbol={symbol}")

    def silence(self, symbol: str, start: str, end: str, interval: str = "") -> None:
        """Leave the events of some dates out of answers, whose adjusted closes still contain them."""
        self._call("POST", "silences", {"symbol": symbol, "start": start, "end": end, "interval": interval})

    def distort(self, symbol: str, time: str | int, kind: str, interval: str = "1d") -> None:
        """Let a bar come wrong: ``distort("AAPL", "2026-02-02", "x100")``; see ``yahoo/distortions.py``."""
        self._call("POST", "distortions", {"symbol": symbol, "interval": interval, "time": time, "kind": kind})

    def set_now(self, now: str | None, *, running: bool = False) -> None:
        """Put the market's clock to a moment (ISO 8601), or with ``None`` back to the real time."""
        self._call("POST", "now", {"now": now, "running": running})

    def now(self) -> dict[str, Any]:
        """Return the market's time and how it passes."""
        state: dict[str, Any] = self._call("GET", "now")
        return state

    def _call(self, method: str, what: str, body: object = None) -> Any:  # noqa: ANN401 (JSON)
        data = None if body is None else json.dumps(body).encode()
        request = Request(f"{self._url}/control/{what}", data, method=method)  # noqa: S310 (our own server)
        with self._opener.open(request, timeout=_PATIENCE_SECONDS) as answer:
            return json.load(answer)


@dataclass(frozen=True, slots=True)
class RunningSandbox:
    """A sandbox in a process of its own.

    :param environment: the variables that lead yfinance, and anything that honours them, to it.
    """

    client: SandboxClient
    proxy: str
    ca_bundle: str
    control: str
    tws: str
    pid: int

    @property
    def environment(self) -> dict[str, str]:
        """Return the environment variables that send an HTTPS client to the sandbox."""
        return {
            "HTTPS_PROXY": self.proxy,
            "REQUESTS_CA_BUNDLE": self.ca_bundle,
            "CURL_CA_BUNDLE": self.ca_bundle,
            "NO_PROXY": "localhost,127.0.0.1",
        }


@contextlib.contextmanager
def running_sandbox(folder: Path, options: Sequence[str] = ()) -> Iterator[RunningSandbox]:
    """Run a sandbox while a ``with`` block lasts.

    :param folder: for its certificate and its ready file.
    :param options: of the command line, such as ``("--now", "2026-03-02T18:00:00Z")``.
    :raises SandboxError: it ended, or did not get ready in time.
    """
    ready = folder / "sandbox.json"
    ready.unlink(missing_ok=True)
    program = [sys.executable, "-m", "webapp.sandbox", "--dir", str(folder), "--ready-file", str(ready)]
    environment = os.environ | {"PYTHONPATH": str(_ROOT)}
    process = subprocess.Popen([*program, *options], env=environment, stdout=subprocess.DEVNULL)  # noqa: S603
    try:
        yield _when_ready(process, ready)
    finally:
        process.terminate()
        process.wait(_PATIENCE_SECONDS)


def _when_ready(process: "subprocess.Popen[bytes]", ready: Path) -> RunningSandbox:
    patience = time.monotonic() + _PATIENCE_SECONDS
    while not ready.exists():
        if process.poll() is not None:
            message = f"The sandbox ended with status {process.returncode} before it was ready."
            raise SandboxError(message)
        if time.monotonic() > patience:
            message = f"The sandbox was not ready after {_PATIENCE_SECONDS} seconds."
            raise SandboxError(message)
        time.sleep(_LOOK_SECONDS)
    addresses = json.loads(ready.read_text(encoding="utf-8"))
    return RunningSandbox(SandboxClient(addresses["control"]), **addresses)
