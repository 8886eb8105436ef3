"""Bad archives and bad records among good ones: each is named, and the rest is released."""

from __future__ import annotations

import copy
import io
import stat
import zipfile
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from etl.catalogue import archive, archives
from etl.errors import SourceError
from etl.fetch import fetch
from etl.lake import markers
from etl.lake.workers import workers
from etl.run import publish, questions
from etl.run.policy import Failure
from etl.run.work import Outcome
from etl.settings import Settings
from etl.warehouse.query import connect
from tests.archives import (
    Node,
    archive_of,
    closure,
    document,
    name_of,
    question,
    site,
    unit,
    zip_of,
)
from tests.work import build, run_of

NOW = datetime(2026, 9, 22, 4, 30, tzinfo=UTC)


def qe(number: int, **how: Any) -> Node:
    return question(17, "QE", number, **how)


def without(node: Node, *keys: str) -> Node:
    return {key: value for key, value in node.items() if key not in keys}


def member(number: int) -> str:
    return f"json/QANR5L17QE{number}.json"


#: Records that are set aside: their bytes, and the rule that says why.
BAD: dict[int, tuple[bytes, str]] = {
    101: (unit(qe(101))[:-9], "json"),
    102: (unit(qe(102, question_text="QQQ")).replace(b"QQQ", "é".encode("latin-1")), "json"),
    103: (b'{"question":' * 50_000, "json"),
    104: (b"", "json"),
    105: (b"<html><title>50x</title></html>", "json"),
    106: (archive_of(qe(106)), "json"),
    107: (unit(without(qe(107), "identifiant")), "missing"),
    108: (unit(without(qe(108), "uid")), "missing"),
    109: (unit(qe(109, auteur="M. X")), "shape"),
    110: (unit(qe(110, identifiant={"numero": "cent dix", "legislature": "17"})), "number"),
    111: (unit(question(16, "QE", 111)), "misplaced"),
    112: (unit(question(17, "QG", 112)), "misplaced"),
    113: (unit(qe(1113)), "misplaced"),
    114: (unit(qe(114, uid="QANR5L17QE115")), "identity"),
    115: (b'"une question"', "shape"),
}
TWICE = f"copie/{member(120)}"


def numbers_for_strings(node: Node) -> Node:
    node = copy.deepcopy(node)
    node["identifiant"] = {"numero": 201, "legislature": 17, "regime": True}
    return node


def group(node: Node, ref: str) -> Node:
    node = copy.deepcopy(node)
    node["auteur"]["groupe"]["organeRef"] = ref
    return node


#: Records that are odd, and loaded: kind, field and value of each anomaly.
ODD: dict[int, tuple[Node, set[tuple[str, str, str]]]] = {
    201: (
        numbers_for_strings(qe(201)),
        {
            ("number_for_string", "question.identifiant.numero", "201"),
            ("number_for_string", "question.identifiant.legislature", "17"),
            ("number_for_string", "question.identifiant.regime", "true"),
        },
    ),
    202: (qe(202, nouveau={"a": "b" * 500}), {("unknown_key", "question.nouveau", '{"a":"' + "b" * 194)}),
    203: (group(qe(203), "POnull"), {("bad_id", "group_id", "POnull")}),
    204: (
        qe(204, answered=None, cloture=closure(17, date(2025, 4, 1), "XYZ", None)),
        {("unknown_closure", "closure_code", "XYZ")},
    ),
    205: (
        qe(205, answered=None, signalement={"dateDepotSignal": "30/02/2025"}),
        {("bad_date", "signalled_on", "30/02/2025")},
    ),
}
GOOD = [qe(number) for number in range(1, 61)]


def first_day() -> dict[str, bytes]:
    """The members of 17/QE."""
    nodes = [*GOOD, qe(120, answered=None), *(node for node, _ in ODD.values())]
    return (
        {name_of(node): unit(node) for node in nodes}
        | {member(number): raw for number, (raw, _) in BAD.items()}
        | {TWICE: unit(qe(120))}
    )


def outside() -> bytes:
    return zip_of({member(1): unit(qe(1)), "../../etc/anq.json": b"{}"})


def symlink() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as zipped:
        zipped.writestr(member(1), unit(qe(1)))
        link = zipfile.ZipInfo("json/lien.json")
        link.create_system = 3
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        zipped.writestr(link, "/etc/passwd")
    return buffer.getvalue()


def fifteenth(number: int) -> dict[str, bytes]:
    return {name_of(node): unit(node) for node in (question(15, "QG", one) for one in range(1, number))}


XIV = [question(14, "QE", number) for number in range(1, 41)]
BROKEN_XIV = document(*XIV).replace(b'"numero": "20", ', b'"numero": "20" ', 1)

#: Archives that are refused, and what the message says beside their name.
REFUSED: dict[str, tuple[bytes, str]] = {
    "14/QG": (b"<!DOCTYPE html><title>503</title>" * 100, "not a whole zip"),
    "14/QOSD": (zip_of({}), "no JSON document"),
    "15/QE": (
        zip_of({member(1): b'{"question": "' + b" " * 5_000_000 + b'"}'}, level=9),
        "inflates more than 200 times",
    ),
    "15/QG": (zip_of(fifteenth(30))[:-400], "not a whole zip"),
    "15/QOSD": (b"", "empty"),
    "16/QE": (outside(), "'../../etc/anq.json' has a path that leads outside"),
    "16/QG": (symlink(), "'json/lien.json' is a link"),
    "16/QOSD": (
        zip_of({member(1): unit(qe(1)), "autres.zip": zip_of({"a.json": b"{}"})}),
        "'autres.zip' is an archive in the archive",
    ),
    "17/QG": (
        archive_of(*(question(16, "QG", number) for number in range(1, 40))),
        "39 of 39 records cannot be read (20 may be), so the archive is not what it claims to be. "
        "First: json/QANR5L16QG1.json: legislature is 16, but the archive is of 17",
    ),
    "17/QOSD": (
        zip_of(
            {
                name_of(node): unit(node)[: -1 if node["uid"].endswith(("1", "2", "3")) else None]
                for node in (question(17, "QOSD", number) for number in range(1, 81))
            }
        ),
        "24 of 80 records cannot be read",
    ),
}


@dataclass
class Site:
    settings: Settings
    root: Path
    outcomes: dict[str, Outcome]
    said: list[str]

    def sql(self, query: str) -> list[tuple[Any, ...]]:
        with connect(self.settings.warehouse) as connection:
            rows: list[tuple[Any, ...]] = connection.execute(query).fetchall()
        return rows

    def next_day(self, number: int, members: dict[str, bytes]) -> None:
        """Another state of 17/QE, released without the checks, which the first day has passed."""
        now, wanted = NOW + timedelta(days=number), archive(17, "QE")
        site(self.root, {"17/QE": zip_of(members)})
        download = fetch(wanted, self.settings, now)
        assert download is not None
        with workers() as pool:
            built = build(wanted, download.path(self.settings), self.settings.lake, pool, now)
        markers.commit(self.settings.lake, built.partition)
        assert publish.publish(run_of(self.settings, now, f"day-{number}")) is not None


@pytest.fixture(name="released", scope="module")
def _released(tmp_path_factory) -> Site:
    """One run over the whole site; the tests below look at what came of it, the last ones go on from there."""
    folder = tmp_path_factory.mktemp("bad")
    root = site(
        folder / "site",
        {
            "14/QE": zip_of({"Questions_ecrites_XIV.json": BROKEN_XIV}),
            "17/QE": zip_of(first_day()),
            **{name: content for name, (content, _) in REFUSED.items()},
        },
    )
    settings, said = Settings(folder / "home", str(root)), list[str]()
    outcomes = questions.prepare_all(archives(), run_of(settings, NOW, "day-0", say=said.append))
    assert publish.publish(run_of(settings, NOW, "day-0"), [Failure("source", 3, "down")]) is not None
    return Site(settings, root, {one.archive: one for one in outcomes}, said)


@pytest.mark.parametrize("name", REFUSED)
def test_a_bad_archive_is_refused_and_named(released, name):
    outcome, expected = released.outcomes[name], REFUSED[name][1]
    assert isinstance(outcome.error, SourceError)
    assert (outcome.state, outcome.error.exit_code) == ("failed", 3)
    assert str(outcome.error).startswith(name)
    assert expected in str(outcome.error)
    assert str(outcome.error) in released.said
    legislature, question_type = name.split("/")
    where = f"legislature = {legislature} AND question_type = '{question_type}'"
    for table in ("questions", "ops.quarantine", "ops.anomalies"):
        assert released.sql(f"SELECT count(*) FROM {table} WHERE {where}") == [(0,)]
    assert released.sql(
        f"SELECT count(*), max(message) FROM ops.outcomes WHERE archive = '{name}' AND state = 'failed'"
    ) == [(1, str(outcome.error))]


def test_the_good_ones_are_released(released):
    fine = {name for name, one in released.outcomes.items() if one.error is None}
    assert fine == {"14/QE", "17/QE"}
    assert released.sql("SELECT legislature, count(*) FROM questions GROUP BY ALL ORDER BY ALL") == [(14, 39), (17, 66)]
    numbers = {one for (one,) in released.sql("SELECT question_number FROM questions WHERE legislature = 17")}
    assert numbers == {*range(1, 61), 120, *ODD}
    outcome = released.outcomes["17/QE"]
    assert (outcome.records, outcome.changed, outcome.quarantined) == (82, 66, 16)


def test_a_refused_archive_is_nowhere_but_where_it_came_from(released):
    names = {path.name for path in released.settings.lake.rglob("*") if path.is_file()}
    assert not {name for name in names if ".part" in name or ".document" in name}
    assert {path.name for path in (released.settings.lake / "_partitions").iterdir()} == {"14-QE.json", "17-QE.json"}
    assert not list(released.settings.home.rglob("anq.json"))


@pytest.mark.parametrize("number", BAD)
def test_a_bad_record_is_in_quarantine_with_its_bytes_and_reason(released, number):
    raw, rule = BAD[number]
    ((name, said_rule, error, severity, kept),) = released.sql(
        f"SELECT member, rule, error, severity, raw FROM ops.quarantine WHERE question_number = {number}"
    )
    assert (name, said_rule, severity) == (member(number), rule, "critical")
    assert kept == (raw[: 1 << 20] if 0 < len(raw) <= 1 << 20 else None)
    assert len(error) > 10
    assert released.sql(f"SELECT * FROM questions WHERE legislature = 17 AND question_number = {number}") == []


def test_a_key_twice_with_different_content(released):
    query = "SELECT status, source_member FROM questions WHERE legislature = 17 AND question_number = 120"
    assert released.sql(query) == [("answered", TWICE)]
    ((name, rule, error, raw),) = released.sql(
        "SELECT member, rule, error, raw FROM ops.quarantine WHERE question_number = 120"
    )
    assert (name, rule, raw) == (member(120), "duplicate", unit(qe(120, answered=None)))
    assert TWICE in error


def test_a_broken_record_of_the_one_document(released):
    ((number, name, rule, raw),) = released.sql(
        "SELECT question_number, member, rule, raw FROM ops.quarantine WHERE legislature = 14"
    )
    assert (number, name, rule) == (20, "Questions_ecrites_XIV.json", "json")
    assert raw.startswith(b'{"uid": "QANR5L14QE20", "identifiant": {"numero": "20" ')


@pytest.mark.parametrize("number", ODD)
def test_an_odd_record_is_loaded_and_told(released, number):
    told = released.sql(
        f"SELECT kind, what, value FROM ops.anomalies WHERE legislature = 17 AND question_number = {number}"
    )
    assert set(told) == ODD[number][1]
    assert len(told) == len(ODD[number][1])


def test_the_days_after(released):
    members = first_day()
    members[member(101)] = unit(qe(101))  # repaired
    members[member(1)] = unit(qe(1))[:50]  # gone bad
    members[member(2)] = unit(qe(2, answered=None))  # answered, and now not
    del members[member(3)]  # vanished
    before = released.sql("SELECT * FROM questions WHERE question_number IN (1, 2) AND legislature = 17 ORDER BY ALL")
    released.next_day(1, members)
    one = "FROM questions WHERE legislature = 17 AND question_number ="
    aside = "SELECT question_number, rule FROM ops.quarantine WHERE question_number IN (1, 101)"
    assert released.sql(f"SELECT status, first_seen_at {one} 101") == [("answered", NOW + timedelta(days=1))]
    assert released.sql(aside) == [(1, "json")]
    assert (
        released.sql("SELECT * FROM questions WHERE question_number IN (1, 2) AND legislature = 17 ORDER BY ALL")
        == before
    )
    lost = "SELECT question_number, level, what FROM ops.anomalies WHERE kind = 'answer_lost'"
    assert released.sql(lost) == [(2, "error", "answer_text")]
    assert released.sql(f"SELECT absent_since {one} 3") == [(NOW + timedelta(days=1),)]
    assert released.sql("SELECT count(*) FROM question_versions") == [(0,)]
    assert released.sql("SELECT count(*) FROM questions WHERE absent_since IS NOT NULL") == [(1,)]

    released.next_day(2, first_day() | {member(101): unit(qe(101, rubrique="mer"))})
    assert released.sql(aside) == []
    assert released.sql(lost) == []
    assert released.sql(f"SELECT absent_since, first_seen_at {one} 3") == [(None, NOW)]
    assert released.sql("SELECT question_number, rubrique, changed_columns FROM question_versions") == [
        (101, "eau et assainissement", ["rubrique"])
    ]
