"""What may be released after which failures, and how a run ended: asked here by the command and by the DAGs alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from etl.errors import AnqError, GateError, SourceError

State = Literal["released", "unchanged", "source_failed", "gate_stopped", "failed"]


class Failure(NamedTuple):
    """An archive, or a step, that failed.

    Attributes:
        name: `17/QE`, `journal`, `release`.
        exit_code: of the error's class (etl/errors.py).
        message: what happened, and what to do.
    """

    name: str
    exit_code: int
    message: str


def makes_release(*, is_new: bool, force: bool, prepared: bool) -> bool:
    """Whether a release is made.

    An archive that failed, or is held back, stays in the lake as it last was, and stops no other. So whatever is new in
    the lake goes out; a forced release of what is there needs a source that answered.

    Args:
        is_new: the lake, or the views, are not what the last release was made from.
        force: asked for though nothing is new.
        prepared: of what the run looked at, something did not fail.
    """
    return is_new or (force and prepared)


def exit_code(failures: Sequence[Failure]) -> int:
    """The command's: the worst of the failures'; 0 without any."""
    return max((failure.exit_code for failure in failures), default=0)


def state(failures: Sequence[Failure], *, released: bool) -> State:
    """How a run ended, as `ops.runs.state` has it."""
    if not failures:
        return "released" if released else "unchanged"
    ends: dict[int, State] = {GateError.exit_code: "gate_stopped", SourceError.exit_code: "source_failed"}
    return ends.get(exit_code(failures), "failed")


def failure(name: str, error: BaseException) -> Failure:
    """What failed, by its error; one that is none of ours is our fault."""
    return Failure(name, error.exit_code if isinstance(error, AnqError) else AnqError.exit_code, str(error))
