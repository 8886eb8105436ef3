"""What the explorer asks of a release about questions: SQL that a person can read, paste and run."""

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
DAY = "coalesce(question_date, answer_date)"  # a QG has no date of its own


@dataclass(frozen=True)
class Facet:
    """A column that a selection is narrowed by.

    Attributes:
        param: its name in the address of the page.
        column: of `questions`.
        label: in French.
        every: what stands for no choice, in French.
        order: SQL; what comes first in its list.
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
    """Which questions are looked at.

    Attributes:
        words: searched in the texts; a number or a uid finds the questions that bear it.
        facets: by a facet's `param`, its one value.
        since: first day.
        until: last day.
    """

    words: str
    facets: Mapping[str, str | int]
    since: date | None
    until: date | None

    @classmethod
    def of(cls, params: Mapping[str, Any]) -> Selection:
        """What the parameters of an address select; those that mean nothing are left out."""
        text = single(params)
        facets: dict[str, str | int] = {name: text[name] for name in FACETS if text.get(name)}
        if "legislature" in facets:
            number = text["legislature"]
            facets["legislature"] = int(number) if number.isdecimal() and len(number) < 4 else 0
        return cls(text.get("mots", "").strip(), facets, day(text.get("du")), day(text.get("au")))


def single(params: Mapping[str, Any]) -> dict[str, str]:
    """The parameters of an address; of one that is given twice, the last."""
    return {name: value if isinstance(value, str) else value[-1] for name, value in params.items() if value}


def day(text: str | None) -> date | None:
    """A day from an address, or None if it is none."""
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def page(text: str | None) -> int:
    """A page's number from an address, or 1 if it is none."""
    return max(1, int(text)) if text and text.isdecimal() and len(text) < 9 else 1


def csv_of(rows: list[Row]) -> str:
    """Rows as CSV, NULL as nothing."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([list(rows[0]), *(row.values() for row in rows)] if rows else [])
    return text.getvalue()


def literal(value: object) -> str:
    """A value as SQL."""
    if isinstance(value, int):
        return str(value)
    if isinstance(value, date):
        return f"DATE '{value}'"
    return "'" + str(value).replace("\0", "").replace("'", "''") + "'"


def results(selection: Selection, page: int) -> str:
    """SQL of one page of questions, from 1: the best first when words are searched, else the newest."""
    rank = ["rank"] if _searched(selection) else []
    order = ", ".join((*rank, f"{DAY} DESC NULLS LAST", "legislature DESC", "question_type", "question_number DESC"))
    return (
        f"WITH page AS (\n"  # texts are read once the page is known
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
    """SQL of how many questions are selected."""
    return f"SELECT count(*) AS questions\n{_source(selection)}"


def values(selection: Selection, facet: Facet) -> str:
    """SQL of a facet's values and how many questions each would leave, whatever is chosen in it now."""
    return (
        f"SELECT {facet.column} AS value, count(*) AS questions\n"
        f"{_source(selection, but=facet)}"
        f"GROUP BY ALL HAVING value IS NOT NULL ORDER BY {facet.order}, value"
    )


def rows(connection: DuckDBPyConnection, sql: str) -> list[Row]:
    """The rows of a query, by column."""
    relation = connection.sql(sql)
    return [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]


def life(connection: DuckDBPyConnection, uid: str) -> Row | None:
    """A question with its child tables, or None if there is no such question.

    Beside the columns of `questions`: `due_on`, as `answer_due` tells, `attributions`, `renewals`, `question_texts`,
    `answer_texts`, in order, and `same_answer`, how many questions share its answer.
    """
    found = rows(
        connection,
        f"SELECT *, answer_due(question_type, question_date) AS due_on FROM questions WHERE uid = {literal(uid)}",
    )
    if not found:
        return None
    (question,) = found
    where = " AND ".join(f"{name} = {literal(question[name])}" for name in KEY)
    for table in ("attributions", "renewals", "question_texts", "answer_texts"):
        question[table] = rows(connection, f"FROM {table} WHERE {where} ORDER BY rank")
    question["same_answer"] = rows(connection, f"SELECT max(size) AS size FROM joint_answers WHERE {where}")[0]["size"]
    return question


def _searched(selection: Selection) -> bool:
    return bool(selection.words) and not _named(selection.words)


def _named(words: str) -> str | None:
    """The condition, where the words are a question's number or uid."""
    if words.isascii() and words.isdigit():
        return f"question_number = {int(words)}" if len(words) < 9 else "false"
    return f"uid = {literal(words.upper())}" if words.upper().startswith("QANR5L") else None


def _source(selection: Selection, but: Facet | None = None) -> str:
    """FROM and WHERE of a selection."""
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
