"""Where releases are put: a folder or a bucket, each file whole or not there."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from etl.errors import AnqError, UsageError
from etl.files.aside import aside
from etl.files.objects import objects

if TYPE_CHECKING:
    from obstore.store import ObjectStore

_URL = re.compile(r"(?!file://)\w+:/")
#: What a server of files says they are, by how their name ends.
_TYPES = {
    ".duckdb": "application/octet-stream",
    ".parquet": "application/vnd.apache.parquet",
    ".json": "application/json",
    ".jsonld": "application/ld+json",
    ".atom": "application/atom+xml",
    "": "text/plain; charset=utf-8",
}


@dataclass(frozen=True)
class Place:
    """A folder or a bucket.

    Attributes:
        url: of it, without a slash at its end.
        store: what reads and writes there.
        folder: it, on a disk; None of a bucket.
    """

    url: str
    store: ObjectStore
    folder: Path | None = None

    def put(self, path: str, content: bytes | Path) -> None:
        """Writes a file, whole or not at all, in place of what has its name.

        Args:
            path: below the place.
            content: its bytes, or the file that has them.

        Raises:
            AnqError: it cannot be written.
        """
        said = {"Content-Type": media_type(path), "Cache-Control": "no-cache"}  # a cache asks whether it has changed
        with self._told(f"{path} cannot be written"):  # on a disk the web server says what it is
            self.store.put(path, content, attributes=None if self.folder else said)

    def get(self, path: str) -> bytes | None:
        """A file's bytes; None when it is not there.

        Raises:
            AnqError: it cannot be read.
        """
        with self._told(f"{path} cannot be read"):
            try:
                return bytes(self.store.get(path).bytes())
            except FileNotFoundError:
                return None

    def copy(self, path: str, to: str) -> None:
        """Has a file under a second name too, without sending it again.

        Raises:
            AnqError: it cannot be copied.
        """
        with self._told(f"{path} cannot be copied to {to}"):
            if self.folder is None:
                self.store.copy(path, to)
                return
            with aside(self.folder / to) as part:  # a second name of the same file takes no room
                try:
                    part.hardlink_to(self.folder / path)
                except OSError:  # not on every file system
                    shutil.copyfile(self.folder / path, part)

    def folders(self, path: str) -> list[str]:
        """The names of the folders in a folder, in order.

        Raises:
            AnqError: it cannot be read.
        """
        with self._told(f"{path} cannot be listed"):
            found = self.store.list_with_delimiter(f"{path}/")["common_prefixes"]
        return sorted(name.rstrip("/").rpartition("/")[2] for name in found)

    def files(self, path: str) -> list[str]:
        """The paths of all files below a folder.

        Raises:
            AnqError: it cannot be read.
        """
        with self._told(f"{path} cannot be listed"):
            return [file["path"] for batch in self.store.list(f"{path}/") for file in batch]

    def remove(self, paths: Sequence[str]) -> None:
        """Removes files; it is no error that one is not there.

        Raises:
            AnqError: one cannot be removed.
        """
        with self._told(f"{', '.join(paths)} cannot be removed"), suppress(FileNotFoundError):
            self.store.delete(paths)

    def remove_folder(self, path: str) -> None:
        """Removes a folder, and what a kill left half written there.

        Raises:
            AnqError: it cannot be removed.
        """
        if self.folder is None:
            self.remove(self.files(path))
            return
        with self._told(f"{path} cannot be removed"), suppress(FileNotFoundError):
            shutil.rmtree(self.folder / path)

    @contextmanager
    def _told(self, what: str) -> Iterator[None]:
        from obstore.exceptions import BaseError

        try:
            yield
        except (BaseError, OSError) as error:
            why = str(error).partition("\n")[0]
            raise AnqError(
                f"{self.url}: {what} ({why}). Look at ANQ_PUBLISH, and at who may write there (AWS_… of a bucket); "
                "`anq share` tries again, and so does the next run"
            ) from error


def opened(where: str) -> Place:
    """The place that ANQ_PUBLISH names; nothing is asked of it yet.

    Args:
        where: a folder, or a URL of one: `file://`, `s3://bucket/prefix`, `gs://`, `az://`.

    Raises:
        UsageError: it is no such URL.
        AnqError: the folder cannot be made.
    """
    from obstore.store import LocalStore

    if not _URL.match(where):
        folder = Path(where.removeprefix("file://")).resolve()
        try:
            return Place(folder.as_uri(), LocalStore(folder, mkdir=True), folder)
        except OSError as error:
            raise AnqError(f"{folder} cannot be made ({error}). Look at ANQ_PUBLISH") from error
    try:
        return Place(where.rstrip("/"), objects(where))
    except ValueError as error:
        raise UsageError(f"ANQ_PUBLISH is {where!r}, a folder or s3://bucket/prefix was expected ({error})") from error


def media_type(path: str) -> str:
    """What a file is, by its name."""
    return _TYPES[Path(path).suffix]
