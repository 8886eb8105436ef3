"""`anq prune`: what nothing needs any more goes, and how much that was is told by kind.

Safe to kill at any moment, and to run beside other runs: each kind is looked for and removed under the locks that runs
take for it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from etl.catalogue import PEOPLE, stem_of
from etl.fetch import manifest, pruned
from etl.fetch.manifest import Download
from etl.files.aside import ASIDE
from etl.files.lock import locked
from etl.lake import sources
from etl.lake.locks import partitions_locked, references_locked
from etl.settings import Settings
from etl.warehouse import release as releases

KEEP_REPORTS = 365  # days
KEEP_LOGS = 30
LOG_ENDS = 1_000_000  # bytes that stay of a log that is still written to, once it is ten times as long
_DAY = timedelta(days=1)  # in which whatever writes aside has ended


@dataclass
class Freed:
    """What one kind of thing took on the disk.

    Attributes:
        kind: `releases`, `raw`, `reports`, `logs` or `leftovers`.
        paths: files, and folders of releases; also logs of which only the end stays.
        bytes: in all.
    """

    kind: str
    paths: list[Path] = field(default_factory=list)
    bytes: int = 0


@dataclass(frozen=True, kw_only=True)
class Pruning:
    """What is to go.

    Attributes:
        settings: the home.
        now: the time.
        logs: Airflow's folder of logs.
        keep_raw: days for which an archive that nothing needs stays in raw/.
        keep_releases: releases that stay beside the current one.
        dry_run: only look.
    """

    settings: Settings
    now: datetime
    logs: Path
    keep_raw: int
    keep_releases: int = releases.KEPT
    dry_run: bool = False

    def run(self) -> list[Freed]:
        """Removes it, or with `dry_run` only finds it.

        Returns:
            What it took, by kind.

        Raises:
            AnqError: a run held a lock for too long.
        """
        return [self._releases(), self._raw(), self._reports(), self._logs(), self._leftovers()]

    def _releases(self) -> Freed:
        """All but the current release and the newest others; what killed loads left of theirs."""
        warehouse, freed = self.settings.warehouse, Freed("releases")
        with locked(warehouse / ".lock"):
            for path in (*releases.superfluous(warehouse, self.keep_releases), *releases.abandoned(warehouse)):
                self._remove(path, freed)
        return freed

    def _raw(self) -> Freed:
        """Archives, but never weekly issues and single documents: these are fetched once."""
        freed = Freed("raw")
        for archive in sorted({row.name for row in manifest.rows(self.settings) if "/" in row.name}):
            legislature, _, kind = archive.partition("/")
            key = (int(legislature), kind)
            with self._held(key):  # no run reads or fetches it
                for download in self._unneeded(archive, key):
                    if not self.dry_run:
                        pruned.note(download, self.settings, self.now)
                    self._remove(download.path(self.settings), freed)
        return freed

    @contextmanager
    def _held(self, key: tuple[int, str]) -> Iterator[None]:
        lake = self.settings.lake
        reading = references_locked(lake, "people") if key[1] == PEOPLE else partitions_locked(lake, [key])
        with reading, locked(self.settings.raw / f".{stem_of(*key)}.lock"):
            yield

    def _unneeded(self, archive: str, key: tuple[int, str]) -> Iterator[Download]:
        """The downloads of an archive whose files are there, old, and needed by nothing."""
        rows = [row for row in manifest.rows(self.settings) if row.name == archive]
        needed = {rows[-1].sha256, *sources.needed(self.settings.lake, archive, key)}
        for sha256, row in {row.sha256: row for row in rows}.items():
            is_old = self._is_older(row.fetched_at, self.keep_raw)
            if sha256 not in needed and is_old and row.path(self.settings).exists():
                yield row

    def _reports(self) -> Freed:
        freed, runs = Freed("reports"), self.settings.reports / "runs"
        with locked(self.settings.warehouse / ".lock"):
            for path in self._old(runs.glob("[!.]*"), KEEP_REPORTS):
                self._remove(path, freed)
        return freed

    def _logs(self) -> Freed:
        """Airflow's: old ones, and all but the end of one that a part of it still writes to."""
        freed = Freed("logs")
        for path in self._old(_files(self.logs), KEEP_LOGS):
            self._remove(path, freed)
            self._remove_empty(path.parent)
        for path in sorted(self.logs.glob("*.log")):
            if path.stat().st_size > 10 * LOG_ENDS and path not in freed.paths:
                self._cut(path, freed)
        return freed

    def _leftovers(self) -> Freed:
        """Files that killed runs had begun to write aside."""
        freed, home = Freed("leftovers"), self.settings
        for folder in (home.raw, home.lake, home.reports):
            aside = (path for path in _files(folder) if ASIDE.fullmatch(path.name))
            for path in self._old(aside, _DAY.days):
                self._remove(path, freed)
        return freed

    def _old(self, paths: Iterable[Path], days: int) -> list[Path]:
        """The files that were last written before so many days."""
        old = []
        for path in sorted(paths):
            with suppress(FileNotFoundError):  # whoever wrote it has just put it in its place
                if self._is_older(path.lstat().st_mtime, days):
                    old.append(path)
        return old

    def _is_older(self, when: datetime | float, days: int) -> bool:
        seconds = when.timestamp() if isinstance(when, datetime) else when
        return seconds <= (self.now - timedelta(days=days)).timestamp()

    def _remove(self, path: Path, freed: Freed) -> None:
        freed.paths.append(path)
        freed.bytes += sum(file.lstat().st_size for file in (_files(path) if path.is_dir() else [path]))
        if not self.dry_run:
            releases.remove(path)

    def _remove_empty(self, folder: Path) -> None:
        while not self.dry_run and folder != self.logs and not any(folder.iterdir()):
            folder.rmdir()
            folder = folder.parent

    def _cut(self, path: Path, freed: Freed) -> None:
        size = path.stat().st_size
        freed.paths.append(path)
        freed.bytes += size - LOG_ENDS
        if not self.dry_run:
            with path.open("a+b") as file:  # in place: who writes to it has it open, and appends
                file.seek(size - LOG_ENDS)
                end = file.read()
                file.truncate(0)
                file.write(end)


def lines(pruning: Pruning) -> Iterator[str]:
    """What a person is told of it, which is then done: by kind, and in all; with `dry_run`, each path."""
    from rich.filesize import decimal

    every = pruning.run()
    if pruning.dry_run:
        yield from (str(path) for freed in every for path in freed.paths)
    for freed in every:
        yield f"{freed.kind:<9} {len(freed.paths):>7,}  {decimal(freed.bytes)}"
    total = decimal(sum(freed.bytes for freed in every))
    yield f"{total} would be freed; nothing was removed" if pruning.dry_run else f"{total} freed"


def _files(folder: Path) -> Iterator[Path]:
    """All files in a folder and its folders."""
    for root, _, names in os.walk(folder):
        yield from (Path(root) / name for name in names)
