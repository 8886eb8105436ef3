"""Which code read a source: a digest of a module and of all that it imports."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from pathlib import Path

from etl.schema import ROOT, SCHEMAS

_CHOSEN = re.compile(r'import_module\(f"(etl[\w.]+)\{')
_IMPORT = re.compile(r"^ *(?:from (etl[\w.]*) import (\([^)]*\)|[^#\n]*)|import (etl[\w.]*))", re.MULTILINE)


@cache
def code_digest(module: str) -> str:
    """Digest of a module, of every module of etl/ that it comes to import, and of schemas/.

    What was read with another digest is read again.

    Args:
        module: `etl.lake.chunk`.
    """
    digest = hashlib.sha256()
    for path in (*modules(module), *sorted(SCHEMAS.glob("*.yaml"))):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


@cache
def modules(module: str) -> tuple[Path, ...]:
    """The files of a module and of every module of etl/ that it comes to import, also in functions or by name."""
    paths: dict[str, Path] = {}
    waiting = [module]
    while waiting:
        name = waiting.pop()
        path = _path(name)
        if path is None or name in paths:
            continue
        paths[name] = path
        if "." in name:
            waiting.append(name.rpartition(".")[0])
        waiting += _imported(path)
    return tuple(sorted(paths.values()))


@cache
def _imported(path: Path) -> frozenset[str]:
    """What a module's file may import: modules of etl/, and what is in them."""
    text = path.read_text("utf-8")
    names = {f"{start}{end}" for start in _CHOSEN.findall(text) for end in _ends(start)}
    for package, inside, alone in _IMPORT.findall(text):
        names.add(package or alone)
        names |= {f"{package}.{name.split()[0]}" for name in inside.strip("()").split(",") if name.split()}
    return frozenset(names)


@cache
def _path(name: str) -> Path | None:
    """The file of a module; None when the name is no module's."""
    path = ROOT.joinpath(*name.split("."))
    candidates = (path / "__init__.py", path.with_suffix(".py"))
    return next((candidate for candidate in candidates if candidate.is_file()), None)


def _ends(start: str) -> list[str]:
    """How the modules' names that begin so go on: `json` and `xml` for `etl.parse.bulk_`."""
    folder, _, prefix = start.rpartition(".")
    return [path.stem.removeprefix(prefix) for path in ROOT.joinpath(*folder.split(".")).glob(f"{prefix}*.py")]
