"""Fills in a question's texts, as the last step: dates and statuses can be drawn without the cost of prose."""

from __future__ import annotations

from etl.sample import prose
from etl.sample.defects import spoil_texts
from etl.sample.dice import Dice
from etl.sample.draw import QUESTION_TEXT, Draw
from etl.sample.question import Question


def compose(draw: Draw, dice: Dice, question: Question) -> None:
    """Write the texts of a question, the same for the same keys."""
    title = question.analyses[0] if question.analyses else question.subject
    if question.questions:
        dice.reset(draw.key(question.number, QUESTION_TEXT))
        points = prose.QE_QUESTION if question.kind == "QE" else prose.QOSD_QUESTION
        # every other lot has questions that deputies copied from the same letter
        copied = question.answer_key if question.joint and question.answer_key // 8 % 2 else None
        text = prose.asked(dice, question, points, copied)
        for published in question.questions:
            published.text = text
    if question.answers:
        dice.reset(question.answer_key)
        if question.kind == "QE":
            text = prose.answered(dice, question)
        elif question.kind == "QG":
            text = prose.exchange(dice, question, title)
        else:
            text = prose.debate(dice, question, title)
        for published in question.answers:
            published.text = text
    spoil_texts(question)
