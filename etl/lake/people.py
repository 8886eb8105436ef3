"""People and bodies: the AMO archive read into `deputies`, `mandates` and `organs` of the lake, as one reference.

A member that cannot be read is set aside, and what it gave before stays. The archive is read member by member; only
rows are held, some 20,000.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import IO, NamedTuple

from etl.catalogue import PEOPLE, Archive
from etl.errors import SourceError
from etl.lake import ceiling, files, markers
from etl.lake.code import code_digest
from etl.lake.markers import Reference
from etl.normalise.person import Tables, organ_rows, person_rows
from etl.normalise.rows import Row
from etl.parse.amo_json import read_organ, read_person
from etl.parse.archive import members_of, read
from etl.parse.record import Anomaly, Entry, RecordError

TABLES = {"deputies": "deputy_id", "mandates": "mandate_id", "organs": "organ_id"}
OWNERS = {"deputies": "deputy_id", "mandates": "deputy_id", "organs": "organ_id"}
"""By table, the column that says which member a row comes from."""
VALUE = 120  # characters of an anomaly's value that are kept


class Staged(NamedTuple):
    """A reference that is on disk and not yet committed."""

    reference: Reference
    records: int
    changed: int
    quarantined: int
    anomalies: int


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
    tables: dict[str, list[Row]] = {name: [] for name in TABLES}
    for one in reading.found.values():
        for name, rows in one.items():
            tables[name] += rows
    for name, key in TABLES.items():
        tables[name].sort(key=_by_number(key))
    tables |= {"ops.anomalies": reading.anomaly_rows(), "ops.quarantine": reading.quarantine}
    reference = Reference(
        name=PEOPLE,
        sample=sample,
        source_sha256=path.stem,
        fetched_at=fetched_at,
        code=code(),
        files={name: files.write(files.arrow(name, rows), lake_path / name, PEOPLE) for name, rows in tables.items()},
        rows={name: len(rows) for name, rows in tables.items()},
    )
    records, aside, odd = len(reading.entries), len(reading.quarantine), len(tables["ops.anomalies"])
    return Staged(reference, records, reading.changed(), aside, odd)


class _Reading:
    """An archive being read: what each of its members gives, by the identifier of the person or body."""

    def __init__(self, archive: Archive, path: Path, before: dict[str, Tables]) -> None:
        self.archive, self.path, self.before = archive, path, before
        self.found: dict[str, Tables] = {}
        self.mandates: set[str] = set()
        self.bad: set[str] = set()
        self.odd: Counter[tuple[str, str, str, str | None]] = Counter()
        self.first: dict[tuple[str, str, str, str | None], tuple[str, str | None]] = {}
        self.quarantine: list[Row] = []
        members, odd = members_of(path, archive.name, archive.form)
        for one in odd:
            self._note(one.value or "", one)
        self.entries = [entry for entry in members if self._is_ours(entry)]
        kinds = {_folder(entry) for entry in self.entries}
        if kinds != {"acteur", "organe"}:
            raise SourceError(
                f"{archive.name}: the archive holds no {' and no '.join(sorted({'acteur', 'organe'} - kinds))}, so it "
                f"is not one of people and bodies; nothing of it was taken, look at raw/{path.name}"
            )

    def read(self) -> None:
        with self.path.open("rb") as file:
            for entry in self.entries:
                self._read(file, entry)
        for name in sorted(self.bad & self.before.keys() - self.found.keys()):
            tables = self.before[name]
            kept = [row for row in tables.get("mandates", ()) if row["mandate_id"] not in self.mandates]
            self.found[name] = {**tables, **({"mandates": kept} if "mandates" in tables else {})}
        if ceiling.is_over(len(self.quarantine), len(self.entries), "unreadable"):
            row = self.quarantine[0]
            first = f"{row['member']}: {row['error']}"
            aside, records = len(self.quarantine), len(self.entries)
            raise SourceError(ceiling.refusal(self.archive.name, aside, records, first, self.path.name))

    def changed(self) -> int:
        """Persons and bodies that are new or changed."""
        return sum(self.before.get(owner) != tables for owner, tables in self.found.items())

    def anomaly_rows(self) -> list[Row]:
        """A row a kind of anomaly and field, with how often it was met and the first value."""
        rows = []
        for key in sorted(self.odd, key=str):
            member, value = self.first[key]
            told = f"{(value or '')[:VALUE]} ({self.odd[key]} in all, first in {member})"
            rows.append(self._keyed({"kind": key[0], "level": key[1], "what": key[2], "value": told}))
        return rows

    def _is_ours(self, entry: Entry) -> bool:
        if _folder(entry) in ("acteur", "organe"):
            return True
        self._note(entry.member, Anomaly("unexpected_member", "warning", "member", entry.member))
        return False

    def _read(self, file: IO[bytes], entry: Entry) -> None:
        raw, named = b"", PurePosixPath(entry.member).stem
        try:
            raw = read(file, entry)
            tables, odd = _person(raw) if _folder(entry) == "acteur" else _organ(raw)
            self._refuse_twice(tables, named)
        except RecordError as error:
            self.quarantine.append(
                self._keyed(
                    {
                        "member": entry.member,
                        "rule": error.rule,
                        "error": str(error),
                        "observed": None,
                        "severity": "critical",
                    }
                    | {"source_sha256": self.path.stem, "raw": raw or None}
                )
            )
            self.bad.add(named)
            return
        for one in odd:
            self._note(entry.member, one)
        if tables:
            self.found[named] = tables

    def _refuse_twice(self, tables: Tables, named: str) -> None:
        owners = {row[OWNERS[name]] for name, rows in tables.items() for row in rows}
        if owners - {named}:
            raise RecordError("misplaced", f"uid is {owners.pop()}, but its name says {named!r}")
        mandates = [row["mandate_id"] for row in tables.get("mandates", ())]
        if named in self.found or len(set(mandates)) < len(mandates) or not self.mandates.isdisjoint(mandates):
            raise RecordError("duplicate", f"{named}, or a mandate of theirs, is twice in the archive")
        self.mandates.update(mandates)

    def _note(self, member: str, one: Anomaly) -> None:
        key = (one.kind, one.level, one.what, one.value if one.kind == "unknown_code" else None)
        self.odd[key] += 1
        self.first.setdefault(key, (member, one.value))

    def _keyed(self, row: Row) -> Row:
        legislature, question_type = self.archive.key
        return {"legislature": legislature, "question_type": question_type, "question_number": None, **row}


def _by_number(key: str) -> Callable[[Row], tuple[int, str]]:
    return lambda row: (len(row[key]), row[key])


def _folder(entry: Entry) -> str:
    return PurePosixPath(entry.member).parent.name


def _person(raw: bytes) -> tuple[Tables, list[Anomaly]]:
    person, odd = read_person(raw)
    tables, more = person_rows(person)
    tables["mandates"].sort(key=_by_number("mandate_id"))
    return tables, odd + more


def _organ(raw: bytes) -> tuple[Tables, list[Anomaly]]:
    organ, odd = read_organ(raw)
    if organ is None:
        return {}, odd
    tables, more = organ_rows(organ)
    return tables, odd + more


def _rows_by_owner(lake_path: Path, before: Reference | None) -> dict[str, Tables]:
    found: dict[str, Tables] = {}
    for name, owner in OWNERS.items():
        for path in before.paths(lake_path, name) if before else ():
            for row in files.as_declared(name, files.read(path)).to_pylist():
                empty: Tables = {"organs": []} if name == "organs" else {"deputies": [], "mandates": []}
                found.setdefault(row[owner], empty)[name].append(row)
    return found
