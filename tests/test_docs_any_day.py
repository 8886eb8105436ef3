"""Every statement of the docs that holds a day is right on other days: held against a count of the raw files alone."""

from __future__ import annotations

import json
import re
import zipfile
from calendar import monthrange
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import pytest
from duckdb import DuckDBPyConnection

from etl.warehouse.query import connect

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
MADE = {"docs/views.md", "docs/fr/vues.md"}  # of their examples those are asked here that take a day: `AS_OF`
AS_OF = re.compile(
    r"(overdue|en_retard|questions_at|questions_au|question_types_compared|types_compares|response_delays|"
    r"delais_de_reponse|activity_by_group|activite_par_groupe|signalled|signalees|questions_by_family|"
    r"questions_par_famille|family_delays|delais_par_famille|renewed|renouvelees)\(DATE"
)  # not a backlog, whose second day is where the months begin, nor a deputy's or department's figures, for names are elsewhere
DAYS = ("2025-12-31", "2026-04-30", "2016-10-05")
RULE_SINCE = date(2014, 11, 28)  # answers are due in two months
CLOSED = {14: date(2017, 6, 20), 15: date(2022, 6, 21), 16: date(2024, 6, 9)}

_DAY = re.compile(r"\b20\d\d-\d\d-\d\d\b")
_BLOCK = re.compile(r"^```(sql|sh|python)(?: \w+)?\n(.*?)^```", re.DOTALL | re.MULTILINE)
_CALLED = re.compile(r"\.query\('((?:[^']|'')*)'\)")
_QUOTED = re.compile(r'"((?:SELECT|FROM) [^"]*)"')
_PYTHON = re.compile(r'"""\s*(SELECT.*?)"""', re.DOTALL)


class Question(NamedTuple):
    """A question as its archive gives it."""

    legislature: int
    kind: str
    number: int
    uid: str
    title: str | None
    asked_on: date
    answered_on: date | None
    left_on: date | None
    fate: str
    signalled_on: date | None
    renewed_on: list[date]
    author: str
    group: str | None
    ministries: list[tuple[date | None, str]]

    @property
    def due_on(self) -> date | None:
        if self.kind != "QE" or self.asked_on < RULE_SINCE:
            return None
        year, month = divmod(self.asked_on.year * 12 + self.asked_on.month + 1, 12)
        return date(year, month + 1, min(self.asked_on.day, monthrange(year, month + 1)[1]))

    def is_answered(self, day: date) -> bool:
        return self.answered_on is not None and self.answered_on <= day

    def is_pending(self, day: date) -> bool:
        ended = self.answered_on or self.left_on
        return ended is None or ended > day

    def has_left(self, day: date) -> bool:
        return not self.is_answered(day) and not self.is_pending(day)

    def is_late(self, day: date) -> bool:
        return self.is_pending(day) and self.due_on is not None and self.due_on < day

    def lapsed_late(self, day: date) -> bool:
        """Whether it had lapsed, once its due day had passed."""
        lapsed = self.has_left(day) and self.fate == "lapsed"
        return lapsed and self.due_on is not None and self.left_on is not None and self.left_on > self.due_on

    def in_time(self, day: date) -> bool | None:
        """Whether it was; None while it is not due, or left without an answer."""
        if self.due_on is None or self.due_on >= day or self.has_left(day):
            return None
        return self.is_answered(day) and self.answered_on is not None and self.answered_on <= self.due_on

    def ministry(self, day: date) -> str:
        return [name for since, name in self.ministries if since is None or since <= day or since == self.asked_on][-1]


def _all(node: Any) -> list[Any]:
    return node if isinstance(node, list) else [node] if node else []


def _day(text: str) -> date:
    if "/" in text:
        day, month, year = text.split("/")
        return date(int(year), int(month), int(day))
    return date.fromisoformat(text[:10])


def _first_day(node: Any) -> date | None:
    return next((_day(one["infoJO"]["dateJO"]) for one in _all(node) if one["infoJO"]["dateJO"]), None)


def _fate(closure: dict[str, Any]) -> str:
    label = closure.get("libelleCloture") or ""
    return "withdrawn" if label.startswith("Retrait") else "closed" if label.startswith("Séance") else "lapsed"


def _question(node: dict[str, Any]) -> Question:
    ident, closure, index = node["identifiant"], node.get("cloture") or {}, node["indexationAN"]
    legislature, kind = int(ident["legislature"]), node["type"]
    answered = _first_day((node.get("textesReponse") or {}).get("texteReponse"))
    answer_said = (closure.get("libelleCloture") or "").startswith("Réponse")
    closed = _day(closure["dateCloture"]) if closure.get("dateCloture") else None
    if answer_said and answered is None:
        answered = closed
    asked = _first_day((node.get("textesQuestion") or {}).get("texteQuestion"))
    analyses = index.get("analyses") or index.get("ANALYSE") or {}
    signal = node.get("signalement") or {}
    headings = [index["teteAnalyse"], *_all(analyses.get("analyse") or analyses.get("ANA")), index["rubrique"]]
    attributed = [
        (one.get("infoJO", {}).get("dateJO"), one["denomination"]["abrege"])
        for one in _all((node.get("minAttribs") or {}).get("minAttrib"))
        if one["denomination"]["abrege"]
    ]
    left = None if answered or answer_said else closed or CLOSED.get(legislature)
    asked_on = answered if kind == "QG" else asked
    assert asked_on is not None
    return Question(
        legislature,
        kind,
        int(ident["numero"]),
        node["uid"],
        next(heading for heading in headings if heading and isinstance(heading, str)),
        asked_on,
        answered,
        left,
        _fate(closure),
        _day(signal["infoJO"]["dateJO"]) if "infoJO" in signal else None,
        [_day(one["infoJO"]["dateJO"]) for one in _all((node.get("renouvellements") or {}).get("renouvellement"))],
        node["auteur"]["identite"]["acteurRef"],
        node["auteur"]["groupe"]["abrege"],
        [(_day(day) if day else None, name) for day, name in attributed] or [(None, node["minInt"]["abrege"])],
    )


@pytest.fixture(scope="module")
def release(sampled) -> Iterator[DuckDBPyConnection]:
    with connect(sampled) as connection:
        yield connection


@pytest.fixture(scope="module")
def raw(sampled) -> list[Question]:
    """Every question of the sample, read with zipfile and json."""
    questions = []
    for path in (sampled.parent / "raw").glob("*.zip"):
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                if name.startswith(("json/PA", "json/PO", "json/acteur", "json/organe")) or not name.endswith(".json"):
                    continue
                document = json.loads(archive.read(name))
                nodes = [document["question"]] if "question" in document else next(iter(document.values()))["question"]
                questions += [_question(node) for node in nodes]
    assert len(questions) == 3000
    return questions


def _statements() -> Iterator[tuple[str, str]]:
    """Page and SQL of each statement that holds a day, as it is pasted or called."""
    for page in PAGES:
        for language, text in _BLOCK.findall(page.read_text("utf-8")):
            found = (
                _CALLED.findall(text) or {"sql": text.split(";"), "sh": _QUOTED.findall(text), "python": []}[language]
            )
            if language == "python" and (day := _DAY.search(text)):
                found = [one.replace("?", f"'{day[0]}'") for one in _PYTHON.findall(text) if "?" in one]
            for statement in found:
                name = str(page.relative_to(ROOT))
                if _DAY.search(statement) and (name not in MADE or AS_OF.search(statement)):
                    yield name, statement.replace("''", "'")


def _by_ministry(questions: Iterable[Question], day: date) -> dict[str, list[Question]]:
    groups = defaultdict(list)
    for question in questions:
        groups[question.ministry(day)].append(question)
    return groups


def _written(raw: list[Question], day: date) -> list[Question]:
    return [question for question in raw if question.kind == "QE" and question.asked_on <= day]


def late_by_ministry(raw: list[Question], day: date) -> list[tuple]:
    groups = _by_ministry([question for question in _written(raw, day) if question.is_late(day)], day)
    return [(name, len(group), min(question.asked_on for question in group)) for name, group in groups.items()]


def late(raw: list[Question], day: date) -> list[tuple]:
    return [(question.uid, question.due_on) for question in _written(raw, day) if question.is_late(day)]


def pending(raw: list[Question], day: date) -> list[tuple]:
    return [
        (question.uid, question.ministry(day), question.title, question.asked_on, (day - question.asked_on).days)
        for question in raw
        if question.asked_on <= day and question.is_pending(day)
    ]


def pending_by_ministry(raw: list[Question], day: date) -> list[tuple]:
    groups = _by_ministry([question for question in _written(raw, day) if question.is_pending(day)], day)
    return [(name, len(group), max((day - one.asked_on).days for one in group)) for name, group in groups.items()]


def delays_by_legislature(raw: list[Question], day: date) -> list[tuple]:
    rows = []
    for legislature in sorted({question.legislature for question in _written(raw, day)}):
        mine = [question for question in _written(raw, day) if question.legislature == legislature]
        days = [(one.answered_on - one.asked_on).days for one in mine if one.answered_on and one.is_answered(day)]
        due, in_time, lapsed, rate = _rates(mine, day)
        percent = round(100 * in_time / (due + lapsed)) if rate is not None else None
        rows.append((legislature, len(days), round(median(days)) if days else None, percent))
    return rows


def rates_by_ministry(raw: list[Question], day: date) -> list[tuple]:
    mine = [question for question in _written(raw, day) if question.legislature == 17]
    rows = []
    for name, group in _by_ministry(mine, day).items():
        rates = [one.in_time(day) for one in group if one.in_time(day) is not None]
        if len(rates) >= 10:
            rows.append((name, len(rates), sum(rates)))
    return rows


def one_ministry(raw: list[Question], day: date) -> list[tuple]:
    group = _by_ministry([one for one in _written(raw, day) if one.legislature == 17], day).get("Intérieur", [])
    if not group:
        return []
    rates = [one.in_time(day) for one in group if one.in_time(day) is not None]
    counts = Counter("answered" if q.is_answered(day) else "pending" if q.is_pending(day) else "left" for q in group)
    overdue = sum(one.is_late(day) for one in group)
    return [(len(group), counts["answered"], counts["left"], counts["pending"], overdue, len(rates), sum(rates))]


def all_delays(raw: list[Question], day: date) -> list[tuple]:
    groups = Counter((one.legislature, one.kind, one.ministry(day)) for one in raw if one.asked_on <= day)
    return [(*key, count) for key, count in groups.items()]


def asked_since(raw: list[Question], day: date) -> list[tuple]:
    return [(question.uid,) for question in raw if question.asked_on >= day and question.kind != "QG"]


def no_version(raw: list[Question], day: date) -> list[tuple]:
    """Each archive was fetched once: nothing has changed since any day."""
    return []


def overdue(raw: list[Question], day: date) -> list[tuple]:
    return [
        (one.uid, one.ministry(day), one.asked_on, one.due_on, (day - one.asked_on).days, (day - one.due_on).days)
        for one in _written(raw, day)
        if one.due_on is not None and one.is_late(day)
    ]


def _status(question: Question, day: date) -> str:
    """answered, pending, or how it left, as the source has it."""
    if question.is_answered(day):
        return "answered"
    return "pending" if question.is_pending(day) else question.fate


def states(raw: list[Question], day: date) -> list[tuple]:
    groups = defaultdict(list)
    for question in raw:
        if question.legislature == 17 and question.asked_on <= day:
            groups[_status(question, day)].append(question.in_time(day))
    return [
        (status, len(rates), sum(rate is not None for rate in rates), sum(rate is True for rate in rates))
        for status, rates in groups.items()
    ]


def _rates(group: list[Question], day: date) -> tuple[int | None, int | None, int | None, float | None]:
    """Due, in time, lapsed late, and the rate with these; None where no question has a due day."""
    if not any(one.due_on for one in group):
        return None, None, None, None
    rates = [one.in_time(day) for one in group if one.in_time(day) is not None]
    lapsed = sum(one.lapsed_late(day) for one in group)
    whole = len(rates) + lapsed
    return len(rates), sum(rates), lapsed, round(sum(rates) / whole, 3) if whole else None


def types_compared(raw: list[Question], day: date) -> list[tuple]:
    groups = defaultdict(list)
    for question in raw:
        if question.asked_on <= day:
            groups[question.legislature, question.kind].append(question)
    rows = []
    for (legislature, kind), group in groups.items():
        answered = [one for one in group if one.is_answered(day)]
        days = [(one.answered_on - one.asked_on).days for one in answered if one.answered_on and kind != "QG"]
        signals = sum(one.signalled_on is not None and one.signalled_on <= day for one in group)
        rows.append(
            (
                legislature,
                kind,
                len(group),
                len(answered),
                *_rates(group, day),
                median(days) if days else None,
                signals if legislature >= 16 and kind == "QE" else None,
            )
        )
    return rows


def delays_of_17(raw: list[Question], day: date) -> list[tuple]:
    rows = []
    for name, group in _by_ministry([one for one in _written(raw, day) if one.legislature == 17], day).items():
        rates = [one.in_time(day) for one in group if one.in_time(day) is not None]
        days = [(one.answered_on - one.asked_on).days for one in group if one.answered_on and one.is_answered(day)]
        late = sum(one.is_late(day) for one in group)
        rows.append((name, len(rates), sum(rates), median(days) if days else None, late))
    return rows


def groups_in_session(raw: list[Question], day: date) -> list[tuple]:
    groups = defaultdict(list)
    for one in raw:
        if date(2024, 10, 1) <= one.asked_on < date(2025, 10, 1) and one.asked_on <= day and one.group:
            groups[one.group].append(one)
    return [
        (
            name,
            len({one.author for one in group}),
            sum(one.kind == "QE" for one in group),
            sum(one.kind == "QE" and one.is_answered(day) for one in group),
            sum(one.kind == "QG" for one in group),
            sum(one.kind == "QOSD" for one in group),
        )
        for name, group in groups.items()
    ]


def signalled(raw: list[Question], day: date) -> list[tuple]:
    groups = defaultdict(list)
    for one in raw:
        if one.signalled_on and one.signalled_on <= day and one.asked_on <= day:
            groups[one.legislature].append(one)
    rows = []
    for legislature, group in groups.items():
        due = [one for one in group if (day - one.signalled_on).days > 10 and not one.has_left(day)]
        met = [one for one in due if one.is_answered(day) and (one.answered_on - one.signalled_on).days <= 10]
        days = [(one.answered_on - one.signalled_on).days for one in group if one.is_answered(day)]
        rows.append((legislature, len(group), len(due), len(met), median(days) if days else None))
    return rows


def renewed(raw: list[Question], day: date) -> list[tuple]:
    groups = defaultdict(list)
    for one in raw:
        renewals = [renewal for renewal in one.renewed_on if renewal <= day]
        if renewals and one.asked_on <= day:
            after = (one.answered_on - max(renewals)).days if one.answered_on and one.is_answered(day) else None
            groups[one.legislature, len(renewals)].append(((min(renewals) - one.asked_on).days, after))
    rows = []
    for (legislature, count), group in groups.items():
        after = [days for _, days in group if days is not None]
        before = median(days for days, _ in group)
        rows.append((legislature, count, len(group), before, len(after), median(after) if after else None))
    return rows


def _health(raw: list[Question], day: date) -> list[Question]:
    """Written questions that a ministry of health has, by the names of the sample."""
    return [one for one in _written(raw, day) if re.search("santé|affaires sociales", one.ministry(day), re.IGNORECASE)]


def health_by_name(raw: list[Question], day: date) -> list[tuple]:
    groups = _by_ministry(_health(raw, day), day)
    return [
        (name, len(group), min(one.asked_on for one in group), max(one.asked_on for one in group))
        for name, group in groups.items()
    ]


def health_by_legislature(raw: list[Question], day: date) -> list[tuple]:
    groups = defaultdict(list)
    for one in _health(raw, day):
        groups[one.legislature].append(one)
    rows = []
    for legislature, group in groups.items():
        days = [(one.answered_on - one.asked_on).days for one in group if one.answered_on and one.is_answered(day)]
        names = {one.ministry(day) for one in group}
        delay = median(days) if days else None
        rows.append((legislature, len(names), len(group), len(days), *_rates(group, day), delay))
    return rows


def counted_late(raw: list[Question], day: date) -> list[tuple]:
    return [(name, count) for name, count, _ in late_by_ministry(raw, day)]


class Answer(NamedTuple):
    """What answers a kind of statement: how it is known, which columns are compared, the rows of all days."""

    marks: str
    columns: list[int]
    rows: Callable[[list[Question], date], list[tuple]]


ANSWERS = [
    Answer(r"count\(\*\).*min\(.*(overdue|en_retard)\(", [0, 1, 2], late_by_ministry),
    Answer(r"AS late FROM anq\.overdue\(", [0, 1], counted_late),
    Answer(r"\A\s*FROM (anq\.)?overdue\(", [3, 8], late),
    Answer(r"(questions_at|questions_au)\(.*LIMIT 20", [0, 1, 2, 3, 4], pending),
    Answer(r"count\(\*\) AS waiting.*questions_at\(", [0, 1, 2], pending_by_ministry),
    Answer(r"percent_in_2_months", [0, 1, 2, 3], delays_by_legislature),
    Answer(r"(due|echues),.*(response_delays|delais_de_reponse)\(.*>= 10", [0, 1, 2], rates_by_ministry),
    Answer(r"(response_delays|delais_de_reponse)\(.*Intérieur", [0, 1, 2, 3, 4, 5, 6], one_ministry),
    Answer(r"SELECT \* FROM response_delays", [0, 1, 2, 3], all_delays),
    Answer(r"question_date >= DATE", [0], asked_since),
    Answer(r"question_versions", [], no_version),
    Answer(r"(overdue_days|retard_jours)\n", [0, 1, 2, 3, 4, 5], overdue),
    Answer(r"(questions_at|questions_au)\(.*\nWHERE legislature = 17", [0, 1, 2, 3], states),
    Answer(
        r"(answered_rate|taux_de_reponse).*(question_types_compared|types_compares)\(",
        [0, 1, 2, 3, 5, 6, 7, 8, 9, 10],
        types_compared,
    ),
    Answer(r"(overdue|en_retard)\n.*(response_delays|delais_de_reponse)\(", [0, 1, 2, 4, 5], delays_of_17),
    Answer(r"(activity_by_group|activite_par_groupe)\(", [0, 1, 2, 4, 5, 6], groups_in_session),
    Answer(r"FROM (fr\.)?(renewed|renouvelees)\(", [0, 1, 2, 3, 4, 5], renewed),
    Answer(r"(questions_by_family|questions_par_famille)\(", [0, 1, 2, 3], health_by_name),
    Answer(r"(family_delays|delais_par_famille)\(", [0, 1, 2, 3, 4, 5, 6, 7, 8], health_by_legislature),
    Answer(r"FROM (fr\.)?(signalled|signalees)\(", [0, 1, 2, 3, 4], signalled),
]
STATEMENTS = list(_statements())


def test_every_day_is_found():
    """So that a page that is written otherwise does not go unseen."""
    seen = Counter(page for page, _ in STATEMENTS)
    assert seen == {
        "README.md": 1,
        "docs/analysts.md": 3,
        "docs/data-access.md": 9,
        "docs/tutorial.md": 3,
        "docs/fr/lire.md": 2,
        "docs/fr/tutoriel.md": 3,
        "docs/fr/vues.md": 9,
        "docs/views.md": 9,
    }


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize(
    ("page", "statement"), STATEMENTS, ids=[f"{page}-{n}" for n, (page, _) in enumerate(STATEMENTS)]
)
def test_a_statement_is_right_on_another_day(page, statement, day, release, raw):
    [answer] = [answer for answer in ANSWERS if re.search(answer.marks, statement, re.DOTALL)]
    asked = _DAY.sub(day, statement)
    every, limit = re.subn(r"\bLIMIT \d+\s*\Z", "", asked.strip())
    got = [tuple(row[column] for column in answer.columns) for row in release.sql(every).fetchall()]
    expected = answer.rows(raw, date.fromisoformat(day))
    assert sorted(got, key=str) == sorted(expected, key=str)
    if limit:
        assert len(release.sql(asked).fetchall()) == min(int(re.findall(r"\d+", asked)[-1]), len(got))
