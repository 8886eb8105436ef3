"""A good release, spoilt one fault at a time: each is caught by these rules, with these severities, and no other.

The data are the sample's, really fetched, read and released; a fault is planted in their Parquet files, or in
the release's file, and what was there before stands beside as the last release. Faults of different archives are
checked in one go, since the rules keep archives apart.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from operator import itemgetter
from pathlib import Path
from typing import Any

import pytest

from etl.check import Checker, CheckResult, gate
from etl.errors import GateError

from .conftest import Data, Row
from .release_data import PEOPLE, GoodRelease, make

C, W, I = "critical", "warning", "info"  # noqa: E741
Plant = Callable[[Data], object]
YEAR = timedelta(days=365)


@dataclass(frozen=True)
class ReleaseFault:
    """One fault of a table that is made with a release."""

    name: str
    table: str
    statement: str
    expected: Mapping[str, str]


@dataclass(frozen=True)
class Fault:
    """One fault: where it is planted, how, and every rule that must tell of it.

    One whose rows name no archive that is checked is told of by each of them, and is planted alone.
    """

    name: str
    archive: str
    plant: Plant
    expected: Mapping[str, str]
    alone: bool = False


# What is told of the good data: the source's own defects, which the sample has on purpose (docs/source/formats.md 7).
KNOWN = {
    "15/QG": {"questions.answered_has_text": W, "questions.closure_on_answer_day": I},
}


def answered(data: Data, at: int = 0) -> Row:
    """A plain question: answered, of one text, one answer and one attribution, which no other shares."""
    return _plain(data, "answered")[at]


def pending(data: Data, at: int = 0) -> Row:
    return _plain(data, "pending")[at]


def _plain(data: Data, status: str) -> list[Row]:
    times = Counter(
        row["question_number"]
        for table in ("question_texts", "answer_texts", "attributions", "renewals")
        for row in data.rows[table]
    )
    said = Counter(row["answer_text"] for row in data.rows["questions"])
    rows = [
        row
        for row in data.rows["questions"]
        if row["status"] == status and (status != "answered" or (said[row["answer_text"]] == 1 and row["answer_text"]))
    ]
    least = min(times[row["question_number"]] for row in rows)
    return [row for row in rows if times[row["question_number"]] == least]


def of(data: Data, table: str, question: Row) -> list[Row]:
    """The rows of a table that belong to a question."""
    return [row for row in data.rows[table] if row["question_number"] == question["question_number"]]


def put(**values: Any) -> Plant:
    """Values in an answered question, and in the texts that they come from."""
    return lambda data: data.set(answered(data)["question_number"], **values)


def put_only(**values: Any) -> Plant:
    """Values in an answered question's row alone."""
    return lambda data: answered(data).update(values)


def change(column: str, how: Callable[[Any], Any], *, every: int = 1, where: str = "questions") -> Plant:
    """A column of a table changed in each row, or in one of so many, where it has a value."""

    def plant(data: Data) -> None:
        for at, row in enumerate(data.rows[where]):
            if at % every == 0 and row[column] is not None:
                row[column] = how(row[column])

    return plant


def text_of(side: str, how: Callable[[str], str], *, every: int = 0) -> Plant:
    """A text changed in one answered question, or in one of so many, in its row and among its texts."""

    def plant(data: Data) -> None:
        rows = (
            [answered(data)] if not every else [row for row in data.rows["questions"] if row[f"{side}_text"]][::every]
        )
        last = {text["question_number"]: text for text in sorted(data.rows[f"{side}_texts"], key=itemgetter("rank"))}
        for row in rows:
            row[f"{side}_text"] = last[row["question_number"]]["text"] = how(row[f"{side}_text"])

    return plant


def texts(how: Callable[[str], str]) -> Plant:
    """All texts of an archive changed."""
    return both(text_of("question", how, every=1), text_of("answer", how, every=1))


def dates(how: Callable[[date], date]) -> Plant:
    """Every day of every table changed alike, so that they agree."""

    def plant(data: Data) -> None:
        for row in (row for rows in data.rows.values() for row in rows):
            row.update({name: how(value) for name, value in row.items() if isinstance(value, date)})

    return plant


def both(*plants: Plant) -> Plant:
    def plant(data: Data) -> None:
        for one in plants:
            one(data)

    return plant


def gone(share: float) -> Plant:
    """The last of an archive's questions are missing, with all that belongs to them."""

    def plant(data: Data) -> None:
        numbers = sorted(row["question_number"] for row in data.rows["questions"])
        kept = set(numbers[: round(len(numbers) * (1 - share))])
        for table, rows in data.rows.items():
            data.rows[table] = [row for row in rows if row["question_number"] in kept]

    return plant


def empty(data: Data) -> None:
    for rows in data.rows.values():
        rows.clear()


def copy_of(data: Data, question: Row, number: int, **values: Any) -> None:
    """The question once more, under another number, with all that belongs to it."""
    for table, rows in data.rows.items():
        rows += [{**row, "question_number": number} for row in of(data, table, question)]
    twin = data.one("questions", number)
    key = "{legislature}{question_type}{question_number}".format(**twin)
    twin.update({"uid": f"QANR5L{key}", "record_sha256": f"{number:064x}"} | values)


def next_number(data: Data) -> int:
    return max(row["question_number"] for row in data.rows["questions"]) + 1


def asked_again(data: Data) -> None:
    copy_of(data, max(_plain(data, "answered"), key=lambda row: row["question_date"]), next_number(data))


def doubled(data: Data) -> None:
    data.rows["questions"].append(dict(answered(data)))


def uid_of_another(data: Data) -> None:
    answered(data)["uid"] = answered(data, 1)["uid"]


def numbers_shifted(data: Data) -> None:
    for row in (row for rows in data.rows.values() for row in rows):
        row["question_number"] += 1
    for row in data.rows["questions"]:
        row["uid"] = "QANR5L{legislature}{question_type}{question_number}".format(**row)


def of_another_archive(**values: Any) -> Plant:
    def plant(data: Data) -> None:
        one = answered(data)
        for table in data.rows:
            for row in of(data, table, one):
                row.update(values)

    return plant


def swapped(*columns: str) -> Plant:
    """Two questions change columns."""

    def plant(data: Data) -> None:
        one, other = answered(data), answered(data, 1)
        for name in columns:
            one[name], other[name] = other[name], one[name]

    return plant


def answers_swapped(data: Data) -> None:
    one, other = answered(data), answered(data, 1)
    mine, theirs = of(data, "answer_texts", one)[0], of(data, "answer_texts", other)[0]
    mine["text"], theirs["text"] = theirs["text"], mine["text"]
    one["answer_text"], other["answer_text"] = other["answer_text"], one["answer_text"]


def answers_shifted(data: Data) -> None:
    rows = [row for row in data.rows["questions"] if row["answer_text"]]
    texts = [row["answer_text"] for row in rows]
    for row, text in zip(rows, [*texts[1:], texts[0]], strict=True):
        row["answer_text"] = max(of(data, "answer_texts", row), key=lambda one: one["rank"])["text"] = text


def column_shifted(*columns: str) -> Plant:
    """Columns taken from the row before."""

    def plant(data: Data) -> None:
        rows = data.rows["questions"]
        for name in columns:
            values = [row[name] for row in rows]
            for row, value in zip(rows, [values[-1], *values[:-1]], strict=True):
                row[name] = value

    return plant


def answer_lost(data: Data) -> None:
    one = answered(data)
    gone_ = ("answer_text", "answer_date", "answer_page", "closure_code", "closure_label", "closed_on")
    one.update(dict.fromkeys(gone_), status="pending")
    data.drop("answer_texts", one["question_number"])


def answer_moved_before(data: Data) -> None:
    one = answered(data)
    data.set(one["question_number"], answer_date=one["question_date"] - timedelta(days=1))


def days_swapped(data: Data) -> None:
    """Day and month of a date read the wrong way round."""
    rows = [row for row in _plain(data, "answered") if row["question_date"].day <= 12]
    one = next(row for row in rows if row["question_date"].day != row["question_date"].month)
    day: date = one["question_date"]
    data.set(one["question_number"], question_date=day.replace(day=day.month, month=day.day))


def answered_at_once(data: Data) -> None:
    for row in data.rows["questions"]:
        if row["answer_date"]:
            for text in of(data, "answer_texts", row):
                text["jo_date"] = row["question_date"]
            row["answer_date"] = row["closed_on"] = row["question_date"]


def dates_reversed(data: Data) -> None:
    one, other = answered(data), answered(data, 40)
    for mine, theirs in ((one, other), (of(data, "question_texts", one)[0], of(data, "question_texts", other)[0])):
        name = "question_date" if "question_date" in mine else "jo_date"
        mine[name], theirs[name] = theirs[name], mine[name]


def one_answer_everywhere(data: Data) -> None:
    text = answered(data)["answer_text"]
    text_of("answer", lambda _: text, every=1)(data)


def answer_is_question(data: Data) -> None:
    data.set(answered(data)["question_number"], answer_text=answered(data)["question_text"])


def erratum(table: str, text: str) -> Plant:
    def plant(data: Data) -> None:
        of(data, table, answered(data))[0]["erratum"] = text

    return plant


def earlier_text(table: str, text: str) -> Plant:
    """A text before the last one."""

    def plant(data: Data) -> None:
        first = of(data, table, answered(data))[0]
        data.rows[table].append({**first, "rank": 2})
        first["text"] = text

    return plant


def child(table: str, **values: Any) -> Plant:
    """Values in a question's only row of a table."""
    return lambda data: of(data, table, answered(data))[0].update(values)


def orphan(data: Data) -> None:
    data.rows["attributions"].append({**data.rows["attributions"][-1], "question_number": 99_999, "rank": 1})


def to_another_ministry(data: Data) -> None:
    one = answered(data)
    one.update(ministry_id="PO1", ministry="Travail", ministry_name="Ministère du travail")


def attribution_cut(data: Data) -> None:
    one = answered(data)
    cut = one["ministry_id"][:-2]
    of(data, "attributions", one)[-1]["ministry_id"] = one["ministry_id"] = cut


def wrong_author(data: Data) -> None:
    one, other = (
        answered(data),
        next(row for row in data.rows["questions"] if row["deputy_id"] != answered(data)["deputy_id"]),
    )
    one.update({name: other[name] for name in ("deputy_id", "mandate_id")})


def qg_with_a_day(data: Data) -> None:
    data.rows["questions"][0]["question_date"] = data.rows["questions"][0]["answer_date"]


def closed_otherwise(data: Data) -> None:
    one = pending(data)
    one.update(status="closed", closure_code="RETRAIT", closure_label="Retrait à l'initiative de l'auteur")
    one["closed_on"] = one["question_date"] + timedelta(days=30)


# all at once: what comes of the published questions when a whole archive is other than it was
def without_accents(text: str) -> str:
    return re.sub("[\u0300-\u036f]", "", unicodedata.normalize("NFD", text))


def rubrique_everywhere(data: Data) -> None:
    for row in data.rows["questions"]:
        row["rubrique"] = "x"
        if not row["tete_analyse"] and not row["analyses"]:
            row["title"] = "x"


def answered_on_a_day(data: Data) -> None:
    for row in data.rows["questions"]:
        if row["answer_date"]:
            data.set(row["question_number"], answer_date=date(2026, 9, 1))


def signalled_everywhere(data: Data) -> None:
    for row in data.rows["questions"]:
        row["signalled_on"] = row["signalled_on"] or row["question_date"]


def ministry_everywhere(data: Data) -> None:
    named = {name: answered(data)[name] for name in ("ministry_id", "ministry", "ministry_name")}
    for table in ("questions", "attributions"):
        for row in data.rows[table]:
            row.update(named)


def author_everywhere(data: Data) -> None:
    names = ("deputy_id", "mandate_id", "group_id", "group_abbr", "group_name")
    for row in data.rows["questions"]:
        row.update({name: answered(data)[name] for name in names})


def reads_anew(plant: Plant) -> Plant:
    """Other code reads what the source still sends."""
    return both(plant, lambda data: data.job.update(read_anew=True))


VERSIONS = (
    "INSERT INTO question_versions BY NAME SELECT legislature, question_type, question_number, uid, status, source_sha256, "
    "source_member, record_sha256, first_seen_at, changed_at, TIMESTAMPTZ '{begins}' AS valid_from, "
    "TIMESTAMPTZ '{ends}' AS valid_to, {columns}::VARCHAR[] AS changed_columns FROM questions LIMIT 1"
)

FAULTS = [
    Fault(
        "a key twice",
        "17/QOSD",
        doubled,
        {
            "questions.key_unique": C,
            "questions.uid_unique": C,
            "questions.asked_once": W,
            "questions.records_differ": C,
        },
    ),
    Fault("a uid that another has", "14/QG", uid_of_another, {"questions.uid_unique": C, "questions.uid_agrees": C}),
    Fault(
        "a uid of another type",
        "14/QG",
        lambda d: answered(d).update(uid=answered(d)["uid"].replace("QG", "QOSD")),
        {"questions.uid_unique": C, "questions.uid_agrees": C},
    ),
    Fault(
        "a uid cut",
        "15/QG",
        lambda d: answered(d).update(uid=answered(d)["uid"][:-1]),
        {"questions.uid_pattern": C, "questions.uid_agrees": C},
    ),
    Fault(
        "a question of another type",
        "16/QE",
        of_another_archive(question_type="QOSD"),
        {
            "answer_texts.key_in_archive": C,
            "attributions.key_in_archive": C,
            "law_references.key_in_archive": C,
            "question_texts.key_in_archive": C,
            "questions.numbers_follow": I,
            "questions.key_in_archive": C,
            "questions.uid_agrees": C,
            "questions.question_kept": C,
        },
        alone=True,
    ),
    Fault(
        "a question of another legislature",
        "16/QE",
        of_another_archive(legislature=13),
        {
            "answer_texts.key_in_archive": C,
            "attributions.key_in_archive": C,
            "law_references.key_in_archive": C,
            "question_texts.key_in_archive": C,
            "questions.numbers_follow": I,
            "questions.key_in_archive": C,
            "questions.uid_agrees": C,
            "questions.question_kept": C,
            "questions.mandate_in_legislature": W,
        },
        alone=True,
    ),
    Fault(
        "a number of nought",
        "15/QOSD",
        of_another_archive(question_number=0),
        {
            "answer_texts.has_question": C,
            "answer_texts.last_is_the_answers": C,
            "attributions.has_question": C,
            "law_references.has_question": C,
            "question_texts.has_question": C,
            "question_texts.first_is_the_questions": C,
            "question_texts.last_is_the_questions": C,
            "questions.question_number_minimum": C,
            "questions.numbers_follow": I,
            "questions.uid_agrees": C,
            "questions.question_kept": C,
        },
    ),
    Fault(
        "all numbers one higher",
        "14/QE",
        numbers_shifted,
        {
            "questions.numbers_follow": I,
            "questions.text_kept": C,
            "questions.text_not_shrunk": W,
            "questions.answer_kept": C,
            "questions.author_kept": W,
            "questions.dates_kept": W,
            "questions.question_kept": C,
            "questions.text_moved": C,
            "questions.content_kept": C,
            "questions.text_not_grown": W,
        },
    ),
    Fault("a question under a second number", "17/QOSD", asked_again, {"questions.asked_once": W}),
    Fault(
        "a question that is gone", "16/QE", gone(1 / 274), {"questions.rows_frozen": W, "questions.question_kept": C}
    ),
    Fault(
        "one in twenty questions gone",
        "15/QE",
        gone(0.05),
        {
            "answer_texts.values_kept": C,
            "attributions.values_kept": C,
            "question_texts.values_kept": C,
            "questions.rows_kept": C,
            "questions.values_kept": C,
            "questions.question_kept": C,
        },
    ),
    Fault(
        "an archive without questions",
        "14/QE",
        empty,
        {
            "answer_texts.values_kept": C,
            "attributions.values_kept": C,
            "question_texts.values_kept": C,
            "questions.has_rows": C,
            "questions.values_kept": C,
            "questions.question_kept": C,
            "renewals.values_kept": C,
        },
    ),
    Fault(
        "an oral archive without questions",
        "15/QOSD",
        empty,
        {
            "answer_texts.values_kept": C,
            "attributions.values_kept": C,
            "question_texts.values_kept": C,
            "questions.has_rows": C,
            "questions.values_kept": C,
            "questions.question_kept": C,
        },
    ),
    Fault("another count than is known", "15/QE", lambda d: d.job.update(counted=668), {"questions.rows_counted": W}),
    Fault(
        "a record's hash that another has",
        "15/QG",
        lambda d: answered(d).update(record_sha256=answered(d, 1)["record_sha256"]),
        {"questions.records_differ": C},
    ),
    Fault("no file named", "17/QG", put_only(source_sha256=""), {"questions.source_sha256_pattern": C}),
    # who asked, and whom
    Fault(
        "a deputy's id without its letters",
        "16/QOSD",
        change("deputy_id", lambda v: v[2:], every=500),
        {
            "questions.deputy_id_pattern": C,
            "questions.author_kept": W,
            "questions.author_known": W,
            "questions.mandate_known": W,
        },
    ),
    Fault(
        "a deputy whom nobody knows",
        "16/QG",
        put_only(deputy_id="PA999999999"),
        {"questions.author_kept": W, "questions.author_known": W, "questions.mandate_known": W},
    ),
    Fault("the mandate of another", "16/QE", swapped("mandate_id"), {"questions.mandate_known": W}),
    Fault("the question of another author", "15/QE", wrong_author, {"questions.author_kept": W}),
    Fault(
        "authors one row too low",
        "16/QOSD",
        column_shifted("deputy_id", "mandate_id"),
        {"questions.author_kept": W, "questions.content_kept": C},
    ),
    Fault("a group that nobody knows", "15/QG", put_only(group_id="PO999999999"), {"questions.group_known": W}),
    Fault(
        "groups one row too low",
        "16/QE",
        column_shifted("group_id"),
        {"questions.content_kept": C, "questions.group_agrees": W},
    ),
    Fault(
        "a ministry's id cut",
        "17/QG",
        attribution_cut,
        {"attributions.ministry_known": W, "questions.ministry_known": W},
    ),
    Fault(
        "a ministry's id cut in the question alone",
        "16/QG",
        lambda d: answered(d).update(ministry_id=answered(d)["ministry_id"][:-2]),
        {"questions.ministry_is_last_attribution": C, "questions.ministry_known": W},
    ),
    Fault(
        "the ministry asked, cut",
        "17/QG",
        lambda d: answered(d).update(ministry_asked_id=answered(d)["ministry_asked_id"][:-2]),
        {"questions.ministry_known": W},
    ),
    Fault(
        "the name of another ministry",
        "16/QG",
        lambda d: answered(d).update(ministry_asked_name="Ministère des colonies"),
        {"questions.ministry_agrees": W},
    ),
    Fault(
        "another ministry than the last attribution",
        "14/QOSD",
        to_another_ministry,
        {"questions.ministry_is_last_attribution": C, "questions.ministry_known": W},
    ),
    Fault(
        "an attribution to nobody",
        "15/QOSD",
        child("attributions", ministry_id=None, ministry=None, ministry_name=None),
        {"attributions.names_a_ministry": W},
    ),
    Fault("a gap in the ranks", "14/QG", child("attributions", rank=3), {"attributions.ranks_follow": C}),
    Fault("an attribution without its question", "15/QG", orphan, {"attributions.has_question": C}),
    Fault(
        "an attribution long before",
        "17/QG",
        child("attributions", jo_date=date(2012, 1, 3)),
        {"attributions.dates_in_legislature": W},
    ),
    Fault(
        "a change of ministry on no day",
        "14/QE",
        lambda d: answered(d).update(reattributed_on=date(2016, 3, 1)),
        {"attributions.last_is_the_reattribution": C},
    ),
    # days
    Fault(
        "a day and a month swapped",
        "17/QE",
        days_swapped,
        {
            "questions.question_date_in_legislature": C,
            "questions.issue_on_tuesday": I,
            "questions.dates_follow_numbers": W,
            "questions.dates_kept": W,
        },
    ),
    Fault(
        "two questions' days swapped",
        "16/QE",
        dates_reversed,
        {"questions.dates_follow_numbers": W, "questions.dates_kept": W, "questions.answer_takes_time": W},
    ),
    Fault(
        "an answer the day before its question",
        "16/QOSD",
        answer_moved_before,
        {"questions.answer_after_question": C, "questions.closure_on_answer_day": I, "questions.dates_kept": W},
    ),
    Fault(
        "an answer in the future",
        "17/QG",
        put(answer_date=date(2027, 1, 5)),
        {"questions.answer_date_in_legislature": C, "questions.closure_on_answer_day": I, "questions.dates_kept": W},
    ),
    Fault(
        "a question of the legislature before",
        "16/QE",
        put(question_date=date(2021, 6, 1)),
        {"questions.question_date_in_legislature": C, "questions.dates_kept": W},
    ),
    Fault(
        "an answer of another century",
        "14/QG",
        put(answer_date=date(1914, 8, 4)),
        {"questions.answer_date_in_legislature": C, "questions.closure_on_answer_day": I, "questions.dates_kept": W},
    ),
    Fault(
        "all days one later",
        "17/QE",
        dates(lambda day: day + timedelta(days=1)),
        {
            "questions.issue_on_tuesday": I,
            "questions.dates_kept": W,
            "questions.content_kept": C,
            "questions.days_stay": C,
            "questions.issues_on_tuesday": W,
        },
    ),
    Fault(
        "all days a year earlier",
        "16/QE",
        dates(lambda day: day - YEAR),
        {
            "answer_texts.dates_in_legislature": W,
            "attributions.dates_in_legislature": W,
            "question_texts.dates_in_legislature": W,
            "questions.question_date_in_legislature": C,
            "questions.answer_date_in_legislature": C,
            "questions.other_dates_in_legislature": W,
            "questions.issue_on_tuesday": I,
            "questions.dates_kept": W,
            "questions.content_kept": C,
            "questions.days_stay": C,
            "questions.issues_on_tuesday": W,
            "renewals.dates_in_legislature": W,
        },
    ),
    Fault(
        "all days a week later",
        "14/QE",
        dates(lambda day: day + timedelta(days=7)),
        {"questions.dates_kept": W, "questions.content_kept": C, "questions.days_stay": C},
    ),
    Fault(
        "all answers on their question's day",
        "15/QE",
        answered_at_once,
        {
            "questions.dates_kept": W,
            "questions.content_kept": C,
            "questions.days_stay": C,
            "questions.answer_takes_time": W,
            "questions.answers_take_time": W,
        },
    ),
    Fault(
        "another day than its text's",
        "17/QE",
        lambda d: answered(d).update(question_date=answered(d)["question_date"] + timedelta(days=7)),
        {"question_texts.first_is_the_questions": C, "questions.dates_follow_numbers": W, "questions.dates_kept": W},
    ),
    Fault(
        "signalled before it was asked",
        "16/QOSD",
        lambda d: answered(d).update(signalled_on=answered(d)["question_date"] - timedelta(days=7)),
        {"questions.follow_up_after_question": W},
    ),
    Fault(
        "closed before it was asked",
        "15/QE",
        put_only(closed_on=date(2017, 6, 27)),
        {"questions.follow_up_after_question": W, "questions.closure_on_answer_day": I},
    ),
    Fault(
        "a renewal that is no row",
        "14/QE",
        put_only(renewed_on=date(2016, 3, 1)),
        {"renewals.last_is_the_questions": C},
    ),
    Fault(
        "a QG asked on a day",
        "16/QG",
        qg_with_a_day,
        {"question_texts.first_is_the_questions": C, "questions.qg_has_no_question_date": C},
    ),
    Fault("a page below nought", "14/QG", put_only(question_page=-12), {"questions.question_page_minimum": C}),
    Fault("a page of a hundred thousand", "15/QG", put_only(answer_page=100_000), {"questions.page_of_the_journal": W}),
    Fault("pages one row too low", "15/QE", column_shifted("question_page"), {"questions.content_kept": C}),
    # what became of it
    Fault(
        "an answer lost",
        "17/QE",
        answer_lost,
        {"questions.text_kept": C, "questions.answer_kept": C, "questions.dates_kept": W},
    ),
    Fault(
        "an answer's text lost",
        "16/QOSD",
        put(answer_text=None),
        {"questions.answered_has_text": W, "questions.text_kept": C},
    ),
    Fault(
        "answered, it says, and nothing shows it",
        "17/QOSD",
        lambda d: pending(d).update(status="answered"),
        {"questions.answered_has_evidence": C},
    ),
    Fault(
        "pending, though answered",
        "16/QE",
        put_only(status="pending"),
        {
            "questions.pending_has_no_answer": C,
            "questions.pending_is_open": C,
            "questions.answer_kept": C,
            "questions.pending_while_it_sits": W,
        },
    ),
    Fault(
        "withdrawn, though answered",
        "16/QOSD",
        put_only(status="withdrawn"),
        {
            "questions.published_answer_is_answered": W,
            "questions.unanswered_has_no_answer": C,
            "questions.answer_kept": C,
        },
    ),
    Fault(
        "lapsed while the legislature sits",
        "17/QOSD",
        lambda d: pending(d).update(status="lapsed"),
        {"questions.lapsed_says_why": C},
    ),
    Fault(
        "pending in a closed legislature",
        "14/QE",
        lambda d: _plain(d, "lapsed")[0].update(
            status="pending", closure_code=None, closure_label=None, closed_on=None
        ),
        {"questions.pending_while_it_sits": W},
    ),
    Fault("closed, where its label says withdrawn", "17/QOSD", closed_otherwise, {"questions.status_as_closed": W}),
    Fault(
        "a status of no meaning",
        "14/QOSD",
        put_only(status="unknown"),
        {
            "questions.uid_unique": C,
            "questions.status_allowed": C,
            "questions.published_answer_is_answered": W,
            "questions.answer_kept": C,
        },
    ),
    Fault("no status", "15/QOSD", put_only(status=None), {"questions.status_not_null": C}),
    # texts
    Fault(
        "a text cut at 255",
        "17/QOSD",
        text_of("answer", lambda text: text[:255].rstrip() + "x" * (255 - len(text[:255].rstrip()))),
        {"questions.text_kept": C, "questions.text_ends": W},
    ),
    Fault(
        "all texts cut at 255",
        "16/QE",
        text_of("answer", lambda text: text[:255], every=1),
        {
            "questions.text_kept": C,
            "questions.answer_texts_not_cut": C,
            "questions.text_ends": W,
            "questions.text_well_written": W,
            "questions.texts_are_well_written": W,
            "questions.content_kept": C,
            "questions.lengths_stay": C,
        },
    ),
    Fault(
        "a text of which less than half is left",
        "15/QE",
        text_of("answer", lambda text: text[: len(text) * 2 // 5].rsplit(". ", 1)[0] + "."),
        {"questions.text_kept": C},
    ),
    Fault(
        "a text a fifth shorter",
        "14/QG",
        text_of("answer", lambda text: text[: len(text) * 4 // 5].rsplit(" ", 1)[0] + "."),
        {"questions.text_not_shrunk": W},
    ),
    Fault(
        "a question without its text",
        "14/QOSD",
        put(question_text=None),
        {"questions.question_has_text": W, "questions.text_kept": C},
    ),
    Fault(
        "a question's text empty",
        "15/QOSD",
        text_of("question", lambda _: ""),
        {"questions.question_has_text": W, "questions.text_kept": C, "questions.values_not_blank": C},
    ),
    Fault(
        "a text in one place only",
        "14/QG",
        lambda d: answered(d).update(answer_text=answered(d)["answer_text"] + " Voilà."),
        {"answer_texts.last_is_the_answers": C},
    ),
    Fault(
        "an answer twice over",
        "17/QG",
        text_of("answer", lambda text: text + text),
        {"questions.text_well_written": W, "questions.text_not_grown": W},
    ),
    Fault(
        "an answer twice over, in two paragraphs",
        "16/QG",
        text_of("answer", lambda text: f"{text}\n\n{text}"),
        {"questions.text_well_written": W, "questions.text_not_grown": W},
    ),
    Fault(
        "the answers of two questions swapped",
        "15/QE",
        answers_swapped,
        {"questions.text_kept": C, "questions.text_moved": C, "questions.text_not_grown": W},
    ),
    Fault(
        "answers one question too low",
        "14/QG",
        answers_shifted,
        {
            "questions.text_not_shrunk": W,
            "questions.text_moved": C,
            "questions.content_kept": C,
            "questions.text_not_grown": W,
        },
    ),
    Fault(
        "the question as its answer",
        "17/QOSD",
        answer_is_question,
        {"questions.text_kept": C, "questions.answer_is_not_the_question": W},
    ),
    Fault(
        "one answer for all",
        "16/QE",
        one_answer_everywhere,
        {
            "questions.text_not_shrunk": W,
            "questions.answers_differ": W,
            "questions.content_kept": C,
            "questions.lengths_stay": C,
            "questions.values_vary": C,
            "questions.values_spread": C,
            "questions.text_not_grown": W,
        },
    ),
    Fault("a tag left", "15/QG", text_of("answer", lambda text: text + " <br>"), {"questions.text_without_markup": W}),
    Fault(
        "an entity left",
        "14/QG",
        text_of("answer", lambda text: text + " &nbsp;"),
        {"questions.text_without_markup": W},
    ),
    Fault(
        "tags left in many texts",
        "15/QG",
        text_of("answer", lambda text: f"<p>{text}</p>", every=4),
        {"questions.text_without_markup": W, "questions.texts_are_clean": C, "questions.content_stays": W},
    ),
    Fault(
        "a tag left in an erratum",
        "14/QOSD",
        erratum("question_texts", "Lire : <i>eau</i>."),
        {"question_texts.text_without_markup": W},
    ),
    Fault(
        "an entity left in an earlier text",
        "15/QG",
        earlier_text("answer_texts", "L'&oelig;uvre"),
        {"answer_texts.text_without_markup": W},
    ),
    Fault(
        "mojibake in an earlier text",
        "16/QOSD",
        earlier_text("question_texts", "Une rÃ©ponse"),
        {"question_texts.text_without_mojibake": W},
    ),
    Fault(
        "UTF-8 read as windows-1252",
        "15/QG",
        text_of("answer", lambda text: text + " dÃ©jÃ "),
        {"questions.text_without_mojibake": W, "questions.text_well_written": W},
    ),
    Fault(
        "the oe of UTF-8 read as windows-1252",
        "17/QG",
        text_of("answer", lambda text: text + " Å“uvre"),
        {"questions.text_without_mojibake": W},
    ),
    Fault(
        "guillemets of UTF-8 read as Latin-1",
        "16/QG",
        text_of("answer", lambda text: text + " Â«\xa0mot\xa0Â»"),
        {"questions.text_without_mojibake": W, "questions.text_well_written": W},
    ),
    Fault(
        "an apostrophe of UTF-8 read as windows-1252",
        "14/QG",
        text_of("answer", lambda text: text + " lâ€™eau"),
        {"questions.text_without_mojibake": W},
    ),
    Fault(
        "mojibake twice over",
        "14/QOSD",
        text_of("question", lambda text: text + " Ãƒâ€°tat"),
        {"questions.text_without_mojibake": W},
    ),
    Fault(
        "a character that could not be decoded",
        "15/QOSD",
        text_of("question", lambda text: text + " R\ufffdpublique"),
        {"questions.text_without_mojibake": W},
    ),
    Fault("capitals throughout", "15/QG", text_of("answer", str.upper), {"questions.text_well_written": W}),
    Fault(
        "all texts in capitals",
        "17/QG",
        text_of("answer", str.upper, every=1),
        {"questions.text_well_written": W, "questions.texts_are_well_written": W, "questions.content_kept": C},
    ),
    Fault(
        "all accents lost",
        "16/QG",
        text_of("answer", lambda text: text.encode("ascii", "ignore").decode(), every=1),
        {
            "questions.text_well_written": W,
            "questions.texts_are_well_written": W,
            "questions.content_kept": C,
            "questions.accents_stay": C,
            "questions.lengths_stay": C,
        },
    ),
    Fault(
        "a no-break space",
        "17/QG",
        text_of("answer", lambda text: text.replace(" ", "\xa0", 1)),
        {"questions.text_well_written": W},
    ),
    Fault(
        "a space without width",
        "16/QG",
        text_of("answer", lambda text: text.replace(" ", " \u200b", 1)),
        {"questions.text_well_written": W},
    ),
    Fault(
        "a control character",
        "14/QG",
        text_of("answer", lambda text: text.replace(" ", "\x07 ", 1)),
        {"questions.text_well_written": W},
    ),
    Fault(
        "a space at the end",
        "14/QOSD",
        text_of("question", lambda text: text + " "),
        {"questions.text_well_written": W},
    ),
    Fault(
        "spaces doubled",
        "15/QOSD",
        text_of("question", lambda text: text.replace(" ", "  ")),
        {"questions.text_well_written": W},
    ),
    Fault(
        "a table without its line",
        "15/QG",
        text_of("answer", lambda text: text + "\n\n| a | b |\n| 1 | 2 |"),
        {"questions.text_well_written": W},
    ),
    Fault(
        "a table that lost a cell",
        "17/QG",
        text_of("answer", lambda text: text + "\n\n| a | b |\n| --- | --- |\n| 1 |"),
        {"questions.text_well_written": W},
    ),
    # labels
    Fault("a title that is no heading", "14/QG", put_only(title="Autre chose"), {"questions.title_is_heading": C}),
    Fault(
        "an entity in a title",
        "15/QG",
        put_only(title="Eau &amp; forêts", analyses=["Eau &amp; forêts"], tete_analyse=None),
        {"questions.labels_clean": W},
    ),
    Fault("mojibake in a name", "14/QOSD", put_only(group_name="Ã‰cologistes"), {"questions.labels_clean": W}),
    Fault("a blank after a name", "17/QG", put_only(group_name="Écologiste "), {"questions.labels_well_written": W}),
    Fault(
        "an empty word for what is not said",
        "16/QG",
        put_only(tete_analyse=""),
        {"questions.title_is_heading": C, "questions.values_not_blank": C},
    ),
    # columns
    Fault(
        "a column empty",
        "17/QE",
        change("group_id", lambda _: None),
        {"questions.values_kept": C, "questions.columns_filled": C, "questions.content_kept": C},
    ),
    Fault(
        "a tenth of a column empty",
        "16/QE",
        change("ministry_asked_name", lambda _: None, every=10),
        {"questions.values_kept": C, "questions.columns_filled": C, "questions.content_stays": W},
    ),
    Fault(
        "a fiftieth of a column empty",
        "15/QE",
        change("rubrique", lambda _: None, every=45),
        {"questions.values_kept": C, "questions.columns_emptier": W},
    ),
    Fault(
        "days of answers empty",
        "16/QOSD",
        change("answer_date", lambda _: None),
        {
            "answer_texts.first_is_the_answers": C,
            "questions.answered_has_date": W,
            "questions.dates_kept": W,
            "questions.values_kept": C,
            "questions.content_kept": C,
        },
    ),
    Fault(
        "the days of attributions empty",
        "17/QE",
        change("jo_date", lambda _: None, where="attributions"),
        {"attributions.last_is_the_reattribution": C, "attributions.values_kept": C},
    ),
    Fault(
        "no authors in a first load",
        "16/QE",
        lambda d: (change("deputy_id", lambda _: None)(d), d.job.update(before={}, records_before=None)),
        {"questions.has_author": W, "questions.mandate_known": W, "questions.columns_told": W},
    ),
    Fault(
        "no texts in a first load",
        "15/QE",
        lambda d: (
            change("question_text", lambda _: None)(d),
            d.rows["question_texts"].clear(),
            d.job.update(before={}, records_before=None),
        ),
        {"question_texts.first_is_the_questions": C, "questions.question_has_text": W, "questions.columns_told": W},
    ),
    Fault(
        "no groups in a first load",
        "14/QE",
        lambda d: (change("group_abbr", lambda _: None)(d), d.job.update(before={}, records_before=None)),
        {"questions.names_told": W},
    ),
    Fault(
        "one question for all",
        "17/QE",
        lambda d: text_of("question", lambda _: answered(d)["question_text"], every=1)(d),
        {
            "questions.text_not_shrunk": W,
            "questions.questions_differ": W,
            "questions.content_kept": C,
            "questions.values_vary": C,
            "questions.values_spread": C,
            "questions.text_not_grown": W,
        },
    ),
    Fault(
        "all questions cut at 255",
        "16/QE",
        text_of("question", lambda text: text[:255], every=1),
        {
            "questions.text_kept": C,
            "questions.text_not_shrunk": W,
            "questions.question_texts_not_cut": C,
            "questions.text_ends": W,
            "questions.text_well_written": W,
            "questions.texts_are_well_written": W,
            "questions.content_kept": C,
            "questions.lengths_stay": C,
        },
    ),
    Fault(
        "mojibake in an earlier answer",
        "14/QOSD",
        earlier_text("answer_texts", "Une rÃ©ponse"),
        {"answer_texts.text_without_mojibake": W},
    ),
    Fault(
        "a no-break space in an erratum",
        "15/QOSD",
        erratum("question_texts", "Lire :\u00a0eau."),
        {"question_texts.text_well_written": W},
    ),
    Fault(
        "spaces doubled in an earlier answer",
        "16/QG",
        earlier_text("answer_texts", "Oui  et non."),
        {"answer_texts.text_well_written": W},
    ),
    Fault(
        "the days of renewals empty",
        "14/QE",
        change("renewed_on", lambda _: None, where="renewals"),
        {"renewals.last_is_the_questions": C, "renewals.values_kept": C},
    ),
]

FAULTS += [
    Fault("no accents in any text", "17/QE", texts(without_accents), {"answer_texts.text_well_written": W, "question_texts.text_well_written": W, "questions.text_well_written": W, "questions.texts_are_well_written": W, "questions.content_kept": C, "questions.accents_stay": C}),
    Fault("a sentence more in every text", "17/QE", texts(lambda text: f"{text} Publié au Journal officiel de la République."), {"questions.content_kept": C, "questions.lengths_stay": C}),
    Fault("every answer of one day", "17/QE", answered_on_a_day, {"questions.closure_on_answer_day": I, "questions.dates_kept": W, "questions.content_kept": C, "questions.values_vary": C, "questions.values_spread": C, "questions.days_stay": C}),
    Fault("one rubrique for all", "17/QE", rubrique_everywhere, {"questions.content_kept": C, "questions.values_vary": C, "questions.values_spread": C}),
    Fault("every question signalled", "17/QE", signalled_everywhere, {"questions.follow_up_rises": C}),
    Fault("escaped HTML around every text", "17/QOSD", texts(lambda text: f"< p>{text}< /p>"), {"questions.texts_are_clean": C, "questions.content_kept": C}),
    Fault("one ministry for all", "15/QOSD", ministry_everywhere, {"questions.content_kept": C, "questions.values_vary": C, "questions.values_spread": C}),
    Fault("one author for all", "17/QG", author_everywhere, {"questions.author_kept": W, "questions.content_kept": C, "questions.values_vary": C, "questions.values_spread": C}),
    Fault("no figures in any text", "16/QG", texts(lambda text: re.sub(r"[0-9]", "", text)), {"questions.text_well_written": W, "questions.texts_are_well_written": W, "questions.content_kept": C}),
    Fault("spaces doubled in every text", "14/QOSD", texts(lambda text: text.replace(" ", "  ")), {"question_texts.text_well_written": W, "questions.text_well_written": W, "questions.texts_are_well_written": W, "questions.content_kept": C, "questions.lengths_stay": C}),
    Fault("one text in ten otherwise", "15/QE", text_of("question", lambda text: f"{text}..", every=10), {"questions.content_stays": W}),
    Fault("a column full at once", "15/QOSD", lambda d: [row.update(department="Gironde") for row in d.rows["questions"]], {"questions.columns_fuller": W}),
    Fault("every text read anew", "14/QOSD", reads_anew(texts(lambda text: f"{text}.")), {"questions.content_read_anew": I}),
    Fault("no accents in any text read anew", "14/QE", reads_anew(texts(without_accents)), {"answer_texts.text_well_written": W, "questions.text_well_written": W, "questions.texts_are_well_written": W, "questions.content_read_anew": I, "questions.accents_stay": C}),
    Fault("all days one later, read anew", "15/QE", reads_anew(dates(lambda day: day + timedelta(days=1))), {"questions.issue_on_tuesday": I, "questions.dates_kept": W, "questions.issues_on_tuesday": W, "questions.content_read_anew": I, "questions.days_stay": C}),
]  # fmt: skip


def an_ordinary_night(data: Data) -> None:
    """Answers, renewals, withdrawals and signalements of a third of what waits, and one answer in twenty put right."""
    tuesday = date(2026, 9, 1)
    closed = {"closure_code": "REP_PUB", "closure_label": "Réponse publiée", "closed_on": tuesday, "answer_page": 7}
    for at, row in enumerate(_plain(data, "pending")):
        number = row["question_number"]
        if at % 3 == 0:
            row.update(status="answered", **closed)
            data.set(number, answer_text=f"Réponse à la question n° {number}.", answer_date=tuesday)
        elif at % 3 == 1:
            row["signalled_on"] = row["signalled_on"] or tuesday
    for row in _plain(data, "answered")[::20]:
        data.set(row["question_number"], answer_text=f"{row['answer_text']} Lire : 2026.")


def a_new_government(data: Data) -> None:
    """Every pending question goes to another ministry on a day."""
    day, named = date(2026, 9, 1), {name: answered(data)[name] for name in ("ministry_id", "ministry", "ministry_name")}
    for row in data.rows["questions"]:
        if row["status"] == "pending":
            row.update(reattributed_on=day, **named)
            last = max(of(data, "attributions", row), key=lambda one: one["rank"])
            data.rows["attributions"].append({**last, **named, "rank": last["rank"] + 1, "jo_date": day})


def the_end_of_a_legislature(data: Data) -> None:
    """Every pending question lapses."""
    day = date(2026, 9, 1)
    for row in data.rows["questions"]:
        if row["status"] == "pending":
            row.update(status="lapsed", closure_code="FIN_MANDAT", closure_label="Fin de mandat", closed_on=day)
    data.job.update(closed_on=day)


def a_first_run(data: Data) -> None:
    data.job.update(before={}, records_before=None)


NIGHTS: dict[str, Plant] = {
    "nothing": lambda _: None,
    "an ordinary night": an_ordinary_night,
    "a new government": a_new_government,
    "the end of a legislature": the_end_of_a_legislature,
    "a first run": a_first_run,
}


def first(table: str, **values: Any) -> Plant:
    """Values in a table's first row."""
    return lambda data: data.rows[table][0].update(values)


def cut(table: str, share: float) -> Plant:
    def plant(data: Data) -> None:
        rows = data.rows[table]
        data.rows[table] = rows[: round(len(rows) * (1 - share))]

    return plant


def printed(data: Data) -> Row:
    """A question of an issue that is printed with its answer."""
    return next(row for row in data.rows["journal_questions"] if row["answer_rank"])


def asked_in_issue(data: Data) -> Row:
    return next(row for row in data.rows["journal_questions"] if row["part"] == "QE")


def printed_twice(data: Data) -> None:
    rows = data.rows["journal_questions"]
    rows.append({**asked_in_issue(data), "rank": len(rows) + 1})


def seat(data: Data) -> Row:
    return next(row for row in data.rows["mandates"] if row["organ_type"] == "ASSEMBLEE")


def ministry(data: Data) -> Row:
    return next(row for row in data.rows["organs"] if row["organ_type"] == "MINISTERE")


OTHER_FAULTS = [
    Fault("people cut by 3 %", PEOPLE, cut("deputies", 0.03), {"deputies.rows_kept": C, "deputies.values_kept": C, "mandates.deputy_known": C}),
    Fault("bodies cut by 3 %", PEOPLE, cut("organs", 0.03), {"mandates.organ_known": W, "organs.rows_kept": C, "organs.parent_known": W, "organs.values_kept": C}),
    Fault("mandates cut by 3 %", PEOPLE, cut("mandates", 0.03), {"mandates.rows_kept": C, "mandates.values_kept": C}),
    Fault("no mandates", PEOPLE, cut("mandates", 1), {"mandates.rows_kept": C, "mandates.values_kept": C}),
    Fault("the mandate of an unknown person", PEOPLE, first("mandates", deputy_id="PA999999999"), {"mandates.deputy_known": C}),
    Fault("a mandate in an unknown body", PEOPLE, first("mandates", organ_id="PO999999999"), {"mandates.organ_known": W}),
    Fault("a mandate that ends before it begins", PEOPLE, first("mandates", started_on=date(2030, 1, 1), ended_on=date(2029, 1, 1)), {"mandates.dates_in_order": W}),
    Fault("a person's id without its letters", PEOPLE, first("organs", organ_id="123"), {"mandates.organ_known": W, "organs.organ_id_pattern": C}),
    Fault("a person twice", PEOPLE, lambda d: d.rows["deputies"].append(dict(d.rows["deputies"][0])), {"deputies.key_unique": C}),
    Fault("a person without a name", PEOPLE, first("deputies", last_name=None), {"deputies.last_name_not_null": C, "deputies.has_name": W}),
    Fault("a name badly decoded", PEOPLE, first("deputies", last_name="FranÃ§ois"), {"deputies.name_well_written": W}),
    Fault("born in the future", PEOPLE, first("deputies", born_on=date(2062, 4, 1)), {"deputies.born_before_today": W}),
    Fault("departments empty", PEOPLE, change("department", lambda _: None, where="mandates"), {"mandates.values_kept": C, "mandates.columns_filled": C}),
    Fault("a mandate of the Middle Ages", PEOPLE, first("mandates", started_on=date(1015, 4, 1)), {"mandates.dates_plausible": W}),
    Fault("an answer's rank unknown", "ANQ20260029", lambda d: printed(d).update(answer_rank=9_999), {"journal_answers.serves_its_questions": C, "journal_questions.answer_known": C}),
    Fault("a question printed twice", "ANQ20260031", printed_twice, {"journal_questions.asked_once": W}),
    Fault("an answer that serves more than it has", "ANQ20260032", first("journal_answers", questions=50), {"journal_answers.serves_its_questions": C}),
    Fault("a gap in an issue", "ANQ20260033", lambda d: asked_in_issue(d).update(rank=9_999), {"journal_questions.ranks_follow": C}),
    Fault("a tag left in an issue", "ANQ20260034", first("journal_answers", text="Oui.<br>Non."), {"journal_answers.text_without_markup": W}),
    Fault("mojibake in an issue", "ANQ20260029", lambda d: asked_in_issue(d).update(text="Le dÃ©put\u00e9"), {"journal_questions.text_without_mojibake": W}),
    Fault("an issue of another year", "ANQ20260031", lambda d: asked_in_issue(d).update(published_on=date(2025, 7, 28)), {"journal_questions.year_is_the_issues": W, "journal_questions.one_day_an_issue": W}),
    Fault("an answer without its text", "ANQ20260032", first("journal_answers", text=None), {"journal_answers.has_text": W}),
    Fault("a column of people empty", PEOPLE, change("civility", lambda _: None, where="deputies"), {"deputies.values_kept": C, "deputies.columns_filled": C}),
    Fault("a column of people emptier", PEOPLE, change("civility", lambda _: None, where="deputies", every=67), {"deputies.columns_emptier": W}),
    Fault("days of mandates emptier", PEOPLE, change("started_on", lambda _: None, where="mandates", every=67), {"mandates.columns_emptier": W}),
    Fault("a seat in no legislature", PEOPLE, lambda d: seat(d).update(legislature=None), {"mandates.seat_has_legislature": W}),
    Fault("names of bodies empty", PEOPLE, change("name", lambda _: None, where="organs"), {"organs.has_name": W, "organs.values_kept": C, "organs.columns_filled": C}),
    Fault("names of bodies emptier", PEOPLE, change("name", lambda _: None, where="organs", every=40),
          {"organs.has_name": W, "organs.values_kept": C, "organs.columns_emptier": W}),
    Fault("a body that ends before it begins", PEOPLE, first("organs", started_on=date(2030, 1, 1), ended_on=date(2029, 1, 1)), {"organs.dates_in_order": W}),
    Fault("a ministry of an unknown government", PEOPLE, lambda d: ministry(d).update(parent_id="PO999999999"), {"organs.parent_known": W}),
    Fault("an answer of another year", "ANQ20260029", first("journal_answers", published_on=date(2025, 7, 28)), {"journal_answers.year_is_the_issues": W}),
    Fault("two answers of one issue on two days", "ANQ20260031", first("journal_answers", published_on=date(2026, 7, 1)), {"journal_answers.one_day_an_issue": W}),
    Fault("a gap in the answers", "ANQ20260032", first("journal_answers", rank=99), {"journal_answers.serves_its_questions": C, "journal_answers.ranks_follow": C, "journal_questions.answer_known": C}),
    Fault("a question asked without its text", "ANQ20260033", lambda d: asked_in_issue(d).update(text=None), {"journal_questions.has_text": W}),
    Fault("an answer beside a question that is asked", "ANQ20260034", lambda d: asked_in_issue(d).update(answer_rank=1), {"journal_answers.serves_its_questions": C, "journal_questions.answered_has_answer": C}),
    Fault("mojibake in an issue's answer", "ANQ20260031", first("journal_answers", text="Le dÃ©put\u00e9"), {"journal_answers.text_without_mojibake": W}),
    Fault("an entity left in an issue's question", "ANQ20260032", lambda d: asked_in_issue(d).update(text="L'eau&nbsp;?"), {"journal_questions.text_without_markup": W}),
]  # fmt: skip

MENTIONED = "14/QE"
FAULTS += [
    Fault("a gap in the mentions", MENTIONED, first("mentions", rank=9), {"mentions.ranks_follow": C}),
    Fault("a mention by no question", MENTIONED, first("mentions", question_number=999_999), {"mentions.has_question": C}),
    Fault("a mention in another archive", MENTIONED, first("mentions", legislature=15), {"mentions.key_in_archive": C, "mentions.has_question": C}, alone=True),
    Fault("a gap in the references", MENTIONED, first("law_references", rank=9), {"law_references.ranks_follow": C}),
    Fault("a reference by no question", MENTIONED, first("law_references", question_number=999_999), {"law_references.has_question": C, "law_references.ranks_follow": C}),
    Fault("a reference in another archive", MENTIONED, first("law_references", legislature=15), {"law_references.key_in_archive": C, "law_references.has_question": C, "law_references.ranks_follow": C}, alone=True),
]  # fmt: skip

# In the release's file: what is made with it.
RELEASE_FAULTS = [
    ReleaseFault("a likeness to an unknown question", "resemblances", "UPDATE resemblances SET original_number = 999999 WHERE rowid = 0", {"resemblances.original_known": C}),
    ReleaseFault("a likeness of an unknown question", "resemblances", "UPDATE resemblances SET question_number = 999999 WHERE rowid = 0", {"resemblances.question_known": C}),
    ReleaseFault("an answer's likeness to an unknown question", "answer_resemblances", "UPDATE answer_resemblances SET original_number = 999999 WHERE rowid = 0", {"answer_resemblances.original_known": C}),
    ReleaseFault("an answer's likeness of an unknown question", "answer_resemblances", "UPDATE answer_resemblances SET question_number = 999999 WHERE rowid = 0", {"answer_resemblances.question_known": C}),
    ReleaseFault("an answer like itself", "answer_resemblances", "UPDATE answer_resemblances SET original_number = question_number, original_type = question_type, original_legislature = legislature WHERE rowid = 0", {"answer_resemblances.not_itself": C}),
    ReleaseFault("a question like itself", "resemblances", "UPDATE resemblances SET original_number = question_number, original_type = question_type, original_legislature = legislature WHERE rowid = 0", {"resemblances.not_itself": C}),
    ReleaseFault("an answer without its number", "answer_hashes", "DELETE FROM answer_hashes WHERE rowid = 0", {"answer_hashes.answer_hashed": C}),
    ReleaseFault("a family that is not declared", "ministry_families", "UPDATE ministry_families SET family = 'Lune' WHERE rowid = 0", {"ministry_families.family_known": C}),
    ReleaseFault("legislatures that overlap", "legislatures", "UPDATE legislatures SET opened_on = DATE '2021-06-22' WHERE number = 16", {"legislatures.days_in_order": C}),
    ReleaseFault("a joint answer's size", "joint_answers", "UPDATE joint_answers SET size = size + 1 WHERE answer_group = (SELECT min(answer_group) FROM joint_answers)", {"joint_answers.size_is_counted": C}),
    ReleaseFault("a joint answer of an unknown question", "joint_answers", "UPDATE joint_answers SET question_number = 999999 WHERE (answer_group, question_number) = (SELECT (min(answer_group), min(question_number)) FROM joint_answers WHERE answer_group = (SELECT min(answer_group) FROM joint_answers WHERE known_by = 'text'))", {"joint_answers.question_known": C}),
    ReleaseFault("a joint answer of another day", "joint_answers", "UPDATE joint_answers SET answer_date = answer_date + 7 WHERE answer_group = (SELECT min(answer_group) FROM joint_answers WHERE known_by = 'text')", {"joint_answers.answer_date_agrees": C}),
    ReleaseFault("states that overlap", "question_versions", VERSIONS.format(begins="2026-01-01", ends="2026-03-01", columns="['status']") + "; " + VERSIONS.format(begins="2026-02-01", ends="2026-04-01", columns="['status']"), {"question_versions.states_follow": C}),
    ReleaseFault("a state that ends before it begins", "question_versions", VERSIONS.format(begins="2026-03-01", ends="2026-01-01", columns="['status']"), {"question_versions.ends_after_it_begins": C}),
    ReleaseFault("a state of an unknown question", "question_versions", VERSIONS.format(begins="2026-01-01", ends="2026-03-01", columns="['status']").replace("question_number,", "question_number + 99999 AS question_number,"), {"question_versions.question_known": C}),
    ReleaseFault("a change that changes nothing", "question_versions", VERSIONS.format(begins="2026-01-01", ends="2026-03-01", columns="[]"), {"question_versions.says_what_changed": W}),
    ReleaseFault("a run of no known state", "ops.runs", "UPDATE ops.runs SET state = 'fine'", {"ops.runs.state_allowed": C}),
    ReleaseFault("an outcome of no known step", "ops.outcomes", "UPDATE ops.outcomes SET step = 'dream' WHERE rowid = 0", {"ops.outcomes.step_allowed": C}),
    ReleaseFault("a check of no known severity", "ops.checks", "UPDATE ops.checks SET severity = 'grave' WHERE rowid = 0", {"ops.checks.severity_allowed": C}),
    ReleaseFault("an anomaly of no known level", "ops.anomalies", "UPDATE ops.anomalies SET level = 'loud' WHERE rowid = 0", {"ops.anomalies.level_allowed": C}),
    ReleaseFault("a table without a column", "ops.sources", "ALTER TABLE ops.sources DROP COLUMN etag", {"ops.sources.columns_declared": C}),
]  # fmt: skip


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory, sampled: Path) -> GoodRelease:
    return make(tmp_path_factory.mktemp("made") / "home", tmp_path_factory.mktemp("spoilt"), sampled)


def in_rounds(faults: Iterable[Any], place: Callable[[Any], str]) -> Iterator[list[Any]]:
    """The faults, one of each place at a time."""
    waiting: dict[str, list[Any]] = defaultdict(list)
    for one in faults:
        waiting[place(one)].append(one)
    while any(waiting.values()):
        yield [one.pop(0) for one in waiting.values() if one]


def told(results: Iterable[CheckResult]) -> dict[str, str]:
    return {f"{one.suite}.{one.expectation}": one.severity for one in results if not one.success}


@pytest.fixture(scope="module")
def caught(release: GoodRelease, checker: Checker) -> dict[str, dict[str, str]]:
    """By fault, the rules that it breaks, beside what is known of the good data."""
    issues = [one for one in OTHER_FAULTS if one.archive != PEOPLE]
    people = [one for one in OTHER_FAULTS if one.archive == PEOPLE]
    alone = [[one] for one in [*FAULTS, *people] if one.alone or (one.archive == PEOPLE and len(suites_of(one)) > 1)]
    rounds = [*alone, *in_rounds([one for one in FAULTS if not one.alone], lambda fault: fault.archive)]
    rounds += in_rounds(issues, lambda fault: fault.archive)
    rounds += in_rounds([one for one in people if [one] not in alone], lambda fault: str(suites_of(fault)))
    rounds += in_rounds(RELEASE_FAULTS, lambda fault: fault.table)
    found: dict[str, dict[str, str]] = {}
    for faults in rounds:
        found.update(_told_of(faults, release, checker))
    return found


def suites_of(fault: Fault) -> set[str]:
    """The suites whose rules must tell of a fault."""
    return {rule.partition(".")[0] for rule in fault.expected}


def _told_of(faults: list[Any], release: GoodRelease, checker: Checker) -> dict[str, dict[str, str]]:
    """What is told of each of these: all that no other fault of its archive, which is told of by other suites, explains."""
    if isinstance(faults[0], ReleaseFault):
        results = checker.check([release.spoilt_release(*(fault.statement for fault in faults))])
        return {fault.name: told(one for one in results if one.suite == fault.table) for fault in faults}
    spoilt: dict[str, Data] = {}
    for fault in faults:
        fault.plant(spoilt.setdefault(fault.archive, release.data(fault.archive)))
    results = checker.check([release.spoilt(data) for data in spoilt.values()])
    found = {}
    for fault in faults:
        beside = [suites_of(one) for one in faults if one.archive == fault.archive and one is not fault]
        rules = told(one for one in results if one.archive == fault.archive and one.suite not in set().union(*beside))
        found[fault.name] = {name: rules[name] for name in rules if name not in KNOWN.get(fault.archive, {})}
    return found


ALL: list[Any] = [*FAULTS, *OTHER_FAULTS, *RELEASE_FAULTS]


@pytest.mark.parametrize("fault", ALL, ids=[one.name for one in ALL])
def test_a_fault_breaks_its_rules_and_no_other(caught: dict[str, dict[str, str]], fault: Fault | ReleaseFault) -> None:
    assert caught[fault.name] == fault.expected
    assert fault.expected, "not caught"


def test_there_are_faults_enough_and_each_has_a_name() -> None:
    assert len({one.name for one in ALL}) == len(ALL) >= 50


def test_the_good_data_pass_with_no_more_than_the_source_has(release: GoodRelease, checker: Checker) -> None:
    archives = [f"{legislature}/{kind}" for legislature in (14, 15, 16, 17) for kind in ("QE", "QG", "QOSD")]
    issues = sorted({one.archive for one in OTHER_FAULTS} - {PEOPLE})
    for together in (archives, issues, [PEOPLE], ["release"]):
        results = checker.check([release.job(name) for name in together])
        gate(results)
        for name in together:
            assert told(one for one in results if one.archive == name) == KNOWN.get(name, {}), name


@pytest.mark.parametrize("night", NIGHTS)
def test_what_happens_to_questions_is_no_fault(release: GoodRelease, checker: Checker, night: str) -> None:
    data = release.data("17/QE")
    NIGHTS[night](data)
    assert told(checker.check([release.spoilt(data)])) == {}


def test_a_mass_change_is_shown_by_column_with_examples(release: GoodRelease, checker: Checker) -> None:
    data = release.data("17/QE")
    texts(without_accents)(data)
    results = {one.expectation: one for one in checker.check([release.spoilt(data)])}
    observed = json.loads(results["content_kept"].observed or "")
    assert observed["failing_rows"] == len(observed["columns"]) == 2
    answers = observed["columns"]["answer_text"]
    assert answers["questions"] > 150
    assert len(answers["examples"]) == 3
    for example in answers["examples"]:
        assert example["before"] != example["now"] == without_accents(example["before"])
    with pytest.raises(
        GateError, match=r"questions\.content_kept: 2 row\(s\), such as archive 17/QE, column_name answer_text"
    ):
        gate(list(results.values()))


def test_what_is_critical_stops_at_the_gate(release: GoodRelease, checker: Checker) -> None:
    data = release.data("17/QE")
    numbers_shifted(data)
    with pytest.raises(GateError, match=r"17/QE: held back(.|\n)*questions\.text_moved"):
        gate(checker.check([release.spoilt(data)]))


def test_a_tuesday_without_an_issue_is_a_warning(release: GoodRelease, checker: Checker) -> None:
    """The sample has fewer questions than there are weeks: here each week has some, and then one has none."""
    data = release.data("17/QE")
    opened, today = date(2025, 9, 2), date(2026, 9, 1)
    numbers = sorted(row["question_number"] for row in data.rows["questions"])
    data.job.update(weekly=True, today=today, before={})
    weeks = {number: opened + timedelta(days=7 * (at * 52 // len(numbers))) for at, number in enumerate(numbers)}
    for row in data.rows["questions"]:
        row["question_date"] = weeks[row["question_number"]]
    assert "questions.tuesdays_follow" not in told(checker.check([release.spoilt(data)]))
    missing = opened + timedelta(days=7 * 20)
    for row in data.rows["questions"]:
        if row["question_date"] == missing:
            row["question_date"] += timedelta(days=7)
    (found,) = [one for one in checker.check([release.spoilt(data)]) if one.expectation == "tuesdays_follow"]
    assert (found.severity, found.success, found.failing_rows) == (W, False, 1)
    assert str(missing) in (found.examples or "")
