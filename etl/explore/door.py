"""The door of an explorer that other machines can reach: whoever comes gives the token, once a visit."""

from __future__ import annotations

import secrets
from base64 import b64decode
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.middleware.base import RequestResponseEndpoint
    from starlette.requests import Request
    from starlette.responses import Response


class Door:
    """Lets in who gives the token as the password of HTTP Basic, with any name: browsers and feed readers ask for it.

    Args:
        token: it.
        page: for who does not give it.
    """

    def __init__(self, token: str, page: Response) -> None:
        self._token = token.encode()
        self._page = page
        self._page.headers["WWW-Authenticate"] = 'Basic realm="anq", charset="UTF-8"'

    async def __call__(self, request: Request, go_on: RequestResponseEndpoint) -> Response:
        """The page that was asked for, or a 401."""
        given = _password(request.headers.get("Authorization", ""))
        return await go_on(request) if secrets.compare_digest(given, self._token) else self._page


def _password(header: str) -> bytes:
    """The password of an Authorization header; empty if it has none."""
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return b""
    try:
        return b64decode(encoded, validate=True).partition(b":")[2]
    except ValueError:
        return b""
