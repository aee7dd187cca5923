"""Somebody at the site while everything breaks: the list of jobs, and now and then a job through the form."""

import http.cookiejar
import re
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass

from tests.faults.chaos_stage import Spell, Stage

_EVERY_SECONDS = 0.4
_FORM = {"symbols": "AAPL", "source": "yahoo", "interval": "1d", "period": "1y", "priority": "normal"}


@dataclass(frozen=True)
class Visit:
    """One page asked for (epoch seconds); status 0 when nothing answered."""

    what: str
    start: float
    seconds: float
    status: int


class Visitor:
    """Looks at the site in a thread of its own until told to stop."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._url = f"http://127.0.0.1:{stage.port}"
        self._jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), self._jar)
        self._token = ""
        self._posts = threading.Event()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True, name="visitor")
        self._count = 0
        self.visits: list[Visit] = []

    def begin(self) -> None:
        self._thread.start()

    def end(self) -> None:
        self._over.set()
        self._thread.join()

    def post_soon(self) -> None:
        """Submit a job at the next look: Redis has just been frozen."""
        self._posts.set()

    def _look(self) -> None:
        while not self._over.wait(_EVERY_SECONDS):
            self._visit("GET /jobs", "/jobs")
            if not self._token:
                page = self._visit("GET /", "/")
                found = re.search(r'name="csrf_token" value="([^"]+)"', page) or re.search(
                    r'csrf-token" content="([^"]+)"', page
                )
                self._token = found[1] if found else ""
            elif self._posts.is_set():
                self._posts.clear()
                self._count += 1
                form = {**_FORM, "symbols": f"SIM{900 + self._count % 100}", "csrf_token": self._token}
                self._visit("POST /jobs", "/jobs", urllib.parse.urlencode(form).encode())

    def _visit(self, what: str, path: str, data: bytes | None = None) -> str:
        headers = {"HX-Request": "true"} if data else {}
        request = urllib.request.Request(self._url + path, data, headers)
        began, began_at, text = time.monotonic(), time.time(), ""
        try:
            with self._opener.open(request, timeout=30) as answer:
                text, status = answer.read().decode(), answer.status
        except urllib.error.HTTPError as error:
            status = error.code
        except OSError:
            status = 0
        self.visits.append(Visit(what, began_at, time.monotonic() - began, status))
        return text

    def figures(self) -> dict[str, object]:
        """Return the slowest pages while Redis was frozen and the site itself was not kept from answering.

        A page that had to wait for a stranger's write lock, or that slept with everybody else, is left out.
        """
        hindered = [one for one in self._stage.spells if one.kind in ("asleep", "locked")]
        frozen = [one for one in self._stage.spells if one.kind == "redis frozen"]
        counted = [one for one in self.visits if _in(one, frozen) and not _in(one, hindered)]
        told: dict[str, object] = {"errors_5xx": sum(one.status >= 500 for one in self.visits)}
        for what in ("GET /jobs", "POST /jobs"):
            mine = [one for one in counted if one.what == what]
            told[what] = {
                "count": len(mine),
                "slowest": round(max((one.seconds for one in mine), default=0.0), 2),
                "statuses": sorted({one.status for one in mine}),
            }
        return told


def _in(visit: Visit, spells: list[Spell]) -> bool:
    return any(visit.start < one.end and visit.start + visit.seconds > one.start for one in spells)
