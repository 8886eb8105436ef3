"""How many records may be set aside before an archive is refused: expectations/quarantine.yaml."""

from __future__ import annotations

from functools import cache
from typing import Literal

import msgspec

from etl.errors import AnqError
from etl.schema import EXPECTATIONS

_PATH = EXPECTATIONS / "quarantine.yaml"
Reason = Literal["unreadable", "refused"]


class _Ceiling(msgspec.Struct, forbid_unknown_fields=True):
    share: float
    at_least: int
    why: str


@cache
def _declared() -> dict[Reason, _Ceiling]:
    try:
        return msgspec.yaml.decode(_PATH.read_bytes(), type=dict[Reason, _Ceiling])
    except msgspec.DecodeError as error:
        raise AnqError(f"{_PATH.name}: not ceilings as expectations/README.md describes them: {error}") from error


def allowed(records: int, reason: Reason) -> float:
    """How many of an archive's records may be set aside.

    Args:
        records: in the archive.
        reason: they cannot be read, or the check refuses them.

    Raises:
        AnqError: the file is broken.
    """
    ceiling = _declared()[reason]
    return max(ceiling.at_least, ceiling.share * records)


def is_over(aside: int, records: int, reason: Reason) -> bool:
    """Whether too many of an archive's records are set aside, or all of them."""
    return aside > allowed(records, reason) or aside >= records


def refusal(archive: str, aside: int, records: int, first: str, raw: str) -> str:
    """Why an archive is refused of which too many records cannot be read.

    Args:
        archive: its name.
        aside: how many cannot be read.
        records: of how many.
        first: the first of them, with its error.
        raw: the file's name in raw/.
    """
    return (
        f"{archive}: {aside} of {records} records cannot be read "
        f"({allowed(records, 'unreadable'):g} may be), so the archive is not what it claims to be. "
        f"First: {first}. Nothing of it was taken; look at raw/{raw}"
    )
