"""The door to the stand-in: an HTTP proxy that knows the way to Yahoo and to nowhere else.

The tunnel ends here: after the answer to CONNECT, TLS and HTTP go on over the same socket in the same thread.
A second connection to a second server would only copy every byte twice.
"""

import socket
import ssl
import sys
import time
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from typing import Any

from webapp.sandbox.yahoo.handler import YahooHandler
from webapp.sandbox.yahoo.requests import Request
from webapp.sandbox.yahoo.site import Site

_HANDSHAKE_SECONDS = 30


class ProxyServer(ThreadingTCPServer):
    """Listens on loopback, a thread a connection.

    :param port: 0 for any free one.
    :param context: TLS for Yahoo's hosts.
    """

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256

    def __init__(self, port: int, context: ssl.SSLContext, site: Site) -> None:
        self.context = context
        self.site = site
        super().__init__(("127.0.0.1", port), _ProxyHandler)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 (the library's signature)
        """Stay silent about connections, which clients and tests cut as they like; show our own mistakes."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _ProxyHandler(BaseHTTPRequestHandler):
    """Takes one CONNECT."""

    # Not a byte more than the CONNECT may be read here: what follows belongs to TLS.
    rbufsize = 0
    timeout = _HANDSHAKE_SECONDS
    protocol_version = "HTTP/1.1"
    server: ProxyServer

    def do_CONNECT(self) -> None:
        """Open the tunnel to a Yahoo host; 403 to any other."""
        host, _, port = self.path.rpartition(":")
        if port != "443" or not (host == "yahoo.com" or host.endswith(".yahoo.com")):
            self._refuse()
            return
        self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        self.close_connection = True
        with self.server.context.wrap_socket(self.connection, server_side=True) as inside:
            YahooHandler(inside, self.server, self.server.site, host)
            inside.shutdown(socket.SHUT_WR)

    def _refuse(self) -> None:
        host = self.path.rpartition(":")[0] if self.command == "CONNECT" else self.path
        self.server.site.log.write(Request(self.command, host, "", time.time()), HTTPStatus.FORBIDDEN)
        self.close_connection = True
        self.send_error(HTTPStatus.FORBIDDEN, explain="This proxy leads to a simulated Yahoo and nowhere else.")

    do_GET = do_POST = do_HEAD = do_PUT = do_DELETE = _refuse  # noqa: N815 (the names are the library's)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the name is the library's)
        """Stay silent: the log that matters is the site's."""
