"""Which code made something: a digest of a module and of all that it imports."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from pathlib import Path

from etl.schema import ROOT

_CHOSEN = re.compile(r'import_module\(f"(etl[\w.]+)\{')
_IMPORT = re.compile(r"^ *(?:from (etl[\w.]*) import (\([^)]*\)|[^#\n]*)|import (etl[\w.]*))", re.MULTILINE)


@cache
def code_digest(module: str) -> str:
    """Digest of a module, of every module of etl/ that it comes to import, and of schemas/.

    When it differs from the one that something was made with, that is made again.

    Args:
        module: `etl.lake.chunk`.
    """
    digest = hashlib.sha256()
    for path in (*modules(module), *sorted((ROOT / "schemas").glob("*.yaml"))):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


@cache
def modules(module: str) -> tuple[Path, ...]:
    """The files of a module and of every module of etl/ that it comes to import, also in functions or by name."""
    found: dict[str, Path] = {}
    waiting = [module]
    while waiting:
        name = waiting.pop()
        path = _path(name)
        if path is None or name in found:
            continue
        found[name] = path
        if "." in name:
            waiting.append(name.rpartition(".")[0])
        text = path.read_text("utf-8")
        waiting += [f"{start}{one}" for start in _CHOSEN.findall(text) for one in _ends(start)]
        for package, names, alone in _IMPORT.findall(text):
            waiting.append(package or alone)
            waiting += [f"{package}.{one.split()[0]}" for one in names.strip("()").split(",") if one.split()]
    return tuple(sorted(found.values()))


def _path(name: str) -> Path | None:
    """The file of a module; None of a name that is none."""
    path = ROOT.joinpath(*name.split("."))
    candidates = (path / "__init__.py", path.with_suffix(".py"))
    return next((candidate for candidate in candidates if candidate.is_file()), None)


def _ends(start: str) -> list[str]:
    """What makes a module's name of the start of one: `json` and `xml` of `etl.parse.bulk_`."""
    folder, _, prefix = start.rpartition(".")
    return [path.stem.removeprefix(prefix) for path in ROOT.joinpath(*folder.split(".")).glob(f"{prefix}*.py")]
