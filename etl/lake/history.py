"""A chunk beside its past: what is new or changed, what stays as it was, and when each question was seen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from etl.lake import files
from etl.lake.job import DOCUMENTS, Job, Place, place_of
from etl.lake.reading import Good
from etl.lake.rows import anomaly_row, keyed
from etl.normalise.rows import Row, Rows, finish
from etl.parse.record import Anomaly
from etl.schema import children, tables

if TYPE_CHECKING:
    import pyarrow as pa

PROVENANCE = ("source_sha256", "source_member", "record_sha256")
TIMES = ("first_seen_at", "changed_at", "absent_since")


class Before:
    """The chunk's files as they were, each read once.

    Attributes:
        holders: by number, the sighting that carries a question's times.
        was_good: whether the record at a place could be read.
        from_archive: the questions of which an archive holds or has held a good record.
    """

    def __init__(self, paths: dict[str, str]) -> None:
        self._paths = paths
        self._tables: dict[str, pa.Table] = {}
        self.holders: dict[int, Row] = {}
        self.was_good: dict[Place, bool] = {}
        self._bytes: dict[int | None, set[tuple[int, int]]] = defaultdict(set)

    def read(self) -> None:
        """Reads where and when each record was seen; the other files are read when they are asked for."""
        for row in self.rows("sightings"):
            place = Place(row["member"], row["question_number"], row["size"], row["crc32"])
            self.was_good[place] = row["good"]
            if row["absent_since"] is None:
                self._bytes[place.number].add((place.size, place.crc32))
            if row["first_seen_at"]:
                self.holders[row["question_number"]] = row

    @property
    def from_archive(self) -> set[int]:
        """The questions of which an archive gave a good record; the others come from single documents alone."""
        return {number for number, row in self.holders.items() if not row["member"].startswith(DOCUMENTS)}

    def had_other_bytes(self, number: int, present: Iterable[Place]) -> bool:
        """Whether a question's records are other bytes than they were; else only the code that reads them differs."""
        return self._bytes[number] != {(place.size, place.crc32) for place in present}

    def table(self, dataset: str) -> pa.Table | None:
        """The rows of a dataset; None when there were none."""
        path = self._paths.get(dataset)
        if path and dataset not in self._tables:
            self._tables[dataset] = files.as_declared(dataset, files.read(Path(path)))
        return self._tables.get(dataset)

    def rows(self, dataset: str, numbers: Collection[int] | None = None) -> list[Row]:
        """The rows of a dataset, of these questions or of all."""
        import pyarrow as pa
        import pyarrow.compute as pc

        table = self.table(dataset)
        if table is None or (numbers is not None and not numbers):
            return []
        if numbers is not None:
            table = table.filter(pc.is_in(table["question_number"], pa.array(numbers, pa.int32())))
        rows: list[Row] = table.to_pylist()
        return rows

    def children(self, numbers: Collection[int]) -> dict[str, dict[int, list[Row]]]:
        """By child table and number, the rows of these questions."""
        by_table: dict[str, dict[int, list[Row]]] = {}
        for table in children():
            by_table[table.name] = defaultdict(list)
            for row in self.rows(table.name, numbers):
                by_table[table.name][row["question_number"]].append(row)
        return by_table

    def with_new(self, dataset: str, replaced: Collection[int], new: list[Row]) -> pa.Table:
        """The dataset's rows in order: what was there but for the questions replaced, and the new rows."""
        import pyarrow as pa
        import pyarrow.compute as pc

        order = [name for name in ("question_number", "rank") if name in tables()[dataset].names]
        fresh = files.arrow(dataset, sorted(new, key=lambda row: [row[name] for name in order]))
        before = self.table(dataset)
        if before is None:
            return fresh
        kept = before.filter(pc.invert(pc.is_in(before["question_number"], pa.array(replaced, pa.int32()))))
        if not len(fresh):
            return kept
        return pa.concat_tables([kept, fresh]).sort_by([(name, "ascending") for name in order])


@dataclass(frozen=True)
class Comparison:
    """What differs from before.

    Attributes:
        good: by number, the records to write: new, changed, or read otherwise.
        changed: the questions whose record is new or changed.
        versions: rows of `question_versions` of those that changed.
        anomalies: rows of `ops.anomalies`.
    """

    good: dict[int, Good]
    changed: set[int]
    versions: list[Row]
    anomalies: list[Row]


def compare(good: dict[int, Good], before: Before, job: Job) -> Comparison:
    """Compares what was read with what was there.

    A question that lost its answer stays as it was; a day that is now written so that nobody can read it, too.
    """
    key = (job.legislature, job.question_type)
    present: dict[int | None, list[Place]] = defaultdict(list)
    for place in job.present:
        present[place.number].append(place)
    old = {row["question_number"]: row for row in before.rows("questions", good.keys())}
    different = Comparison({}, set(), [], [])

    @cache
    def old_children() -> dict[str, dict[int, list[Row]]]:
        return before.children(good.keys())

    def past(number: int) -> dict[str, list[Row]]:
        return {name: rows[number] for name, rows in old_children().items()}

    for number, new in good.items():
        was = old.get(number)
        if was is not None and (unreadable := {odd.what for odd in new.rows.anomalies if odd.kind == "bad_date"}):
            new = new._replace(rows=_with_known_days(was, past(number), new.rows, unreadable))  # noqa: PLW2901
        now = new.rows.question
        different.anomalies.extend(anomaly_row(key, number, anomaly) for anomaly in new.rows.anomalies)
        if was is None:
            different.good[number] = new
            different.changed.add(number)
        elif was["record_sha256"] == now["record_sha256"]:
            if job.mended:
                question = {**now, **{name: was[name] for name in PROVENANCE}}
                different.good[number] = new._replace(rows=new.rows._replace(question=question))
        elif was["answer_text"] and not now["answer_text"]:
            lost = f"answered on {was['answer_date']}, now {now['status']}"
            anomaly = Anomaly("answer_lost", "error", "answer_text", lost)
            different.anomalies.append(anomaly_row(key, number, anomaly))
        else:
            different.good[number] = new
            could_be_read = before.was_good.get(place_of(new.entry), True)
            if before.had_other_bytes(number, present[number]) or not could_be_read:
                different.changed.add(number)
                different.versions.append(_version(was, past(number), new.rows, before.holders[number], job))
    return different


#: By column of `questions`, the column whose day it is.
_DAYS = {
    "question_date": "question_texts.jo_date",
    "answer_date": "answer_texts.jo_date",
    "reattributed_on": "attributions.jo_date",
    "renewed_on": "renewals.renewed_on",
    "signalled_on": "signalled_on",
    "closed_on": "closed_on",
}


def _with_known_days(was: Row, past: dict[str, list[Row]], new: Rows, unreadable: Collection[str]) -> Rows:
    """A record's rows with the days that were known of it, in place of those that nobody can read.

    Args:
        was: the question's row as it was.
        past: by child table, its rows as they were.
        new: the rows of the record.
        unreadable: the columns that a day could not be read for, as anomalies name them.
    """
    question = {name: value for name, value in new.question.items() if name != "record_sha256"}
    tables = dict(new.children)
    for table, _, column in (what.partition(".") for what in unreadable):
        if table not in tables:
            continue
        known = {row["rank"]: row[column] for row in past[table]}
        tables[table] = [{**row, column: row[column] or known.get(row["rank"])} for row in tables[table]]
    for name, what in _DAYS.items():
        if what not in unreadable:
            continue
        if name in ("question_date", "answer_date"):  # the first text's, which may be known
            days = (row["jo_date"] for row in tables[what.partition(".")[0]])
            question[name] = next(filter(None, days), question[name])
        if question[name] is None:
            question[name] = was[name]
    rows = Rows(question, tables, new.anomalies)
    finish([rows])
    return rows


def _version(was: Row, past: dict[str, list[Row]], now: Rows, holder: Row, job: Job) -> Row:
    """The row of `question_versions` of a question as it was."""
    touched = [name for name in now.question if name not in PROVENANCE and was[name] != now.question[name]]
    touched += [name for name, rows in now.children.items() if _differ(past[name], rows)]
    return {
        **was,
        **{name: holder[name] for name in TIMES},
        "valid_from": holder["changed_at"],
        "valid_to": job.fetched_at,
        "changed_columns": touched,
    }


def _differ(old: list[Row], new: list[Row]) -> bool:
    if len(old) != len(new):
        return True
    return any({name: was[name] for name in row} != row for was, row in zip(old, new, strict=True))


def sightings(numbers: list[int], changed: set[int], bad: set[Place], before: Before, job: Job) -> list[Row]:
    """When and where each record was seen: the rows of the dataset `sightings`.

    A record that tells no number has no row, so that it is read again whenever its archive is.

    Args:
        numbers: the chunk's questions.
        changed: those that are new or changed.
        bad: the places of records that were set aside.
        before: what was seen before.
        job: the chunk.
    """
    was_read = {place_of(entry) for entry in job.entries}
    by_number: dict[int | None, list[Row]] = defaultdict(list)
    for place in sorted(job.present, key=lambda place: (place.number or 0, place.is_document, *place)):
        good = place not in bad if place in was_read else before.was_good[place]
        row = {**place._asdict(), "question_number": place.number, "good": good, **dict.fromkeys(TIMES)}
        by_number[place.number].append(row)
    from_archive = before.from_archive
    for number in numbers:
        holder = before.holders.get(number)
        rows = by_number[number]
        archived = [row for row in rows if not row["member"].startswith(DOCUMENTS)]
        was_archived = number in from_archive
        if not rows or (was_archived and not archived):
            assert holder is not None  # a question is there because a record holds it, or held it before
            rows.append({**holder, "absent_since": holder["absent_since"] or job.fetched_at})
            continue
        candidates = archived if was_archived else rows  # where the archive's come first
        carrier = next((row for row in candidates if row["good"]), candidates[-1])
        carrier["first_seen_at"] = holder["first_seen_at"] if holder else job.fetched_at
        carrier["changed_at"] = job.fetched_at if holder is None or number in changed else holder["changed_at"]
    return [
        keyed((job.legislature, job.question_type), row["question_number"], row)
        for number in sorted(number for number in by_number if number is not None)
        for row in by_number[number]
    ]


def anomalies(new: list[Row], read: set[int], before: Before) -> list[Row]:
    """The chunk's anomalies: the new ones, and those of questions that were not read."""
    kept = [
        row for row in before.rows("ops.anomalies") if row["question_number"] and row["question_number"] not in read
    ]
    return sorted(
        (*kept, *new), key=lambda row: (row["question_number"] or 0, row["kind"], row["what"], row["value"] or "")
    )


def quarantine(new: list[Row], before: Before, job: Job) -> list[Row]:
    """The records that are set aside: the new ones, and those that are still there and were not read."""
    was_read = {place_of(entry) for entry in job.entries}
    there = {(place.member, place.number) for place in job.present if place not in was_read}
    kept = [
        row
        for row in before.rows("ops.quarantine")
        if not there.isdisjoint((member, row["question_number"]) for member in _members_of(row))
    ]
    return sorted((*kept, *new), key=lambda row: (row["question_number"] or 0, row["member"], row["error"]))


def _members_of(row: Row) -> tuple[str, str]:
    """What a place's member may be for a row of `ops.quarantine`, which has a document's own name."""
    return row["member"], f"{DOCUMENTS}{row['source_sha256']}"
