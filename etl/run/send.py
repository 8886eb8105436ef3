"""Messages to addresses, by apprise, and the call that waits for a good run. What is said has no address in it."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from urllib.parse import unquote, urlsplit

from etl.errors import SourceError

_PING_S = 10.0
_SECRET = 4  # characters that a part of an address has at least, to be struck out


def send(addresses: str, title: str, text: str) -> tuple[int, list[str]]:
    """Sends a message.

    Args:
        addresses: as apprise writes them, with commas between.
        title: of the message.
        text: of the message.

    Returns:
        How many addresses took it, and why others did not, without anything that is part of an address.
    """
    from apprise import Apprise

    with _unheard("apprise", "urllib3"):
        known = Apprise()
        are_known = known.add(addresses)
        results = list(known.notify(text, title, body_format="text"))
    faults = [] if are_known else ["ANQ_NOTIFY: an address is none that apprise knows; docs/operators.md shows some"]
    for result in results:
        if not result:
            why = " ".join(entry.message for entry in result.logs()) or "it gave no reason"
            faults.append(f"ANQ_NOTIFY: {result.name} did not take the message: {_without(addresses, why)}".rstrip("."))
    return sum(map(bool, results)), faults


def ping(url: str, now: datetime) -> str | None:
    """Calls the address that waits for a good run.

    Returns:
        Why it did not answer well, without the address; None when it did.
    """
    from etl.fetch import http

    parts = urlsplit(url)
    site = http.Site(f"{parts.scheme}://{parts.netloc}")
    path = url.removeprefix(site.base).removeprefix("/")

    def attempt() -> None:
        with site.ask(path, "its address", within_s=_PING_S) as response:
            if not response.is_success:
                raise http.refusal(response, "its address", now)

    try:
        with _unheard("httpx", "httpcore"):
            http.patiently(attempt, "it", "look at the address")
    except SourceError as error:
        return f"ANQ_PING: {_without(url, str(error))}"
    return None


@contextmanager
def _unheard(*libraries: str) -> Iterator[None]:
    """While it lasts, what libraries log goes nowhere: it names addresses."""
    loggers, nowhere = {name: logging.getLogger(name) for name in libraries}, logging.NullHandler()
    levels = {name: logger.level for name, logger in loggers.items()}
    for logger in loggers.values():
        logger.addHandler(nowhere)  # without any, Python prints warnings
        logger.setLevel(logging.WARNING)  # whatever the root's is: apprise takes its reasons from what it logs
        logger.propagate = False
    try:
        yield
    finally:
        for name, logger in loggers.items():
            logger.removeHandler(nowhere)
            logger.setLevel(levels[name])
            logger.propagate = True


def _without(secret: str, text: str) -> str:
    """A text in which no part of an address is left."""
    parts = {*re.split(r"\W+", secret), *re.split(r"[\s/:@?&=,]+", secret)}
    for part in sorted({*parts, *map(unquote, parts)}, key=len, reverse=True):
        if len(part) >= _SECRET:
            text = text.replace(part, "…")
    return text
