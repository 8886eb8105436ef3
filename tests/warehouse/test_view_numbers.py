"""Each view's figures on a world of two dozen questions, worked out by hand."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import duckdb
import pytest

from etl.schema import tables
from etl.settings import Settings
from etl.warehouse.query import connect
from tests.archives import Node, archive_of, closure, info_jo, organ, question, site
from tests.warehouse.days import Home, day

D = "DATE '2025-03-04'"
NEVER, OTHER = None, {"identite": {"acteurRef": "PA2000", "mandatRef": "PM2000"}, "groupe": None}


def written(number: int, asked: date, answered: date | None, **changes: object) -> Node:
    return question(17, "QE", number, asked=asked, answered=answered, **changes)


def moved(asked: date) -> list[Node]:
    return [
        {"infoJO": info_jo(17, asked, page=None), "denomination": organ(17, 845021, "Eau", "Ministère de l'eau")},
        {"infoJO": info_jo(17, date(2025, 3, 18), "JO_LOI_DECRET", page=None),
         "denomination": organ(17, 845022, "Mer", "Ministère de la mer")},
    ]  # fmt: skip


WORLD = {
    "17/QE": [
        # on its due day, 31 December and two months; a day late; never
        written(1, date(2024, 12, 31), date(2025, 2, 28)),
        written(2, date(2024, 12, 31), date(2025, 3, 1), auteur=OTHER),
        written(3, date(2024, 12, 31), NEVER,
                signalement={"dateDepotSignal": None, "infoJO": info_jo(17, date(2025, 1, 28))}),
        # answered, and not due by D; withdrawn when overdue; not asked by D, and reminds of 3
        written(4, date(2025, 1, 7), date(2025, 1, 21)),
        written(5, date(2024, 10, 1), NEVER,
                cloture=closure(17, date(2025, 2, 4), "AU", "Retrait le 4 février 2025 à l'initiative de l'auteur")),
        written(6, date(2025, 3, 11), NEVER,
                question_text="M. X rappelle les termes de sa question n° 3, restée sans réponse."),
        # renewed twice, signalled after D, answered after D
        written(7, date(2024, 11, 5), date(2025, 4, 1),
                signalement={"dateDepotSignal": None, "infoJO": info_jo(17, date(2025, 3, 25))},
                renouvellements={"renouvellement": [{"infoJO": info_jo(17, date(2025, 1, 14))},
                                                    {"infoJO": info_jo(17, date(2025, 2, 25))}]}),
        # goes to another ministry after D, by decree
        written(8, date(2024, 10, 8), date(2025, 3, 25), minAttribs={"minAttrib": moved(date(2024, 10, 8))}),
        # of the session before
        written(9, date(2024, 9, 24), date(2024, 12, 24), rubrique="agriculture"),
    ],
    "17/QG": [question(17, "QG", 1, answered=date(2024, 10, 16))],
    "17/QOSD": [question(17, "QOSD", 1, asked=date(2024, 11, 19), answered=date(2024, 11, 27)),
                question(17, "QOSD", 2, asked=date(2025, 1, 14), answered=NEVER)],
    "16/QE": [question(16, "QE", 1)],
    # two with one answer
    "15/QE": [question(15, "QE", number, answer_text="La même réponse.") for number in (1, 2)],
    # before and after the rule of 28 November 2014; the last lapses with its legislature
    "14/QE": [question(14, "QE", 1, asked=date(2014, 11, 25), answered=date(2015, 1, 20)),
              question(14, "QE", 2, asked=date(2014, 12, 2), answered=date(2015, 2, 3)),
              question(14, "QE", 3, asked=date(2014, 11, 18), answered=NEVER)],
}  # fmt: skip


@contextmanager
def loaded(folder: Path, pool: Executor, world: dict[str, list[Node]]) -> Iterator[duckdb.DuckDBPyConnection]:
    """The warehouse of a world, to read."""
    home = Home(Settings(folder / "home", ""), pool)
    home.prepare(site(folder / "site", {name: archive_of(*nodes) for name, nodes in world.items()}), day(0))
    home.load(day(0))
    with connect(Path(home.settings.warehouse)) as connection:
        yield connection


@pytest.fixture(scope="module")
def world(tmp_path_factory, pool) -> Iterator[duckdb.DuckDBPyConnection]:
    with loaded(tmp_path_factory.mktemp("world"), pool, WORLD) as connection:
        yield connection


@pytest.fixture
def ask(world):
    return lambda sql: world.execute(sql).fetchall()


def test_due_days(ask):
    days = {"2024-12-31": (2025, 2, 28), "2023-12-31": (2024, 2, 29), "2024-12-30": (2025, 2, 28), "2025-01-07": (2025, 3, 7),
            "2014-11-28": (2015, 1, 28), "2014-11-27": None}  # fmt: skip
    for asked, due in days.items():
        assert ask(f"SELECT answer_due('QE', DATE '{asked}')") == [(due and date(*due),)]
    assert ask(
        "SELECT answer_due('QG', DATE '2025-01-07'), answer_due('QOSD', DATE '2025-01-07'), answer_due('QE', NULL)"
    ) == [(None, None, None)]
    assert ask("SELECT signalled_due('QE', DATE '2025-01-28'), signalled_due('QE', DATE '2014-11-27')") == [
        (date(2025, 2, 7), None)
    ]


def test_a_question_waits_until_its_day_and_is_overdue_from_the_day_after(ask):
    def at(day_: str, number: int) -> tuple:
        found = ask(
            f"SELECT status, answered_on, left_on, in_time FROM questions_at(DATE '{day_}') WHERE uid = 'QANR5L17QE{number}'"
        )
        return found[0] if found else None

    assert at("2024-12-30", 1) is None
    assert at("2025-02-27", 1) == ("pending", None, None, None)
    assert at("2025-02-28", 1) == ("answered", date(2025, 2, 28), None, None)
    assert at("2025-03-01", 1) == ("answered", date(2025, 2, 28), None, True)
    assert at("2025-03-01", 2) == ("answered", date(2025, 3, 1), None, False)
    assert at("2025-02-28", 3) == ("pending", None, None, None)
    assert at("2025-03-01", 3) == ("pending", None, None, False)
    assert at("2025-02-03", 5) == ("pending", None, None, False)
    assert at("2025-02-04", 5) == ("withdrawn", None, date(2025, 2, 4), None)


def test_the_ministry_is_the_one_of_the_day(ask):
    for day_, ministry in (("2025-03-17", "Eau"), ("2025-03-18", "Mer")):
        assert ask(f"SELECT ministry FROM questions_at(DATE '{day_}') WHERE uid = 'QANR5L17QE8'") == [(ministry,)]


def test_response_delays(ask):
    figures = "* EXCLUDE (legislature, question_type, ministry)"
    own = "legislature = 17 AND question_type = 'QE'"
    # answered in 59, 60, 14 and 91 days; due: all but the one of January and the one withdrawn
    assert ask(f"SELECT {figures} FROM response_delays({D}) WHERE {own}") == [
        (8, 4, 1, 3, 3, 6, 1, 1 / 6, 0, 1 / 6, 59.5, pytest.approx(81.7))
    ]
    assert ask(f"SELECT {figures} FROM response_delays({D}) WHERE question_type = 'QG'") == [
        (1, 1, 0, 0, None, None, None, None, None, None, None, None)
    ]
    assert ask(f"SELECT {figures} FROM response_delays({D}) WHERE question_type = 'QOSD'") == [
        (2, 1, 0, 1, None, None, None, None, None, None, 8.0, 8.0)
    ]
    assert ask(f"SELECT ministry, asked FROM response_delays(DATE '2025-03-18') WHERE {own} ORDER BY ALL") == [
        ("Eau", 8),
        ("Mer", 1),
    ]


def test_the_rule_of_2014_is_for_the_questions_after_it(ask):
    def at(day_: str) -> list[tuple]:
        columns = "asked, answered, left_unanswered, pending, overdue, due, in_time, in_time_rate"
        return ask(f"SELECT {columns} FROM response_delays(DATE '{day_}') WHERE legislature = 14")

    assert at("2014-11-26") == [(2, 0, 0, 2, None, None, None, None)]
    assert at("2015-02-10") == [(3, 2, 0, 1, 0, 1, 0, 0.0)]
    assert at("2017-06-19") == [(3, 2, 0, 1, 0, 1, 0, 0.0)]
    assert at("2017-06-20") == [(3, 2, 1, 0, 0, 1, 0, 0.0)]


def test_the_rate_that_compares_does_not_move_when_a_legislature_ends(tmp_path, pool):
    def of_16th(number: int, asked: date, answered: date | None = NEVER, **changes: object) -> Node:
        return question(16, "QE", number, asked=asked, answered=answered, **changes)

    january, april = date(2024, 1, 9), date(2024, 4, 9)  # due on 9 March and on 9 June, the legislature's last day
    nodes = [
        of_16th(1, january, date(2024, 3, 5)),
        of_16th(2, january, date(2024, 4, 2)),
        of_16th(3, january),
        of_16th(4, april),
        of_16th(5, january, cloture=closure(16, date(2024, 5, 7), "AU", "Retrait à l'initiative de l'auteur")),
        of_16th(6, january, cloture=closure(16, date(2024, 2, 6), None, "Fin de mandat")),
        of_16th(7, january, cloture=closure(16, date(2024, 4, 9), None, "Fin de mandat")),
    ]
    columns = "overdue, due, in_time, lapsed_late, in_time_rate_with_lapsed"
    with loaded(tmp_path, pool, {"16/QE": nodes}) as connection:

        def at(day_: date) -> list[tuple]:
            age = (day_ - date(2022, 6, 22)).days
            compared, delays = (
                connection.execute(f"SELECT {columns} FROM {view}(DATE '{day_}')").fetchall()
                for view in ("question_types_compared", "response_delays")
            )
            aged = connection.execute(f"SELECT {columns} FROM legislatures_at_age({age})").fetchall()
            assert compared == delays and aged in ([], compared)
            return compared

        # 3 is overdue; 7 lapsed late, 6 before its day, and 5 was withdrawn
        assert at(date(2024, 4, 8)) == [(2 + 1, 5, 1, 0, 1 / 5)]
        assert at(date(2024, 6, 8)) == [(1, 3, 1, 1, 1 / 4)]
        # 3 lapses too, and 4 on its due day
        assert at(date(2024, 6, 9)) == at(date(2024, 6, 10)) == [(0, 2, 1, 2, 1 / 4)]


def test_families_follow_a_question_to_its_ministry_of_the_day(ask):
    # 8 is put to the waters, of no family, and goes to the sea on 18 March, where it is answered on the 25th
    counted = "family, ministries, asked, answered, pending, due, in_time, in_time_rate_with_lapsed, median_days"
    for day_, figures in (
        ("2025-03-17", []),
        ("2025-03-18", [("Mer et pêche", 1, 1, 0, 1, 1, 0, 0.0, None)]),
        ("2025-03-25", [("Mer et pêche", 1, 1, 1, 0, 1, 0, 0.0, 168.0)]),
    ):
        assert ask(f"SELECT {counted} FROM family_delays(DATE '{day_}')") == figures
        assert ask(f"SELECT family, uid FROM questions_by_family(DATE '{day_}')") == [
            (figures[0][0], "QANR5L17QE8") for _ in figures
        ]
    assert ask("SELECT month, legislature, question_type, family, asked, answered FROM family_flows") == [
        (date(2025, 3, 1), 17, "QE", "Mer et pêche", 0, 1)
    ]


def test_overdue(ask):
    assert ask(
        f"SELECT question_number, due_on, signalled_on, age_days, overdue_days FROM overdue({D}) ORDER BY 1"
    ) == [
        (3, date(2025, 2, 28), date(2025, 1, 28), 63, 4),
        (7, date(2025, 1, 5), None, 119, 58),
        (8, date(2024, 12, 8), None, 147, 86),
    ]
    assert ask("SELECT count(*) FROM overdue(DATE '2025-02-28') WHERE question_number = 3") == [(0,)]


def test_signalled(ask):
    def at(day_: str) -> list[tuple]:
        columns = "question_number, due_on, answered_on, days, status, in_time"
        return ask(f"SELECT {columns} FROM signalled(DATE '{day_}') ORDER BY 1")

    assert at("2025-01-27") == []
    assert at("2025-02-07") == [(3, date(2025, 2, 7), None, None, "pending", None)]
    assert at("2025-02-08") == [(3, date(2025, 2, 7), None, None, "pending", False)]
    assert at("2025-04-05")[1] == (7, date(2025, 4, 4), date(2025, 4, 1), 7, "answered", True)


def test_renewed(ask):
    columns = "question_number, renewals, first_renewed_on, last_renewed_on, days_before, answered_on, days_after"
    first, last = date(2025, 1, 14), date(2025, 2, 25)
    assert ask(f"SELECT {columns} FROM renewed(DATE '2025-02-01')") == [(7, 1, first, first, 70, None, None)]
    assert ask(f"SELECT {columns} FROM renewed({D})") == [(7, 2, first, last, 70, None, None)]
    assert ask(f"SELECT {columns} FROM renewed(DATE '2025-05-01')") == [(7, 2, first, last, 70, date(2025, 4, 1), 35)]


def test_reattributions(ask):
    assert ask("SELECT * EXCLUDE (legislature, question_type, uid) FROM reattributions") == [
        (8, "Eau", "Mer", 1, 1, 1, date(2025, 3, 18), date(2025, 3, 18), 161, 7)
    ]


def test_flows(ask):
    assert ask("SELECT month, asked, answered, withdrawn, lapsed, closed FROM monthly_flows "
               "WHERE legislature = 17 AND question_type = 'QE' ORDER BY month") == [
        (date(2024, 9, 1), 1, 0, 0, 0, 0),
        (date(2024, 10, 1), 2, 0, 0, 0, 0),
        (date(2024, 11, 1), 1, 0, 0, 0, 0),
        (date(2024, 12, 1), 3, 1, 0, 0, 0),
        (date(2025, 1, 1), 1, 1, 0, 0, 0),
        (date(2025, 2, 1), 0, 1, 1, 0, 0),
        (date(2025, 3, 1), 1, 2, 0, 0, 0),
        (date(2025, 4, 1), 0, 1, 0, 0, 0),
    ]  # fmt: skip
    assert ask("SELECT month, lapsed FROM monthly_flows WHERE lapsed > 0") == [(date(2017, 6, 1), 1)]
    assert ask("SELECT month, asked, answered FROM monthly_flows WHERE question_type = 'QG'") == [
        (date(2024, 10, 1), 1, 1)
    ]


def test_a_withdrawal_on_a_day_that_nobody_tells_is_not_the_legislature_s_end(tmp_path, pool):
    undated = {**closure(14, date(2016, 1, 1), "AU", "Retrait à l'initiative de l'auteur"), "dateCloture": None}
    nodes = [
        question(14, "QE", 1, asked=date(2015, 1, 6), answered=NEVER, cloture=undated),
        question(14, "QE", 2, asked=date(2015, 1, 6), answered=NEVER),
    ]
    with loaded(tmp_path, pool, {"14/QE": nodes}) as connection:
        left = "SELECT question_number, left_on, status FROM questions_at(DATE '{}') ORDER BY 1"
        assert connection.execute(left.format("2015-06-30")).fetchall() == [
            (1, None, "withdrawn"),
            (2, None, "pending"),
        ]
        end = date(2017, 6, 20)
        assert connection.execute(left.format(end)).fetchall() == [(1, None, "withdrawn"), (2, end, "lapsed")]
        assert connection.execute("SELECT sum(withdrawn), sum(lapsed) FROM monthly_flows").fetchall() == [(0, 1)]
        backlog = "SELECT pending, overdue FROM monthly_backlog(DATE '2015-06-30') WHERE month = DATE '2015-06-01'"
        assert connection.execute(backlog).fetchall() == [(1, 1)]


def test_a_question_published_after_its_legislature_s_end_left_the_day_it_came(tmp_path, pool):
    """As those of 11 June 2024, two days after the 16th was dissolved."""
    with loaded(
        tmp_path, pool, {"16/QE": [question(16, "QE", 1, asked=date(2024, 6, 11), answered=NEVER)]}
    ) as connection:
        lives = "SELECT asked_on, left_on, ended_on, status FROM question_lives"
        day_ = date(2024, 6, 11)
        assert connection.execute(lives).fetchall() == [(day_, day_, day_, "lapsed")]


def test_quarters(ask):
    assert ask("SELECT quarter_of(DATE '2024-12-31'), quarter_of(DATE '2025-01-01')") == [
        (date(2024, 10, 1), date(2025, 1, 1))
    ]
    own = "legislature = 17 AND question_type = 'QE'"
    assert ask(f"SELECT quarter, asked, answered, withdrawn, lapsed FROM quarterly_flows WHERE {own} ORDER BY 1") == [
        (date(2024, 7, 1), 1, 0, 0, 0),
        (date(2024, 10, 1), 6, 1, 0, 0),
        (date(2025, 1, 1), 2, 4, 1, 0),
        (date(2025, 4, 1), 0, 1, 0, 0),
    ]
    assert ask(f"SELECT quarter, day, pending, overdue FROM quarterly_backlog({D}) WHERE {own} ORDER BY 1") == [
        (date(2024, 7, 1), date(2024, 9, 30), 1, 0),
        (date(2024, 10, 1), date(2024, 12, 31), 6, 2),
        (date(2025, 1, 1), date(2025, 3, 4), 3, 3),
    ]


def test_errata(tmp_path, pool):
    first = {"infoJO": info_jo(17, date(2025, 3, 4)), "texte": "La question.", "erratum": "Lire : le."}
    later = {"infoJO": info_jo(17, date(2025, 3, 18)), "texte": "Le question."}
    answers = [
        {"infoJO": info_jo(17, date(2025, 4, 1)), "texte": "La réponse."},
        {"infoJO": info_jo(17, date(2025, 4, 15)), "texte": "La bonne réponse.", "erratum": "Lire : bonne."},
    ]
    nodes = [
        written(1, date(2025, 3, 4), NEVER, textesQuestion={"texteQuestion": [first, later]}),
        written(2, date(2025, 3, 4), date(2025, 4, 1), textesReponse={"texteReponse": answers}),
        written(3, date(2025, 3, 4), date(2025, 4, 1)),
    ]
    asked, answered = date(2025, 3, 4), date(2025, 4, 1)
    with loaded(tmp_path, pool, {"17/QE": nodes}) as connection:
        found = connection.execute(
            "SELECT question_number, text_of, rank, first_published_on, published_on, days_after, erratum FROM errata ORDER BY ALL"
        ).fetchall()
    assert found == [
        (1, "question", 1, asked, asked, 0, "Lire : le."),
        (1, "question", 2, asked, date(2025, 3, 18), 14, None),
        (2, "answer", 2, answered, date(2025, 4, 15), 14, "Lire : bonne."),
    ]


def test_backlog(ask):
    assert ask(f"SELECT day, pending, overdue FROM monthly_backlog({D}) "
               "WHERE legislature = 17 AND question_type = 'QE' ORDER BY day") == [
        (date(2024, 9, 30), 1, 0),
        (date(2024, 10, 31), 3, 0),
        (date(2024, 11, 30), 4, 1),
        (date(2024, 12, 31), 6, 2),
        (date(2025, 1, 31), 6, 3),
        (date(2025, 2, 28), 4, 2),
        (date(2025, 3, 4), 3, 3),
    ]  # fmt: skip
    assert ask(
        f"SELECT day, pending, overdue FROM monthly_backlog({D}) WHERE legislature = 14 ORDER BY day LIMIT 4"
    ) == [
        (date(2014, 11, 30), 2, None),
        (date(2014, 12, 31), 3, 0),
        (date(2015, 1, 31), 2, 0),
        (date(2015, 2, 28), 1, 0),
    ]
    assert ask(f"SELECT max(day), arg_max(pending, day) FROM monthly_backlog({D}) WHERE legislature = 14") == [
        (date(2017, 6, 30), 0)
    ]
    assert ask(f"SELECT count(*) FROM monthly_backlog({D}) WHERE question_type = 'QG'") == [(0,)]


def test_legislatures_at_the_same_age(ask):
    assert ask("SELECT * EXCLUDE (question_type) FROM legislatures_at_age(246) WHERE question_type = 'QE'") == [
        (17, date(2025, 3, 4), 8, 4, 0.5, 1, 3, 3, 6, 1, 0, 1 / 6, 59.5, 1)
    ]
    # the 16th and 17th never came to it, or not yet; the 14th does not tell who was signalled
    assert ask("SELECT legislature, day, asked, answered, due, signalled FROM legislatures_at_age(1000) ORDER BY ALL") == [
        (14, date(2015, 3, 17), 3, 2, 1, None), (15, date(2020, 3, 17), 2, 0, 0, None),
    ]  # fmt: skip


def test_types_compared(ask):
    columns = "legislature, question_type, asked, authors, answered, left_unanswered, pending, due, in_time, median_days, signalled"
    assert ask(f"SELECT {columns} FROM question_types_compared({D}) ORDER BY legislature, question_type") == [
        (14, "QE", 3, 1, 2, 1, 0, 1, 0, 59.5, None),
        (15, "QE", 2, 1, 2, 0, 0, 2, 0, 91.0, None),
        (16, "QE", 1, 1, 1, 0, 0, 1, 0, 91.0, 0),
        (17, "QE", 8, 2, 4, 1, 3, 6, 1, 59.5, 1),
        (17, "QG", 1, 1, 1, 0, 0, None, None, None, None),
        (17, "QOSD", 2, 1, 1, 0, 1, None, None, 8.0, None),
    ]


def test_activity(ask):
    columns = (
        "session, deputy_id, group_abbr, written, written_answered, written_cap, written_cap_share, to_government, oral"
    )
    assert ask(f"SELECT {columns} FROM activity_by_deputy({D}) WHERE legislature IN (14, 17) ORDER BY ALL") == [
        ("2014-2015", "PA1008", "GRP", 3, 2, None, None, 0, 0),
        ("2023-2024", "PA1008", "GRP", 1, 1, 52, 1 / 52, 0, 0),
        ("2024-2025", "PA1008", "GRP", 6, 2, 52, 6 / 52, 1, 2),
        ("2024-2025", "PA2000", None, 1, 1, 52, 1 / 52, 0, 0),
    ]
    columns = "session, group_abbr, authors, written, written_per_author, written_answered, to_government, oral"
    assert ask(f"SELECT {columns} FROM activity_by_group({D}) WHERE legislature = 17 ORDER BY ALL") == [
        ("2023-2024", "GRP", 1, 1, 1.0, 1, 0, 0),
        ("2024-2025", "GRP", 1, 6, 6.0, 2, 1, 2),
    ]
    assert ask(f"SELECT * FROM activity_by_department({D})") == []  # nobody told where they were elected
    assert ask("SELECT session_of(DATE '2024-09-30'), session_of(DATE '2024-10-01')") == [("2023-2024", "2024-2025")]
    assert ask("SELECT session_of('2024-12-31'), session_of('2024-02-29'), session_of(NULL)") == [
        ("2024-2025", "2023-2024", None)
    ]


def test_headings(ask):
    assert ask("SELECT rubrique, questions, month_questions, share FROM rubriques_by_month "
               "WHERE question_type = 'QE' AND month IN (DATE '2024-09-01', DATE '2024-12-01') ORDER BY ALL") == [
        ("agriculture", 1, 1, 1.0), ("eau et assainissement", 3, 3, 1.0),
    ]  # fmt: skip
    assert ask("SELECT topic, questions FROM topics_by_month WHERE month = DATE '2024-12-01'") == [("prix de l'eau", 3)]


def test_joint_answers(ask):
    assert ask(
        "SELECT answer_group, known_by, size, legislature, ministry, ministries, authors, uids FROM joint_answer_groups"
    ) == [("QANR5L15QE1-2020-06-09", "text", 2, 15, "Eau", 1, 1, ["QANR5L15QE1", "QANR5L15QE2"])]


def test_closures(ask):
    columns = "status, closure_code, reason, questions, all_questions, share, first_closed_on"
    assert ask(f"SELECT {columns} FROM closures WHERE legislature = 17 AND question_type = 'QE' ORDER BY status") == [
        ("answered", "REP_PUB", "Réponse publiée", 6, 9, 6 / 9, date(2024, 12, 24)),
        ("pending", None, None, 2, 9, 2 / 9, None),
        ("withdrawn", "AU", "Retrait à l'initiative de l'auteur", 1, 9, 1 / 9, date(2025, 2, 4)),
    ]


def test_field_coverage(ask):
    def of(field: str) -> list[tuple]:
        return ask(
            "SELECT legislature, filled, questions, share FROM field_coverage "
            f"WHERE field = '{field}' AND question_type = 'QE' ORDER BY ALL"
        )

    assert of("ministry_id") == [(14, 3, 3, 1.0), (15, 0, 2, 0.0), (16, 1, 1, 1.0), (17, 9, 9, 1.0)]
    assert of("signalled_on")[-1] == (17, 2, 9, 2 / 9)
    assert ask("SELECT count(DISTINCT field) FROM field_coverage") == [(len(tables()["questions"].columns) - 3,)]


def test_reminders(ask):
    columns = "question_number, words, reminded_uid, days_between, was_answered, reminded_answered_on"
    assert ask(f"SELECT {columns} FROM reminders") == [(6, "question n° 3", "QANR5L17QE3", 70, False, None)]


def test_the_rules_are_those_of_the_schema():
    assert (
        tables()["questions"].columns[[one.name for one in tables()["questions"].columns].index("signalled_on")].since
        == 16
    )


def test_holdings_say_why_a_table_is_empty(ask):
    found = {name: (rows, why) for name, rows, why in ask("FROM holdings")}
    assert found["questions"] == (ask("SELECT count(*) FROM questions")[0][0], None)
    assert found["deputies"][0] == 0
    assert "People were not loaded" in found["deputies"][1]
    assert "No weekly issue was loaded" in found["journal_questions"][1]
    assert {name for name, (rows, why) in found.items() if (rows > 0) == (why is None)} == set(found)
