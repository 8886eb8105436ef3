"""The token that keeps others out of what is served to other machines: one for SQL and for the explorer."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from etl.errors import UsageError
from etl.files.aside import aside

_SHORTEST = 16


def of(home: Path) -> str:
    """ANQ_TOKEN; else what `serve.token` in the home holds, which is made at first and only its owner can read.

    Raises:
        UsageError: it is too short to keep anybody out.
    """
    path = home / "serve.token"
    token = os.environ.get("ANQ_TOKEN")
    if token is None and not path.exists():
        with aside(path) as part:
            part.touch(0o600, exist_ok=False)
            part.write_text(secrets.token_urlsafe(32) + "\n", "ascii")
    token = path.read_text("ascii").strip() if token is None else token
    if len(token) < _SHORTEST:
        raise UsageError(f"the token in {place(home)} has fewer than {_SHORTEST} characters; without it, one is made")
    return token


def place(home: Path) -> str:
    """Where the token is."""
    return "ANQ_TOKEN" if "ANQ_TOKEN" in os.environ else str(home / "serve.token")
