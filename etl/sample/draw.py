"""Draws an archive's questions: who asked what, when, and how it ended; a function of seed, archive and number."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from etl.sample.days import WEEK, Calendar, tuesday_from
from etl.sample.deputies import deputies, government_on, group_of, ministries
from etl.sample.dice import Dice
from etl.sample.facts import GOVERNMENTS, LEGISLATURES, LIVE, TODAY, Organ
from etl.sample.french import bare, capital, of
from etl.sample.question import Attribution, Closure, Jo, Published, Question, Signal
from etl.sample.rubriques import CUMULATED, RUBRIQUES, Rubrique
from etl.sample.themes import THEMES
from etl.sample.traits import ANSWERED, LAST_FORCED, PENDING, traits_of

KINDS = ("QE", "QG", "QOSD")
OUTLINE, QUESTION_TEXT, ANSWER_TEXT, LOTS, CHANGES = range(5)
BLOCK = 16

ANSWER_DAYS = [(0.0, 14.0), (0.04, 25.0), (0.2, 50.0), (0.5, 95.0), (0.75, 170.0), (0.9, 300.0), (1.0, 900.0)]
"""(share, days) from a written question to its answer."""

REPLIED = "Réponse publiée"
WITHDRAWN = "Retrait à l'initiative de l'auteur"
IDENTICAL = "Retrait pour cause de question identique"
END_OF_MANDATE = "Fin de mandat"
CANCELLED = "Séance de QOSD annulée"

_PREFIXES = (
    "Conséquences",
    "Avenir",
    "Situation",
    "Modalités",
    "Difficultés liées à l'évolution",
    "Évolution",
)
_TAILS = ("perspectives", "bilan", "réglementation", "mise en œuvre", "conséquences", "financement")


class Lot(NamedTuple):
    """Written questions answered together: the same subject, day and text (docs/source/formats.md 7)."""

    key: int
    first: int
    last: int
    rubrique: Rubrique
    subject: str
    answer_day: date


class Draw:
    """The questions of one archive.

    Args:
        seed: another seed, another site.
        legislature: 14 to 17.
        kind: QE, QG or QOSD.
        total: how many questions the archive holds; numbers past it come out on TODAY.
    """

    def __init__(self, seed: int, legislature: int, kind: str, total: int) -> None:
        self.facts = LEGISLATURES[legislature]
        self.live = legislature == LIVE
        self.kind = kind
        self.total = total
        self.calendar = Calendar(legislature, kind, total)
        self._base = ((seed * 100 + legislature) * 3 + KINDS.index(kind)) * 10**9
        self._dice = Dice(0)
        self._lots: tuple[int, Lot | None] = (-1, None)

    def key(self, number: int, purpose: int) -> int:
        """The Dice key of a number and a purpose (OUTLINE, QUESTION_TEXT …)."""
        return (self._base + number) * 8 + purpose

    def question(self, number: int) -> Question:
        """The question of a number, without its texts."""
        legislature, day = self.facts.number, self.calendar.day(number)
        lot = self._lot(number) if self.kind == "QE" else None
        dice = self._dice
        dice.reset(self.key(number, OUTLINE))
        if lot:
            rubrique, subject = lot.rubrique, lot.subject
        else:
            rubrique = RUBRIQUES[dice.weighted(CUMULATED)]
            subject = dice.pick(THEMES[rubrique.theme].subjects)
        author = dice.pick(deputies(legislature))
        asked = ministries(rubrique.portfolio)[government_on(day)]
        question = Question(
            legislature=legislature,
            kind=self.kind,
            number=number,
            day=day,
            rubrique=rubrique.name,
            head=None,
            analyses=[],
            author=author,
            group=group_of(author, legislature, day),
            asked=asked,
            attributions=[],
            theme=rubrique.theme,
            subject=subject,
            answer_key=lot.key if lot else self.key(number, ANSWER_TEXT),
            joint=lot is not None,
            traits=traits_of(dice, self.kind, legislature, number),
        )
        if lot:
            question.traits = tuple(trait for trait in question.traits if trait not in ANSWERED | PENDING)
        self._index(dice, question)
        if self.kind == "QE":
            self._written(dice, question, rubrique.portfolio, lot)
        elif self.kind == "QG":
            self._spoken(question, rubrique.portfolio)
        else:
            self._oral(dice, question, rubrique.portfolio)
        self._relabel(question)
        return question

    def _index(self, dice: Dice, question: Question) -> None:
        subject, traits = bare(question.subject), question.traits
        if self.facts.number == 14 and self.kind != "QG":
            if not {"null_head", "nil_head", "blank_head"} & set(traits):
                question.head = dice.pick(THEMES[question.theme].heads)
            question.analyses = [subject] if dice.chance(0.4) else [subject, dice.pick(_TAILS)]
        elif dice.chance(0.55):
            question.analyses = [capital(subject)]
        else:
            question.analyses = [f"{dice.pick(_PREFIXES)} {of(question.subject)}"]
        if "capitals" in traits:
            question.analyses = [analysis.upper() for analysis in question.analyses]
        fresh = self.live and self.kind == "QE" and question.day >= self.calendar.last - 2 * WEEK
        if "no_analysis" in traits or (fresh and dice.chance(0.4)):
            question.analyses = []
        if "no_rubrique" in traits:
            question.rubrique = None

    def _relabel(self, question: Question) -> None:
        """Defects in labels: a group without a reference, a misspelt ministry, the other apostrophe."""
        for trait in question.traits:
            if trait == "po_null":
                question.group = Organ("POnull", "NI", "Non inscrit")
            elif trait in ("minsitere", "other_apostrophe"):
                last = question.attributions[-1]
                name = last.ministry.name
                if trait == "minsitere":
                    name = name.replace("Ministère", "Minsitère")
                else:
                    name = name.replace("’", "'") if "’" in name else name.replace("'", "’")
                question.attributions[-1] = last._replace(ministry=last.ministry._replace(name=name))

    def _lot(self, number: int) -> Lot | None:
        block = (number - 1) // BLOCK
        if self._lots[0] != block:
            self._lots = (block, self._draw_lot(block))
        lot = self._lots[1]
        return lot if lot and lot.first <= number <= lot.last else None

    def _draw_lot(self, block: int) -> Lot | None:
        dice, start = self._dice, block * BLOCK + 1
        dice.reset(self.key(start, LOTS))
        if start <= LAST_FORCED or not dice.chance(0.75):
            return None
        first = start + dice.below(8)
        last = first + dice.between(2, 8) - 1
        if last > self.total:
            return None
        rubrique = RUBRIQUES[dice.weighted(CUMULATED)]
        subject = dice.pick(THEMES[rubrique.theme].subjects)
        answer = tuesday_from(self.calendar.day(last) + timedelta(days=dice.quantile(ANSWER_DAYS)))
        return Lot(self.key(first, ANSWER_TEXT), first, last, rubrique, subject, answer)

    def _written(self, dice: Dice, question: Question, portfolio: str, lot: Lot | None) -> None:
        day, last, traits = question.day, self.calendar.last, set(question.traits)
        question.questions = [Published(jo_of(day, question.number))]
        answer = tuesday_from(day + timedelta(days=dice.quantile(ANSWER_DAYS)))
        unanswered = dice.chance(self.facts.never_answered)
        withdrawal = tuesday_from(day + timedelta(days=dice.between(10, 200)))
        if lot:
            answer, unanswered = lot.answer_day, False
        if traits & ANSWERED:
            answer, unanswered = min(answer, day + 40 * WEEK), False
        if traits & {"late", "renewed"}:
            answer, unanswered = tuesday_from(day + timedelta(days=dice.between(370, 560))), False
        if traits & {"withdrawn", "identical"} and withdrawal <= last:
            end = withdrawal
            label = IDENTICAL if "identical" in traits else WITHDRAWN
            question.closure = Closure("AU", label, end, unpaged(end))
        elif not unanswered and answer <= last and not traits & PENDING:
            end = answer
            self._answer(question, end)
        else:
            end = max(day, last)
            if not self.live and not traits & PENDING and dice.chance(0.6):
                question.closure = Closure("FL", END_OF_MANDATE, end, unpaged(end))
        if "second_question" in traits and day + 2 * WEEK < end:
            question.questions.append(Published(jo_of(day + 2 * WEEK, question.number)))
        question.attributions = self._attributions(dice, question, portfolio, end)
        self._clocks(dice, question, end)

    def _answer(self, question: Question, day: date) -> None:
        answer_on(question, day)
        if "no_page" in question.traits:
            question.answers[0].jo = question.answers[0].jo._replace(page=None)
        if "second_answer" in question.traits and day + 2 * WEEK <= self.calendar.last:
            question.answers.append(Published(jo_of(day + 2 * WEEK, question.number)))

    def _attributions(self, dice: Dice, question: Question, portfolio: str, end: date) -> list[Attribution]:
        """The first ministry, a move to another, and the ministry of each government named until the end."""
        day, waited = question.day, (end - question.day).days
        first = jo_of(day, question.number)
        attributions = [Attribution(question.asked, first)]
        if waited > 30 and (dice.chance(0.03) or "reattributed" in question.traits):
            moved = tuesday_from(day + timedelta(days=dice.between(7, waited - 15)))
            other = RUBRIQUES[dice.weighted(CUMULATED)].portfolio
            if government_on(moved) == government_on(day) and other != portfolio:
                portfolio = other
                attributions.append(Attribution(ministries(other)[government_on(moved)], unpaged(moved)))
        for rank in range(government_on(day) + 1, government_on(end) + 1):
            named = GOVERNMENTS[rank][0]
            if named < end:
                attributions.append(Attribution(ministries(portfolio)[rank], Jo("JO_LOI_DECRET", named)))
        return attributions

    def _clocks(self, dice: Dice, question: Question, end: date) -> None:
        """Renewals, from three months on; the signalement, from two months on, since the 16th."""
        day, traits = question.day, question.traits
        due = tuesday_from(day + timedelta(days=dice.between(92, 160)))
        if due < end and (dice.chance(0.3) or "renewed" in traits):
            question.renewals.append(unpaged(due))
            again = due + WEEK * dice.between(12, 20)
            if again < end and (dice.chance(0.4) or "renewed" in traits):
                question.renewals.append(unpaged(again))
        signalled = tuesday_from(day + timedelta(days=dice.between(62, 250)))
        if self.facts.number >= 16 and signalled < end and (dice.chance(0.06) or "signalled" in traits):
            question.signal = Signal(signalled - timedelta(days=dice.between(3, 6)), jo_of(signalled, 1))

    def _spoken(self, question: Question, portfolio: str) -> None:
        day, traits = question.day, question.traits
        page = None if "no_page" in traits else 1_200 + question.number * 2
        jo = Jo("JO_DEBAT", day, page)
        minister = question.asked
        if "other_ministry" in traits:
            other = "justice" if portfolio == "intérieur" else "intérieur"
            minister = ministries(other)[government_on(day)]
        question.attributions = [Attribution(minister, Jo("JO_DEBAT", day))]
        last = TODAY - timedelta(days=1) if self.live else self.facts.closed
        closed = min(day + 2 * WEEK, last) if "closed_later" in traits else day
        question.answers = [Published(jo)]
        question.closure = Closure("REP_PUB", REPLIED, closed, jo)
        if "no_answer_text" in traits:
            question.answers = []
            question.closure = Closure("REP_PUB", REPLIED, closed, jo._replace(type=None))

    def _oral(self, dice: Dice, question: Question, portfolio: str) -> None:
        day, traits = question.day, question.traits
        question.questions = [Published(unpaged(day))]
        if "second_question" in traits:
            question.questions.append(Published(unpaged(day + WEEK)))
        answer = day + timedelta(days=dice.pick((8, 9, 15, 16)))
        last = TODAY - timedelta(days=1) if self.live else self.facts.closed
        end = min(answer, last)
        question.attributions = self._attributions(dice, question, portfolio, end)
        if "cancelled" in traits:
            question.closure = Closure(None, CANCELLED, end, None)
        elif dice.chance(0.012):
            question.closure = Closure("AU", WITHDRAWN, end, None)
        elif answer <= last and "unheard" not in traits:
            jo = Jo("JO_DEBAT", answer, None if "no_page" in traits else 2_000 + question.number)
            question.answers = [Published(jo)]
            question.closure = Closure("REP_PUB", REPLIED, answer, jo)


def jo_of(day: date, number: int) -> Jo:
    """The written questions' issue of a Tuesday: its number in the year, and a page that grows with both."""
    issue = (day.timetuple().tm_yday + 6) // 7
    return Jo("JO_QUESTION", day, issue * 150 + number % 120, issue)


def unpaged(day: date) -> Jo:
    """The written questions' issue of a Tuesday, for what is printed in it without a page of its own."""
    return jo_of(day, 0)._replace(page=None)


def answer_on(question: Question, day: date) -> None:
    """Give a written question its answer, published on that Tuesday."""
    jo = jo_of(day, question.number + 40)
    question.answers = [Published(jo)]
    question.closure = Closure("REP_PUB", REPLIED, day, jo)
