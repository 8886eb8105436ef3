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
    """

    name: str
    exit_code: int


def refuse_release(failures: Sequence[Failure]) -> None:
    """Lets a release be made unless an archive failed its check; the others keep their last good state.

    Raises:
        GateError: names the archives.
    """
    stopped = sorted({failure.name for failure in failures if failure.exit_code == GateError.exit_code})
    if stopped:
        raise GateError(f"no release, for {', '.join(stopped)} did not pass the check: mend that, then run again")


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
    return Failure(name, error.exit_code if isinstance(error, AnqError) else AnqError.exit_code)
