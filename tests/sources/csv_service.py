"""A service as small ones are: a day a line, as CSV over HTTP. ``python -m tests.sources.csv_service`` serves it."""

import datetime as dt
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar
from urllib.parse import parse_qs, urlsplit

PORT = 8765
COLUMNS = "date,open,high,low,close,volume,dividend"
SYMBOLS = {"ABC": 100.0, "XYZ": 40.0, "BUSY": 70.0, "NEW": 20.0}
"""Prices of what there is; BUSY refuses every first request, NEW has nothing before 2024."""


class Handler(BaseHTTPRequestHandler):
    timeout = 10
    requests: ClassVar[Counter[str]] = Counter()

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        symbol = url.path.removeprefix("/daily/").removesuffix(".csv")
        self.requests[symbol] += 1
        if symbol not in SYMBOLS:
            return self.reply(404, "Unknown symbol\n")
        if symbol == "BUSY" and self.requests[symbol] == 1:
            return self.reply(429, "Too many requests\n", {"Retry-After": "1"})
        first, last = (dt.date.fromisoformat(parse_qs(url.query)[name][0]) for name in ("from", "to"))
        rows = list(make_rows(symbol, first, min(last, dt.datetime.now(dt.UTC).date())))
        return self.reply(200, "\n".join((COLUMNS, *rows, "")) if rows else "No data\n")

    def reply(self, status: int, text: str, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(text)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text.encode("ascii"))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the name is the library's
        pass


def make_rows(symbol: str, first: dt.date, last: dt.date) -> Iterator[str]:
    """A row for each weekday since 2000; a dividend on the first one of a quarter's last month."""
    day = max(first, dt.date(2024 if symbol == "NEW" else 2000, 1, 1))
    while day <= last:
        if day.weekday() < 5:
            price = SYMBOLS[symbol] + abs(day.toordinal() % 200 - 100) / 10
            prices = f"{price:.2f},{price + 1:.2f},{price - 1:.2f},{price + 0.5:.2f}"
            pays = day.month % 3 == 0 and day.day <= 3 and (day.day == 1 or day.weekday() == 0)
            yield f"{day},{prices},{1000 + day.day},{0.5 if pays else ''}"
        day += dt.timedelta(days=1)


@contextmanager
def running_service(port: int = 0) -> Iterator[str]:
    """Serve on this machine, on a free port unless it is named; gives the address."""
    with ThreadingHTTPServer(("127.0.0.1", port), Handler) as server:
        Handler.requests.clear()
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


if __name__ == "__main__":
    with running_service(int(sys.argv[1]) if len(sys.argv) > 1 else PORT) as address:
        print(f"{address}/daily/ABC.csv?from=2024-01-01&to=2024-12-31")  # noqa: T201
        threading.Event().wait()
