"""`joint_answers`: the two ways of knowing, alone and together, on the warehouse's own tables."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from itertools import combinations

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.schema import tables
from etl.schema.ddl import ddl
from etl.warehouse.derived import joint

DAY = date(2026, 3, 10)
ISSUE = "ANQ20260010"
NUMBERS = st.integers(1, 9)
#: By number, the day and the text of an answer; by answer of an issue, the day and the numbers.
ANSWERS = st.dictionaries(NUMBERS, st.tuples(st.integers(0, 1), st.sampled_from("ab")))
PRINTED = st.lists(st.tuples(st.integers(0, 1), st.lists(NUMBERS, min_size=1, max_size=4)), max_size=5)


@pytest.fixture(name="file", scope="module")
def _file():
    with duckdb.connect(config={"threads": 1}) as connection:
        for statement in ddl():
            connection.execute(statement)
        yield connection


def insert(file, table, rows):
    """Rows, each a dict of some columns, the same in all."""
    if rows:
        marks = ", ".join([f"({', '.join('?' * len(rows[0]))})"] * len(rows))
        values = [value for row in rows for value in row.values()]
        file.execute(f"INSERT INTO {table} ({', '.join(rows[0])}) VALUES {marks}", values)


def filled(file, answers, printed):
    """The rows, for these answers in `questions` and in issues: day and text by number, day and numbers by answer."""
    for table in ("questions", *joint.SOURCES):
        file.execute(f"DELETE FROM {table}")
    insert_questions(file, answers)
    print_issue(file, ISSUE, printed)
    joint.fill(file)
    return file.execute(
        "SELECT answer_group, question_number, known_by, size FROM joint_answers ORDER BY ALL"
    ).fetchall()


def print_issue(file, issue, printed):
    answers = [{"issue": issue, "rank": place, "questions": len(numbers), "published_on": DAY + timedelta(day)}
               for place, (day, numbers) in enumerate(printed, 1)]  # fmt: skip
    asked = [(place, number) for place, (_, numbers) in enumerate(printed, 1) for number in numbers]
    insert(file, "journal_answers", answers)
    insert(file, "journal_questions", [
        {"issue": issue, "rank": rank, "part": "REP", "legislature": 17, "question_type": "QE",
         "question_number": number, "answer_rank": place}
        for rank, (place, number) in enumerate(asked, 1)])  # fmt: skip


def insert_questions(file, answers):
    said = [{"legislature": 17, "question_type": "QE", "question_number": number, "uid": f"QANR5L17QE{number}",
             "answer_date": None if day is None else DAY + timedelta(day), "answer_text": text}
            for number, (day, text) in answers.items()]  # fmt: skip
    others = {
        column.name: "2026-03-10" if column.sql == "TIMESTAMPTZ" else "x"
        for column in tables()["questions"].columns
        if column.constraints.get("required")
    }
    insert(file, "questions", [others | columns for columns in said])


def test_equal_texts_of_a_day(file):
    answers = {
        1: (0, "Oui."),
        2: (0, "Oui."),
        3: (1, "Oui."),
        4: (0, "Oui"),
        5: (0, "oui."),
        6: (None, "Oui."),
        7: (0, None),
    }
    assert filled(file, answers, []) == [("QANR5L17QE1-2026-03-10", number, "text", 2) for number in (1, 2)]


def test_an_answer_of_an_issue(file):
    assert filled(file, {}, [(0, [8, 4]), (0, [5]), (1, [9, 9])]) == [
        ("QANR5L17QE4-2026-03-10", number, "journal", 2) for number in (4, 8)
    ]


def test_groups_that_share_a_question_are_one(file):
    answers = {1: (0, "a"), 2: (0, "a"), 3: (0, "b"), 4: (0, "b"), 7: (0, "c"), 8: (0, "c")}
    assert filled(file, answers, [(0, [2, 3]), (1, [1, 7])]) == [
        *(("QANR5L17QE1-2026-03-10", number, "both", 4) for number in (1, 2, 3, 4)),
        *(("QANR5L17QE1-2026-03-11", number, "journal", 2) for number in (1, 7)),
        *(("QANR5L17QE7-2026-03-10", number, "text", 2) for number in (7, 8)),
    ]


def test_a_long_chain_is_one_group(file):
    answers = {number: (0, f"{number // 2}") for number in range(40)}
    found = filled(file, answers, [(0, [number, number + 1]) for number in range(39, 0, -2)])
    assert {(group, known, size) for group, _, known, size in found} == {("QANR5L17QE0-2026-03-10", "both", 41)}


@given(ANSWERS, PRINTED)
def test_the_groups_are_what_the_pairs_say(file, answers, printed):
    """Against the definition: questions that are joined, by pairs, in one way or by others between them."""
    by_day: dict[int, dict[int, set[int]]] = {0: defaultdict(set), 1: defaultdict(set)}
    ways: dict[tuple[int, int, int], set[str]] = defaultdict(set)

    def pair(day, one, other, way):
        by_day[day][one].add(other)
        by_day[day][other].add(one)
        ways[day, one, other].add(way)

    for (one, (day, text)), (other, told) in combinations(answers.items(), 2):
        if told == (day, text):
            pair(day, one, other, "text")
    for day, numbers in printed:
        for one, other in combinations(sorted(set(numbers)), 2):
            pair(day, one, other, "journal")
    expected = []
    for day, linked in by_day.items():
        for start in linked:
            reached, waiting = set(), [start]
            while waiting:
                number = waiting.pop()
                if number not in reached:
                    reached.add(number)
                    waiting += linked[number]
            known = {way for (at, one, _), found in ways.items() if at == day and one in reached for way in found}
            known_by = "both" if len(known) > 1 else known.pop()
            name = f"QANR5L17QE{min(reached)}-{DAY + timedelta(day)}"
            expected.append((name, start, known_by, len(reached)))
    assert filled(file, answers, printed) == sorted(expected)


@settings(max_examples=50)
@given(ANSWERS, ANSWERS, PRINTED, PRINTED)
def test_looking_only_at_the_days_that_moved_gives_the_same(file, before, changes, printed, printed_now):
    filled(file, before, printed)
    moved = {number: answer for number, answer in changes.items() if before.get(number) != answer}
    file.execute(
        "CREATE OR REPLACE TEMP TABLE moved AS SELECT legislature, question_type, question_number FROM questions LIMIT 0"
    )
    joint.watch(file)
    joint.note(file, f"'{ISSUE}'")
    for table in joint.SOURCES:
        file.execute(f"DELETE FROM {table}")
    print_issue(file, ISSUE, printed_now)
    joint.note(file, f"'{ISSUE}'")
    for number in moved:
        file.execute("DELETE FROM questions WHERE question_number = ?", [number])
        file.execute("INSERT INTO moved VALUES (17, 'QE', ?)", [number])
    insert_questions(file, moved)
    joint.fill(file, "moved")
    found = file.execute(
        "SELECT answer_group, question_number, known_by, size FROM joint_answers ORDER BY ALL"
    ).fetchall()
    assert found == filled(file, before | changes, printed_now)
