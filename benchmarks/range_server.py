"""A static server that answers ranges, as those that publish files do, and counts what it sends.

`python -m benchmarks.range_server FOLDER` prints its port. It is a process of its own: a DuckDB that waits for it may
hold Python's lock.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
_SENT = "/sent"


@dataclass(frozen=True)
class Server:
    """A running server.

    Attributes:
        url: its address.
    """

    url: str

    def sent(self) -> tuple[int, int]:
        """Requests that were answered, and bytes of bodies, since the last look."""
        with urllib.request.urlopen(f"{self.url}{_SENT}") as answer:
            requests, length = json.load(answer)
        return requests, length


@contextmanager
def serving(folder: Path) -> Iterator[Server]:
    """The server, for the length of a `with`."""
    command = [sys.executable, "-m", "benchmarks.range_server", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1]) as process:
        assert process.stdout
        try:
            yield Server(f"http://127.0.0.1:{process.stdout.readline().strip()}")
        finally:
            process.kill()


class _Files(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.folder, self.lock, self.requests, self.sent = folder, threading.Lock(), 0, 0


class Answering(BaseHTTPRequestHandler):
    """What answers with a head of one's own, and says nothing of it."""

    protocol_version = "HTTP/1.1"

    def _head(self, code: int, headers: dict[str, str]) -> None:
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing."""


class _Handler(Answering):
    server: _Files

    def do_GET(self) -> None:
        if self.path == _SENT:
            with self.server.lock:
                body = json.dumps([self.server.requests, self.server.sent]).encode()
                self.server.requests = self.server.sent = 0
            self._head(200, {"Content-Length": str(len(body))})
            self.wfile.write(body)
            return
        path = self.server.folder / self.path.lstrip("/")
        if not path.is_file():
            self._head(404, {"Content-Length": "0"})
            return
        with path.open("rb") as file:
            stat = os.fstat(file.fileno())
            first, last = 0, stat.st_size - 1
            headers = {"Accept-Ranges": "bytes", "ETag": f'"{stat.st_mtime_ns:x}-{stat.st_size:x}"'}
            asked = _RANGE.fullmatch(self.headers.get("Range", ""))
            if asked:
                first = int(asked[1]) if asked[1] else max(0, stat.st_size - int(asked[2]))
                last = min(int(asked[2]), last) if asked[1] and asked[2] else last
                headers["Content-Range"] = f"bytes {first}-{last}/{stat.st_size}"
            self._head(206 if asked else 200, {**headers, "Content-Length": str(last - first + 1)})
            if self.command == "GET":
                file.seek(first)
                body = file.read(last - first + 1)
                self.wfile.write(body)
        with self.server.lock:
            self.server.requests += 1
            self.server.sent += len(body) if self.command == "GET" else 0

    do_HEAD = do_GET


if __name__ == "__main__":
    served = _Files(Path(sys.argv[1]))
    print(served.server_port, flush=True)
    served.serve_forever()
