"""Whether a run publishes what its tasks prepared: workers that share neither a disk nor a store have other lakes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from etl.catalogue import PEOPLE
from etl.errors import AnqError
from etl.lake import markers
from etl.lake.markers import Partition, Reference
from etl.settings import Settings


def held(settings: Settings, name: str) -> str | None:
    """What the lake holds of an archive: when the newest of it came, and the digest of all.

    Args:
        settings: the home.
        name: `17/QE`, `people`, or `journal`, all weekly issues.

    Returns:
        Time and digest, as text; None when it holds nothing.
    """
    found = _markers(settings, name)
    if not found:
        return None
    digest = hashlib.sha256("".join(marker.digest for marker in found).encode()).hexdigest()
    return f"{max(marker.fetched_at for marker in found).isoformat()} {digest}"


def _markers(settings: Settings, name: str) -> list[Partition | Reference]:
    lake = settings.lake
    legislature, slash, question_type = name.partition("/")
    if slash:
        partition = markers.partition(lake, (int(legislature), question_type))
        return [partition] if partition else []
    return [marker for marker in markers.references(lake) if (marker.name == PEOPLE) == (name == PEOPLE)]


def refuse_older(settings: Settings, prepared: Mapping[str, str | None]) -> None:
    """Refuses to publish a lake that lacks what was prepared.

    Args:
        settings: the home.
        prepared: by name, what `held` said where it was prepared.

    Raises:
        AnqError: the lake holds something else, which did not come later.
    """
    other = [name for name, there in prepared.items() if there and _is_older(held(settings, name), there)]
    if other:
        raise AnqError(
            f"{settings.home} does not hold what was prepared of {', '.join(other)}: another worker has it, and they "
            "share neither a home nor a store. Give all workers one ANQ_STORE, or one ANQ_HOME on a disk that they "
            "share; nothing was released"
        )


def _is_older(here: str | None, there: str) -> bool:
    """Whether a lake holds something else than it should, which did not come later."""
    return here is None or (here != there and here.split()[0] <= there.split(maxsplit=1)[0])
