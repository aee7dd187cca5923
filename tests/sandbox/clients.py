"""Two ways to ask the sandbox: plain HTTPS through the proxy, and the real yfinance."""

import json
import os
import ssl
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPSHandler, ProxyHandler, Request, build_opener

from webapp.sandbox.control import RunningSandbox

CHART = "https://query2.finance.yahoo.com/v8/finance/chart/"


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    headers: Message
    body: bytes

    @property
    def document(self) -> Any:  # noqa: ANN401 (JSON)
        return json.loads(self.body)

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def result(self) -> Any:  # noqa: ANN401 (JSON)
        return self.document["chart"]["result"][0]

    @property
    def refusal(self) -> tuple[int, str, str]:
        error = self.document["chart"]["error"]
        return self.status, error["code"], error["description"]


class Browser:
    """Asks through the proxy, a new connection each time."""

    def __init__(self, sandbox: RunningSandbox) -> None:
        context = ssl.create_default_context(cafile=sandbox.ca_bundle)
        self._opener = build_opener(ProxyHandler({"https": sandbox.proxy}), HTTPSHandler(context=context))

    def get(self, url: str, headers: Mapping[str, str] | None = None, data: bytes | None = None) -> Reply:
        request = Request(url, data, dict(headers or {}))
        try:
            with self._opener.open(request, timeout=20) as answer:
                return Reply(answer.status, answer.headers, answer.read())
        except HTTPError as error:
            with error:
                return Reply(error.code, error.headers, error.read())

    def chart(self, symbol: str, query: str) -> Reply:
        return self.get(f"{CHART}{symbol}?{query}")


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame of yfinance; ``error`` is the name of what it raised instead."""

    columns: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()
    starts: tuple[int, ...] = ()
    rows: tuple[list[float], ...] = ()
    metadata: Mapping[str, str] | None = None
    error: str = ""
    text: str = ""

    def column(self, name: str) -> list[float]:
        return [row[self.columns.index(name)] for row in self.rows]

    @property
    def bars(self) -> list[tuple[float, ...]]:
        names = ("Open", "High", "Low", "Close", "Volume")
        return list(zip(*(self.column(name) for name in names), strict=True))

    def events(self, name: str) -> dict[str, float]:
        return {day: value for day, value in zip(self.dates, self.column(name), strict=True) if value}


class YFinance:
    """The real yfinance, in one process for many questions."""

    def __init__(self, sandbox: RunningSandbox, cache: Path) -> None:
        environment = os.environ | sandbox.environment | {"XDG_CACHE_HOME": str(cache)}
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("yfinance_driver.py"))],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def history(self, symbol: str, **options: object) -> Frame:
        return Frame(**self._ask({"symbol": symbol, "options": options}))

    def search(self, text: str) -> list[str]:
        return [quote["symbol"] for quote in self._ask({"search": text})["quotes"]]

    def end(self) -> None:
        self._process.communicate()

    def _ask(self, question: object) -> dict[str, Any]:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer
