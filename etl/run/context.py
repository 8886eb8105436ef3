"""What a run is: made once, by the command or by the DAG, and handed to each step whole."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Any, Self

from etl.check import Checker
from etl.fetch import Progress
from etl.settings import Settings

Say = Callable[[str], None]


def _to_nobody(_: str) -> None:
    """A run without anybody to tell: the ledger has it all."""


def _checker() -> Checker:
    return Checker()  # by its name here, which tests give another


@dataclass(frozen=True, kw_only=True)
class Run:
    """One run. It is left by `with`, which ends its checking process.

    Attributes:
        settings: home and source.
        id: as the ledger and the pages name it.
        now: its time: that of all that it makes.
        force: do it all, though nothing is new.
        say: told of each thing that a person should know, in a line.
        progress: told of bytes as they arrive.
        checker: checks what the run makes; its process starts when it is first wanted.
        started: `time.monotonic()` when it began.
    """

    settings: Settings
    id: str
    now: datetime
    force: bool = False
    say: Say = _to_nobody
    progress: Progress | None = None
    checker: Checker = field(default_factory=_checker)
    started: float = field(default_factory=time.monotonic)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.checker.__exit__(kind, error, trace)

    @property
    def seconds(self) -> float:
        """Since it began."""
        return time.monotonic() - self.started

    @property
    def is_sample(self) -> bool:
        """Whether its source is made up."""
        return self.settings.source == "sample"

    def row(self, state: str, release: str | None) -> dict[str, Any]:
        """The row of `ops.runs`.

        Args:
            state: how it ended, as `ops.runs.state` has it.
            release: the name of the release that it made.
        """
        return {
            "run_id": self.id,
            "started_at": self.now,
            "seconds": round(self.seconds, 3),
            "source": self.settings.source,
            "state": state,
            "release": release,
        }
