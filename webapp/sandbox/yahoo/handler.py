"""HTTP as Yahoo's edge speaks it, on the inside of a tunnel."""

import socket
import time
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from socketserver import BaseServer

from webapp.sandbox.yahoo.requests import Request
from webapp.sandbox.yahoo.site import Site
from webapp.sandbox.yahoo.spoiling import Delivery, Sending

_IDLE_SECONDS = 300


class YahooHandler(BaseHTTPRequestHandler):
    """Serves the requests of one connection, one after another.

    :param host: whom the client asked the proxy for.
    """

    protocol_version = "HTTP/1.1"
    server_version = "ATS"
    sys_version = ""
    timeout = _IDLE_SECONDS
    disable_nagle_algorithm = True
    wbufsize = -1

    def __init__(self, connection: socket.socket, server: BaseServer, site: Site, host: str) -> None:
        self._site = site
        self._host = host
        super().__init__(connection, connection.getpeername(), server)

    def do_GET(self) -> None:
        """Answer a request."""
        request = Request(self.command, self._host, self.path, time.time(), self.headers.get("Cookie", ""))
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        delivery = self._site.deliver(request)
        time.sleep(delivery.delay)
        if delivery.sending is Sending.NOTHING:
            self.close_connection = True
            return
        self._send(delivery)

    do_POST = do_GET  # noqa: N815 (the name is the library's)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the name is the library's)
        """Stay silent: the log that matters is the site's."""

    def _send(self, delivery: Delivery) -> None:
        answer = delivery.answer
        body = answer.payload()
        self.send_response(answer.status, HTTPStatus(answer.status).phrase)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "public, max-age=10, stale-while-revalidate=20")
        for name, value in answer.headers:
            self.send_header(name, value)
        self.end_headers()
        if delivery.sending is Sending.HALF:
            body = body[: len(body) // 2]
            self.close_connection = True
        self.wfile.write(body)
