"""The texts of a question: sentences of its theme in a drawn order, filled with its own figures and places.

Lengths follow docs/source/formats.md 8, mark-up follows docs/source/formats.md 2.5.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from math import gcd

from etl.sample.deputies import deputies, group_of, minister_name
from etl.sample.dice import Dice
from etl.sample.facts import Organ
from etl.sample.french import addressee, french_date, is_woman, of, office
from etl.sample.places import PLACES
from etl.sample.question import Deputy, Question
from etl.sample.rare import sentences as rare_sentences
from etl.sample.themes import ASK, END, FIRST, REPLY, THEMES

QE_QUESTION = [(0.0, 390.0), (0.1, 700.0), (0.5, 1_320.0), (0.9, 1_980.0), (1.0, 2_180.0)]
QE_ANSWER = [(0.0, 820.0), (0.1, 1_350.0), (0.5, 2_480.0), (0.8, 4_100.0), (0.95, 6_300.0), (1.0, 8_300.0)]
QOSD_QUESTION = [(0.0, 700.0), (0.5, 1_760.0), (0.9, 2_780.0), (1.0, 4_200.0)]
QOSD_ANSWER = [(0.0, 2_500.0), (0.5, 4_200.0), (1.0, 7_000.0)]
QG_EXCHANGE = [(0.0, 3_000.0), (0.5, 5_000.0), (0.9, 6_500.0), (1.0, 10_500.0)]
"""(share, characters): where the distribution of each text's length bends."""

Points = list[tuple[float, float]]


def _compiled(sentences: Sequence[str], own_figures: bool = False) -> tuple[str, ...]:
    """Writes slots as %(name)s, so that one formatting fills a whole text.

    General sentences have figures of their own, so that a theme's and a general sentence do not show the same ones.
    """
    tail = "_" if own_figures else ""
    return tuple(
        re.sub(r"\{(\w+)\}", lambda slot: f"%({slot[1]}{tail if slot[1] in _FIGURES else ''})s", sentence)
        for sentence in (sentence.replace("%", "%%") for sentence in sentences)
    )


_FIGURES = ("pct", "pct2", "n", "n2", "montant", "montant2", "mois", "an", "date")
_CONCERNS = {name: _compiled(theme.concerns) for name, theme in THEMES.items()}
_REPLIES = {name: _compiled(theme.replies) for name, theme in THEMES.items()}
_ASK, _REPLY = _compiled(ASK, own_figures=True), _compiled(REPLY, own_figures=True)
_ENDS, _FIRSTS = _compiled(END), _compiled(FIRST)

_OPENINGS = (
    "%s attire l'attention de %s sur %s.",
    "%s interroge %s sur %s.",
    "%s appelle l'attention de %s sur %s.",
    "%s alerte %s sur %s.",
    "%s souhaite interroger %s au sujet %s.",
)
_CRIES = (
    "Ce n'est pas une réponse\u00a0!",
    "Et les moyens\u00a0?",
    "Très bien\u00a0!",
    "Des actes, pas des mots\u00a0!",
    "Répondez à la question\u00a0!",
    "Cela fait dix ans qu'on nous le promet\u00a0!",
    "C'est pourtant la vérité\u00a0!",
    "Quel aveu\u00a0!",
)
_CHEERS = ("Applaudissements", "Vifs applaudissements", "Exclamations", "Protestations", "Murmures")


def _slots(dice: Dice, question: Question, place: tuple[str, str, str]) -> dict[str, object]:
    year = question.day.year
    return {
        "ville": place[0],
        "dept": place[1],
        "loc": f"dans {place[1]}",
        "region": place[2],
        "dusujet": of(question.subject),
        **_figures(dice, question, ""),
        **_figures(dice, question, "_"),
        "an2": year + 1 + dice.below(5),
        "loi": f"loi n° {year - 1 - dice.below(9)}-{dice.between(100, 1700)}",
        "decret": f"décret n° {year - 1 - dice.below(6)}-{dice.between(100, 1700)}",
        "il": "Elle" if question.author.civility == "Mme" else "Il",
    }


def _figures(dice: Dice, question: Question, tail: str) -> dict[str, object]:
    return {
        "pct" + tail: dice.between(4, 46),
        "pct2" + tail: dice.between(47, 92),
        "n" + tail: f"{dice.between(2, 96)}\u00a0{dice.between(1, 9)}00",
        "n2" + tail: dice.between(12, 480),
        "montant" + tail: dice.between(12, 990),
        "montant2" + tail: dice.between(12, 98) * 10,
        "mois" + tail: dice.between(3, 26),
        "an" + tail: question.day.year - 1 - dice.below(4),
        "date" + tail: french_date(question.day - timedelta(days=dice.between(20, 900))),
    }


@cache
def _steps(size: int) -> tuple[int, ...]:
    return tuple(step for step in range(3, size) if gcd(step, size) == 1)


def _sentences(dice: Dice, own: tuple[str, ...], common: tuple[str, ...], length: float) -> list[str]:
    """The theme's sentences, then general ones, none twice, then some of rare words: as long as asked."""
    chosen: list[str] = []
    rare = rare_sentences(dice, length)
    length -= sum(map(len, rare))
    for pool, spared in ((own, max(0.0, length - max(500.0, length * 0.5))), (common, 0.0)):
        size = len(pool)
        at, step = dice.below(size), dice.pick(_steps(size))
        for _ in range(size):
            if length <= spared:
                break
            sentence = pool[at]
            chosen.append(sentence)
            length -= len(sentence)
            at = (at + step) % size
    return chosen + rare


def _opening(dice: Dice, question: Question) -> str:
    """Who asks whom about what, or a reminder of an older question."""
    who, whom = question.author.name, addressee(question.asked)
    if question.number > 50 and dice.chance(0.06):
        number = dice.between(1, question.number - 20)
        return f"{who} rappelle à {whom} les termes de sa question n° {number} sur {question.subject}."
    template = dice.pick(_OPENINGS)
    subject = of(question.subject) if template.endswith("sujet %s.") else question.subject
    return template % (who, whom, subject)


def asked(dice: Dice, question: Question, points: Points, copied: int | None = None) -> str:
    """A question's text: one paragraph, no mark-up.

    Args:
        dice: what draws it.
        question: what it is about.
        points: the distribution of its length, in characters.
        copied: the key that draws all but the first and last sentence, in questions with the same text; None elsewhere.
    """
    slots = _slots(dice, question, question.author.place)
    first, last = _opening(dice, question), dice.pick(_ENDS) % slots
    wanted = dice.quantile(points) - len(first) - len(last)
    if copied is not None:
        dice.reset(copied)
        slots |= _figures(dice, question, "") | _figures(dice, question, "_")
    body = _sentences(dice, _CONCERNS[question.theme], _ASK, wanted)
    return " ".join([first, *([" ".join(body) % slots] if body else []), last])


def answered(dice: Dice, question: Question) -> str:
    """A written answer: one block, no mark-up; a joint answer names the place of none of its authors."""
    place = dice.pick(PLACES)
    slots = _slots(dice, question, place if question.joint else question.author.place)
    first = dice.pick(_FIRSTS)
    body = _sentences(dice, _REPLIES[question.theme], _REPLY, dice.quantile(QE_ANSWER) - len(first))
    return " ".join([first, *body]) % slots


def _paragraphs(
    dice: Dice, question: Question, own: tuple[str, ...], common: tuple[str, ...], length: float
) -> list[str]:
    sentences = _sentences(dice, own, common, length)
    slots = _slots(dice, question, question.author.place)
    return [" ".join(sentences[i : i + 3]) % slots for i in range(0, len(sentences), 3)]


def _spoken(civility: str, first: str, last: str) -> str:
    return f"{civility}\u00a0{first}\u00a0{last}"


def _heckling(dice: Dice, question: Question, dot: str) -> str:
    heckler = dice.pick(deputies(question.legislature))
    return f"<strong>{_spoken(heckler.civility, heckler.first, heckler.last)}{dot}</strong>{dice.pick(_CRIES)}"


def _reaction(dice: Dice, question: Question) -> str:
    other = group_of(dice.pick(deputies(question.legislature)), question.legislature, question.day)
    return (
        f"<i>({dice.pick(_CHEERS)} sur les bancs du groupe {question.group.short}. – "
        f"{dice.pick(_CHEERS)} sur quelques bancs du groupe {other.short}.)</i>"
    )


def _vocative(ministry: Organ) -> str:
    return "Madame la ministre" if is_woman(ministry) else "Monsieur le ministre"


def _to(author: Deputy) -> str:
    return "Madame la députée" if author.civility == "Mme" else "Monsieur le député"


def exchange(dice: Dice, question: Question, title: str) -> str:
    """A question to the Government and its answer as spoken, in unbalanced fragments (docs/source/formats.md 2.5)."""
    legislature, author, ministry = question.legislature, question.author, question.attributions[-1].ministry
    dot = "\u00a0. " if legislature == 17 else ". "
    president = "Mme\u00a0la présidente" if legislature >= 16 else "M.\u00a0le président"
    chair = f"<strong>{president}{dot}</strong>"
    speaker, minister = _spoken(author.civility, author.first, author.last), _spoken(*minister_name(ministry))
    wanted = dice.quantile(QG_EXCHANGE) - 950
    ask = _paragraphs(dice, question, _CONCERNS[question.theme], _ASK, wanted * 0.42)
    reply = _paragraphs(dice, question, _REPLIES[question.theme], _REPLY, wanted * 0.58)
    half = (len(reply) + 1) // 2
    ask[0] = f"{_vocative(ministry)}, ma question porte sur {question.subject}. {ask[0]}"
    ask[-1] = f"{ask[-1]} Quand allez-vous enfin agir\u00a0? {_reaction(dice, question)}"
    again = f"{_to(author)}, je vous invite à regarder les faits."
    return _fragments(
        title,
        dice.between(1, 30),
        "<br>",
        [
            f"{chair}La parole est à {speaker}, pour le groupe {question.group.name}.",
            f"<strong>{speaker}{dot}</strong>{ask[0]}",
            *ask[1:],
            f"{chair}La parole est à {addressee(ministry)}.",
            f"<strong>{minister},</strong><i> {office(ministry)}. </i>{_to(author)}, {_lower(reply[0])}",
            *reply[1:half],
            _heckling(dice, question, dot),
            f"<strong>{minister},</strong><i> ministre{dot}</i>{again}",
            *reply[half:],
            f"{_heckling(dice, question, dot)} {_reaction(dice, question)}",
        ],
    )


def _fragments(title: str, anchor: int, line: str, parts: list[str]) -> str:
    """Paragraphs under a centred title; a QG leaves a paragraph open at both ends, a QOSD does not."""
    start, end = ("</p>", " <p>") if line == "<br>" else ("", "")
    body = f"{line}{line}".join(parts)
    return f'{start}<p align="CENTER"> {title.upper()} <a name=PG{anchor}></a> </p>{line}{body}{line}{end}'


def _lower(text: str) -> str:
    return text[0].lower() + text[1:]


def debate(dice: Dice, question: Question, title: str) -> str:
    """The answer to an oral question without debate, in XHTML fragments (docs/source/formats.md 2.5)."""
    author, ministry = question.author, question.attributions[-1].ministry
    speaker, minister = _spoken(author.civility, author.first, author.last), _spoken(*minister_name(ministry))
    speech = _paragraphs(dice, question, _REPLIES[question.theme], _REPLY, dice.quantile(QOSD_ANSWER))
    called = f"La parole est à {speaker}, pour exposer sa question, n°\u00a0{question.number}"
    asked_for = f"les élus dans {author.place[1]} attendent vos éclaircissements."
    return _fragments(
        title,
        dice.between(1, 40),
        "<br />",
        [
            f"<strong>M. le président. </strong>{called} portant sur {question.subject}.",
            f"<strong>{speaker}. </strong>{_vocative(ministry)}, {asked_for}",
            f"<strong>M. le président. </strong>La parole est à {addressee(ministry)}.",
            f"<strong>{minister},</strong><i> {office(ministry)}. </i>{speech[0]}",
            *speech[1:],
            f"<strong>{speaker}. </strong>Merci de cette réponse, que nous jugerons à ses effets.",
        ],
    )
