"""People and bodies: the AMO archive read into `deputies`, `mandates` and `organs` of the lake, as one reference.

A member that cannot be read is set aside, and what it gave before stays. The archive is read member by member; only
rows are held, some 20,000.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING

from etl.catalogue import PEOPLE, Archive
from etl.errors import SourceError
from etl.lake import ceiling, files, markers, reference
from etl.lake.code import code_digest
from etl.lake.markers import Reference
from etl.lake.reference import Staged
from etl.lake.rows import AnomalyCount, keyed
from etl.parse.archive import members_of, read
from etl.parse.record import Anomaly, Entry, RecordError

if TYPE_CHECKING:
    from etl.normalise.person import Tables
    from etl.normalise.rows import Row

TABLES = {"deputies": "deputy_id", "mandates": "mandate_id", "organs": "organ_id"}
OWNERS = {"deputies": "deputy_id", "mandates": "deputy_id", "organs": "organ_id"}
"""By table, the column that says which member a row comes from."""
KINDS = {"acteur", "organe"}
"""The folders of the archive's members: a person each, a body each."""


def code() -> str:
    """Digest of the code that reads people."""
    return code_digest("etl.lake.people")


def build(archive: Archive, path: Path, *, lake_path: Path, fetched_at: datetime, sample: bool) -> Staged:
    """Reads the archive and writes its tables; `markers.commit` makes them count.

    Args:
        archive: which one.
        path: the raw zip, named by its SHA-256.
        lake_path: the lake.
        fetched_at: when the zip was fetched.
        sample: whether it is the made-up sample.

    Raises:
        SourceError: the zip is not an archive of people, or too many of its members cannot be read.
    """
    before = markers.reference(lake_path, PEOPLE)
    if before is not None and before.sample != sample:
        before = None
    markers.sweep_reference(lake_path, PEOPLE)
    reading = _Reading(archive, path, _rows_by_owner(lake_path, before))
    reading.read()
    tables: dict[str, list[Row]] = {
        name: [row for given in reading.tables.values() for row in given.get(name, ())] for name in TABLES
    }
    for name, key in TABLES.items():
        tables[name].sort(key=_by_number(key))
    tables |= {"ops.anomalies": reading.anomalies.rows(archive.key), "ops.quarantine": reading.quarantine}
    written = reference.write(
        tables,
        lake_path,
        name=PEOPLE,
        sample=sample,
        source_sha256=path.stem,
        fetched_at=fetched_at,
        code=code(),
    )
    return Staged(written, records=len(reading.entries), changed=reading.changed())


class _Reading:
    """An archive being read.

    Attributes:
        entries: its members that are a person or a body.
        tables: by the identifier of the person or body, the rows that its member gives, by table.
        anomalies: what is odd about the archive and its members.
        quarantine: rows of `ops.quarantine`.
    """

    def __init__(self, archive: Archive, path: Path, before: dict[str, Tables]) -> None:
        """Keeps what `read` needs.

        Args:
            archive: which one.
            path: the raw zip.
            before: by identifier, the rows that the lake has.
        """
        self._archive, self._path, self._before = archive, path, before
        self._bad: set[str] = set()
        self._mandates: set[str] = set()
        self.tables: dict[str, Tables] = {}
        self.anomalies = AnomalyCount()
        self.quarantine: list[Row] = []
        self.entries: list[Entry] = []

    def read(self) -> None:
        """Reads each member; what a bad one gave before stays.

        Raises:
            SourceError: the zip is not an archive of people and bodies, or too many of its members cannot be read.
        """
        self._list_members()
        with self._path.open("rb") as file:
            for entry in self.entries:
                self._read(file, entry)
        for name in sorted(self._bad & self._before.keys() - self.tables.keys()):
            tables = self._before[name]
            kept = [row for row in tables.get("mandates", ()) if row["mandate_id"] not in self._mandates]
            self.tables[name] = {**tables, **({"mandates": kept} if "mandates" in tables else {})}
        if ceiling.is_over(len(self.quarantine), len(self.entries), "unreadable"):
            row = self.quarantine[0]
            first = f"{row['member']}: {row['error']}"
            aside, records = len(self.quarantine), len(self.entries)
            raise SourceError(ceiling.refusal(self._archive.name, aside, records, first, self._path.name))

    def _list_members(self) -> None:
        members, oddities = members_of(self._path, self._archive.name, self._archive.form)
        for oddity in oddities:
            self.anomalies.add(oddity, oddity.value)
        for entry in members:
            if _folder(entry) in KINDS:
                self.entries.append(entry)
            else:
                self.anomalies.add(Anomaly("unexpected_member", "warning", "member", entry.member), entry.member)
        kinds = {_folder(entry) for entry in self.entries}
        if kinds != KINDS:
            raise SourceError(
                f"{self._archive.name}: the archive holds no {' and no '.join(sorted(KINDS - kinds))}, so it "
                f"is not one of people and bodies; nothing of it was taken, look at raw/{self._path.name}"
            )

    def changed(self) -> int:
        """Persons and bodies that are new or changed."""
        return sum(self._before.get(name) != tables for name, tables in self.tables.items())

    def _read(self, file: IO[bytes], entry: Entry) -> None:
        raw, named = b"", PurePosixPath(entry.member).stem
        try:
            raw = read(file, entry)
            tables, oddities = _person(raw) if _folder(entry) == "acteur" else _organ(raw)
            self._refuse_twice(tables, named)
        except RecordError as error:
            self._set_aside(entry, raw, error)
            self._bad.add(named)
            return
        for oddity in oddities:
            self.anomalies.add(oddity, entry.member)
        if tables:
            self.tables[named] = tables

    def _set_aside(self, entry: Entry, raw: bytes, error: RecordError) -> None:
        columns: Row = {
            "member": entry.member,
            "rule": error.rule,
            "error": str(error),
            "observed": None,
            "severity": "critical",
            "source_sha256": self._path.stem,
            "raw": raw or None,
        }
        self.quarantine.append(keyed(self._archive.key, None, columns))

    def _refuse_twice(self, tables: Tables, named: str) -> None:
        owners = {row[OWNERS[name]] for name, rows in tables.items() for row in rows}
        if owners - {named}:
            raise RecordError("misplaced", f"uid is {owners.pop()}, but its name says {named!r}")
        mandates = [row["mandate_id"] for row in tables.get("mandates", ())]
        if named in self.tables or len(set(mandates)) < len(mandates) or not self._mandates.isdisjoint(mandates):
            raise RecordError("duplicate", f"{named}, or a mandate of theirs, is twice in the archive")
        self._mandates.update(mandates)


def _by_number(key: str) -> Callable[[Row], tuple[int, str]]:
    return lambda row: (len(row[key]), row[key])


def _folder(entry: Entry) -> str:
    return PurePosixPath(entry.member).parent.name


def _person(raw: bytes) -> tuple[Tables, list[Anomaly]]:
    from etl.normalise.person import person_rows  # most runs have the people that the lake has
    from etl.parse.amo_json import read_person

    person, odd = read_person(raw)
    tables, more = person_rows(person)
    tables["mandates"].sort(key=_by_number("mandate_id"))
    return tables, odd + more


def _organ(raw: bytes) -> tuple[Tables, list[Anomaly]]:
    from etl.normalise.person import organ_rows
    from etl.parse.amo_json import read_organ

    organ, odd = read_organ(raw)
    if organ is None:
        return {}, odd
    tables, more = organ_rows(organ)
    return tables, odd + more


def _rows_by_owner(lake_path: Path, before: Reference | None) -> dict[str, Tables]:
    """By the identifier of a person or body, the rows that the lake has."""
    by_owner: dict[str, Tables] = {}
    for name, owner in OWNERS.items():
        for path in before.paths(lake_path, name) if before else ():
            for row in files.as_declared(name, files.read(path)).to_pylist():
                empty: Tables = {"organs": []} if name == "organs" else {"deputies": [], "mandates": []}
                by_owner.setdefault(row[owner], empty)[name].append(row)
    return by_owner
