"""A web server on loopback that fails on command: each path is given a list of behaviours, one a request."""

from __future__ import annotations

import re
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Behaviour = Callable[[BaseHTTPRequestHandler], None]


@dataclass(frozen=True)
class Request:
    """What was asked."""

    path: str
    headers: dict[str, str]


@dataclass
class FaultyServer:
    """The server's script and what it has seen."""

    url: str
    behaviours: dict[str, list[Behaviour]] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)

    def on(self, path: str, *behaviours: Behaviour) -> None:
        """Answer requests for a path in this order, the last for ever; forgets the requests seen so far."""
        self.behaviours[f"/{path}"] = list(behaviours)
        self.requests.clear()

    def seen(self, count: int) -> int:
        """How many requests came, once they are so many: a client may have given one up before its turn here."""
        end = time.monotonic() + 5
        while len(self.requests) < count and time.monotonic() < end:
            time.sleep(0.01)
        return len(self.requests)

    def asked(self, header: str) -> list[str | None]:
        """The value of a header in each request so far."""
        return [request.headers.get(header.lower()) for request in self.requests]


@contextmanager
def faulty_server() -> Iterator[FaultyServer]:
    """A server for the length of a `with`; paths without a behaviour are 404."""
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            with lock:
                headers = {name.lower(): value for name, value in self.headers.items()}
                faulty.requests.append(Request(self.path, headers))
                script = faulty.behaviours.get(self.path, [status(404)])
                behaviour = script.pop(0) if len(script) > 1 else script[0]
            try:
                behaviour(self)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    httpd.daemon_threads = True
    faulty = FaultyServer(f"http://127.0.0.1:{httpd.server_port}")
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield faulty
    finally:
        httpd.shutdown()
        httpd.server_close()


@contextmanager
def refused_url() -> Iterator[str]:
    """An address where nobody listens, held so that nobody can."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{held.getsockname()[1]}"


def file(
    body: bytes,
    *,
    etag: str | None = None,
    last_modified: str | None = None,
    conditional: bool = True,
    ranges: str = "honoured",
    validators_in_206: bool = True,
    cut_after: int | None = None,
    reset: bool = False,
    length: int | None = None,
    content_range: str | None = None,
    drip_s: float = 0.0,
    drip_bytes: int = 1,
    chunked: bool = False,
) -> Behaviour:
    """Send a file, well or ill.

    Args:
        body: the whole file.
        etag: its ETag.
        last_modified: its Last-Modified.
        conditional: If-None-Match and If-Modified-Since are obeyed.
        ranges: "honoured", "ignored", or "empty" (206 that announces the rest and sends none of it).
        validators_in_206: a 206 repeats the validators.
        cut_after: close after so many bytes of this body.
        reset: and close by a reset.
        length: a Content-Length other than the true one.
        content_range: a Content-Range other than the true one.
        drip_s: pause between two drops.
        drip_bytes: bytes a drop.
        chunked: no Content-Length, chunks.
    """

    def behave(handler: BaseHTTPRequestHandler) -> None:
        asked = handler.headers
        validators = {"ETag": etag, "Last-Modified": last_modified}
        validators = {name: value for name, value in validators.items() if value is not None}
        unchanged = etag is not None and asked.get("If-None-Match") == etag
        unchanged |= last_modified is not None and asked.get("If-Modified-Since") == last_modified
        if conditional and unchanged:
            _head(handler, 304, validators)
            return
        match = re.fullmatch(r"bytes=(\d+)-", asked.get("Range", ""))
        start = int(match[1]) if match else 0
        if match and asked.get("If-Range") not in (None, *validators.values()):
            match, start = None, 0
        if match and ranges != "ignored":
            if start >= len(body):
                _head(handler, 416, {"Content-Range": f"bytes */{len(body)}", "Content-Length": "0"})
                return
            said = content_range or f"bytes {start}-{len(body) - 1}/{len(body)}"
            headers = {"Content-Range": said, **(validators if validators_in_206 else {})}
            rest, code = body[start:], 206
        else:
            headers, rest, code = validators, body, 200
        if chunked:
            headers = {**headers, "Transfer-Encoding": "chunked"}
        else:
            headers = {**headers, "Content-Length": str(len(rest) if length is None else length)}
        _head(handler, code, {**headers, "Content-Type": "application/zip"})
        sent = b"" if code == 206 and ranges == "empty" else rest[:cut_after]
        if chunked:
            sent = f"{len(sent):x}\r\n".encode() + sent + b"\r\n" + (b"" if cut_after else b"0\r\n\r\n")
        _send(handler, sent, drip_s, drip_bytes)
        if reset:
            handler.wfile.flush()
            time.sleep(0.05)  # a reset throws away what the other side has not read yet
            reset_connection(handler)
        handler.close_connection = True

    return behave


def status(code: int, headers: dict[str, str] | None = None, body: bytes = b"") -> Behaviour:
    """Answer a status alone."""
    return lambda handler: _head(handler, code, {"Content-Length": str(len(body)), **(headers or {})}, body)


def html_page(title: str) -> Behaviour:
    """Answer 200 with a page, as the site does when it fails."""
    page = f"<html><head><title>{title}</title></head><body>…</body></html>".encode()
    return status(200, {"Content-Type": "text/html"}, page)


def redirect(location: str) -> Behaviour:
    """Send on to another address."""
    return status(302, {"Location": location})


def silent(seconds: float) -> Behaviour:
    """Take the request and say nothing."""
    return lambda _: time.sleep(seconds)


def reset_connection(handler: BaseHTTPRequestHandler) -> None:
    """Close by a reset, before any answer when nothing was sent."""
    linger = struct.pack("ii", 1, 0)
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    handler.connection.close()
    handler.close_connection = True


def _send(handler: BaseHTTPRequestHandler, body: bytes, drip_s: float, drip_bytes: int) -> None:
    step = drip_bytes if drip_s else max(len(body), 1)
    for position in range(0, len(body), step):
        handler.wfile.write(body[position : position + step])
        time.sleep(drip_s)


def _head(handler: BaseHTTPRequestHandler, code: int, headers: dict[str, str], body: bytes | None = None) -> None:
    handler.send_response(code)
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.end_headers()
    if body:
        handler.wfile.write(body)
