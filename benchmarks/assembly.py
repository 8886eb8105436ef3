"""A folder served as the Assembly's site, and DILA's, are known to behave (docs/source/formats.md 10).

Last-Modified and no ETag; ranges; an index page for a folder. Some requests fail, each in a way that was met there: the
body is dropped on its way, a range brings no byte, a 503, or 200 with an error page. Which ones fail is the same for
the same seed, and no file fails more than three times before it comes whole.
"""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import ThreadingHTTPServer
from pathlib import Path
from random import Random

from benchmarks.range_server import Answering

FAULTS = ("dropped", "dropped", "empty range", "unavailable", "error page")
MOST_FAULTS = 3  # of a state of a file; a site that fails for good is rehearsed elsewhere
BLOCK = 1 << 16
ERROR_PAGE = b"<html><head><title>50x</title></head><body>Error 503 Service Unavailable</body></html>"


@dataclass
class Assembly:
    """The site.

    Attributes:
        folder: the tree that it serves.
        rate: the share of requests that fail.
        seed: of the faults.
        faults: how often each was served.
        asked: how often each state of a file was asked for, by its path and time.
    """

    folder: Path
    rate: float
    seed: int = 1
    url: str = ""
    faults: Counter[str] = field(default_factory=Counter)
    asked: Counter[tuple[Path, int]] = field(default_factory=Counter)

    def fault(self, path: Path, mtime_ns: int, *, is_range: bool) -> tuple[str, Random]:
        """What goes wrong with a request, "" when nothing does, and what draws where."""
        self.asked[path, mtime_ns] += 1
        dice = Random(f"{self.seed} {self.asked.total()}")
        if self.asked[path, mtime_ns] > MOST_FAULTS or dice.random() >= self.rate:
            return "", dice
        fault = dice.choice(FAULTS)
        if fault == "empty range" and not is_range:
            fault = "dropped"
        self.faults[fault] += 1
        return fault, dice


@contextmanager
def assembly(folder: Path, rate: float = 0.25, seed: int = 1) -> Iterator[Assembly]:
    """Serves a folder on loopback for the length of a `with`."""
    site, lock = Assembly(folder, rate, seed), threading.Lock()

    class Handler(Answering):
        def handle(self) -> None:
            try:
                super().handle()
            except ConnectionError:  # a client that has what it wants to know hangs up
                self.close_connection = True

        def do_GET(self) -> None:
            path = (folder / self.path.lstrip("/")).resolve()
            if not path.is_relative_to(folder.resolve()) or not path.exists():
                self._page(404, b"<html><title>The page cannot be found</title></html>")
            elif path.is_dir():
                links = "".join(f'<a href="{child.name}">{child.name}</a>\n' for child in sorted(path.iterdir()))
                self._page(200, f"<html><h1>Index of {self.path}</h1>{links}</html>".encode())
            else:
                self._file(path)

        def _file(self, path: Path) -> None:
            status = path.stat()
            modified = formatdate(status.st_mtime, usegmt=True)
            if self.headers.get("If-Modified-Since") == modified:
                self._head(304, {"Last-Modified": modified})
                return
            match = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
            start = int(match[1]) if match and self.headers.get("If-Range") in (None, modified) else 0
            if start >= status.st_size:
                self._head(416, {"Content-Range": f"bytes */{status.st_size}", "Content-Length": "0"})
                return
            with lock:
                fault, dice = site.fault(path, status.st_mtime_ns, is_range=start > 0)
            if fault == "unavailable":
                self._page(503, ERROR_PAGE)
            elif fault == "error page":
                self._page(200, ERROR_PAGE)
            else:
                self._send(path, start, status.st_size, modified, self._length(fault, dice, status.st_size - start))

        def _length(self, fault: str, dice: Random, whole: int) -> int:
            if fault == "empty range":
                return 0
            cut = min(int(whole * dice.uniform(0.2, 0.9)), dice.randint(13, 25) * 10**6)
            return cut if fault else whole

        def _send(self, path: Path, start: int, size: int, modified: str, length: int) -> None:
            headers = {
                "Content-Type": "application/zip",
                "Content-Length": str(size - start),
                "Last-Modified": modified,
                "Accept-Ranges": "bytes",
                "x-cacheable": "Cacheable: force cache",
            }
            if start:
                headers["Content-Range"] = f"bytes {start}-{size - 1}/{size}"
            self._head(206 if start else 200, headers)
            with path.open("rb") as file:
                file.seek(start)
                while length > 0 and (block := file.read(min(BLOCK, length))):
                    self.wfile.write(block)
                    length -= len(block)
            self.close_connection = True

        def _page(self, code: int, body: bytes) -> None:
            self._head(code, {"Content-Type": "text/html; charset=utf-8", "Content-Length": str(len(body))})
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    site.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
