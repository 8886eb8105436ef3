"""`anq`, in this process, as its entry point runs it."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from typing import NamedTuple

import pytest

from etl import cli


class Said(NamedTuple):
    """What a command said, and how it ended."""

    exit_code: int
    out: str
    err: str


Anq = Callable[..., Said]


def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Anq:
    """`anq(ARGUMENTS, stdin="")`; no variable of the environment sets a home or a source."""
    monkeypatch.delenv("ANQ_HOME", raising=False)
    monkeypatch.delenv("ANQ_SOURCE", raising=False)

    def call(*arguments: object, stdin: str = "") -> Said:
        monkeypatch.setattr(sys, "argv", ["anq", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            cli.main()
            raise SystemExit(0)
        assert end.value.code is None or isinstance(end.value.code, int)
        return Said(end.value.code or 0, *capsys.readouterr())

    return call
