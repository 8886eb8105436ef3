"""Who is told, on loopback: a web hook, a mail server and a taker of OpenLineage's events that keep what they are sent."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler
from typing import Any

TOKEN = "t0k3nOfTheHook"


@dataclass
class Listener:
    """A listener's address, as apprise writes it, and the titles and texts that came."""

    address: str = ""
    messages: list[tuple[str, str]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def take(self) -> list[tuple[str, str]]:
        """What came since the last look."""
        taken = self.messages[:]
        self.messages.clear()
        return taken


@contextmanager
def _serving(handler: type[socketserver.BaseRequestHandler]) -> Iterator[int]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()


@contextmanager
def web_hook(answer: int = 200) -> Iterator[Listener]:
    """A web hook that takes apprise's JSON, and GET of anything."""
    listener = Listener()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            listener.messages.append((body["title"], body["message"]))
            self.do_GET()

        def do_GET(self) -> None:
            listener.asked.append(self.path)
            self.send_response(answer)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with _serving(Handler) as port:
        listener.address = f"json://127.0.0.1:{port}/{TOKEN}"
        yield listener


@contextmanager
def lineage_server() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Where OpenLineage's events go: its address, and those that came."""
    events: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            events.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with _serving(Handler) as port:
        yield f"http://127.0.0.1:{port}", events


@contextmanager
def mail_server() -> Iterator[Listener]:
    """A mail server that takes whatever it is sent."""
    listener = Listener()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"220 here\r\n")
            while line := self.rfile.readline():
                word = line[:4].upper().strip()
                if word == b"DATA":
                    self.wfile.write(b"354 go on\r\n")
                    lines = iter(self.rfile.readline, b".\r\n")
                    mail = message_from_bytes(b"".join(lines), policy=policy.default)
                    body = mail.get_body(("plain", "html"))
                    assert body is not None
                    listener.messages.append((mail["Subject"], body.get_content()))
                self.wfile.write(b"221 bye\r\n" if word == b"QUIT" else b"250 ok\r\n")
                if word == b"QUIT":
                    return

    with _serving(Handler) as port:
        listener.address = f"mailto://127.0.0.1:{port}?mode=insecure&from=anq@example.fr&to=ops@example.fr&format=text"
        yield listener
