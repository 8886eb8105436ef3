"""Parts of a home that is a cache: pulled from its store before a piece of work, pushed to it after.

Most files never change and are named by their content, or by what they are: they are copied. The few that say which of
them count are replaced at the end, each only if it is still what was read. So the store is whole at any moment, for
whoever reads what counts first; of two who would replace the same, one loses and is told.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from fnmatch import fnmatchcase
from os import utime, walk
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import msgspec

from etl.errors import LostError, StoreError, UsageError
from etl.files.aside import write_aside
from etl.files.lock import locked
from etl.settings import Settings
from etl.store.bucket import Bucket, Stored, bucket

_MARK = "anq.json"  # says that what is under the address is ours
_RELEASES = "warehouse/releases/"
_CURRENT = "warehouse/current.duckdb"
_LINKS = (_CURRENT, "warehouse/anq.duckdb")  # symlinks in the home; their objects hold where they lead
_ALWAYS = ("raw/", "lake/ops/")  # what came and what was told is sent, whatever the scope
_TOPS = ("raw", "lake", "warehouse", "reports")
_AT_ONCE = 8
_TRIES = 10
#: Files that never change: named by their content, or by the release that they are of.
_SEALED = re.compile(
    r"raw/(documents/)?[0-9a-f]{64}(\.\w+)?|lake/[a-z][^/]*/.+\.parquet|warehouse/releases/[^/]+(/anq)?\.duckdb"
)
#: Files that lines are added to; those of two writers go together.
_LOG = re.compile(r"raw/(documents/)?[^/]+\.jsonl")
#: Files that say what counts.
_POINTER = re.compile("|".join((r"lake/_[a-z_]+/[^/]+\.json", *map(re.escape, _LINKS))))
#: Files of which the last one written holds: what a run tells of itself.
_PAGE = re.compile(r"lake/ops/[^/]+/[^/]+\.json|reports/.+|told\.json|warehouse/releases/[^/]+(/release)?\.(json|part)")
_KINDS = (_SEALED, _LOG, _PAGE, _POINTER)  # as they are pulled: what counts comes last
_HIDDEN = re.compile(r"(^|/)\.")  # locks, and files that are being written


class Scope(NamedTuple):
    """Which files of a home a piece of work reads and writes.

    Attributes:
        patterns: of their paths under the home, as `fnmatch` has them; `*` goes through folders too.
        also: more of them, which the files that were pulled tell of.
    """

    patterns: tuple[str, ...]
    also: Callable[[Settings], Iterable[str]] = lambda _: ()

    def has(self, path: str) -> bool:
        """Whether a path is among the patterns."""
        return any(fnmatchcase(path, pattern) for pattern in self.patterns)


class _Copy(msgspec.Struct, frozen=True, array_like=True):
    """A file of the home that is as the store has it: the object's e_tag; the file's size and time."""

    e_tag: str
    size: int
    modified_ns: int


class _State(msgspec.Struct):
    """`.store.json` of the home: of which store it is a cache, and which files are as that has them."""

    url: str
    copies: dict[str, _Copy] = {}


@contextmanager
def kept(settings: Settings, scope: Scope) -> Iterator[None]:
    """Around a piece of work on a home: what it needs is pulled before, what it changed is pushed after.

    Without a store nothing is done. A home that is a cache does one piece of work at a time. What failed is pushed
    too, for it left word of why; what was stopped by a person is not.

    Args:
        settings: the home and its store.
        scope: what the work reads and writes.

    Raises:
        LostError: another worker replaced something meanwhile; nothing of the work holds.
        StoreError: the store failed.
        UsageError: the address is none, or holds what is not ours.
    """
    if settings.store is None:
        yield
        return
    with locked(settings.home / ".store.lock"):
        mirror = _Mirror(settings, bucket(settings.store), scope)
        mirror.pull()
        try:
            yield
        except (Exception, SystemExit):
            mirror.push()
            raise
        mirror.push()


def pull(settings: Settings, scope: Scope) -> None:
    """Brings part of a home up to date from its store, for those who read.

    Raises:
        UsageError: there is no store, or its address holds what is not ours.
        StoreError: the store failed.
    """
    if settings.store is None:
        raise UsageError("ANQ_STORE names no store to pull from; without one the home is all that there is")
    with locked(settings.home / ".store.lock"):
        _Mirror(settings, bucket(settings.store), scope).pull()


class _Mirror:
    """A home, its store, and a scope, for one piece of work."""

    def __init__(self, settings: Settings, store: Bucket, scope: Scope) -> None:
        self._settings, self._home, self._bucket, self._scope = settings, settings.home, store, scope
        self._coming = self._home / ".coming"  # what is on its way, apart: a kill leaves it there
        self._copies: dict[str, _Copy] = {}
        self._seen: dict[str, Stored] = {}

    def pull(self) -> None:
        """Makes the files of the scope those of the store."""
        objects = self._begin()
        for _ in range(_TRIES):
            try:
                self._pull(objects)
            except LostError:  # it was replaced between the listing and the reading
                objects = self._bucket.objects()
                continue
            return
        raise StoreError(f"{self._bucket.url} changed each time that it was read, {_TRIES} times; run again")

    def _begin(self) -> dict[str, Stored]:
        """Reads what the home is a cache of; the first home of an empty store is put into it whole.

        Returns:
            What the store holds.

        Raises:
            UsageError: the home or the address has files of another.
        """
        shutil.rmtree(self._coming, ignore_errors=True)
        self._coming.mkdir()
        try:
            state = msgspec.json.decode((self._home / ".store.json").read_bytes(), type=_State)
        except (FileNotFoundError, msgspec.DecodeError):
            state = _State("")
        url, objects, own = self._bucket.url, self._bucket.objects(), self._local(lambda _: True)
        if _MARK in objects:
            if own and state.url != url:
                raise UsageError(
                    f"{self._home} has files of its own, and is no cache of {url}: give ANQ_HOME a new folder"
                )
            self._copies = state.copies if state.url == url else {}
            self._save()  # from now on it is a cache, even if it is killed at once
            return objects
        strangers = [path for path in sorted(objects) if not _HIDDEN.search(path) and not _is_ours(path)]
        if strangers:
            raise UsageError(f"{url} holds {strangers[0]}, which is not ours: give ANQ_STORE an address of its own")
        if objects and not own:
            raise UsageError(f"{url} has part of a home that was being put into it: run again with that ANQ_HOME")
        self._seen = objects
        self._send(own)
        self._bucket.write(_MARK, b'{"anq":1}')
        self._save()
        return self._bucket.objects()

    def _pull(self, objects: dict[str, Stored]) -> None:
        there = {path: stored for path, stored in objects.items() if _is_ours(path)}
        for path in [path for path in there if path.endswith("/release.json")]:
            there.pop(_unlisted(path), None)  # a kill left both
        wanted = {path for path in there if self._scope.has(path)}
        self._bring({path: there[path] for path in wanted})
        also = there.keys() & {*self._scope.also(self._settings)}
        self._bring({path: there[path] for path in also})
        for path in {*self._local(self._scope.has)} - wanted:  # left by a kill, or removed by another worker
            _remove(self._home / path)
            self._copies.pop(path, None)
        self._seen = {path: there[path] for path in wanted | also}
        self._save()

    def _bring(self, objects: dict[str, Stored]) -> None:
        """Copies objects that the home has not as they are; what says which of them count comes last."""
        missing = [path for path, stored in objects.items() if not self._is_copy(path, stored.e_tag)]
        for kind in _KINDS:
            paths = [path for path in missing if kind.fullmatch(path)]
            with ThreadPoolExecutor(_AT_ONCE) as pool:
                list(pool.map(lambda path: self._fetch(path, objects[path]), paths))

    def _is_copy(self, path: str, e_tag: str | None = None) -> bool:
        """Whether a file is as an object was when it was last copied, and that object was this one."""
        copy = self._copies.get(path)
        return copy is not None and e_tag in (None, copy.e_tag) and copy == _copy(self._home / path, copy.e_tag)

    def _fetch(self, path: str, stored: Stored) -> None:
        file, modified = self._home / path, int(stored.modified.timestamp() * 1e9)
        part = self._coming / quote(path, safe="")
        self._bucket.fetch(path, stored.e_tag, part)
        if path in _LINKS:
            target = part.read_text()
            part.unlink()
            part.symlink_to(target)
        else:
            utime(part, ns=(modified, modified))
        if path.startswith(_RELEASES):
            part.chmod(0o444)
            _open_folder(file)
        file.parent.mkdir(parents=True, exist_ok=True)
        part.replace(file)
        self._note(path, stored.e_tag)

    def push(self) -> None:
        """Makes the store's objects of the scope the files; what says which of them count is replaced at the end.

        Raises:
            LostError: another worker replaced one of these meanwhile.
        """
        local = self._local(lambda path: path.startswith(_ALWAYS) or self._scope.has(path))
        changed = [path for path in local if not self._is_copy(path)]
        gone = self._seen.keys() - {*local}
        if changed:
            self._send(changed)
        for kind in reversed(_KINDS):
            if paths := [path for path in gone if kind.fullmatch(path)]:
                self._bucket.remove(paths)
        for path in gone:
            self._copies.pop(path, None)
        self._save()

    def _send(self, changed: Sequence[str]) -> None:
        by_kind = {kind: [path for path in changed if kind.fullmatch(path)] for kind in _KINDS}
        self._refuse_lost(by_kind[_POINTER])
        self._send_all(by_kind[_SEALED])
        # as in `etl.warehouse.release.publish`: it is a release once it has been current
        notes = {_unlisted(path): path for path in changed if path.endswith("/release.json")}
        for part, path in notes.items():
            self._bucket.send(part, self._home / path)
        for path in by_kind[_LOG]:
            self._add_lines(path)
        for path in sorted(by_kind[_POINTER], key=lambda path: path == _CURRENT):
            seen = self._seen.get(path)
            self._note(path, self._bucket.replace(path, _content(self._home / path), seen.e_tag if seen else None))
        self._send_all(by_kind[_PAGE])
        self._bucket.remove([*notes])

    def _refuse_lost(self, pointers: Sequence[str]) -> None:
        """Asks before anything is sent, so that of several nothing is sent when one is lost."""
        now = self._bucket.objects() if pointers else {}
        for path in pointers:
            seen, there = self._seen.get(path), now.get(path)
            if (seen and seen.e_tag) != (there and there.e_tag):
                raise LostError(
                    f"{self._bucket.url}: another worker has replaced {path} since this one read it; "
                    "nothing of this work holds. Run again: it begins with what is there now"
                )

    def _send_all(self, paths: Sequence[str]) -> None:
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            sent = pool.map(lambda path: self._bucket.send(path, self._home / path), paths)
            for path, e_tag in zip(paths, sent, strict=True):
                self._note(path, e_tag)

    def _add_lines(self, path: str) -> None:
        """Adds our lines to those of whoever added some meanwhile."""
        seen, content = self._seen.get(path), (self._home / path).read_bytes()
        e_tag = seen.e_tag if seen else None
        for _ in range(_TRIES):
            try:
                self._note(path, self._bucket.replace(path, content, e_tag))
            except LostError:
                theirs, e_tag = self._bucket.read(path)
                lines = {*theirs.splitlines(keepends=True)}
                content = theirs + b"".join(line for line in content.splitlines(keepends=True) if line not in lines)
                write_aside(self._home / path, content, durable=True)
                continue
            return
        raise StoreError(f"{self._bucket.url}: {path} changed each time that lines were added to it; run again")

    def _note(self, path: str, e_tag: str) -> None:
        copy = _copy(self._home / path, e_tag)
        assert copy is not None  # it was just read or written
        self._copies[path] = copy

    def _save(self) -> None:
        write_aside(self._home / ".store.json", msgspec.json.encode(_State(self._bucket.url, self._copies)))

    def _local(self, has: Callable[[str], bool]) -> list[str]:
        """The files of the home that belong in a store, by their paths."""
        files = [self._home / "told.json"]
        for top in _TOPS:
            files += [Path(root) / name for root, _, names in walk(self._home / top) for name in names]
        paths = (file.relative_to(self._home).as_posix() for file in files if file.is_symlink() or file.exists())
        return sorted(path for path in paths if _is_ours(path) and has(path))


def _is_ours(path: str) -> bool:
    """Whether a path is that of a file of a home, and not of a stranger, a lock, or one that is being written."""
    return not _HIDDEN.search(path) and any(kind.fullmatch(path) for kind in _KINDS)


def _unlisted(note: str) -> str:
    """What a release's note is called until the release has been current."""
    return f"{note.removesuffix('.json')}.part"


def _copy(file: Path, e_tag: str) -> _Copy | None:
    try:
        stat = file.lstat()
    except FileNotFoundError:
        return None
    return _Copy(e_tag, stat.st_size, stat.st_mtime_ns)


def _content(file: Path) -> bytes:
    return str(file.readlink()).encode() if file.is_symlink() else file.read_bytes()


def _remove(file: Path) -> None:
    if file.parent.parent.name == "releases":
        _open_folder(file)
    file.unlink()
    with suppress(OSError):  # others are in it
        file.parent.rmdir()


def _open_folder(file: Path) -> None:
    """Lets a file be written or removed in a release's folder, which nobody can write."""
    if file.parent.exists():
        file.parent.chmod(0o755)
