"""A proxy before an S3 server, which fails as a store does when it is told to."""

from __future__ import annotations

import http.client
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit

#: By method and path: the status and code to answer with; None passes the request on.
Fault = Callable[[str, str], tuple[int, str] | None]
CUT = (0, "")  # the answer's body ends in its middle


@dataclass
class Failing:
    """The proxy.

    Attributes:
        url: its address.
        fault: what it answers itself.
    """

    url: str
    fault: Fault


@contextmanager
def failing(upstream: str, port: int = 0) -> Iterator[Failing]:
    """A proxy before the server at `upstream`, which passes all on until its `fault` is set."""
    proxy = Failing("", lambda *_: None)
    to = urlsplit(upstream).netloc

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # else a body waits 40 ms for the word that its headers came

        def _pass(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            fault = proxy.fault(self.command, self.path)
            if fault and fault != CUT:
                status, code = fault
                self._answer(status, [], f"<Error><Code>{code}</Code></Error>".encode())
                return
            connection = http.client.HTTPConnection(to)
            connection.request(self.command, self.path, body, dict(self.headers))
            answer = connection.getresponse()
            content = answer.read()
            connection.close()
            if fault == CUT:
                self._answer(answer.status, answer.getheaders(), content, sent=len(content) // 2)
            else:
                self._answer(answer.status, answer.getheaders(), content)

        def _answer(self, status: int, headers: list[tuple[str, str]], body: bytes, sent: int | None = None) -> None:
            self.send_response_only(status)
            for name, value in headers:
                if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                    self.send_header(name, value)
            length = dict(headers).get("Content-Length", len(body)) if self.command == "HEAD" else len(body)
            self.send_header("Content-Length", str(length))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body[:sent])
            self.close_connection = sent is not None

        do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _pass

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    proxy.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield proxy
    finally:
        server.shutdown()
        server.server_close()
