"""Who asked: names, departments and groups by the mandate, at the question's date, however the release is made."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pytest

from etl import catalogue
from etl.errors import GateError
from etl.fetch import latest
from etl.lake import markers
from etl.run import publish, references, summary
from etl.schema.ddl import ddl
from etl.settings import Settings
from etl.warehouse.derived import authors as resolving
from etl.warehouse.derived.authors import SAID, resolve
from etl.warehouse.release import path_of
from tests import amo
from tests.amo import acteur, mandat, organe
from tests.archives import archive_of, question, site
from tests.warehouse.days import Home, contents, day, query
from tests.work import run_of

NAMED = f"SELECT question_number, {', '.join(SAID)} FROM questions WHERE question_type = 'QE' ORDER BY ALL"


def asked(
    number: int, deputy: str | None = "PA1", mandate: str | None = "PM1", group: str = "PO50", **changes: object
) -> dict:
    author = {
        "identite": {"acteurRef": deputy, "mandatRef": mandate},
        "groupe": {"organeRef": group, "abrege": "SRC", "developpe": "De la source"} if group else None,
    }
    return question(17, "QE", number, auteur=author, **changes)


def on(number: int, when: date, **more: object) -> dict:
    return asked(number, asked=when, answered=None, group="", **more)


BEFORE, CHANGE, AFTER = date(2025, 1, 14), date(2025, 2, 1), date(2025, 3, 4)
QUESTIONS = [
    asked(1),
    asked(2, group="POnull"),
    on(3, BEFORE),
    on(4, CHANGE),  # the day that two groups share
    on(5, AFTER, mandate=None),
    on(6, date(2024, 7, 1)),  # before the group, and before the election
    on(7, AFTER, deputy="PA404", mandate="PM404"),
    on(8, BEFORE, deputy=None, mandate=None),
    on(9, AFTER, deputy="PA2", mandate=None),
]
#: A QG has no date of its own but its answer's.
QG = question(
    17, "QG", 1, answered=BEFORE, auteur={"identite": {"acteurRef": "PA1", "mandatRef": None}, "groupe": None}
)


def people(name: str = "David", department: str = "Gironde") -> bytes:
    first = acteur(
        "PA1",
        mandat("PM1", "ASSEMBLEE", "PO1", "2024-07-07", department=department),
        mandat("PM3", "GP", "PO51", "2024-07-19", "2025-02-01"),
        mandat("PM2", "GP", "PO52", "2025-02-01"),
        nom=name,
    )
    second = acteur(
        "PA2",
        mandat("PM8", "ASSEMBLEE", "PO1", "2022-06-19", "2024-06-09", department="Ain"),
        mandat("PM9", "ASSEMBLEE", "PO1", "2024-07-07", "2026-01-01", department="Lot"),
        mandat("PM10", "ASSEMBLEE", "PO1", "2024-07-07", department="Lot"),
        prenom="Agnès",
        nom="Le Bodo",
    )
    bodies = [organe("PO51", "GP", "Le premier", "UN"), organe("PO52", "GP", "Le second", "DEUX")]
    return amo.archive_of(first, second, *bodies)


ALAIN = ("Alain David", "Gironde")
RESOLVED = [
    (1, *ALAIN, "PO50", "SRC", "De la source"),
    (2, *ALAIN, "PO52", "DEUX", "Le second"),
    (3, *ALAIN, "PO51", "UN", "Le premier"),
    (4, *ALAIN, "PO52", "DEUX", "Le second"),
    (5, *ALAIN, "PO52", "DEUX", "Le second"),
    (6, *ALAIN, None, None, None),
    (7, None, None, None, None, None),
    (8, None, None, None, None, None),
    (9, "Agnès Le Bodo", "Lot", None, None, None),
]


def bring(home: Home, root: Path, archive: bytes, number: int) -> None:
    home.settings = Settings(home.settings.home, str(amo.put(root, archive)))
    outcome = references.prepare_people(run_of(home.settings, day(number), f"people-{number}"))
    assert outcome.error is None


@pytest.fixture
def source(tmp_path) -> Path:
    return site(tmp_path / "site", {"17/QE": archive_of(*QUESTIONS), "17/QG": archive_of(QG)})


def test_each_author_is_named_at_the_date(home, source):
    home.prepare(source, day(0))
    bring(home, source, people(), 0)
    home.load(day(0))
    assert query(home.current(), NAMED) == RESOLVED
    spoken = query(home.current(), f"SELECT {', '.join(SAID)} FROM questions WHERE question_type = 'QG'")
    assert spoken == [(*ALAIN, "PO51", "UN", "Le premier")]


def test_a_group_that_the_author_came_to_later_is_not_the_question_s(home, source, tmp_path):
    """The archive of the 14th has questions of 2012 under a group of 2015; one that the author has left is as sent."""
    nodes = [
        asked(n, group=group, asked=when)
        for n, group, when in [(1, "PO52", BEFORE), (2, "PO52", AFTER), (3, "PO51", AFTER)]
    ]
    home.prepare(site(source, {"17/QE": archive_of(*nodes)}), day(0))
    bring(home, source, people(), 0)
    home.load(day(0))
    assert query(home.current(), NAMED) == [
        (1, *ALAIN, "PO51", "UN", "Le premier"),
        (2, *ALAIN, "PO52", "SRC", "De la source"),
        (3, *ALAIN, "PO51", "SRC", "De la source"),
    ]
    rebuilt = home.load(day(0), warehouse=tmp_path / "rebuilt", anew=True)
    assert contents(home.current()) == contents(path_of(tmp_path / "rebuilt", rebuilt.name))


def test_a_new_legislature_whose_people_are_not_there_yet_has_those_of_the_one_before(home, source):
    site(source, {"18/QE": archive_of(question(18))})
    bring(home, source, people(), 0)
    assert latest(catalogue.people(), home.settings) is not None
    own = source / catalogue.people([18]).path
    own.parent.mkdir(parents=True)
    own.write_bytes(people("Davide"))
    bring(home, source, people(), 1)
    assert latest(catalogue.people([18]), home.settings) is not None


def test_region_and_civility_come_with_the_mandate_and_the_name(home, source):
    """By the question's mandate, else by that of the day; they are not in the history."""
    elected = [
        mandat("PM1", "ASSEMBLEE", "PO1", "2024-07-07", department="Gironde", region="Nouvelle-Aquitaine"),
        mandat("PM0", "ASSEMBLEE", "PO0", "2017-06-21", "2022-06-21", department="Ain", region="Auvergne-Rhône-Alpes"),
    ]
    read = "SELECT question_number, civility, department, region FROM questions WHERE question_type = 'QE' ORDER BY ALL"
    nodes = [
        asked(1),
        on(2, AFTER, mandate=None),
        on(3, AFTER, mandate="PM0"),
        on(4, AFTER, deputy="PA404", mandate=None),
    ]
    home.prepare(site(source, {"17/QE": archive_of(*nodes)}), day(0))
    bring(home, source, amo.archive_of(acteur("PA1", *elected), organe("PO1", "ASSEMBLEE")), 0)
    home.load(day(0))
    here = ("M.", "Gironde", "Nouvelle-Aquitaine")
    before = ("M.", "Ain", "Auvergne-Rhône-Alpes")
    assert query(home.current(), read) == [(1, *here), (2, *here), (3, *before), (4, None, None, None)]
    elected[0]["election"]["lieu"]["region"] = "Aquitaine"
    bring(home, source, amo.archive_of(acteur("PA1", *elected), organe("PO1", "ASSEMBLEE")), 1)
    home.load(day(1))
    assert query(home.current(), read)[:2] == [(1, *here[:2], "Aquitaine"), (2, *here[:2], "Aquitaine")]
    assert query(home.current(), "SELECT count(*) FROM question_versions") == [(0,)]
    columns = {name for name, *_ in query(home.current(), "DESCRIBE question_versions")}
    assert not columns & {"region", "civility"}


def test_however_it_comes_the_release_is_the_same(home, source, tmp_path):
    """People after questions, before them, with them, a change of both, of one, and a rebuild."""
    made = {}

    def step(number: int) -> None:
        home.load(day(number))
        rebuilt = home.load(day(number), warehouse=tmp_path / f"rebuilt{number}", anew=True)
        assert contents(home.current()) == contents(path_of(tmp_path / f"rebuilt{number}", rebuilt.name))
        made[number] = query(home.current(), NAMED)

    home.prepare(source, day(0))
    step(0)
    assert made[0][0] == (1, None, None, "PO50", "SRC", "De la source")
    bring(home, source, people(), 1)
    step(1)
    assert made[1] == RESOLVED
    late = on(10, AFTER)
    site(source, {"17/QE": archive_of(asked(1, answer_text="Autre réponse."), *QUESTIONS[1:], late)})
    home.prepare(source, day(2))
    step(2)
    assert made[2] == [*RESOLVED, (10, *ALAIN, "PO52", "DEUX", "Le second")]
    bring(home, source, people("Davide", "Landes"), 3)
    site(source, {"17/QE": archive_of(*QUESTIONS, late)})
    home.prepare(source, day(3))
    step(3)
    assert made[3] == [
        tuple({"Alain David": "Alain Davide", "Gironde": "Landes"}.get(v, v) for v in row) for row in made[2]
    ]
    bring(home, source, people(), 4)
    step(4)
    assert made[4] == made[2]
    markers.drop_reference(home.settings.lake, "people")
    step(5)
    assert made[5] == [(*row[:1], None, None, *row[3:]) for row in made[0]] + [(10, *[None] * 5)]


def test_a_name_changes_no_record_and_no_history(home, source):
    told = "SELECT question_number, record_sha256, changed_at FROM questions ORDER BY ALL"
    home.prepare(source, day(0))
    home.load(day(0))
    before = query(home.current(), told)
    bring(home, source, people(), 1)
    home.load(day(1))
    assert query(home.current(), told) == before
    assert query(home.current(), "SELECT * FROM question_versions") == []
    site(source, {"17/QE": archive_of(asked(1, answer_text="Autre réponse."), *QUESTIONS[1:])})
    home.prepare(source, day(2))
    home.load(day(2))
    assert query(home.current(), "SELECT author_name, changed_columns FROM question_versions") == [
        (None, ["answer_text", "answer_texts"])
    ]


def test_only_rows_that_differ_are_written(home, source, monkeypatch):
    """A change of one person's name rewrites their questions and no other."""
    home.prepare(source, day(0))
    bring(home, source, people(), 0)
    home.load(day(0))
    touched = []
    real = duckdb.DuckDBPyConnection.execute

    class Counting:
        def __init__(self, connection):
            self.connection = connection

        def execute(self, statement, *more):
            done = real(self.connection, statement, *more)
            if statement.startswith("UPDATE questions"):
                touched.extend(done.fetchall())
            return done

    whole = resolving.correct
    monkeypatch.setattr(resolving, "correct", lambda connection, rows: whole(Counting(connection), rows))
    bring(home, source, people("Davide"), 1)
    home.load(day(1))
    assert sorted(touched) == [(1,), (6,)]  # the QG, and the six QE of PA1


def test_people_without_questions_and_questions_without_people(home, source, tmp_path):
    bring(home, tmp_path / "people", people(), 0)
    release = publish.publish(run_of(home.settings, day(0), "people-0"))
    assert release is not None
    assert (release.rows["questions"], release.rows["deputies"], release.rows["organs"]) == (0, 2, 2)
    assert summary.summarise(run_of(home.settings, day(0), "people-0"), release=release)["sample"] is False
    assert publish.publish(run_of(home.settings, day(1), "people-1")) is None
    assert publish.rebuild(run_of(home.settings, day(1), "again")).rows["mandates"] == 6
    absent = references.prepare_people(run_of(Settings(tmp_path / "other", str(source)), day(0), "x"))
    assert (absent.state, absent.error) == ("absent", None)
    named = references.prepare_people(run_of(Settings(tmp_path / "other", str(source)), day(0), "x"), named=True)
    assert "does not have it" in str(named.error)


def test_what_people_have_of_odd_lives_beside_the_questions(home, source):
    home.prepare(source, day(0))
    odd = amo.archive_of(acteur("PA1", mandat("PM1", "ASSEMBLEE", "PO1", dateDebut="hier")), organe("PO1", "ASSEMBLEE"))
    bring(home, source, odd, 0)
    home.load(day(0))
    count = "SELECT question_type, kind FROM ops.anomalies WHERE kind <> 'ministry_without_family' ORDER BY ALL"
    assert query(home.current(), count) == [("QE", "bad_id"), ("people", "bad_date")]
    # an archive that changes leaves the other's rows alone
    site(source, {"17/QE": archive_of(*QUESTIONS[2:])})
    home.prepare(source, day(1))
    home.load(day(1))
    bring(home, source, people(), 2)
    home.load(day(2))
    assert query(home.current(), count) == [("QE", "bad_id")]


def test_people_win_over_a_page_and_what_they_cannot_tell_stays():
    page = "'Philippe Plisson (page)', 'Dordogne (page)', NULL, 'S.R.C.', 'Socialiste'"
    rows = f"""(SELECT 13::SMALLINT AS legislature, 'QE' AS question_type, number AS question_number, deputy_id, NULL::VARCHAR AS mandate_id,
        {page.replace("NULL", "NULL::VARCHAR")}, day::DATE AS question_date, NULL::DATE AS answer_date
        FROM (VALUES (1, 'PA1', '2010-03-02'), (2, 'PA404', '2010-03-02'), (3, 'PA1', '2000-03-02'), (4, NULL, NULL))
        AS asked(number, deputy_id, day)) AS given(legislature, question_type, question_number, deputy_id, mandate_id,
        author_name, department, group_id, group_abbr, group_name, question_date, answer_date)"""
    with duckdb.connect() as connection:
        for statement in ddl():
            connection.execute(statement)
        connection.execute(
            "INSERT INTO deputies (deputy_id, first_name, last_name) VALUES ('PA1', 'Philippe', 'Plisson')"
        )
        connection.execute(
            "INSERT INTO organs (organ_id, organ_type, name, abbr) VALUES ('PO1', 'GP', 'Les socialistes', 'SRC')"
        )
        connection.execute(
            "INSERT INTO mandates (mandate_id, deputy_id, organ_type, organ_id, department, started_on, ended_on) VALUES "
            "('PM1', 'PA1', 'ASSEMBLEE', 'PO9', 'Gironde', '2007-06-20', '2012-06-19'), "
            "('PM2', 'PA1', 'GP', 'PO1', NULL, '2007-06-27', '2012-06-19')"
        )
        resolve(connection, f"(SELECT * FROM {rows})")
        columns = f"SELECT {', '.join(SAID)} FROM resolved ORDER BY question_number"
        told = connection.execute(columns).fetchall()
    kept = ("Dordogne (page)", None, "S.R.C.", "Socialiste")
    assert told == [
        ("Philippe Plisson", "Gironde", "PO1", "SRC", "Les socialistes"),
        ("Philippe Plisson (page)", *kept),
        ("Philippe Plisson", *kept),
        ("Philippe Plisson (page)", *kept),
    ]


def test_a_table_that_lost_half_is_refused_and_what_was_there_stays(home, source):
    bring(home, source, people(), 0)
    before = markers.reference(home.settings.lake, "people")
    amo.put(source, amo.archive_of(acteur("PA1"), organe("PO51", "GP")))
    outcome = references.prepare_people(run_of(home.settings, day(1), "people-1"))
    assert isinstance(outcome.error, GateError)
    assert str(outcome.error).startswith("17/people: held back")  # as `anq accept` takes it
    assert markers.reference(home.settings.lake, "people") == before
    assert [path.name for path in (home.settings.lake / "deputies").iterdir()] == [before.files["deputies"]]
    assert summary.summarise(run_of(home.settings, day(1), "people-1"))["state"] == "gate_stopped"
