"""`resemblances` of questions and of answers, in empty tables: as defined, and day by day as if made at once."""

from __future__ import annotations

from datetime import date, timedelta

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.normalise.passages import passages
from etl.schema import tables
from etl.schema.ddl import ddl
from etl.warehouse.derived import resemblance
from etl.warehouse.derived.resemblance import LEAST, SHARE
from tests.warehouse.test_joint import insert

DAY = date(2025, 3, 4)
#: A passage of fifty letters for each letter.
TEXTS = st.text("abcdefg", min_size=1, max_size=6)
#: By number, the day and the text of a question; two days of them, the second over the first.
QUESTIONS = st.dictionaries(st.integers(1, 7), st.tuples(st.integers(0, 3), TEXTS), min_size=1)
DAYS = st.lists(QUESTIONS, min_size=1, max_size=3)


@pytest.fixture(name="file", scope="module", params=[resemblance.PART, 1], ids=["at once", "in parts"])
def _file(request):
    with duckdb.connect(config={"threads": 1}) as connection, pytest.MonkeyPatch.context() as patch:
        patch.setattr(resemblance, "PART", request.param)
        for statement in ddl():
            connection.execute(statement)
        yield connection


def full(letters: str) -> str:
    return ". ".join(f"Le passage {letter * 39}" for letter in letters)


def add(file, told, *, anew=False):
    """Writes questions as the loader does, one legislature and type, at once."""
    file.begin()
    file.execute("CREATE OR REPLACE TEMP TABLE keys AS SELECT 17 AS legislature, 'QE' AS question_type, "
                 f"unnest({list(told)}) AS question_number")  # fmt: skip
    resemblance.watch(file)
    resemblance.note(file, "keys", new=anew)
    for table in ("questions", "question_texts", "answer_texts"):
        file.execute(f"DELETE FROM {table} WHERE question_number IN (SELECT question_number FROM keys)")
    others = {
        column.name: "2026-03-10" if column.sql == "TIMESTAMPTZ" else "x"
        for column in tables()["questions"].columns
        if column.constraints.get("required")
    }
    insert(file, "questions", [
        others | {"legislature": 17, "question_type": "QE", "question_number": number, "uid": f"QANR5L17QE{number}",
                  "question_date": DAY + timedelta(day), "answer_date": DAY + timedelta(day)}
        for number, (day, _) in told.items()])  # fmt: skip
    for texts in ("question_texts", "answer_texts"):
        insert(file, texts, [
            {"legislature": 17, "question_type": "QE", "question_number": number, "rank": 1,
             "passages": passages([full(letters)])[0]}
            for number, (_, letters) in told.items()])  # fmt: skip
    resemblance.fill(file, anew=anew)
    file.commit()


def rows(file, table="resemblances"):
    return file.execute(f"SELECT question_number, original_number, similarity FROM {table} ORDER BY ALL").fetchall()


def clear(file):
    for table in ("questions", "question_texts", "answer_texts", "resemblances", "answer_resemblances"):
        file.execute(f"DELETE FROM {table}")


def expected(told, *, later=False):
    """The definition: of each text, the earliest of the firsts of its passages that is like it; of an earlier day."""
    order = {number: (day, number) for number, (day, _) in told.items()}
    held = {number: set(letters) for number, (_, letters) in told.items()}
    found = []
    for number, mine in held.items():
        firsts = [min((one for one in held if letter in held[one]), key=order.__getitem__) for letter in mine]
        for other in sorted({one for one in firsts if firsts.count(one) >= SHARE * len(mine)}, key=order.__getitem__):
            likeness = len(mine & held[other]) / len(mine | held[other])
            earlier = order[other][0] < order[number][0] if later else order[other] < order[number]
            if earlier and likeness >= LEAST:
                found.append((number, other, pytest.approx(likeness)))
                break
    return sorted(found, key=lambda row: row[0])


def test_a_copy_and_what_is_none(file):
    clear(file)
    add(file, {1: (0, "abcde"), 2: (1, "abcdx"), 3: (2, "abcde"), 4: (2, "abcxy"), 5: (3, "xyz")}, anew=True)
    # four passages of six; all; three of seven, which is less than 0.6 of 1, and 4 of 6 of 2; two of three
    assert rows(file) == [(2, 1, pytest.approx(4 / 6)), (3, 1, 1.0), (4, 2, pytest.approx(4 / 6))]
    assert rows(file, "answer_resemblances") == rows(file)


def test_answers_of_one_day_are_not_used_again(file):
    clear(file)
    add(file, {1: (0, "abc"), 2: (0, "abc"), 3: (1, "abcd")}, anew=True)
    assert rows(file) == [(2, 1, 1.0), (3, 1, 0.75)]
    assert rows(file, "answer_resemblances") == [(3, 1, 0.75)]


def test_passages():
    long = "le passage qui compte a bien plus de quarante lettres"
    texts = [
        "M. X alerte Mme la ministre. Le Passage «\u202fqui compte\u202f» a plus de quarante lettres ; court.",
        f"{long.upper()}, {long} !",
        f"**{long}**",
        "",
        "a" * 3000,
        f"{long}. {long * 9} : {long}",
    ]
    short, twice, once, empty, endless, both = passages(texts)
    assert short == empty == []
    assert twice == once
    assert [each & 1023 for each in once] == [len(long)]
    assert endless[0] & 1023 == 1023
    assert both[0] == once[0]
    assert len(both) == 2
    assert all(0 < each < 2**63 for each in both)
    assert [passages([text])[0] for text in texts] == passages(texts)


@settings(max_examples=25)
@given(DAYS)
def test_day_by_day_is_as_at_once_and_as_defined(file, days):
    clear(file)
    told = {}
    for number, one in enumerate(days):
        add(file, one, anew=number == 0)
        told |= one
        assert rows(file) == expected(told)
        assert rows(file, "answer_resemblances") == expected(told, later=True)
    grown = rows(file), rows(file, "answer_resemblances")
    clear(file)
    add(file, told, anew=True)
    assert (rows(file), rows(file, "answer_resemblances")) == grown
