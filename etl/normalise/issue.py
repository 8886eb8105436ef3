"""An issue of the Journal officiel as rows of `journal_questions` and `journal_answers`."""

from __future__ import annotations

from collections.abc import Iterable

from etl.normalise.rows import Reader, Row
from etl.parse.journal_xml import PrintedEntry
from etl.parse.record import Anomaly


def issue_rows(issue: str, entries: Iterable[PrintedEntry]) -> tuple[dict[str, list[Row]], list[Anomaly]]:
    """The rows of an issue by table, and its anomalies.

    Args:
        issue: its name, ANQ20260010.
        entries: as printed, in order.
    """
    read = Reader()
    questions: list[Row] = []
    answers: list[Row] = []
    for entry in entries:
        days = [read.date("datePublication", question.date) for question in entry.questions]
        if entry.answer:
            answers.append(
                {
                    "issue": issue,
                    "rank": len(answers) + 1,
                    "questions": len(entry.questions),
                    "published_on": read.date("datePublication", entry.answer.date) or days[0],
                    "page": read.page("pageJO", entry.answer.page),
                    "text": read.text(entry.answer.text),
                }
            )
        for question, day in zip(entry.questions, days, strict=True):
            questions.append(
                {
                    "issue": issue,
                    "rank": len(questions) + 1,
                    "part": question.part,
                    "legislature": question.legislature,
                    "question_type": question.question_type,
                    "question_number": question.number,
                    "answer_rank": len(answers) if entry.answer else None,
                    "published_on": day,
                    "page": read.page("pageJO", question.page),
                    "ministry": read.label(question.ministry),
                    "deputy": read.label(question.deputy),
                    "subject": read.label(question.subject),
                    "text": read.text(question.text),
                }
            )
    return {"journal_questions": questions, "journal_answers": answers}, read.odd
