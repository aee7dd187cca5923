"""The socket on which the offline TWS listens."""

import socket
import socketserver
import struct

from webapp.sandbox.tws.session import Session
from webapp.sandbox.tws.state import Tws

_SEND_SECONDS = 20


class TwsServer(socketserver.ThreadingTCPServer):
    """Listens on loopback, a thread for each connection.

    :param port: 0 for any free one.
    """

    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True

    def __init__(self, port: int, tws: Tws) -> None:
        self.tws = tws
        super().__init__(("127.0.0.1", port), _Handler)

    def server_close(self) -> None:
        """Close the port, and the connections that are still open."""
        super().server_close()
        self.tws.end()


class _Handler(socketserver.BaseRequestHandler):
    server: TwsServer

    def handle(self) -> None:
        """Serve a connection."""
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # As TWS does ("Timeout to send bulk data to API"); otherwise a few who do not read would stop all answers.
        self.request.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", _SEND_SECONDS, 0))
        Session(self.server.tws, self.request).serve()
