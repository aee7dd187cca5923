"""The whole sandbox in one process: the market, the simulated Yahoo and TWS, the remote control."""

import json
import os
import threading
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from webapp.sandbox.clock import Clock
from webapp.sandbox.control_server import ControlServer
from webapp.sandbox.market import Market
from webapp.sandbox.tws.commands import TwsControl
from webapp.sandbox.tws.pacing import Rules
from webapp.sandbox.tws.server import TwsServer
from webapp.sandbox.tws.state import Tws
from webapp.sandbox.yahoo.certificates import server_context
from webapp.sandbox.yahoo.commands import YahooControl
from webapp.sandbox.yahoo.proxy import ProxyServer
from webapp.sandbox.yahoo.replay import Replay
from webapp.sandbox.yahoo.site import Site

_POLL_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where a running sandbox is found; the ready file holds this as JSON."""

    proxy: str
    ca_bundle: str
    control: str
    tws: str
    pid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How a sandbox is started.

    :param folder: where the certificate that clients trust is written.
    :param clock: the market's time.
    :param replay: the folder of recordings to give instead of the market's answers.
    :param proxy_port: 0 for any free one; so are ``control_port`` and ``tws_port``.
    :param pacing: the limits of the offline TWS.
    """

    folder: Path
    clock: Clock
    replay: Path | None = None
    proxy_port: int = 0
    control_port: int = 0
    tws_port: int = 0
    pacing: Rules = field(default_factory=Rules)


class Sandbox:
    """A running sandbox; ``with Sandbox(options) as sandbox`` ends it.

    :raises OSError: a port is taken.
    :raises InvalidRecordingError: the folder to replay holds something else than recordings.
    """

    def __init__(self, options: Options) -> None:
        market = Market(options.clock.now)
        site = Site(market, Replay(options.replay) if options.replay else None)
        options.folder.mkdir(parents=True, exist_ok=True)
        bundle = options.folder.resolve() / "ca.pem"
        tws = Tws(market, options.pacing)
        commands = {**YahooControl(site, options.clock).commands(), **TwsControl(tws).commands()}
        self._servers = (
            ProxyServer(options.proxy_port, server_context(bundle), site),
            ControlServer(options.control_port, commands),
            TwsServer(options.tws_port, tws),
        )
        proxy, remote, own = (f"127.0.0.1:{server.server_address[1]}" for server in self._servers)
        self.addresses = Addresses(f"http://{proxy}", str(bundle), f"http://{remote}", own, os.getpid())
        for server in self._servers:
            threading.Thread(target=server.serve_forever, args=(_POLL_SECONDS,), daemon=True).start()
        # The calendars cost a second on a machine's first start; whoever asks meanwhile waits for this.
        threading.Thread(target=market.view, args=("AAPL",), daemon=True).start()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the servers; connections that are still open are cut."""
        for server in self._servers:
            server.shutdown()
            server.server_close()

    def announce(self, file: Path) -> None:
        """Write the addresses, in one piece: whoever sees the file can read all of it."""
        draft = file.with_name(f".{file.name}.{os.getpid()}")
        draft.write_text(json.dumps(asdict(self.addresses)), encoding="utf-8")
        draft.replace(file)
