"""What the explorer asks, without a browser: any words, any address, hand-counted rows."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from fractions import Fraction

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.explore import pages, queries
from etl.explore.plots import PLOTS
from etl.explore.queries import FACETS, PAGE, Selection
from etl.explore.release import Opened
from etl.explore.views import address
from tests.explore.conftest import DEPUTY, EVIL, FAMILY, UID


@pytest.fixture(scope="module")
def release(home) -> Opened:
    return Opened.current(home / "warehouse")


def asked(release: Opened, sql: str) -> list[tuple]:
    return release.connection.sql(sql).fetchall()


@given(text=st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_any_text_is_a_literal(text):
    assert duckdb.sql(f"SELECT {queries.quoted(text)}").fetchone() == (text,)


@settings(max_examples=50)
@given(
    params=st.dictionaries(
        st.sampled_from(["mots", "du", "au", "tri", "depute", "famille", *FACETS]),
        st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])) | st.just("l'eau"),
    )
)
def test_any_address_is_answered(params, release):
    selection = Selection.of(params)
    for sql in (queries.results(selection, 1), queries.whole(selection), queries.events(selection)):
        found = queries.rows(release.connection, sql)
        assert len(found) <= release.questions
    queries.deputies(release.connection, selection.words)


def test_an_address_has_what_is_chosen_and_no_more():
    assert address({"mots": "l'eau & l’air", "type": "", "page": "2"}) == "/?mots=l%27eau+%26+l%E2%80%99air&page=2"
    assert address({"mots": ""}) == "/"


def test_facets_count_what_the_other_choices_leave(release):
    selection = Selection.of({"legislature": "16", "statut": "lapsed", "type": "QE"})
    counts = {
        row["value"]: row["questions"]
        for row in queries.rows(release.connection, queries.values(selection, FACETS["statut"]))
    }
    counted = asked(
        release,
        "SELECT status, count(*) FROM questions WHERE legislature = 16 AND question_type = 'QE' GROUP BY ALL",
    )
    assert counts == dict(counted)
    assert counts["lapsed"] == queries.rows(release.connection, queries.count(selection))[0]["questions"]


def test_pages_follow_each_other_and_hold_each_question_once(release):
    selection = Selection.of({"type": "QG", "legislature": "16"})
    total = queries.rows(release.connection, queries.count(selection))[0]["questions"]
    pages = [queries.rows(release.connection, queries.results(selection, page)) for page in range(1, total // PAGE + 2)]
    found = [row["uid"] for page in pages for row in page]
    assert len(found) == len(set(found)) == total
    days = [row["question_date"] or row["answer_date"] for page in pages for row in page]
    assert days == sorted(days, reverse=True)
    whole = queries.rows(release.connection, queries.whole(selection))
    assert [row["uid"] for row in whole] == found, "a file has the rows of the list"


def test_a_number_finds_the_questions_that_bear_it(release):
    found = queries.rows(release.connection, queries.results(Selection.of({"mots": " 12 "}), 1))
    assert {row["question_number"] for row in found} == {12}
    assert len(found) == asked(release, "SELECT count(*) FROM questions WHERE question_number = 12")[0][0]


def test_a_deputy_and_a_family_narrow_a_list(release):
    for params, condition in (
        ({"depute": DEPUTY}, f"deputy_id = '{DEPUTY}'"),
        ({"famille": FAMILY}, "ministry = 'Justice'"),
    ):
        (count,) = queries.rows(release.connection, queries.count(Selection.of(params)))
        assert count["questions"] == asked(release, f"SELECT count(*) FROM questions WHERE {condition}")[0][0] > 0


@pytest.mark.parametrize("as_of", [date(2026, 8, 25), date(2025, 3, 1), date(2024, 10, 2)])
def test_delays_are_those_of_kaplan_and_meier(as_of, release):
    """Each age counted by hand: the share that still waits, of those that waited so long."""
    waits = defaultdict(list)
    for ministry, asked_on, answered_on, left_on in asked(
        release,
        f"SELECT ministry, asked_on, answered_on, left_on FROM questions_at(DATE '{as_of}') WHERE legislature = 17 AND question_type = 'QE'",
    ):
        end = answered_on or left_on or as_of
        waits[ministry].append(((end - asked_on).days, answered_on is not None))
    rows = queries.rows(
        release.connection, queries.delays("ministry", "legislature = 17 AND question_type = 'QE'", as_of)
    )
    assert {row["ministry"] for row in rows} == set(waits)
    for row in rows:
        lives = waits[row["ministry"]]
        assert (row["questions"], row["answered"]) == (len(lives), sum(answered for _, answered in lives))
        half, nine = age(lives, Fraction(1, 2)), age(lives, Fraction(1, 10))
        assert (row["half_days"], row["nine_in_ten_days"]) == (half, nine), row["ministry"]


def age(lives: list[tuple[int, bool]], share: Fraction) -> int | None:
    waiting = Fraction(1)
    for day in sorted({day for day, _ in lives}):
        here = [life for life in lives if life[0] >= day]
        waiting *= 1 - Fraction(sum(1 for other, answered in here if other == day and answered), len(here))
        if waiting <= share:
            return day
    return None


def test_a_backlog_makes_a_delay_longer():
    """Two ministries give the same quick answers; one leaves as many questions without any."""
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE lives AS SELECT ministry, DATE '2025-01-01' AS asked_on, DATE '2025-03-01' AS due_on, NULL::DATE AS left_on,"
            " CASE WHEN answered THEN DATE '2025-01-11' END AS answered_on, CASE WHEN answered THEN 'answered' ELSE 'pending' END AS status,"
            " answered AS in_time FROM (VALUES ('clear', true, 6), ('late', true, 6), ('late', false, 7)) AS t(ministry, answered, n),"
            " range(n);"
            "CREATE MACRO questions_at(as_of) AS TABLE FROM lives"
        )
        rows = queries.rows(connection, queries.delays("ministry", "true", date(2026, 1, 1)) + " ORDER BY ministry")
    assert [(row["ministry"], row["half_days"], row["nine_in_ten_days"]) for row in rows] == [
        ("clear", 10, 10),
        ("late", None, None),
    ]


@pytest.mark.parametrize("as_of", [date(2024, 6, 8), date(2024, 6, 10), date(2026, 8, 25)])
def test_a_rate_does_not_rise_when_what_was_late_lapses(as_of, release):
    figures = "due, in_time, lapsed_late, in_time_rate_with_lapsed"
    for by, condition, view in (
        ("legislature", "question_type = 'QE'", "question_types_compared"),
        ("ministry", "question_type = 'QE' AND legislature = 16 AND ministry IS NOT NULL", "response_delays"),
    ):
        shown = asked(
            release,
            f"SELECT {by}, {figures} FROM ({queries.delays(by, condition, as_of)}) WHERE with_due_day > 0 ORDER BY ALL",
        )
        assert shown == asked(
            release,
            f"SELECT {by}, {figures} FROM {view}(DATE '{as_of}') WHERE {condition} AND due IS NOT NULL ORDER BY ALL",
        )


def test_what_left_on_a_day_that_nobody_tells_is_no_backlog():
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE lives AS SELECT 'Eau' AS ministry, DATE '1995-01-01' AS asked_on, NULL::DATE AS due_on, NULL::DATE AS left_on,"
            " CASE status WHEN 'answered' THEN DATE '1995-01-11' END AS answered_on, status, NULL::BOOLEAN AS in_time"
            " FROM (VALUES ('answered', 2), ('withdrawn', 8)) AS t(status, n), range(n);"
            "CREATE MACRO questions_at(as_of) AS TABLE FROM lives"
        )
        [row] = queries.rows(connection, queries.delays("ministry", "true", date(2026, 1, 1)))
    assert (row["questions"], row["half_days"], row["nine_in_ten_days"]) == (10, 10, 10)


def test_ministries_are_ranked_by_the_delay_with_those_that_wait(release):
    rows = queries.rows(release.connection, PLOTS["delais"].sql(17, date(2026, 8, 25)))
    order = [row["half_days"] if row["half_days"] is not None else 10**6 for row in rows]
    assert order == sorted(order) and len(rows) == 20
    assert "20 ministères attributaires" in PLOTS["delais"].note(rows), "and not those that were asked"


@pytest.mark.parametrize("day", [date(2024, 3, 5), date(2024, 3, 31), date(2026, 8, 25)])
def test_months_have_nothing_of_after_the_day(day, release):
    """And all the rest, as the views by month have it."""
    flows = queries.rows(release.connection, PLOTS["flux"].sql(16, day))
    topics = queries.rows(release.connection, PLOTS["themes"].sql(16, day))
    own = "FROM question_lives WHERE legislature = 16 AND question_type = 'QE'"
    until = f"<= DATE '{day}'"
    [(questions, answered)] = asked(
        release,
        f"SELECT count(*) FILTER (asked_on {until}), count(*) FILTER (answered_on {until}) {own}",
    )
    assert (sum(row["asked"] for row in flows), sum(row["answered"] for row in flows)) == (questions, answered)
    assert sum(row["questions"] for row in topics) <= sum(
        {row["month"]: row["month_questions"] for row in topics}.values()
    )
    assert {row["month"]: row["month_questions"] for row in topics}.items() <= {
        row["month"]: row["asked"] for row in flows
    }.items()
    whole = [row for row in flows if row["month"] < day.replace(day=1)]
    views = "WHERE legislature = 16 AND question_type = 'QE' AND month < date_trunc('month', DATE"
    assert [tuple(row.values()) for row in whole] == asked(
        release,
        f"SELECT month, asked, answered, withdrawn, lapsed, closed FROM monthly_flows {views} '{day}') ORDER BY month",
    )
    known = asked(
        release, f"SELECT rubrique, month, questions, month_questions, share FROM rubriques_by_month {views} '{day}')"
    )
    assert {tuple(row.values()) for row in topics if row["month"] < day.replace(day=1)} <= set(known)


def test_a_question_has_a_due_day_only_where_the_two_months_are_the_rule(release):
    oldest = "SELECT uid FROM questions WHERE question_type = 'QE' AND answer_date IS NOT NULL ORDER BY question_date LIMIT 1"
    for uid, due in ((asked(release, oldest)[0][0], False), (UID, True)):
        question = queries.life(release.connection, uid)
        assert question is not None
        assert any(event.kind == "due" for event in pages.events(question)) == due
        assert any("des deux mois" in str(fact.value) for fact in pages.facts(question)) == due


def test_no_such_question_has_no_life(release):
    assert queries.life(release.connection, "QANR5L17QE0' OR true --") is None
    assert queries.deputy(release.connection, "PA0' OR true --") is None


def test_an_excerpt_marks_the_words_and_escapes_the_rest(release):
    question = {"question_text": f"**Les** agriculteurs {EVIL} et l\\*eau", "answer_text": None}
    stems = {row["stem"] for row in queries.rows(release.connection, queries.stems("agriculteurs"))}
    marked = str(pages.excerpt(question, stems))
    assert "<mark>agriculteurs</mark>" in marked and "&lt;script&gt;" in marked
    assert marked.count("<") == 2 and "*" not in marked
    assert str(pages.excerpt({"question_text": None, "answer_text": None}, stems)) == ""


def test_nothing_is_written_beside_the_release(release, home):
    asked(release, "SELECT count(*) FROM (SELECT * FROM questions ORDER BY answer_text)")
    assert {one.name for one in (home / "warehouse" / "releases").glob("*/*")} == {"anq.duckdb", "release.json"}
    with pytest.raises(duckdb.Error):
        release.connection.execute("DELETE FROM questions")
