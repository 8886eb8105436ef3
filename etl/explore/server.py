"""Serves the explorer."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from etl.errors import UsageError
from etl.explore.app import build
from etl.explore.release import Opened
from etl.serve import token
from etl.serve.listen import LOCAL, in_url, listen

if TYPE_CHECKING:
    from etl.settings import Settings


def serve(settings: Settings, host: str, port: int, say: Callable[[str], None]) -> None:
    """Serves the explorer until it is stopped.

    Args:
        settings: the home.
        host: address to listen on.
        port: port to listen on; 0 takes any free one.
        say: called with the page's address once it can be opened, and with where the token is, if one is asked for:
            it is where another machine can reach the page.

    Raises:
        UsageError: there is no release that can be shown, the address cannot be listened on, or the token is too short.
    """
    import uvicorn

    Opened.current(settings.warehouse).connection.close()
    try:
        listening = listen(host, port)
    except OSError as error:
        raise UsageError(f"cannot listen on {host}:{port}: {error.strerror}; give another --port") from error
    secret = None if host in LOCAL else token.of(settings.home)
    server = uvicorn.Server(uvicorn.Config(build(settings, secret), log_level="warning", timeout_graceful_shutdown=1))
    asked = "" if secret is None else f" asks for a password, the token in {token.place(settings.home)}"
    say(f"http://{in_url(host)}:{listening.getsockname()[1]}{asked}")
    with suppress(KeyboardInterrupt):
        server.run(sockets=[listening])
