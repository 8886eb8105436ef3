"""A partition over several days: what changed is read, the rest is kept, and any days give what they should."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Callable
from concurrent.futures import Executor, Future
from concurrent.futures.process import BrokenProcessPool
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.catalogue import archive
from etl.errors import AnqError, SourceError
from etl.lake import files, markers
from etl.lake.markers import CHUNK, DATASETS, VERSIONS
from etl.lake.partition import Staged
from etl.normalise.rows import rows
from etl.parse import opendata_json
from etl.schema import children
from tests.archives import Node, archive_of, closure, document, info_jo, name_of, organ, question, unit, zip_of
from tests.work import build

PROVENANCE = ("source_sha256", "source_member")


def day(number: int) -> datetime:
    return datetime(2025, 7, 1, 4, 30, tzinfo=UTC) + timedelta(days=number)


class Inline(Executor):
    """Runs a job where it is submitted, and keeps what it was."""

    def __init__(self) -> None:
        self.jobs: list[Any] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.jobs += args
        future: Future[Any] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


class Days:
    """A lake, fed an archive a day."""

    def __init__(self, home: Path, legislature: int = 17, question_type: str = "QE") -> None:
        self.raw, self.lake = home / "raw", home / "lake"
        self.raw.mkdir(parents=True)
        self.archive = archive(legislature, question_type)

    def build(self, content: bytes, number: int, pool: Executor | None = None, **how: bool) -> Staged:
        path = self.raw / f"{hashlib.sha256(content).hexdigest()}.zip"
        path.write_bytes(content)
        self.pool = pool or Inline()
        return build(self.archive, path, self.lake, self.pool, day(number), **how)

    def run(self, content: bytes, number: int, pool: Executor | None = None, **how: bool) -> Staged:
        staged = self.build(content, number, pool, **how)
        markers.commit(self.lake, staged.partition)
        return staged

    @property
    def read(self) -> list[int | None]:
        """The numbers of the records that the last day read."""
        assert isinstance(self.pool, Inline)
        return sorted((entry.number for job in self.pool.jobs for entry in job.entries), key=lambda one: one or 0)

    def rows(self, dataset: str, *names: str) -> list[Any]:
        """The dataset's rows; with names, tuples of these columns, or the values of the only one."""
        partition = markers.partition(self.lake, self.archive.key)
        assert partition is not None
        found = [row for path in partition.files(self.lake, dataset) for row in files.read(path).to_pylist()]
        assert len(found) == partition.rows[dataset]
        picked = [tuple(row[name] for name in names) for row in found]
        return found if not names else [one[0] for one in picked] if len(names) == 1 else picked

    def files(self) -> dict[str, bytes]:
        return {str(path.relative_to(self.lake)): path.read_bytes() for path in self.lake.rglob("*") if path.is_file()}


@pytest.fixture(name="days")
def _days(tmp_path) -> Days:
    return Days(tmp_path)


def qe(number: int, **how: Any) -> Node:
    return question(17, "QE", number, **how)


NUMBERS = (1, 2, 3, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK)
FIRST = [qe(number) for number in NUMBERS]


# -- the same bytes


@pytest.mark.parametrize("legislature", [14, 15, 17])
def test_the_same_archive_gives_the_same_files(tmp_path, pool, legislature):
    content = archive_of(*(question(legislature, "QE", number) for number in NUMBERS))
    made = []
    for name, executor in (("a", Inline()), ("b", pool)):
        days = Days(tmp_path / name, legislature)
        days.run(content, 0, executor)
        made.append(days.files())
    assert made[0] == made[1]
    assert sum("lake/" not in name and name.startswith("questions/") for name in made[0]) == 3
    assert not any("part" in name.rpartition("/")[2].split(".")[1:] for name in made[0])


def test_files_are_named_by_their_content_and_sorted_by_number(days):
    days.run(archive_of(*reversed(FIRST)), 0)
    assert days.rows("questions", "question_number") == list(NUMBERS)
    for name, content in days.files().items():
        if name.endswith(".parquet"):
            assert hashlib.sha256(content).hexdigest()[:12] == name.removesuffix(".parquet").rpartition("-")[2]


def test_the_same_archive_zipped_anew_changes_nothing(days):
    days.run(archive_of(*FIRST), 0)
    before = days.files()
    members = {name_of(one): unit(one) for one in reversed(FIRST)}
    staged = days.run(zip_of(members, stored=True), 1)
    assert days.read == []
    assert (staged.records, staged.changed) == (7, 0)
    marker = "_partitions/17-QE.json"
    assert {**days.files(), marker: b""} == {**before, marker: b""}
    partition = markers.partition(days.lake, days.archive.key)
    assert partition is not None
    assert partition.fetched_at == day(1)


def test_a_document_laid_out_anew_changes_nothing_either(tmp_path):
    days = Days(tmp_path, 14)
    nodes = [question(14, "QE", number) for number in NUMBERS]
    days.run(archive_of(*nodes), 0)
    before = days.rows("questions"), days.rows("sightings", *("question_number", "first_seen_at", "changed_at"))
    days.run(zip_of({"Questions_ecrites_XIV.json": document(*nodes, indent=1)}), 1)
    assert len(days.read) == 7
    assert (
        days.rows("questions"),
        days.rows("sightings", *("question_number", "first_seen_at", "changed_at")),
    ) == before
    days.run(zip_of({"Questions_ecrites_XIV.json": document(*reversed(nodes), indent=1)}), 2)
    assert days.read == []


def test_force_reads_all_and_changes_nothing(days):
    days.run(archive_of(*FIRST), 0)
    before = days.files()
    days.run(archive_of(*FIRST), 1, force=True)
    assert days.read == list(NUMBERS)
    marker = "_partitions/17-QE.json"
    assert {**days.files(), marker: b""} == {**before, marker: b""}


# -- what changed


def test_only_what_changed_is_read_and_written(days):
    days.run(archive_of(*FIRST), 0)
    before = days.files()
    changed = [
        qe(number, rubrique="outre-mer") if number == CHUNK else one for number, one in zip(NUMBERS, FIRST, strict=True)
    ]
    staged = days.run(archive_of(*changed), 1)
    assert days.read == [CHUNK]
    assert [job.chunk for job in days.pool.jobs] == [1]
    assert staged.changed == 1
    new = {name for name in days.files() if name not in before}
    assert {name.partition("/")[0] for name in new} == {"questions", "search.postings", "sightings", VERSIONS}
    assert all("/00001-" in name or "-00001-" in name for name in new)
    assert days.rows("questions", "question_number", "rubrique")[4] == (CHUNK, "outre-mer")
    sha256 = [hashlib.sha256(archive_of(*nodes)).hexdigest() for nodes in (FIRST, changed)]
    assert days.rows("questions", "source_sha256") == [sha256[number == CHUNK] for number in NUMBERS]


def test_history_holds_each_state_once_with_its_times(days):
    states = [
        qe(1, answered=None),
        qe(1, answered=None, rubrique="outre-mer"),
        qe(1, rubrique="outre-mer"),
        qe(1, rubrique="outre-mer", answer_text="Une autre réponse."),
    ]
    for number, node in enumerate(states):
        days.run(archive_of(node, qe(2)), number)
    got = days.rows(
        VERSIONS, "question_number", "valid_from", "valid_to", "status", "rubrique", "answer_text", "changed_columns"
    )
    assert got == [
        (1, day(0), day(1), "pending", "eau et assainissement", None, ["rubrique"]),
        (
            1,
            day(1),
            day(2),
            "pending",
            "outre-mer",
            None,
            [
                "answer_date",
                "answer_page",
                "answer_text",
                "closure_code",
                "closure_label",
                "closed_on",
                "status",
                "answer_texts",
            ],
        ),
        (1, day(2), day(3), "answered", "outre-mer", "Le texte de la réponse, n° 1.", ["answer_text", "answer_texts"]),
    ]
    assert days.rows("sightings", "question_number", "first_seen_at", "changed_at") == [
        (1, day(0), day(3)),
        (2, day(0), day(0)),
    ]
    columns = set(days.rows("questions")[0])
    assert columns <= set(days.rows(VERSIONS)[0])


@pytest.mark.parametrize(
    ("change", "touched"),
    [
        (
            {"renouvellements": {"renouvellement": {"infoJO": info_jo(17, date(2025, 5, 6))}}},
            ["renewed_on", "renewals"],
        ),
        (
            {
                "minAttribs": {
                    "minAttrib": [
                        {"denomination": organ(17, 1, "M", "Ministère")},
                        {"denomination": organ(17, 845021, "Eau", "Ministère de l'eau")},
                    ]
                }
            },
            ["attributions"],
        ),
        ({"signalement": {"dateDepotSignal": "2025-05-06"}}, ["signalled_on"]),
        ({"minAttribs": None}, ["attributions"]),
    ],
)
def test_a_change_names_the_columns_and_child_tables_it_touched(days, change, touched):
    days.run(archive_of(qe(1)), 0)
    days.run(archive_of(qe(1, **change)), 1)
    assert days.rows(VERSIONS, "changed_columns") == [touched]


# -- bad, lost, vanished, twice


def members(*nodes: Node, **raw: bytes) -> bytes:
    return zip_of({name_of(one): unit(one) for one in nodes} | {f"json/{name}.json": one for name, one in raw.items()})


def test_a_bad_record_goes_to_quarantine_and_comes_back(days):
    bad = unit(qe(1))[:-1]
    staged = days.run(members(qe(2), QANR5L17QE1=bad), 0)
    assert (staged.records, staged.changed, staged.quarantined) == (2, 1, 1)
    assert days.rows("questions", "question_number") == [2]
    (row,) = days.rows("ops.quarantine")
    assert (row["question_number"], row["member"], row["rule"], row["raw"]) == (1, "json/QANR5L17QE1.json", "json", bad)
    assert row["error"].startswith("not JSON: ")
    days.run(members(qe(2, rubrique="outre-mer"), QANR5L17QE1=bad), 1)
    assert days.read == [2]
    assert len(days.rows("ops.quarantine")) == 1
    days.run(members(qe(2), qe(1)), 2)
    assert days.rows("ops.quarantine") == []
    assert days.rows("sightings", "question_number", "good", "first_seen_at") == [(1, True, day(2)), (2, True, day(0))]


def test_a_good_record_that_goes_bad_leaves_the_last_good_row(days):
    days.run(members(qe(1), qe(2)), 0)
    before = days.rows("questions")
    days.run(members(qe(2), QANR5L17QE1=b"{}"), 1)
    assert days.rows("questions") == before
    assert days.rows("ops.quarantine", "question_number", "rule") == [(1, "shape")]
    assert days.rows("sightings", "question_number", "good", "absent_since") == [(1, False, None), (2, True, None)]
    days.run(members(qe(1, rubrique="outre-mer"), qe(2)), 2)
    assert days.rows("ops.quarantine") == []
    assert days.rows(VERSIONS, "valid_from", "valid_to") == [(day(0), day(2))]


def test_a_day_that_was_known_outlasts_one_that_nobody_can_read(days):
    def spoiled(**how: Any) -> Node:
        """With days that there are not: of the question, of its answer, and of its closure."""
        text = json.dumps(qe(1, **how)).replace("2025-06-03", "2025-06-31").replace("2025-03-04", "2025-13-04")
        return json.loads(text)

    days.run(members(qe(1), qe(2)), 0)
    columns = ("question_date", "answer_date", "closed_on", "reattributed_on")
    known, texts = days.rows("questions", *columns), days.rows("answer_texts", "jo_date")
    days.run(members(spoiled(rubrique="outre-mer"), qe(2)), 1)
    assert (days.rows("questions", *columns), days.rows("answer_texts", "jo_date")) == (known, texts)
    assert {row[:2] for row in days.rows("ops.anomalies", "question_number", "kind", "what")} == {(1, "bad_date")}
    assert days.rows(VERSIONS, "question_number", "changed_columns") == [(1, ["rubrique"])]
    questions = days.rows("questions")
    days.run(members(spoiled(rubrique="outre-mer"), qe(2)), 2, force=True)
    assert (days.rows("questions"), len(days.rows(VERSIONS))) == (questions, 1)
    days.run(members(qe(1), qe(2)), 3)
    assert days.rows(VERSIONS, "changed_columns") == [["rubrique"], ["rubrique"]]


def test_a_known_day_of_an_answer_outlasts_the_one_of_its_erratum(days):
    """The first day cannot be read any more, when the erratum comes with a day of its own."""
    node = qe(1)
    first = node["textesReponse"]["texteReponse"]
    days.run(members(node, qe(2)), 0)
    erratum = {"infoJO": info_jo(17, date(2025, 6, 10)), "texte": "La réponse, corrigée."}
    spoiled = {**first, "infoJO": {**first["infoJO"], "dateJO": "2025-06-31"}}
    days.run(members({**node, "textesReponse": {"texteReponse": [spoiled, erratum]}}, qe(2)), 1)
    first_day = date(2025, 6, 3)
    assert days.rows("answer_texts", "question_number", "jo_date")[:2] == [(1, first_day), (1, date(2025, 6, 10))]
    assert days.rows("questions", "answer_date") == [first_day, first_day]


def test_an_answered_question_stays_answered(days):
    days.run(members(qe(1), qe(2)), 0)
    before = days.rows("questions")
    for number, node in enumerate([qe(1, answered=None), qe(1, answered=None, rubrique="outre-mer")], 1):
        days.run(members(node, qe(2)), number)
        assert days.rows("questions") == before
        assert days.rows("ops.anomalies", "question_number", "kind", "level", "what", "value") == [
            (1, "answer_lost", "error", "answer_text", "answered on 2025-06-03, now pending")
        ]
    days.run(members(qe(1, answered=None, rubrique="outre-mer"), qe(2, rubrique="outre-mer")), 3)
    assert days.rows("ops.anomalies", "kind") == ["answer_lost"]
    days.run(members(qe(1, answer_text="Une autre."), qe(2)), 4)
    assert days.rows("ops.anomalies") == []
    assert days.rows("questions", "answer_text")[0] == "Une autre."


def test_a_question_that_vanishes_is_marked_and_comes_back(days):
    days.run(members(qe(1), qe(2), qe(9000)), 0)
    before = days.rows("questions"), days.rows("answer_texts")
    times = ("question_number", "first_seen_at", "changed_at", "absent_since")
    days.run(members(qe(2)), 1)
    days.run(members(qe(2, rubrique="outre-mer")), 2)
    assert (days.rows("questions")[::2], days.rows("answer_texts")) == (before[0][::2], before[1])
    assert days.rows("sightings", *times) == [
        (1, day(0), day(0), day(1)),
        (2, day(0), day(2), None),
        (9000, day(0), day(0), day(1)),
    ]
    days.run(members(qe(1), qe(2), qe(9000, rubrique="outre-mer")), 3)
    assert days.rows("sightings", *times) == [
        (1, day(0), day(0), None),
        (2, day(0), day(3), None),
        (9000, day(0), day(3), None),
    ]


def test_an_archive_that_holds_nothing_any_more_is_refused_and_the_lake_stays(tmp_path):
    days = Days(tmp_path, 14)
    days.run(archive_of(*(question(14, "QE", number) for number in NUMBERS)), 0)
    before = days.files()
    with pytest.raises(SourceError, match="14/QE: 0 of 0 records"):
        days.run(zip_of({"Questions_ecrites_XIV.json": document()}), 1)
    assert days.files() == before


TWICE = "copie/QANR5L17QE1"


def test_of_two_records_of_a_question_the_one_further_on_is_kept(days):
    days.run(members(qe(1, answered=None), qe(2), **{TWICE: unit(qe(1))}), 0)
    assert days.rows("questions", "question_number", "status", "source_member") == [
        (1, "answered", f"json/{TWICE}.json"),
        (2, "answered", "json/QANR5L17QE2.json"),
    ]
    (row,) = days.rows("ops.quarantine")
    assert (row["rule"], row["member"], row["raw"]) == (
        "duplicate",
        "json/QANR5L17QE1.json",
        unit(qe(1, answered=None)),
    )
    assert "question 1 is twice in the archive" in row["error"]


def test_the_other_of_two_takes_over_when_the_kept_one_goes(days):
    later = qe(1, answer_text="Une réponse plus récente.", answered=date(2025, 6, 10))
    days.run(members(qe(1), qe(2), **{TWICE: unit(later)}), 0)
    assert days.rows("questions", "answer_date")[0] == date(2025, 6, 10)
    days.run(members(qe(1), qe(2)), 1)
    assert days.rows("questions", "answer_date")[0] == date(2025, 6, 3)
    assert days.rows("ops.quarantine") == []
    assert days.rows(VERSIONS, "answer_date") == [date(2025, 6, 10)]


def test_two_equal_records_are_one_and_told(days):
    days.run(members(qe(1), qe(2), **{TWICE: unit(qe(1))}), 0)
    assert days.rows("ops.quarantine") == []
    assert days.rows("ops.anomalies", "question_number", "kind", "level", "value") == [
        (1, "duplicate", "info", f"json/{TWICE}.json")
    ]


def test_a_record_that_is_there_twice_byte_by_byte_is_good(tmp_path):
    days = Days(tmp_path, legislature=14)
    days.run(archive_of(question(14, "QE", 1), question(14, "QE", 1), question(14, "QE", 2)), 0)
    assert days.rows("ops.anomalies", "kind") == ["duplicate"]
    assert days.rows("sightings", "question_number", "good") == [(1, True), (2, True)]


def test_what_is_odd_in_the_archive_is_told_once(days):
    nodes = {name_of(one): unit(one) for one in FIRST}
    days.run(zip_of(nodes), 0)
    days.run(zip_of({**nodes, "LISEZMOI.txt": b"..."}), 1)
    for number in range(2, 5):
        assert days.rows("ops.anomalies", "kind") == ["unexpected_member"]
        days.run(
            zip_of(
                {**nodes, "LISEZMOI.txt": b"...", name_of(qe(5001)): unit(qe(5001, analyses={"analyse": f"{number}"}))}
            ),
            number,
        )
        assert days.rows("ops.anomalies", "question_number", "kind", "value") == [
            (None, "unexpected_member", "LISEZMOI.txt")
        ]


def test_what_was_odd_in_the_archive_is_told_no_more_once_it_is_gone(days):
    near, far = ({name_of(qe(number)): unit(qe(number))} for number in (1, 5001))
    days.run(zip_of({**far, "LISEZMOI.txt": b"..."}), 0)
    days.run(zip_of({**near, **far, "LISEZMOI.txt": b"..."}), 1)
    assert days.rows("ops.anomalies", "kind") == ["unexpected_member"]
    days.run(zip_of({**near, **far}), 2)
    assert days.rows("ops.anomalies", "kind") == []


# -- leftovers


def test_what_a_stopped_run_left_is_swept_away(days):
    days.run(archive_of(*FIRST), 0)
    before = days.files()
    days.build(archive_of(*(qe(number, rubrique="outre-mer") for number in NUMBERS)), 1)
    left = days.files()
    assert len(left) > len(before)
    folder = markers.partition_folder(days.lake, "questions", days.archive.key)
    (folder / "00000-abc.123.part").write_bytes(b"half")
    days.build(archive_of(*FIRST), 2)
    assert days.files() == before
    assert {name.partition("/")[0] for name in before} <= {*DATASETS, VERSIONS, "_partitions"}


def test_a_worker_that_was_killed_is_told_of_for_the_next_archive_too(days, monkeypatch):
    def broken(*_: Any) -> Future[Any]:
        raise BrokenProcessPool("a process was terminated abruptly")

    pool = Inline()
    monkeypatch.setattr(pool, "submit", broken)
    with pytest.raises(AnqError, match="17/QE: a worker was killed"):
        days.build(archive_of(*FIRST), 0, pool)
    assert days.files() == {}


def test_a_refused_archive_leaves_no_file(days):
    days.run(archive_of(*FIRST), 0)
    before = days.files()
    with pytest.raises(SourceError, match=r"17/QE: 7 of 7 records cannot be read .* First: json/QANR5L17QE1.json"):
        days.run(zip_of({name_of(one): b"{}" for one in FIRST}), 1)
    assert days.files() == before


# -- any days

SEVERAL = {
    "minAttrib": [{"denomination": organ(17, 1, "M", "Ministère")}, {"denomination": organ(17, 2, "N", "Autre")}]
}
WITHDRAWN = closure(17, date(2025, 4, 1), "AU", "Retrait à l'initiative de l'auteur")


def state(number: int, which: str) -> Node | None:
    return {
        "asked": lambda: qe(number, answered=None),
        "renamed": lambda: qe(number, answered=None, rubrique="outre-mer"),
        "withdrawn": lambda: qe(number, answered=None, cloture=WITHDRAWN),
        "moved": lambda: qe(number, answered=None, minAttribs=SEVERAL),
        "answered": lambda: qe(number),
        "again": lambda: qe(number, answered=date(2025, 6, 10), answer_text="Une autre.", minAttribs=SEVERAL),
    }.get(which, lambda: None)()


STATES = st.sampled_from(["absent", "bad", "asked", "renamed", "withdrawn", "moved", "answered", "again"])
MEMBERS = {
    "json/QANR5L17QE1.json": 1,
    f"json/{TWICE}.json": 1,
    "json/QANR5L17QE2.json": 2,
    "json/QANR5L17QE5001.json": 5001,
}
A_DAY = st.fixed_dictionaries(dict.fromkeys(MEMBERS, STATES))


class Model:
    """What the lake should hold, told plainly."""

    def __init__(self) -> None:
        self.rows: dict[int, Any] = {}
        self.times: dict[int, list[datetime | None]] = {}
        self.versions: list[tuple[Any, ...]] = []
        self.quarantine: list[str] = []
        self.odd: list[tuple[int, str]] = []

    def day(self, now: datetime, contents: dict[str, str]) -> bool:
        """Takes an archive in; False when it is to be refused."""
        there = {name: which for name, which in contents.items() if which != "absent"}
        best: dict[int, tuple[str, Any]] = {}
        quarantine, odd = [], []
        for name, which in there.items():
            number, node = MEMBERS[name], state(MEMBERS[name], which)
            if node is None:
                quarantine.append(name)
                continue
            new = (name, rows(opendata_json.read(unit(node), item=False)[0]))
            kept = best.setdefault(number, new)
            if kept is new:
                continue
            if kept[1].question == new[1].question:
                odd.append((number, "duplicate"))
                continue
            further = max((kept, new), key=lambda one: self.progress(one[1].question))
            best[number] = further
            quarantine.append((kept if further is new else new)[0])
        if len(quarantine) >= len(there):
            return False
        for number, (_, new) in best.items():
            old = self.rows.get(number)
            if old is None:
                self.times[number] = [now, now, None]
            elif old.question["answer_text"] and not new.question["answer_text"]:
                odd.append((number, "answer_lost"))
                continue
            elif old.question != new.question:
                touched = {name for name in new.question if new.question[name] != old.question[name]} - {
                    "record_sha256"
                }
                touched |= {table.name for table in children() if new.children[table.name] != old.children[table.name]}
                self.versions.append((number, self.times[number][1], now, old.question["status"], frozenset(touched)))
                self.times[number][1] = now
            self.rows[number] = new
        for number, times in self.times.items():
            gone = not any(MEMBERS[name] == number for name in there)
            times[2] = (times[2] or now) if gone else None
        self.quarantine, self.odd = sorted(quarantine), sorted(odd)
        return True

    @staticmethod
    def progress(row: dict[str, Any]) -> tuple[bool, date]:
        days = [row[name] for name in ("question_date", "answer_date", "closed_on") if row[name]]
        return bool(row["answer_text"]), max(days)


def archive_for(contents: dict[str, str]) -> bytes:
    nodes = {name: state(MEMBERS[name], which) for name, which in contents.items() if which != "absent"}
    return zip_of({name: unit(node) if node else b'{"question": 1}' for name, node in nodes.items()})


@settings(max_examples=40)
@given(st.lists(A_DAY, min_size=1, max_size=5))
def test_any_days_fold_into_what_they_should(sequence):
    with tempfile.TemporaryDirectory() as folder:
        days, model = Days(Path(folder) / "home"), Model()
        for number, contents in enumerate(sequence):
            content = archive_for(contents)
            taken = any(which != "absent" for which in contents.values()) and model.day(day(number), contents)
            if not taken:
                before = days.files()
                with pytest.raises(SourceError, match=r"^17/QE: "):
                    days.run(content, number)
                assert {**days.files()} == before
                continue
            days.run(content, number)
            agree(days, model)
        if taken:
            as_fresh(Path(folder) / "fresh", days, content, contents, model)


def agree(days: Days, model: Model) -> None:
    got = {row["question_number"]: row for row in days.rows("questions")}
    assert {number: {name: row[name] for name in row if name not in PROVENANCE} for number, row in got.items()} == {
        number: one.question for number, one in model.rows.items()
    }
    for table in children():
        kept: dict[int, list[Any]] = {number: [] for number in model.rows}
        for row in days.rows(table.name):
            number = row["question_number"]
            kept[number].append({name: row[name] for name in model.rows[number].children[table.name][0]})
        assert kept == {number: one.children[table.name] for number, one in model.rows.items()}
    times = [
        (n, [a, b, c])
        for n, a, b, c in days.rows("sightings", "question_number", "first_seen_at", "changed_at", "absent_since")
        if a
    ]
    assert times == sorted(model.times.items())
    versions = days.rows(VERSIONS, "question_number", "valid_from", "valid_to", "status", "changed_columns")
    assert sorted((*one[:-1], frozenset(one[-1])) for one in versions) == sorted(
        model.versions, key=lambda one: one[:3]
    )
    assert sorted(days.rows("ops.quarantine", "member")) == model.quarantine
    assert sorted(days.rows("ops.anomalies", "question_number", "kind")) == model.odd


def as_fresh(home: Path, days: Days, content: bytes, contents: dict[str, str], model: Model) -> None:
    """But for what it keeps of days past, the lake is the one that the last archive alone would give."""
    fresh = Days(home)
    fresh.run(content, 99)
    lost = {number for number, kind in model.odd if kind == "answer_lost"}
    mine = {row["question_number"]: row for row in days.rows("questions")}
    for row in fresh.rows("questions"):
        number = row["question_number"]
        if number not in lost:
            assert {name: mine[number][name] for name in row if name not in PROVENANCE} == {
                name: row[name] for name in row if name not in PROVENANCE
            }
    assert days.rows("ops.quarantine", "member", "rule", "error", "raw") == fresh.rows(
        "ops.quarantine", "member", "rule", "error", "raw"
    )
