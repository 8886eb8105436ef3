"""The Journal officiel's last issues in DILA's form, with the sample's own written questions and answers.

No real issue was seen (docs/source/formats.md 6): the elements that are known have their names, the rest is ours.
"""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from xml.sax.saxutils import escape  # only written here  # nosec B406

from etl.files.aside import write_aside
from etl.sample.changes import amend, draw_changes
from etl.sample.compose import compose
from etl.sample.days import WEEK
from etl.sample.dice import Dice
from etl.sample.draw import Draw, jo_of
from etl.sample.facts import LIVE, TODAY
from etl.sample.french import french_date
from etl.sample.question import Jo, Published, Question

FOLDER = "OPENDATA/Questions-Reponses/AN/Annee_en_cours"
ISSUES = 8
"""The weeks before TODAY; the next morning has the issue of TODAY as well."""

Printed = tuple[Question, Published]


def write_issues(directory: Path, total: int, seed: int, changes: int) -> None:
    """Write the issues of the last weeks; a week in which nothing was printed has none.

    Args:
        directory: where `OPENDATA/…` goes.
        total: how many live written questions there are.
        seed: of the site.
        changes: how many of them differ on the next morning, which brings another issue.
    """
    draw = Draw(seed, LIVE, "QE", total)
    days = [draw.calendar.last - WEEK * weeks for weeks in reversed(range(ISSUES))]
    by_day: dict[date, tuple[list[Printed], list[Printed]]] = {day: ([], []) for day in days}
    changed = draw_changes(draw, changes)
    if changes:
        by_day[TODAY] = ([], [])
    for number in range(1, total + changed.new + 1):
        _print(draw, number, {day: by_day[day] for day in days}, None)
        if changes:
            _print(draw, number, {TODAY: by_day[TODAY]}, changed.by_number.get(number))
    for day, (asked, answered) in by_day.items():
        if asked or answered:
            _write(directory / FOLDER, day, asked, answered)


def _print(draw: Draw, number: int, days: dict[date, tuple[list[Printed], list[Printed]]], change: str | None) -> None:
    """Put a question, and its answers, into the issues of these days that print them."""
    question = draw.question(number)
    if change:
        amend(question, change)
    sides = (question.questions, question.answers)
    if any(published.jo.day in days for side in sides for published in side):
        compose(draw, Dice(0), question)
        for rank, side in enumerate(sides):
            for published in side:
                if published.jo.day in days:
                    days[published.jo.day][rank].append((question, published))


def _write(folder: Path, day: date, asked: list[Printed], answered: list[Printed]) -> None:
    issue = jo_of(day, 0).issue
    name = f"ANQ{day.year}{issue:04}"
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w", format=tarfile.USTAR_FORMAT) as target:
        for member, content in (
            (f"REDIF_{name}.xml", "".join(_issue(asked, answered))),
            (f"XML1JO_AN_{name}.xml", "".join(_index(asked, answered))),
            (f"XML2JO_AN_{name}.xml", "<rectifications/>"),
        ):
            raw = f'<?xml version="1.0" encoding="UTF-8"?>\n{content}'.encode()
            info = tarfile.TarInfo(member)  # of 1970, whenever it is written
            info.size = len(raw)
            target.addfile(info, io.BytesIO(raw))
    write_aside(folder / f"{name}.taz", gzip.compress(tar.getvalue(), 6, mtime=0))


def _issue(asked: list[Printed], answered: list[Printed]) -> Iterator[str]:
    yield "<QuestionsReponses>\n"
    yield '<Section part="QE">\n'
    for question, published in asked:
        yield _question(question, published.jo, "QE", _headed(question, published))
    yield '</Section>\n<Section part="REP">\n'
    for together in _joint(answered):
        for question, published in together:
            yield _question(question, published.jo, "REP", None)
        (first, published), *_ = together
        yield f"<reponse>{_reference(published.jo)}"
        yield f"<texteReponse>{escape(_headed(first, published))}</texteReponse></reponse>\n"
    yield "</Section>\n</QuestionsReponses>\n"


def _joint(answered: Iterable[Printed]) -> Iterator[list[Printed]]:
    """The answers of a day, each with all that it serves."""
    by_answer: dict[tuple[int, str], list[Printed]] = {}
    for question, published in answered:
        by_answer.setdefault((question.answer_key, published.text), []).append((question, published))
    yield from by_answer.values()


def _question(question: Question, jo: Jo, part: str, text: str | None) -> str:
    held = [attribution.ministry for attribution in question.attributions if attribution.jo.day <= jo.day]
    ministry = question.asked if part == "QE" or not held else held[-1]
    body = "" if text is None else f"<texteQuestion>{escape(text)}</texteQuestion>"
    return (
        f"<question><idQuestion><numeroQuestion>{question.number}</numeroQuestion><type>{part}</type>"
        f"<legislature>{question.legislature}</legislature><source>AN</source></idQuestion>{_reference(jo)}"
        f"<ministreJO>{escape(ministry.short)}</ministreJO><parlementaire>{escape(question.author.name)}</parlementaire>"
        f"<Objet>{escape(question.subject)}</Objet>{body}</question>\n"
    )


def _reference(jo: Jo) -> str:
    page = "" if jo.page is None else str(jo.page)
    return (
        f"<referencePublication><datePublication>{jo.day.isoformat()}</datePublication><pageJO>{page}</pageJO>"
        f"<noPublication>{jo.issue}</noPublication></referencePublication>"
    )


def _headed(question: Question, published: Published) -> str:
    """The text as printed, with the number and the day in front."""
    return f"{question.number}. — {french_date(published.jo.day)}. — {published.text}"


def _index(asked: list[Printed], answered: list[Printed]) -> Iterator[str]:
    yield "<index>"
    for question, published in (*asked, *answered):
        yield f"<entree><numero>{question.number}</numero><page>{published.jo.page or ''}</page></entree>"
    yield "</index>"
