"""The explorer's queries on questions, in SQL that a person can read, paste and run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from etl.schema import KEY
from etl.schema.sql import literal

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Row = dict[str, Any]

PAGE = 20  # questions
EVENTS = 50  # of a feed
DAY = "coalesce(question_date, answer_date)"  # a QG has only the day of its answer
NEWEST = f"{DAY} DESC NULLS LAST, legislature DESC, question_type, question_number DESC"
_KEY = ", ".join(KEY)


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


#: SQL of the families of ministries, with their questions.
FAMILIES = (
    "SELECT family, count(*) AS questions\n"
    "FROM questions JOIN ministry_families USING (ministry)\n"
    "GROUP BY ALL ORDER BY family COLLATE NOCASE.NOACCENT"
)

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
        deputy: the author's `deputy_id`, empty for all.
        family: family of ministries, empty for all.
        since: first day, None without limit.
        until: last day, None without limit.
        newest_first: whether the day sorts the questions that words find, and not how well they match.
    """

    words: str
    facets: Mapping[str, str | int]
    deputy: str
    family: str
    since: date | None
    until: date | None
    newest_first: bool

    @classmethod
    def of(cls, params: Mapping[str, str]) -> Selection:
        """Reads the parameters of an address; a value that means nothing is left out."""
        facets: dict[str, str | int] = {name: params[name] for name in FACETS if params.get(name)}
        if "legislature" in facets:
            facets["legislature"] = number(params["legislature"]) or 0
        return cls(
            params.get("mots", "").strip(),
            facets,
            params.get("depute", ""),
            params.get("famille", ""),
            day(params.get("du")),
            day(params.get("au")),
            params.get("tri") == "date",
        )

    @property
    def searched(self) -> bool:
        """Whether words are searched in the texts."""
        return bool(self.words) and not _named(self.words)

    @property
    def ranked(self) -> bool:
        """Whether the best match comes first."""
        return self.searched and not self.newest_first


def number(text: str | None) -> int | None:
    """A number in an address, None if it is missing or none."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 9 else None


def day(text: str | None) -> date | None:
    """A day in an address (ISO), None if it is missing or no day."""
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def quoted(value: str | int | date) -> str:
    """A text, a number or a day as SQL has it."""
    if isinstance(value, str):
        return literal(value)
    return f"DATE '{value}'" if isinstance(value, date) else str(value)


def results(selection: Selection, page: int) -> str:
    """SQL of a page of questions (from 1), best match first when words are searched, else newest first."""
    rank = ["rank"] if selection.searched else []
    order = f"rank, {NEWEST}" if selection.ranked else NEWEST
    return (
        f"WITH page AS (\n"  # reads the texts of this page only
        f"SELECT {', '.join((*KEY, *rank))}\n"
        f"{_source(selection)}"
        f"ORDER BY {order}\n"
        f"LIMIT {PAGE} OFFSET {PAGE * (page - 1)})\n"
        f"SELECT {_KEY}, uid, title, rubrique, deputy_id, author_name, group_abbr, ministry,\n"
        "       question_date, answer_date, status, question_text, answer_text\n"
        f"FROM page JOIN questions USING ({_KEY})\n"
        f"ORDER BY {order}"
    )


def whole(selection: Selection) -> str:
    """SQL of all selected questions without their texts, in the order of `results`."""
    order = f"rank, {NEWEST}" if selection.ranked else NEWEST
    return (
        f"SELECT uid, {_KEY}, title, rubrique, author_name, group_abbr, department, ministry_asked, ministry,\n"
        "       question_date, answer_date, signalled_on, renewed_on, closed_on, status\n"
        f"{_source(selection)}"
        f"ORDER BY {order}"
    )


def events(selection: Selection) -> str:
    """SQL of the last publications of selected questions and of their answers, newest first."""
    return (
        f"WITH selected AS (\nSELECT {_KEY}\n{_source(selection)}),\n"
        "events AS (\n"
        f"SELECT {_KEY}, 'question' AS event, question_date AS day FROM questions SEMI JOIN selected USING ({_KEY})\n"
        "WHERE question_date IS NOT NULL\n"
        "UNION ALL\n"
        f"SELECT {_KEY}, 'reponse', answer_date FROM questions SEMI JOIN selected USING ({_KEY})\n"
        "WHERE answer_date IS NOT NULL\n"
        f"ORDER BY day DESC, {_KEY}, event\n"
        f"LIMIT {EVENTS})\n"
        f"SELECT {_KEY}, uid, event, day, title, author_name, group_abbr, ministry, rubrique,\n"
        "       CASE event WHEN 'question' THEN question_text ELSE answer_text END AS text\n"
        f"FROM events JOIN questions USING ({_KEY})\n"
        f"ORDER BY day DESC, {_KEY}, event"
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


def delays(by: str, condition: str, as_of: date) -> str:
    """SQL of how long groups of questions waited, seen on a day.

    `half_days` and `nine_in_ten_days` are the ages by which half, and nine in ten, of the questions had their answer.
    A question without an answer counts up to its age, or to the day on which it left (Kaplan-Meier): an answer that
    does not come makes them greater, where a median of the answers given would leave it out. One that ended on a day
    that nobody tells is not waited for. The rate is that by which legislatures compare: what lapsed late is in it.

    Args:
        by: columns of `questions_at` that make the groups, with commas between.
        condition: SQL on columns of `questions_at`.
        as_of: the day.
    """
    return (
        "WITH waits AS (\n"
        f"SELECT {by}, status, due_on, in_time, answered_on IS NOT NULL AS answered,\n"
        "       status = 'lapsed' AND left_on > due_on AS too_late,\n"
        f"       CASE WHEN status = 'pending' THEN {quoted(as_of)} ELSE coalesce(answered_on, left_on) END AS until,\n"
        "       greatest(until - asked_on, 0) AS days\n"
        f"FROM questions_at({quoted(as_of)})\n"
        f"WHERE {condition}),\n"
        "by_age AS (\n"
        f"SELECT {by}, days, count(*) FILTER (answered) AS answers,\n"
        f"       sum(count(*)) OVER (PARTITION BY {by} ORDER BY days DESC) AS waiting\n"
        f"FROM waits GROUP BY {by}, days),\n"
        "unanswered AS (\n"
        f"SELECT {by}, days, product(1 - answers / waiting) OVER (PARTITION BY {by} ORDER BY days) AS share\n"
        "FROM by_age),\n"
        "ages AS (\n"
        f"SELECT {by}, min(days) FILTER (share < 0.5 + 1e-9) AS half_days,\n"
        "       min(days) FILTER (share < 0.1 + 1e-9) AS nine_in_ten_days\n"
        "FROM unanswered GROUP BY ALL)\n"
        f"SELECT {by}, count(*) AS questions, count(*) FILTER (answered) AS answered,\n"
        "       count(*) FILTER (status = 'pending') AS pending, half_days, nine_in_ten_days,\n"
        "       count(due_on) AS with_due_day, count(in_time) AS due, count(*) FILTER (in_time) AS in_time,\n"
        "       count(*) FILTER (too_late) AS lapsed_late,\n"
        "       count(*) FILTER (in_time) / nullif(count(in_time) + count(*) FILTER (too_late), 0)\n"
        "       AS in_time_rate_with_lapsed\n"
        f"FROM waits JOIN ages USING ({by})\n"
        "GROUP BY ALL"
    )


def of_deputy(deputy: str) -> str:
    """SQL condition of a deputy's questions."""
    return f"deputy_id = {literal(deputy)}"


def of_family(family: str) -> str:
    """SQL condition of a family of ministries."""
    return f"ministry IN (SELECT ministry FROM ministry_families WHERE family = {literal(family)})"


def ministries(family: str) -> str:
    """SQL of the ministries of a family, with their questions."""
    return (
        "SELECT ministry, count(*) AS questions FROM questions\n"
        f"WHERE {of_family(family)}\n"
        "GROUP BY ALL ORDER BY questions DESC, ministry"
    )


def stems(words: str) -> str:
    """SQL of the stems that a search looks for."""
    return f"SELECT DISTINCT stem FROM search.asked({literal(words)}) WHERE NOT without AND stem IS NOT NULL"


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
    where = " AND ".join(f"{name} = {quoted(question[name])}" for name in KEY)
    for table in ("attributions", "renewals", "question_texts", "answer_texts"):
        question[table] = rows(connection, f"FROM {table} WHERE {where} ORDER BY rank")
    question["same_answer"] = rows(connection, f"SELECT max(size) AS size FROM joint_answers WHERE {where}")[0]["size"]
    return question


def deputy(connection: DuckDBPyConnection, deputy_id: str) -> Row | None:
    """A deputy: `name`, and the `group` and `department` of the last question; None if there is no such author."""
    authors = rows(
        connection,
        "SELECT deputy_id, coalesce(nullif(concat_ws(' ', deputies.civility, first_name, last_name), ''),\n"
        "       author_name, deputy_id) AS name,\n"
        "       coalesce(group_name, group_abbr) AS group, department\n"
        "FROM questions LEFT JOIN deputies USING (deputy_id)\n"
        f"WHERE {of_deputy(deputy_id)}\n"
        f"ORDER BY {NEWEST} LIMIT 1",
    )
    return authors[0] if authors else None


def deputies(connection: DuckDBPyConnection, words: str) -> list[Row]:
    """The first authors whose name has all the words: `deputy_id`, `name` and `questions`."""
    return rows(
        connection,
        "SELECT deputy_id, concat_ws(' ', first_name, last_name) AS name, count(*) AS questions\n"
        "FROM deputies JOIN questions USING (deputy_id)\n"
        f"WHERE list_has_all(search.cut(search.fold(name)), search.cut(search.fold({literal(words)})))\n"
        f"  AND len(search.cut(search.fold({literal(words)}))) > 0\n"
        "GROUP BY ALL ORDER BY questions DESC, deputy_id LIMIT 5",
    )


def _named(words: str) -> str | None:
    """The SQL condition when the words are a question's number or uid, else None."""
    if words.isascii() and words.isdigit():
        return f"question_number = {int(words)}" if len(words) < 9 else "false"
    return f"uid = {literal(words.upper())}" if words.upper().startswith("QANR5L") else None


def _source(selection: Selection, but: Facet | None = None) -> str:
    """FROM and WHERE of a selection, without the choice in the facet `but`."""
    conditions = [
        f"{FACETS[name].column} = {quoted(value)}" for name, value in selection.facets.items() if FACETS[name] != but
    ]
    if named := _named(selection.words):
        conditions.append(named)
    if selection.deputy:
        conditions.append(of_deputy(selection.deputy))
    if selection.family:
        conditions.append(of_family(selection.family))
    if selection.since:
        conditions.append(f"{DAY} >= {quoted(selection.since)}")
    if selection.until:
        conditions.append(f"{DAY} <= {quoted(selection.until)}")
    source = "FROM questions\n"
    if selection.searched:
        source += f"JOIN search({literal(selection.words)}) USING ({_KEY})\n"
    return source + ("WHERE " + "\n  AND ".join(conditions) + "\n" if conditions else "")
