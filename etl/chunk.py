"""One chunk of a partition: the worker's part. Records in, one Parquet file a dataset out."""

from __future__ import annotations

from collections import defaultdict
from contextlib import ExitStack
from datetime import date, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple

import msgspec

from etl import lake
from etl.lake import KEPT_RAW, VERSIONS
from etl.normalise.merge import Reading, best, merged
from etl.normalise.rows import Row, Rows, rows
from etl.parse.archive import read
from etl.parse.bulk import form_of
from etl.parse.record import Anomaly, Entry, Record, RecordError
from etl.partition import Built
from etl.postings import ROW_GROUP, postings
from etl.schema import children, tables

if TYPE_CHECKING:
    import pyarrow as pa

VALUE = 200  # characters of an anomaly's value that are kept
PROVENANCE = ("source_sha256", "source_member", "record_sha256")
TIMES = ("first_seen_at", "changed_at", "absent_since")
DOCUMENTS = "documents/"  # where, in raw/, single documents lie


class Place(NamedTuple):
    """Where a record is, and what its bytes are: the same place means the same record."""

    member: str
    number: int | None
    size: int
    crc32: int

    @property
    def is_document(self) -> bool:
        """Whether it is a document by itself, not in the archive."""
        return self.member.startswith(DOCUMENTS)


class Job(msgspec.Struct, gc=False):
    """A chunk to build.

    Attributes:
        form: how they are written, as `etl.catalogue.FORMS` has it.
        entries: the records to read.
        present: every record of the chunk that the archive holds, and every single document of it.
        documents: the folder where these lie.
        before: by dataset, the chunk's files as they are now.
        odd: what is odd about the archive itself.
        refused: by number, the rows of `ops.quarantine` of questions that the check refuses.
    """

    chunk: int
    legislature: int
    question_type: str
    form: str
    path: str
    item: bool
    entries: list[Entry]
    present: list[Place]
    sha256: str
    documents: str | None
    fetched_at: datetime
    lake: str
    before: dict[str, str]
    odd: list[Anomaly]
    refused: dict[int, Row]


class _Good(NamedTuple):
    entry: Entry
    record: Record
    rows: Rows


def build(job: Job) -> Built:
    """Builds the chunk's files; the same job gives the same files."""
    return _Chunk(job).build()


class _Chunk:
    def __init__(self, job: Job) -> None:
        self.job = job
        self.form = form_of(job.form)
        self.good: dict[int, _Good] = {}
        self.anomalies: list[Row] = [self._anomaly(None, one) for one in job.odd]
        self.quarantine: list[Row] = []
        self.bad: set[Place] = set()
        self.read_places = {place_of(entry) for entry in job.entries}
        self.read_again: set[int] = set()
        self.holders: dict[int, Row] = {}  # by number, the sighting that carries a question's times
        self.old_good: dict[Place, bool] = {}
        self.was: dict[str, pa.Table] = {}  # the files of before, each read once for the three that ask
        self.bytes_before: dict[int | None, set[tuple[int, int]]] = defaultdict(set)
        self.bytes_now: dict[int | None, set[tuple[int, int]]] = defaultdict(set)
        for place in job.present:
            self.bytes_now[place.number].add((place.size, place.crc32))
        for one in self._before_rows("sightings"):
            place = Place(one["member"], one["question_number"], one["size"], one["crc32"])
            self.old_good[place] = one["good"]
            if one["absent_since"] is None:
                self.bytes_before[place.number].add((place.size, place.crc32))
            if one["first_seen_at"]:
                self.holders[one["question_number"]] = one

    def build(self) -> Built:
        told: dict[int, list[Entry]] = defaultdict(list)
        with ExitStack() as stack:
            file: IO[bytes] | None = None
            for entry in self.job.entries:
                if entry.document and entry.number:
                    told[entry.number].append(entry)
                    continue
                file = file or stack.enter_context(Path(self.job.path).open("rb"))
                self._read(file, entry)
        for number, entries in told.items():
            self._fill(number, entries)
        changed, versions = self._compare()
        tables_: dict[str, pa.Table] = {
            "questions": self._merged("questions", [self._question(one) for one in self.good.values()])
        }
        for table in children():
            new = [
                self._keyed(number, row) for number, one in self.good.items() for row in one.rows.children[table.name]
            ]
            tables_[table.name] = self._merged(table.name, new)
        numbers = tables_["questions"]["question_number"].to_pylist()
        tables_["sightings"] = lake.arrow("sightings", self._sightings(numbers, changed))
        key = (self.job.legislature, self.job.question_type)
        tables_["search.postings"] = postings(tables_["questions"], *key, self.job.chunk)
        tables_["ops.anomalies"] = lake.arrow("ops.anomalies", self._all_anomalies())
        tables_["ops.quarantine"] = lake.arrow("ops.quarantine", self._all_quarantine())
        files = {name: self._write(name, table) for name, table in tables_.items() if len(table) or name == "sightings"}
        history = self._write(VERSIONS, lake.arrow(VERSIONS, versions)) if versions else None
        return Built(files, history, len(changed))

    def _read(self, file: IO[bytes], entry: Entry) -> None:
        raw = b""
        try:
            raw = read(file, entry)
            record, odd = self.form.read(raw, item=self.job.item)
            self._refuse_misplaced(record, entry)
            found_rows = rows(record)
        except RecordError as error:
            self._set_aside(entry, raw, error.rule, str(error))
            return
        if record.number in self.job.refused:
            self._set_aside(entry, raw, **self.job.refused[record.number])
            return
        number = record.number
        self.read_again.add(number)
        kept = self.good.get(number)
        new = _Good(entry, record, Rows(found_rows.question, found_rows.children, [*odd, *found_rows.anomalies]))
        if kept is None:
            self.good[number] = new
            return
        if kept.rows.question["record_sha256"] == found_rows.question["record_sha256"]:
            self.bad.add(place_of(entry))
            kept.rows.anomalies.append(Anomaly("duplicate", "info", "member", entry.member))
            return
        best, other = sorted((kept, new), key=_progress, reverse=True)
        self.good[number] = best
        self._set_aside(
            other.entry,
            read(file, other.entry),
            "duplicate",
            f"question {number} is twice in the archive with different content; "
            f"the one further on, in {best.entry.member}, was kept",
        )

    def _refuse_misplaced(self, record: Record, entry: Entry) -> None:
        for what, found, expected in (
            ("legislature", record.legislature, self.job.legislature),
            ("type", record.question_type, self.job.question_type),
            ("number", record.number, entry.number),
        ):
            if found != expected:
                where = "its name says" if what == "number" else "the archive is of"
                raise RecordError("misplaced", f"{what} is {found!r}, but {where} {expected!r}")

    def _fill(self, number: int, entries: list[Entry]) -> None:
        """Adds what single documents tell: all of a question that no archive holds, else what its record has not."""
        from etl.parse.forms import is_open_data, read_document

        assert self.job.documents is not None
        kept = self.good.get(number)
        told: list[tuple[Entry, Reading]] = []
        odd: list[Anomaly] = []
        for entry in entries:
            raw = b""
            try:
                raw = Path(self.job.documents, str(entry.document)).read_bytes()
                record, more = read_document(raw)
                self._refuse_misplaced(record, entry)
            except RecordError as error:
                self._set_aside(entry, raw, error.rule, str(error))
                continue
            if number in self.job.refused:
                self._set_aside(entry, raw, **self.job.refused[number])
                continue
            reading = Reading(record, any(one.kind == "truncated" for one in more))
            told.insert(0 if is_open_data(raw) else len(told), (entry, reading))
            odd += more
        self.read_again.add(number)
        was_in_archive = number in self.holders and not self.holders[number]["member"].startswith(DOCUMENTS)
        if not told or (kept is None and was_in_archive):
            return  # a question that the archive lost, or now gives bad, stays as it was
        entry = kept.entry if kept else told[0][0]
        record, lost = best([one for _, one in told])
        odd += lost
        if kept:
            record = merged([kept.record, record])
        found = rows(record)
        mine = [one for one in kept.rows.anomalies if one not in found.anomalies] if kept else []
        self.good[number] = _Good(entry, record, Rows(found.question, found.children, [*mine, *odd, *found.anomalies]))

    def _set_aside(self, entry: Entry, raw: bytes, rule: str, error: str, observed: str | None = None) -> None:
        self.bad.add(place_of(entry))
        if entry.number:
            self.read_again.add(entry.number)
        self.quarantine.append(
            {
                "legislature": self.job.legislature,
                "question_type": self.job.question_type,
                "question_number": entry.number,
                "member": entry.member,
                "rule": rule,
                "error": error,
                "observed": observed,
                "severity": "critical",
                "source_sha256": entry.document or self.job.sha256,
                "raw": raw if 0 < len(raw) <= KEPT_RAW else None,
            }
        )

    def _compare(self) -> tuple[set[int], list[Row]]:
        """Compares what was read with what was there.

        Returns:
            The numbers whose record is new or changed, and the history rows of those changed.
        """
        before = self._before_rows("questions", self.good.keys())
        old = {row["question_number"]: row for row in before}
        old_children: dict[str, dict[int, list[Row]]] = {}
        changed, versions = set[int](), list[Row]()
        for number, one in list(self.good.items()):
            was, now = old.get(number), one.rows.question
            self.anomalies += [self._anomaly(number, odd) for odd in one.rows.anomalies]
            if was is None:
                changed.add(number)
            elif was["record_sha256"] == now["record_sha256"]:
                del self.good[number]
            elif was["answer_text"] and not now["answer_text"]:
                del self.good[number]
                lost = Anomaly(
                    "answer_lost",
                    "error",
                    "answer_text",
                    f"answered on {was['answer_date']}, now {now['status']}",
                )
                self.anomalies.append(self._anomaly(number, lost))
            else:
                holder = self.holders[number]
                # else only the code that reads them differs
                if self.bytes_before[number] != self.bytes_now[number] or not self.old_good.get(
                    place_of(one.entry), True
                ):
                    changed.add(number)
                    old_children = old_children or self._old_children()
                    versions.append(self._version(was, one.rows, holder, old_children))
        return changed, versions

    def _version(self, was: Row, now: Rows, holder: Row, old_children: dict[str, dict[int, list[Row]]]) -> Row:
        number = was["question_number"]
        touched = [name for name in now.question if name not in PROVENANCE and was[name] != now.question[name]]
        touched += [
            name
            for name, rows_ in now.children.items()
            if [{key: row[key] for key in new} for row, new in zip(old_children[name][number], rows_, strict=False)]
            != rows_
            or len(old_children[name][number]) != len(rows_)
        ]
        times = {name: holder[name] for name in TIMES}
        return {
            **was,
            **times,
            "valid_from": holder["changed_at"],
            "valid_to": self.job.fetched_at,
            "changed_columns": touched,
        }

    def _old_children(self) -> dict[str, dict[int, list[Row]]]:
        found: dict[str, dict[int, list[Row]]] = {}
        for table in children():
            found[table.name] = defaultdict(list)
            for row in self._before_rows(table.name, self.good.keys()):
                found[table.name][row["question_number"]].append(row)
        return found

    def _merged(self, dataset: str, new: list[Row]) -> pa.Table:
        """The chunk's rows: what was there but for the questions in `good`, and what was read, in order."""
        import pyarrow as pa
        import pyarrow.compute as pc

        order = [name for name in ("question_number", "rank") if name in tables()[dataset].names]
        fresh = lake.arrow(dataset, sorted(new, key=lambda row: [row[name] for name in order]))
        before = self._before(dataset)
        if before is None:
            return fresh
        replaced = pa.array(self.good, pa.int32())
        kept = before.filter(pc.invert(pc.is_in(before["question_number"], replaced)))
        if not len(fresh):
            return kept
        return pa.concat_tables([kept, fresh]).sort_by([(name, "ascending") for name in order])

    def _sightings(self, numbers: list[int], changed: set[int]) -> list[Row]:
        found: dict[int | None, list[Row]] = defaultdict(list)
        for place in sorted(self.job.present, key=lambda place: (place.number or 0, place.is_document, *place)):
            good = place not in self.bad if place in self.read_places else self.old_good[place]
            found[place.number].append(
                {**place._asdict(), "question_number": place.number, "good": good, **dict.fromkeys(TIMES)}
            )
        for number in numbers:
            holder = self.holders.get(number)
            rows_ = found[number]
            archived = [row for row in rows_ if not row["member"].startswith(DOCUMENTS)]
            if not rows_ or (not archived and holder and not holder["member"].startswith(DOCUMENTS)):
                assert holder is not None  # a question is there because a record holds it, or held it before
                gone = holder["absent_since"] or self.job.fetched_at
                rows_.append({**holder, "absent_since": gone})
                continue
            candidates = archived or rows_
            carrier = next((row for row in candidates if row["good"]), candidates[0])
            carrier["first_seen_at"] = holder["first_seen_at"] if holder else self.job.fetched_at
            carrier["changed_at"] = self.job.fetched_at if holder is None or number in changed else holder["changed_at"]
        return [
            {**row, "legislature": self.job.legislature, "question_type": self.job.question_type}
            for number in sorted(found, key=lambda number: number or 0)
            for row in found[number]
        ]

    def _all_anomalies(self) -> list[Row]:
        kept = [
            row
            for row in self._before_rows("ops.anomalies")
            if row["question_number"] and row["question_number"] not in self.read_again
        ]
        return sorted(
            (*kept, *self.anomalies),
            key=lambda row: (row["question_number"] or 0, row["kind"], row["what"], row["value"] or ""),
        )

    def _all_quarantine(self) -> list[Row]:
        present = {(place.member, place.number) for place in self.job.present if place not in self.read_places}
        kept = [
            row
            for row in self._before_rows("ops.quarantine")
            if not present.isdisjoint((member, row["question_number"]) for member in _members_of(row))
        ]
        return sorted(
            (*kept, *self.quarantine),
            key=lambda row: (row["question_number"] or 0, row["member"], row["error"]),
        )

    def _question(self, one: _Good) -> Row:
        sha256 = one.entry.document or self.job.sha256
        return {**one.rows.question, "source_sha256": sha256, "source_member": one.entry.member}

    def _keyed(self, number: int, row: Row) -> Row:
        return {
            "legislature": self.job.legislature,
            "question_type": self.job.question_type,
            "question_number": number,
            **row,
        }

    def _anomaly(self, number: int | None, one: Anomaly) -> Row:
        return self._keyed(number, {**one._asdict(), "value": one.value and one.value[:VALUE]})  # type: ignore[arg-type]

    def _before(self, dataset: str) -> pa.Table | None:
        path = self.job.before.get(dataset)
        if path and dataset not in self.was:
            self.was[dataset] = lake.as_declared(dataset, lake.read(Path(path)))
        return self.was.get(dataset)

    def _before_rows(self, dataset: str, numbers: Any = None) -> list[Row]:  # noqa: ANN401
        import pyarrow as pa
        import pyarrow.compute as pc

        before = self._before(dataset)
        if before is None or (numbers is not None and not numbers):
            return []
        if numbers is not None:
            before = before.filter(pc.is_in(before["question_number"], pa.array(numbers, pa.int32())))
        found: list[Row] = before.to_pylist()
        return found

    def _write(self, dataset: str, table: pa.Table) -> str:
        key = (self.job.legislature, self.job.question_type)
        stem = f"{self.job.chunk:05d}"
        if dataset == VERSIONS:
            stem = f"{self.job.fetched_at:%Y%m%dT%H%M%S}-{stem}"
        rows = ROW_GROUP if dataset == "search.postings" else None
        return lake.write(table, lake.partition_folder(Path(self.job.lake), dataset, key), stem, rows)


def place_of(entry: Entry) -> Place:
    """The place of a record."""
    member = f"{DOCUMENTS}{entry.document}" if entry.document else entry.member
    return Place(member, entry.number, entry.size, entry.crc32)


def _members_of(row: Row) -> tuple[str, str]:
    """What a place's member may be for a row of `ops.quarantine`, which has a document's own name."""
    return row["member"], f"{DOCUMENTS}{row['source_sha256']}"


def _progress(one: _Good) -> tuple[bool, date]:
    """How far a question has come: of two, the answered one, then the one with the later date."""
    question = one.rows.question
    days = [
        question[name]
        for name in ("answer_date", "closed_on", "reattributed_on", "renewed_on", "question_date")
        if question[name]
    ]
    return bool(question["answer_text"]), max(days, default=date.min)
