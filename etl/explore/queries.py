"""The explorer's queries on questions, in SQL that a person can read, paste and run."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from etl.schema import KEY

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Row = dict[str, Any]

PAGE = 20  # questions
DAY = "coalesce(question_date, answer_date)"  # a QG has only the day of its answer


@dataclass(frozen=True)
class Facet:
    """A column by which a selection can be narrowed.

    Attributes:
        param: its parameter in the page's address.
        column: column of `questions`.
        label: its name, in French.
        every: the choice of all values, in French.
        order: SQL that sorts its values.
    """

    param: str
    column: str
    label: str
    every: str
    order: str


_BY_NAME = "value COLLATE NOCASE.NOACCENT"
FACETS = {
    facet.param: facet
    for facet in (
        Facet("legislature", "legislature", "Législature", "Toutes", "value DESC"),
        Facet("type", "question_type", "Type", "Tous", "value"),
        Facet("statut", "status", "Statut", "Tous", "questions DESC"),
        Facet("ministere", "ministry", "Ministère", "Tous", _BY_NAME),
        Facet("groupe", "group_abbr", "Groupe", "Tous", _BY_NAME),
        Facet("rubrique", "rubrique", "Rubrique", "Toutes", _BY_NAME),
    )
}


@dataclass(frozen=True)
class Selection:
    """The questions to show.

    Attributes:
        words: words to search in the texts, or a question's number or uid.
        facets: the value chosen in each facet, by the facet's `param`.
        since: first day, None without limit.
        until: last day, None without limit.
    """

    words: str
    facets: Mapping[str, str | int]
    since: date | None
    until: date | None

    @classmethod
    def of(cls, params: Mapping[str, Any]) -> Selection:
        """Reads the parameters of an address; a value that means nothing is left out."""
        text = single(params)
        facets: dict[str, str | int] = {name: text[name] for name in FACETS if text.get(name)}
        if "legislature" in facets:
            number = text["legislature"]
            facets["legislature"] = int(number) if number.isdecimal() and len(number) < 4 else 0
        return cls(text.get("mots", "").strip(), facets, day(text.get("du")), day(text.get("au")))


def single(params: Mapping[str, Any]) -> dict[str, str]:
    """The parameters of an address, each with its last value."""
    return {name: value if isinstance(value, str) else value[-1] for name, value in params.items() if value}


def day(text: str | None) -> date | None:
    """A day in an address (ISO), None if it is missing or no day."""
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def page(text: str | None) -> int:
    """A page's number in an address, 1 if it is missing or no number."""
    return max(1, int(text)) if text and text.isdecimal() and len(text) < 9 else 1


def csv_of(rows: list[Row]) -> str:
    """Rows as CSV; NULL is an empty cell."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([list(rows[0]), *(row.values() for row in rows)] if rows else [])
    return text.getvalue()


def literal(value: object) -> str:  # to be replaced by etl.schema.sql.literal
    """A value as an SQL literal."""
    if isinstance(value, int):
        return str(value)
    if isinstance(value, date):
        return f"DATE '{value}'"
    return "'" + str(value).replace("\0", "").replace("'", "''") + "'"


def results(selection: Selection, page: int) -> str:
    """SQL of a page of questions (from 1), best match first when words are searched, else newest first."""
    rank = ["rank"] if _searched(selection) else []
    order = ", ".join((*rank, f"{DAY} DESC NULLS LAST", "legislature DESC", "question_type", "question_number DESC"))
    return (
        f"WITH page AS (\n"  # reads the texts of this page only
        f"SELECT {', '.join((*KEY, *rank))}\n"
        f"{_source(selection)}"
        f"ORDER BY {order}\n"
        f"LIMIT {PAGE} OFFSET {PAGE * (page - 1)})\n"
        f"SELECT {', '.join(KEY)}, uid, title, rubrique, author_name, group_abbr, ministry,\n"
        "       question_date, answer_date, status, left(coalesce(question_text, answer_text), 300) AS excerpt\n"
        f"FROM page JOIN questions USING ({', '.join(KEY)})\n"
        f"ORDER BY {order}"
    )


def count(selection: Selection) -> str:
    """SQL that counts the selected questions."""
    return f"SELECT count(*) AS questions\n{_source(selection)}"


def values(selection: Selection, facet: Facet) -> str:
    """SQL of a facet's values, and the questions that each would leave if it were chosen."""
    return (
        f"SELECT {facet.column} AS value, count(*) AS questions\n"
        f"{_source(selection, but=facet)}"
        f"GROUP BY ALL HAVING value IS NOT NULL ORDER BY {facet.order}, value"
    )


def rows(connection: DuckDBPyConnection, sql: str) -> list[Row]:
    """The rows of a query, as dictionaries by column."""
    relation = connection.sql(sql)
    return [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]


def life(connection: DuckDBPyConnection, uid: str) -> Row | None:
    """A question with its child tables.

    Returns:
        The columns of `questions`; `due_on`, the day of `answer_due`; `attributions`, `renewals`, `question_texts` and
        `answer_texts`, each as rows in order; `same_answer`, the number of questions that share its answer, None if
        none does. None if no question has this uid.
    """
    questions = rows(
        connection,
        f"SELECT *, answer_due(question_type, question_date) AS due_on FROM questions WHERE uid = {literal(uid)}",
    )
    if not questions:
        return None
    (question,) = questions
    where = " AND ".join(f"{name} = {literal(question[name])}" for name in KEY)
    for table in ("attributions", "renewals", "question_texts", "answer_texts"):
        question[table] = rows(connection, f"FROM {table} WHERE {where} ORDER BY rank")
    question["same_answer"] = rows(connection, f"SELECT max(size) AS size FROM joint_answers WHERE {where}")[0]["size"]
    return question


def _searched(selection: Selection) -> bool:
    return bool(selection.words) and not _named(selection.words)


def _named(words: str) -> str | None:
    """The SQL condition when the words are a question's number or uid, else None."""
    if words.isascii() and words.isdigit():
        return f"question_number = {int(words)}" if len(words) < 9 else "false"
    return f"uid = {literal(words.upper())}" if words.upper().startswith("QANR5L") else None


def _source(selection: Selection, but: Facet | None = None) -> str:
    """FROM and WHERE of a selection, without the choice in the facet `but`."""
    conditions = [
        f"{FACETS[name].column} = {literal(value)}" for name, value in selection.facets.items() if FACETS[name] != but
    ]
    if named := _named(selection.words):
        conditions.append(named)
    if selection.since:
        conditions.append(f"{DAY} >= {literal(selection.since)}")
    if selection.until:
        conditions.append(f"{DAY} <= {literal(selection.until)}")
    source = "FROM questions\n"
    if _searched(selection):
        source += f"JOIN search({literal(selection.words)}) USING ({', '.join(KEY)})\n"
    return source + ("WHERE " + "\n  AND ".join(conditions) + "\n" if conditions else "")
