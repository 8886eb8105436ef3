"""What the explorer asks, without a browser: any words, any address, hand-counted rows."""

from __future__ import annotations

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.explore import pages, queries
from etl.explore.queries import FACETS, PAGE, Selection
from etl.explore.release import Opened
from tests.explore.conftest import UID


@pytest.fixture(scope="module")
def release(home) -> Opened:
    return Opened.current(home / "warehouse")


def asked(release: Opened, sql: str) -> list[tuple]:
    return release.connection.sql(sql).fetchall()


@given(text=st.text())
def test_any_text_is_a_literal(text):
    assert duckdb.sql(f"SELECT {queries.literal(text)}").fetchone() == (text.replace("\0", ""),)


@given(
    params=st.dictionaries(
        st.sampled_from(["mots", "du", "au", "page", *FACETS]), st.text() | st.lists(st.text(), min_size=2)
    )
)
def test_any_address_is_answered(params, release):
    selection = Selection.of(params)
    found = queries.rows(release.connection, queries.results(selection, 1))
    assert len(found) <= PAGE


def test_facets_count_what_the_other_choices_leave(release):
    selection = Selection.of({"legislature": "16", "statut": "lapsed", "type": "QE"})
    told = {
        row["value"]: row["questions"]
        for row in queries.rows(release.connection, queries.values(selection, FACETS["statut"]))
    }
    counted = asked(
        release,
        "SELECT status, count(*) FROM questions WHERE legislature = 16 AND question_type = 'QE' GROUP BY ALL",
    )
    assert told == dict(counted)
    assert told["lapsed"] == queries.rows(release.connection, queries.count(selection))[0]["questions"]


def test_pages_follow_each_other_and_hold_each_question_once(release):
    selection = Selection.of({"type": "QG", "legislature": "16"})
    total = queries.rows(release.connection, queries.count(selection))[0]["questions"]
    pages = [queries.rows(release.connection, queries.results(selection, page)) for page in range(1, total // PAGE + 2)]
    found = [row["uid"] for page in pages for row in page]
    assert len(found) == len(set(found)) == total
    days = [row["question_date"] or row["answer_date"] for page in pages for row in page]
    assert days == sorted(days, reverse=True)


def test_a_number_finds_the_questions_that_bear_it(release):
    found = queries.rows(release.connection, queries.results(Selection.of({"mots": " 12 "}), 1))
    assert {row["question_number"] for row in found} == {12}
    assert len(found) == asked(release, "SELECT count(*) FROM questions WHERE question_number = 12")[0][0]


def test_a_question_has_a_due_day_only_where_the_two_months_are_the_rule(release):
    oldest = "SELECT uid FROM questions WHERE question_type = 'QE' AND answer_date IS NOT NULL ORDER BY question_date LIMIT 1"
    for uid, due in ((asked(release, oldest)[0][0], False), (UID, True)):
        question = queries.life(release.connection, uid)
        assert question is not None
        assert any(event.kind == "due" for event in pages.events(question)) == due
        assert ("des deux mois" in pages.life(question)) == due


def test_no_such_question_has_no_life(release):
    assert queries.life(release.connection, "QANR5L17QE0' OR true --") is None


def test_csv_says_null_as_nothing_and_quotes_what_must_be():
    assert queries.csv_of([{"a": 1, "b": None}, {"a": 'x,"y', "b": "é"}]) == 'a,b\n1,\n"x,""y",é\n'


def test_nothing_is_written_beside_the_release(release, home):
    asked(release, "SELECT count(*) FROM (SELECT * FROM questions ORDER BY answer_text)")
    assert {one.name for one in (home / "warehouse" / "releases").glob("*/*")} == {"anq.duckdb", "release.json"}
    with pytest.raises(duckdb.Error):
        release.connection.execute("DELETE FROM questions")
