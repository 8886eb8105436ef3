"""Locks between runs: on partitions, on people, on the weekly issues."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Literal

from etl.catalogue import stem_of
from etl.files.lock import locked


@contextmanager
def partitions_locked(lake: Path, keys: Collection[tuple[int, str]]) -> Iterator[None]:
    """Keeps other runs from these partitions; all runs take them in one order, so that no two block each other."""
    with ExitStack() as stack:
        for key in sorted(keys):
            stack.enter_context(locked(lake / f".{stem_of(*key)}.lock"))
        yield


def references_locked(lake: Path, what: Literal["people", "journal"]) -> AbstractContextManager[None]:
    """Keeps other runs from people and bodies, or from the weekly issues."""
    return locked(lake / f".{what}.lock")
