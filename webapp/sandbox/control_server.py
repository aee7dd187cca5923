"""The sandbox's remote control: plain HTTP and JSON on loopback, on a port of its own."""

import json
from collections.abc import Callable, Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Command = Callable[[Mapping[str, str], Any], Any]
"""What a call does with the query and the JSON that came; a ``ValueError`` is a bad request."""

Commands = Mapping[tuple[str, str], Command]
"""By method and path, such as ``("GET", "/control/log")``."""


class ControlServer(ThreadingHTTPServer):
    """Listens on loopback.

    :param port: 0 for any free one.
    """

    daemon_threads = True
    block_on_close = False

    def __init__(self, port: int, commands: Commands) -> None:
        self.commands = commands
        super().__init__(("127.0.0.1", port), _ControlHandler)


class _ControlHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: ControlServer

    def do_GET(self) -> None:
        """Run a command."""
        address = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        command = self.server.commands.get((self.command, address.path))
        if command is None:
            self._answer(HTTPStatus.NOT_FOUND, {"error": f"There is no {self.command} {address.path}."})
            return
        query = {name: values[-1] for name, values in parse_qs(address.query).items()}
        try:
            self._answer(HTTPStatus.OK, command(query, json.loads(body) if body else None))
        except (ValueError, LookupError, TypeError) as error:
            self._answer(HTTPStatus.BAD_REQUEST, {"error": f"{type(error).__name__}: {error}"})

    do_POST = do_DELETE = do_GET  # noqa: N815 (the names are the library's)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the name is the library's)
        """Stay silent: nobody needs a log of the remote control."""

    def _answer(self, status: HTTPStatus, document: object) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
