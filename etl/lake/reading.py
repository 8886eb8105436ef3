"""A chunk's records, read: the good ones with their rows, and what is odd or set aside."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import IO, Any, NamedTuple

from etl.errors import DamageError
from etl.lake.job import Job, Place, Refusal, place_of
from etl.lake.rows import KEPT_RAW, anomaly_row, keyed
from etl.normalise import merge
from etl.normalise.rows import Row, Rows, draft, finish
from etl.parse.archive import read
from etl.parse.bulk import form_of
from etl.parse.record import Anomaly, Entry, Record, RecordError
from etl.schema.key import LARGEST_NUMBER


class Good(NamedTuple):
    """A record that could be read, with the entry that it comes from and its rows."""

    entry: Entry
    record: Record
    rows: Rows


class Reading:
    """What the records of a job give.

    Attributes:
        good: by number, the record that counts.
        anomalies: rows of `ops.anomalies` of the archive itself.
        quarantine: rows of `ops.quarantine`.
        bad: the places of records that were set aside.
        numbers: the questions of which anything was read.
    """

    def __init__(self, job: Job) -> None:
        self._job = job
        self._form = form_of(job.form)
        self.good: dict[int, Good] = {}
        self.anomalies: list[Row] = [anomaly_row((job.legislature, job.question_type), None, odd) for odd in job.odd]
        self.quarantine: list[Row] = []
        self.bad: set[Place] = set()
        self.numbers: set[int] = set()

    def read(self, from_archive: Collection[int]) -> None:
        """Reads the archive's records, then the single documents.

        Args:
            from_archive: the questions of which an archive has held a good record.
        """
        documents: dict[int, list[Entry]] = defaultdict(list)
        with ExitStack() as stack:
            file: IO[bytes] | None = None
            for entry in self._job.entries:
                if entry.document and entry.number:
                    documents[entry.number].append(entry)
                    continue
                file = file or stack.enter_context(Path(self._job.path).open("rb"))
                self._read_record(file, entry)
        for number, entries in documents.items():
            self._read_documents(number, entries, was_in_archive=number in from_archive)
        finish([good.rows for good in self.good.values()])

    def _read_record(self, file: IO[bytes], entry: Entry) -> None:
        raw = b""
        try:
            raw = read(file, entry)
            record, odd = self._form.read(raw, item=self._job.item)
            self._refuse_misplaced(record, entry)
            record_rows = draft(record)
        except RecordError as error:
            self._set_aside(entry, raw, error.rule, str(error))
            return
        if refusal := self._job.refused.get(record.number):
            self._refuse(entry, raw, refusal)
            return
        self.numbers.add(record.number)
        anomalies = [*odd, *record_rows.anomalies]
        self._keep(file, Good(entry, record, Rows(record_rows.question, record_rows.children, anomalies)))

    def _keep(self, file: IO[bytes], new: Good) -> None:
        """Keeps a record; of two records of a question, the one that is further on."""
        number = new.record.number
        kept = self.good.setdefault(number, new)
        if kept is new:
            return
        if kept.rows[:2] == new.rows[:2]:
            self.bad |= {place_of(new.entry)} - {place_of(kept.entry)}
            kept.rows.anomalies.append(Anomaly("duplicate", "info", "member", new.entry.member))
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
        for what, value, expected in (
            ("legislature", record.legislature, self._job.legislature),
            ("type", record.question_type, self._job.question_type),
            ("number", record.number, entry.number),
        ):
            if value != expected:
                where = "its name says" if what == "number" else "the archive is of"
                raise RecordError("misplaced", f"{what} is {value!r}, but {where} {expected!r}")
        if record.number > LARGEST_NUMBER:
            raise RecordError(
                "misplaced", f"number is {record.number}, above {LARGEST_NUMBER} (schemas/questions.yaml)"
            )

    def _read_documents(self, number: int, entries: list[Entry], *, was_in_archive: bool) -> None:
        """Adds what single documents hold: a whole question when no archive has it, else what its record lacks."""
        from etl.parse.forms import is_open_data, read_document  # ten forms, and a night mostly has no document

        assert self._job.documents is not None
        kept = self.good.get(number)
        open_data: list[tuple[Entry, merge.Reading]] = []
        pages: list[tuple[Entry, merge.Reading]] = []
        odd: list[Anomaly] = []
        for entry in entries:
            raw = b""
            try:
                raw = self._document(Path(self._job.documents, str(entry.document)))
                record, anomalies = read_document(raw)
                self._refuse_misplaced(record, entry)
            except RecordError as error:
                self._set_aside(entry, raw, error.rule, str(error))
                continue
            if refusal := self._job.refused.get(number):
                self._refuse(entry, raw, refusal)
                continue
            is_cut = any(anomaly.kind == "truncated" for anomaly in anomalies)
            (open_data if is_open_data(raw) else pages).append((entry, merge.Reading(record, is_cut)))
            odd += anomalies
        self.numbers.add(number)
        documents = open_data + pages
        if not documents or (kept is None and was_in_archive):
            return  # a question that the archive lost, or now gives bad, stays as it was
        entry = kept.entry if kept else documents[0][0]
        record, lost = merge.best([reading for _, reading in documents])
        odd += lost
        if kept:
            record = merge.merged([kept.record, record])
        merged_rows = draft(record)
        mine = [anomaly for anomaly in kept.rows.anomalies if anomaly not in merged_rows.anomalies] if kept else []
        anomalies = [*mine, *odd, *merged_rows.anomalies]
        self.good[number] = Good(entry, record, Rows(merged_rows.question, merged_rows.children, anomalies))

    def _document(self, path: Path) -> bytes:
        try:
            return path.read_bytes()
        except FileNotFoundError as error:
            raise DamageError(
                f"{path} is missing; load that document again by `anq page --load` or `anq crawl`, or remove its line "
                "from the .jsonl beside it"
            ) from error

    def _refuse(self, entry: Entry, raw: bytes, refusal: Refusal) -> None:
        self._set_aside(entry, raw, refusal.rule, refusal.error, refusal.observed)

    def _set_aside(self, entry: Entry, raw: bytes, rule: str, error: str, observed: str | None = None) -> None:
        self.bad.add(place_of(entry))
        if entry.number:
            self.numbers.add(entry.number)
        columns: dict[str, Any] = {
            "member": entry.member,
            "rule": rule,
            "error": error,
            "observed": observed,
            "severity": "critical",
            "source_sha256": entry.document or self._job.sha256,
            "raw": raw if 0 < len(raw) <= KEPT_RAW else None,
        }
        self.quarantine.append(keyed((self._job.legislature, self._job.question_type), entry.number, columns))


def _progress(good: Good) -> tuple[bool, date]:
    """How far a question has come: of two, the answered one, then the one with the later date."""
    question = good.rows.question
    days = [
        question[name]
        for name in ("answer_date", "closed_on", "reattributed_on", "renewed_on", "question_date")
        if question[name]
    ]
    return bool(question["answer_text"]), max(days, default=date.min)
