"""Serves the explorer."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from etl.errors import UsageError
from etl.explore.app import build
from etl.explore.release import Opened
from etl.serve.listen import in_url, listen

if TYPE_CHECKING:
    from etl.settings import Settings


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
