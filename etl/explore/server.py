"""Serves the explorer: marimo in run mode, which runs the app's code and never a visitor's."""

from __future__ import annotations

import mimetypes
import os
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from etl.errors import UsageError
from etl.explore.release import Opened
from etl.serve.listen import in_url, listen

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from etl.settings import Settings

APP = Path(__file__).with_name("app.py")


def build(settings: Settings) -> ASGIApp:
    """Makes the explorer's ASGI application, on the home of `settings`."""
    import marimo

    os.environ["ANQ_HOME"] = str(settings.home.resolve())  # the app, run in this process, reads it
    explorer = marimo.create_asgi_app(quiet=True).with_app(path="", root=str(APP)).build()
    return kept(explorer, Path(marimo.__file__).parent / "_static" / "assets")


def kept(app: ASGIApp, folder: Path) -> ASGIApp:
    """Adds an answer from memory for marimo's scripts and fonts, 250 files a visit, and lets browsers keep them.

    Their names change with their content.

    Args:
        app: answers every other request.
        folder: where these files are.

    Returns:
        The application with both.
    """
    from starlette.responses import Response

    names = {f"/assets/{path.name}" for path in folder.iterdir()}

    @cache
    def response(path: str) -> Response:
        file = folder / path.removeprefix("/assets/")
        kind = mimetypes.guess_type(file.name)[0]
        return Response(file.read_bytes(), media_type=kind, headers={"Cache-Control": "max-age=31536000, immutable"})

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        asset = scope["type"] == "http" and scope["path"] in names
        await (response(scope["path"]) if asset else app)(scope, receive, send)

    return answer


def serve(settings: Settings, host: str, port: int, say: Callable[[str], None]) -> None:
    """Serves the explorer until it is stopped.

    Args:
        settings: the home.
        host: address to listen on.
        port: port to listen on; 0 takes any free one.
        say: called with the page's address once it can be opened.

    Raises:
        UsageError: there is no release that can be shown, or the address cannot be listened on.
    """
    import uvicorn

    Opened.current(settings.warehouse).connection.close()
    try:
        listening = listen(host, port)
    except OSError as error:
        raise UsageError(f"cannot listen on {host}:{port}: {error.strerror}; give another --port") from error
    server = uvicorn.Server(uvicorn.Config(build(settings), log_level="warning", timeout_graceful_shutdown=1))
    say(f"http://{in_url(host)}:{listening.getsockname()[1]}")
    with suppress(KeyboardInterrupt):
        server.run(sockets=[listening])
    os._exit(0)  # an open visit's thread would keep the process alive; there is nothing to close
