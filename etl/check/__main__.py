"""The child's side, `python -m etl.check EXPECTATIONS FOLDER PARENT`: jobs in, replies out, a JSON a line."""

from __future__ import annotations

import gc
import os
import select
import sys
from collections.abc import Iterator, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import LazyLoader
from pathlib import Path
from types import ModuleType

import msgspec

from etl.check.messages import CheckJob, Reply
from etl.errors import AnqError

_LOOK_AROUND_SECONDS = 2.0
_LATER = ("altair", "scipy", "scipy.stats")


def main(expectations: Path, folder: Path, parent: int) -> None:
    """Answer jobs until stdin ends or the parent, a process id, is gone."""
    protocol = os.dup(1)
    os.dup2(2, 1)  # whatever prints does not write into the protocol
    os.environ["GX_ANALYTICS_ENABLED"] = "false"

    sys.meta_path.insert(0, _Later())
    gc.disable()  # all that is imported stays: to look for garbage in it takes a fifth of the time

    from etl.check.expect import check

    gc.freeze()
    gc.enable()
    for line in _lines(parent):
        try:
            reply = Reply(results=check(msgspec.json.decode(line, type=list[CheckJob]), expectations, folder))
        except AnqError as error:
            reply = Reply(error=str(error))
        answer = msgspec.json.encode(reply) + b"\n"
        while answer:
            answer = answer[os.write(protocol, answer) :]


class _Later(MetaPathFinder):
    """Loads what Great Expectations imports only for its charts when it is used: nearly half of its import."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The module's own spec, with a loader that waits for the first look inside."""
        if fullname not in _LATER:
            return None
        others = (finder.find_spec(fullname, path, target) for finder in sys.meta_path if finder is not self)
        spec = next((spec for spec in others if spec is not None), None)
        if spec is not None and spec.loader is not None:
            spec.loader = LazyLoader(spec.loader)
        return spec


def _lines(parent: int) -> Iterator[bytes]:
    waiting = bytearray()
    while True:
        ready, _, _ = select.select([0], [], [], _LOOK_AROUND_SECONDS)
        if not ready:
            if os.getppid() != parent:  # killed, while a forked worker of its still holds our stdin open
                return
            continue
        piece = os.read(0, 1 << 16)
        if not piece:
            return
        waiting += piece
        while b"\n" in waiting:
            line, _, waiting = waiting.partition(b"\n")
            yield bytes(line)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
