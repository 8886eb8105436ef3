"""The current release, put where readers find it, and then pointed to.

    releases/<name>/    anq.duckdb, parquet/ with its datapackage.json, SHA256SUMS, and last about.json; never changed
    latest/             the same files of the release that is pointed to, at addresses that stay
    catalog.jsonld      what a catalogue says of them (DCAT-AP)
    releases.atom       what was new in each release
    latest.json         which one is pointed to; written last

A kill at any moment leaves each file whole, and `latest.json` as it was or as it is to be; the next call goes on.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import msgspec

from etl.errors import DamageError, UsageError
from etl.files.lock import locked
from etl.schema import tables
from etl.settings import Settings
from etl.share.about import About, File, about, checksums, described
from etl.share.dcat import catalogue
from etl.share.feed import feed
from etl.share.place import Place, opened
from etl.warehouse import release as releases
from etl.warehouse.export import DESCRIPTOR, export
from etl.warehouse.release import Release

_NAME = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{8}")
_SUMS, _ABOUT = "SHA256SUMS", "about.json"


class Shared(NamedTuple):
    """What is pointed to.

    Attributes:
        about: the release.
        url: the address under which readers find the place, without a slash at its end.
        is_new: it was put there, or pointed to, just now.
    """

    about: About
    url: str
    is_new: bool


class _Pointed(msgspec.Struct):
    """What of `latest.json` is read again."""

    made_up: bool


def share(settings: Settings, where: str, now: datetime) -> Shared | None:
    """Puts the current release at its place, points to it, and removes those whose time is over.

    Args:
        settings: the home.
        where: the place, as ANQ_PUBLISH names it.
        now: the time.

    Returns:
        What is now pointed to; None when there is no release yet.

    Raises:
        AnqError: something cannot be read or written there; what was pointed to still is.
        DamageError: the release is not as it was made.
        UsageError: the place is none, has real questions and is to get made-up ones, or the release is of an earlier
            version of anq.
    """
    place = opened(where)
    url = (settings.share_url or place.url).rstrip("/")
    with locked(settings.warehouse / ".share.lock"):
        release = releases.current(settings.warehouse)
        if release is None:
            return None
        _refuse_sample(place, release)
        there = {name for name in place.folders("releases") if _NAME.fullmatch(name)}
        kept = _kept({*there, release.name}, release.name, now, timedelta(days=settings.keep_shared))
        current = _about(place, release.name)
        if current and there == kept and place.get("latest.json") == _latest(current, url):
            return Shared(current, url, is_new=False)
        before = _last_before(place, there, release)
        current = current or _put(place, settings, release, before)
        others = (_about(place, name) for name in sorted(kept - {release.name}))
        whole = [one for one in others if one and one.made_up == release.sample]
        _point(place, current, [*whole, current], url, now)
        for name in sorted(there - {one.release for one in (*whole, current)}):
            _remove(place, name)
        return Shared(current, url, is_new=True)


def _kept(names: Collection[str], current: str, now: datetime, days: timedelta) -> set[str]:
    """The releases that stay: the current one, and each until so long after the next one was made."""
    ordered = sorted(names)
    made = [datetime.strptime(name[:16], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC) for name in ordered]
    replaced = [*made[1:], now]  # by the next one
    return {name for name, at in zip(ordered, replaced, strict=True) if now - at < days} | {current}


def _about(place: Place, name: str) -> About | None:
    """What is said of a release there; None when it is not there, or not whole."""
    content = place.get(f"releases/{name}/{_ABOUT}")
    try:
        return None if content is None else msgspec.json.decode(content, type=About)
    except msgspec.DecodeError:  # it is put there anew, or goes
        return None


def _last_before(place: Place, names: Collection[str], release: Release) -> About | None:
    """The newest whole release there that is older; one of the sample is none before one of real questions."""
    older = (_about(place, one) for one in sorted(names, reverse=True) if one < release.name)
    return next((one for one in older if one and one.made_up == release.sample), None)


def _refuse_sample(place: Place, release: Release) -> None:
    """Stops before made-up questions would take the place of real ones.

    Raises:
        UsageError: they would.
    """
    said = place.get("latest.json") if release.sample else None
    try:
        is_real = said is not None and not msgspec.json.decode(said, type=_Pointed).made_up
    except msgspec.DecodeError:  # it is written anew
        return
    if is_real:
        raise UsageError(f"{place.url} has real questions, and release {release.name} is made up: name another place")


def _put(place: Place, settings: Settings, release: Release, before: About | None) -> About:
    """Puts the files of a release, and last what says that they are all there."""
    folder = f"releases/{release.name}"
    place.remove_folder(folder)  # left by a kill
    with _files(settings.warehouse, release) as files:
        listed = [file for _, file in files]
        for path, file in files:
            place.put(f"{folder}/{file.path}", path)
        said = about(settings.warehouse, release, before, listed)
    place.put(f"{folder}/{_SUMS}", checksums(listed))
    place.put(f"{folder}/{_ABOUT}", msgspec.json.format(msgspec.json.encode(said)) + b"\n")
    return said


@contextmanager
def _files(warehouse: Path, release: Release) -> Iterator[list[tuple[Path, File]]]:
    """The files of a release, each with what is said of it: the database, then its tables as Parquet."""
    database = releases.path_of(warehouse, release.name)
    found = [(database, described("anq.duckdb", database, "La base entière, pour DuckDB"))]
    if release.file is not None and found[0][1].sha256 != release.file.sha256:
        raise DamageError(f"release {release.name} is not as it was made, and is not shared: `anq verify` says more")
    scratch = warehouse / ".share"
    shutil.rmtree(scratch, ignore_errors=True)  # left by a kill
    try:
        titles = {f"{table.full_name.replace('.', '-')}.parquet": table for table in tables().values()}
        parquet = scratch / "parquet"
        scratch.mkdir()
        for name in [*export(warehouse, parquet, "parquet", None, release=release), DESCRIPTOR]:
            title = "Ce que sont les fichiers Parquet (Frictionless)"
            if name in titles:
                title = f"{titles[name].full_name} : {titles[name].description_fr}"
            found.append((parquet / name, described(f"parquet/{name}", parquet / name, title)))
        yield found
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _point(place: Place, current: About, whole: Collection[About], url: str, now: datetime) -> None:
    """Points to a release: the addresses that stay, the catalogue, the feed, and last `latest.json`."""
    wanted = [*(file.path for file in current.files), _SUMS, _ABOUT]
    for path in wanted:
        place.copy(f"releases/{current.release}/{path}", f"latest/{path}")
    place.put("catalog.jsonld", catalogue(current, url))
    newest_first = sorted(whole, key=lambda one: one.release, reverse=True)
    place.put("releases.atom", feed(newest_first, current.release, url, now))
    place.put("latest.json", _latest(current, url))
    if left := [path for path in place.files("latest") if path.removeprefix("latest/") not in wanted]:
        place.remove(left)


def _latest(current: About, url: str) -> bytes:
    """`latest.json`: the release's addresses, and what is said of it."""
    folder = f"{url}/releases/{current.release}"
    found = {"database": f"{folder}/anq.duckdb", "datapackage": f"{folder}/parquet/{DESCRIPTOR}"}
    return msgspec.json.format(msgspec.json.encode(found | msgspec.to_builtins(current))) + b"\n"


def _remove(place: Place, name: str) -> None:
    """Removes a release: first what says that it is whole."""
    place.remove([f"releases/{name}/{_ABOUT}"])
    place.remove_folder(f"releases/{name}")
