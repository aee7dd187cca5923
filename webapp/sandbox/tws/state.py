"""What the offline TWS is at a moment: its rules, its settings, its clients, its link to the servers."""

import datetime as dt
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Protocol

from webapp.sandbox.market import Market
from webapp.sandbox.tws.book import Book
from webapp.sandbox.tws.dates import DateStyle
from webapp.sandbox.tws.faults import Faults
from webapp.sandbox.tws.journal import Journal
from webapp.sandbox.tws.pacing import Pacing, Rules
from webapp.sandbox.tws.wire import Field

LINK_LOST = 1100, "Connectivity between IBKR and Trader Workstation has been lost."
RESTORED_WITHOUT_LOSS = 1102
RESTORED = {
    1101: "Connectivity between IBKR and Trader Workstation has been restored - data lost.",
    RESTORED_WITHOUT_LOSS: "Connectivity between IBKR and Trader Workstation has been restored - data maintained. "
    "All data farms are connected: usfarm; ushmds; secdefil.",
}
NOTICES = (
    (2104, "Market data farm connection is OK:usfarm"),
    (2106, "HMDS data farm connection is OK:ushmds"),
    (2158, "Sec-def data farm connection is OK:secdefil"),
)


class Client(Protocol):
    """A connected program."""

    client_id: int

    def notice(self, code: int, text: str) -> None:
        """Tell it something that belongs to no request."""
        ...

    def drop(self) -> None:
        """Cut its connection."""
        ...


class Line(Client, Protocol):
    """A client's connection, as answers use it."""

    tws: "Tws"
    version: int

    def send(self, fields: list[Field]) -> None:
        """Send a message."""
        ...

    def send_bytes(self, data: bytes) -> None:
        """Send raw bytes."""
        ...

    def error(self, number: int, code: int, text: str) -> None:
        """Send the error of a request."""
        ...

    def reset(self) -> None:
        """Break the connection off."""
        ...


@dataclass(slots=True)
class Settings:
    """What a person could set in TWS."""

    account: str = "DU1234567"
    date_style: DateStyle = DateStyle.OPERATOR
    server_version: int = 178
    rejects_messages: bool = True
    """Whether more messages in a second than allowed are refused with error 100; otherwise they only count."""
    held_seconds: float = 0.0
    """For how long a client's id stays in use after an unclean exit: a reset, or an end with requests open."""

    def style_for(self, version: int) -> DateStyle:
        """Return how dates are written for a protocol version: zones came with 174."""
        return self.date_style if version >= 174 else DateStyle.OLD  # noqa: PLR2004 (a version)


@dataclass
class Tws:
    """One TWS. Sessions share it; safe for threads."""

    market: Market
    rules: Rules
    settings: Settings = field(default_factory=Settings)
    book: Book = field(default_factory=Book)
    faults: Faults = field(default_factory=Faults)
    journal: Journal = field(default_factory=Journal)

    def __post_init__(self) -> None:
        """Begin with a link to the servers and nobody connected."""
        self.pacing = Pacing(self.rules)
        self.work = ThreadPoolExecutor(4, thread_name_prefix="tws")
        self.is_linked = True
        self.is_closed = False
        self._clients: dict[int, Client] = {}
        self._occupied: set[int] = set()
        self._held: dict[int, float] = {}
        self._lock = threading.Lock()
        self._timers: dict[str, threading.Timer] = {}
        self._restored = RESTORED_WITHOUT_LOSS

    @property
    def today(self) -> dt.date:
        """The date in UTC."""
        return dt.datetime.fromtimestamp(self.market.now(), dt.UTC).date()

    def enter(self, client: Client) -> bool:
        """Let a client in, unless another holds its id."""
        with self._lock:
            number = client.client_id
            is_held = self._held.get(number, 0.0) > time.monotonic()
            if is_held or number in self._clients or number in self._occupied:
                return False
            self._clients[client.client_id] = client
            return True

    def leave(self, client: Client, *, is_unclean: bool) -> None:
        """Forget a client; after an unclean exit its id may stay in use for a while."""
        with self._lock:
            if self._clients.get(client.client_id) is not client:
                return
            del self._clients[client.client_id]
            if is_unclean and self.settings.held_seconds:
                self._held[client.client_id] = time.monotonic() + self.settings.held_seconds

    def occupy(self, ids: list[int]) -> None:
        """Behave as if other programs held these client ids."""
        with self._lock:
            self._occupied = set(ids)

    def client_ids(self) -> list[int]:
        """Return the ids of the clients that are connected."""
        with self._lock:
            return sorted(self._clients)

    def outage(self, seconds: float, code: int) -> None:
        """Lose the link to the servers for a while; requests meanwhile are never answered."""
        self.is_linked = False
        self._restored = code
        self._tell(*LINK_LOST)
        self._tell(2105, "HMDS data farm connection is broken:ushmds")
        self._later("outage", seconds, self.restore)

    def restore(self) -> None:
        """End an outage; what was asked during it stays unanswered."""
        if not self.is_linked:
            self.is_linked = True
            self._tell(self._restored, RESTORED[self._restored])
            self._tell(*NOTICES[1])

    def restart(self, seconds: float) -> None:
        """Drop all connections and let nobody in for a while."""
        self.is_closed = True
        with self._lock:
            clients = list(self._clients.values())
            self._held.clear()
        for client in clients:
            client.drop()

        self._later("restart", seconds, self._reopen)

    def _reopen(self) -> None:
        self.is_closed = False

    def end(self) -> None:
        """Drop all connections for good; what is not answered yet never will be."""
        self.is_closed = True
        with self._lock:
            clients = list(self._clients.values())
        for client in clients:
            client.drop()

    def clear(self) -> None:
        """Be as at first, but for the clock and what is connected."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        self.is_linked, self.is_closed = True, False
        self.settings = Settings()
        self.pacing.is_enforced = True
        self.pacing.rules = self.rules
        self.pacing.clear()
        self.faults.clear()
        self.journal.clear()
        self.occupy([])
        with self._lock:
            self._held.clear()

    def _tell(self, code: int, text: str) -> None:
        with self._lock:
            clients = list(self._clients.values())
        for client in clients:
            client.notice(code, text)

    def _later(self, name: str, seconds: float, action: Callable[[], None]) -> None:
        """Do something later, instead of what was to be done under the same name."""
        if name in self._timers:
            self._timers[name].cancel()
        timer = self._timers[name] = threading.Timer(seconds, action)
        timer.daemon = True
        timer.start()
