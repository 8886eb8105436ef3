"""`anq verify`: the lake, raw/ and the releases held against their hashes. It reads every byte, and changes none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from etl.catalogue import Archive, Issue
from etl.errors import DamageError, UsageError
from etl.fetch import documents, manifest
from etl.fetch.raw import fault_of
from etl.files import sealed
from etl.files.lock import locked
from etl.run.damage import damaged
from etl.settings import Settings
from etl.warehouse import release as releases

_MENDS = "`anq rebuild` mends it, or says what is lost"


class Finding(NamedTuple):
    """A file that is not what was written.

    Attributes:
        path: below the home.
        fault: what is wrong with it.
        advice: what to do.
    """

    path: Path
    fault: str
    advice: str

    def __str__(self) -> str:
        return f"{self.path} {self.fault}; {self.advice}"


def verify(settings: Settings) -> list[Finding]:
    """Holds every file of a home against what is recorded of it.

    Args:
        settings: the home.

    Returns:
        What is damaged.

    Raises:
        UsageError: there is nothing yet.
    """
    if not (settings.lake.exists() or settings.warehouse.exists() or settings.raw.exists()):
        raise UsageError(f"there is nothing in {settings.home} yet; `anq run` fills it")
    findings = [*_lake(settings), *_raw(settings), *_documents(settings), *_releases(settings)]
    return [finding._replace(path=finding.path.relative_to(settings.home)) for finding in findings]


def refuse_damage(findings: Sequence[Finding]) -> None:
    """Ends with an error when anything is damaged.

    Raises:
        DamageError: says how many files are.
    """
    if findings:
        raise DamageError(f"{len(findings):,} file(s) damaged, each named above with what to do")


def unrecorded(settings: Settings) -> list[str]:
    """The releases that were made before their hash was kept, so that they are held against none."""
    return [release.name for release in releases.releases(settings.warehouse) if release.file is None]


def _lake(settings: Settings) -> Iterator[Finding]:
    for seen in damaged(settings, None):
        for path, fault in seen.faults.items():
            yield Finding(path, fault, _MENDS)
    lost = {
        "ops/*": "delete it: what that step of a run told is lost, and nothing else",
        "_held_back": "delete it: the next run notes again what is held back",
        "_acceptances": "delete it, and decide again: `anq accept`",
    }
    for folder, advice in lost.items():
        for path in sorted(settings.lake.glob(f"{folder}/[!.]*.json")):
            if unread := sealed.fault_of(path):
                yield Finding(path, unread, advice)


def _raw(settings: Settings) -> Iterator[Finding]:
    listed = manifest.manifest_path(settings)
    there = {path for kind in (Archive, Issue) for path in settings.raw.glob(f"[!.]*{kind.suffix}")}
    try:
        rows = {row.path(settings): row for row in manifest.rows(settings)}
        untold = sorted(there - rows.keys())
    except DamageError as error:
        yield Finding(listed, f"cannot be read ({error})", "remove that line, and verify again")
        return
    if untold:
        fault = f"has no row for {', '.join(path.name for path in untold)}" if rows else "is missing"
        yield Finding(
            listed, fault, "`anq run --force` writes the rows of what the source has; what else it names can be deleted"
        )
    read = {row.name: path for path, row in rows.items()}.values()  # of each archive, the last
    for path in sorted(there | set(read)):
        if wrong := fault_of(path):
            if path in read:
                yield Finding(path, wrong, "`anq run` fetches it again, once it is deleted")
            else:
                yield Finding(path, wrong, "delete it: no run reads it, but what was sent can no longer be proved")


def _documents(settings: Settings) -> Iterator[Finding]:
    folder, told = documents.folder(settings), set[Path]()
    for key in documents.keys(settings):
        try:
            told |= {folder / document.sha256 for document in documents.documents(key, settings)}
        except DamageError as error:
            yield Finding(
                documents.manifest(key, settings), f"cannot be read ({error})", "remove that line, and verify again"
            )
            return
    there = {path for path in folder.glob("[!.]*") if path.suffix != ".jsonl"}
    for path in sorted(told | there):
        if fault := fault_of(path) or (
            None if path in told else "has no row in the .jsonl of its legislature and type"
        ):
            advice = "delete it, and load that document again: `anq page --load FILE`, or `anq crawl`"
            yield Finding(path, fault, advice)


def _releases(settings: Settings) -> Iterator[Finding]:
    warehouse = settings.warehouse
    with locked(warehouse / ".lock"):
        current, names = releases.current_name(warehouse), releases.names(warehouse)
        if names and current not in names:
            yield Finding(releases.current_path(warehouse), "leads to no release", _MENDS)
        for name in names:
            path = releases.path_of(warehouse, name)
            if name != current and not releases.note_of(path).exists() and releases.is_left(path):
                continue
            if fault := _fault_of_release(warehouse, path):
                advice = "delete its folder, after `chmod -R u+w`; no other release needs it"
                yield Finding(*fault, _MENDS if name == current else advice)


def _fault_of_release(warehouse: Path, path: Path) -> tuple[Path, str] | None:
    try:
        release = releases.read(path)
    except DamageError as error:
        note = releases.note_of(path)
        return (note if path.exists() and sealed.fault_of(note) else path), f"is damaged ({error})"
    return None if releases.is_whole(warehouse, release) else (path, "holds other bytes than were published")
