"""Objects under an address: S3, Google's or Azure's storage, or a folder; each error is typed, and says what to do."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from etl.errors import LostError, StoreError, UsageError
from etl.files.lock import locked
from etl.files.objects import objects

if TYPE_CHECKING:
    from obstore import UpdateVersion
    from obstore.store import ObjectStore

_STATUS = re.compile(r"status code: (\d{3} [A-Z][A-Za-z ]*)")
_CODE = re.compile(r"<Code>(\w+)</Code>")
_QUERY = re.compile(r"\?\S*")  # of a URL: with some stores the key is in it


@dataclass(frozen=True)
class Stored:
    """An object.

    Attributes:
        size: bytes.
        e_tag: of its content, as the store gives it.
        modified: when it was written.
    """

    size: int
    e_tag: str
    modified: datetime


@dataclass(frozen=True)
class Bucket:
    """The objects under an address.

    Attributes:
        url: the address.
        store: obstore's.
    """

    url: str
    store: ObjectStore

    def objects(self) -> dict[str, Stored]:
        """Every object, by its path under the address."""
        with self._asked("list it"):
            return {
                meta["path"]: Stored(meta["size"], meta["e_tag"] or "", meta["last_modified"])
                for batch in self.store.list()
                for meta in batch
            }

    def read(self, path: str) -> tuple[bytes, str]:
        """An object's content, and its e_tag."""
        with self._asked(f"read {path}"):
            result = self.store.get(path)
            return bytes(result.bytes()), result.meta["e_tag"] or ""

    def fetch(self, path: str, e_tag: str, to: Path) -> None:
        """Writes an object's content to a file.

        Args:
            path: of the object.
            e_tag: that it must have.
            to: the file.

        Raises:
            LostError: it is another one by now, or gone.
        """
        with self._asked(f"read {path}", lost=True), to.open("wb") as file:
            for part in self.store.get(path, options={"if_match": e_tag}):
                file.write(part)

    def send(self, path: str, file: Path) -> str:
        """Makes a file an object, over what was there.

        Returns:
            The object's e_tag.
        """
        with self._asked(f"write {path}"):
            return self.store.put(path, file)["e_tag"] or ""

    def write(self, path: str, content: bytes) -> str:
        """Writes an object over what was there; gives its e_tag."""
        with self._asked(f"write {path}"):
            return self.store.put(path, content)["e_tag"] or ""

    def replace(self, path: str, content: bytes, e_tag: str | None) -> str:
        """Writes an object if it is still what was read.

        Args:
            path: of the object.
            content: the new one.
            e_tag: of the object that was read; None when there was none.

        Returns:
            The new e_tag.

        Raises:
            LostError: it is another one by now, or gone.
        """
        try:
            with self._asked(f"write {path}", lost=True), self._alone():
                if e_tag is None:
                    return self.store.put(path, content, mode="create")["e_tag"] or ""
                meta = self.store.head(path)
                if meta["e_tag"] != e_tag:
                    raise self._lost(f"write {path}")
                if self._folder is not None:
                    return self.store.put(path, content)["e_tag"] or ""
                mode: UpdateVersion = {"e_tag": e_tag}
                if meta["version"] is not None:  # by which Google's storage goes
                    mode["version"] = meta["version"]
                return self.store.put(path, content, mode=mode)["e_tag"] or ""
        except LostError:
            there, now = self._read_if_there(path)
            if there != content:
                raise
            return now  # ours, whose answer was lost on the way

    def remove(self, paths: Sequence[str]) -> None:
        """Removes objects; one that is not there is no error."""
        with self._asked(f"remove {', '.join(paths[:3])}"):
            for path in paths:
                try:
                    self.store.delete(path)
                except FileNotFoundError:
                    continue

    def _read_if_there(self, path: str) -> tuple[bytes | None, str]:
        with self._asked(f"read {path}"):
            try:
                result = self.store.get(path)
            except FileNotFoundError:
                return None, ""
            return bytes(result.bytes()), result.meta["e_tag"] or ""

    @property
    def _folder(self) -> Path | None:
        """The folder of a store that is one."""
        parts = urlsplit(self.url)
        return Path(unquote(parts.path)) if parts.scheme == "file" else None

    def _alone(self) -> AbstractContextManager[None]:
        """A folder does not compare and write in one step: a lock does."""
        return locked(self._folder / ".lock") if self._folder else nullcontext()

    @contextmanager
    def _asked(self, what: str, *, lost: bool = False) -> Iterator[None]:
        """Around what is asked of the store: makes its errors ours."""
        from obstore.exceptions import AlreadyExistsError, BaseError, PreconditionError

        try:
            yield
        except (AlreadyExistsError, PreconditionError, FileNotFoundError) as error:
            if not lost or "NoSuchBucket" in str(error):
                raise self._error(what, error) from error
            raise self._lost(what) from error
        except (BaseError, OSError) as error:
            raise self._error(what, error) from error

    def _lost(self, what: str) -> LostError:
        return LostError(
            f"{self.url}: another worker has replaced what this one had read ({what}); "
            "nothing of this work holds. Run again: it begins with what is there now"
        )

    def _error(self, what: str, error: Exception) -> StoreError:
        return StoreError(
            f"{self.url}: could not {what}: {_cause(error)}; what the store held before still holds. "
            "See that ANQ_STORE and its keys are right and that it has room, then run again"
        )


def bucket(url: str) -> Bucket:
    """What is at an address; nothing is asked of it yet.

    Args:
        url: `s3://bucket/prefix`, `gs://…`, `az://account/container/prefix` or `file:///folder`, whose folder must be
            there. Keys and an endpoint are taken from the environment (AWS_…, GOOGLE_…, AZURE_…).

    Raises:
        UsageError: it is no such address.
    """
    try:
        return Bucket(url, objects(url))
    except ValueError as error:
        raise UsageError(
            f"{url} is no address of a store ({_cause(error)}); it is s3://bucket/prefix, gs://bucket/prefix, "
            "az://account/container/prefix, or file:///folder of a folder that is there"
        ) from error


def _cause(error: Exception) -> str:
    """An error in a line: the server's status and code, where it gave them."""
    text = str(error)
    status, code = _STATUS.search(text), _CODE.search(text)
    if status:
        return f"{status[1].strip()}, {code[1]}" if code else status[1].strip()
    return _QUERY.sub("", text.partition("\n")[0].strip())
