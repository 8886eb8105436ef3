"""Sentences of rare words: names, places and terms that few texts have, as many and as rare as in real texts.

1,300 real debates know 15,700 stems: four in ten stand in one debate only, six in a hundred in a hundred or more. A
word is made of syllables; the k-th of a kind is drawn as 1/(k + `_COMMON`)² says, so that new ones come without end.
"""

from __future__ import annotations

from functools import lru_cache

from etl.sample.dice import Dice

_EVERY = 700  # characters of text, for a sentence of rare words
_COMMON = 470  # words of a kind that are about as frequent as the first


def _listed(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_ONSETS = _listed("b br c ch cl cr d dr f fl fr g gl gr j l m n p pl pr r s st t tr v")
_VOWELS = _listed("a e i o u ou é an ar au en er in on or")
_NAME = _listed("ac ain al ard as at aud eau el et euil ex ic ier ieux in is oc on ot oux ul us y")
_PLACE = _listed("""
    ans argues bourg court ens euil ey fort gny lac lieu londe lune mer mont nans pont rac sac val vic ville vy zac
""")
_TERM = _listed("""
    ance elle ence ette eur ie ine ique ise ité logie métrie nomie ose phonie scopie tion tude ture urgie
""")
_SENTENCES = (
    "À {place}, l'association {name} y voit un effet de la {term} et de la {term2}.",
    "Les maires de {place} et de {place2}, M. {name} et Mme {name2}, parlent d'une {term}.",
    "Un rapport de MM. {name} et {name2} sur la {term} de {place} le relève déjà.",
    "Ainsi de la filière dite {term}, de {place} à {place2}, selon la professeure {name}.",
    "La société {name}, établie à {place}, a présenté une {term} et sa {term2}.",
)


def sentences(dice: Dice, length: float) -> list[str]:
    """Some sentences of rare words.

    Args:
        dice: what draws them.
        length: of the text that they are part of, in characters.
    """
    return [_sentence(dice) for _ in range(int(length / _EVERY + dice.roll()))]


def _sentence(dice: Dice) -> str:
    return dice.pick(_SENTENCES).format(
        name=_drawn(dice, _NAME).capitalize(),
        name2=_drawn(dice, _NAME).capitalize(),
        place=_drawn(dice, _PLACE).capitalize(),
        place2=_drawn(dice, _PLACE).capitalize(),
        term=_drawn(dice, _TERM),
        term2=_drawn(dice, _TERM),
    )


def _drawn(dice: Dice, ends: tuple[str, ...]) -> str:
    share = dice.roll()
    return _word(int(_COMMON * share / (1 - share)), ends)


@lru_cache(1 << 16)
def _word(number: int, ends: tuple[str, ...]) -> str:
    """The word with a number: another for each."""
    number, last = divmod(number, len(ends))
    syllables = ""
    while number or not syllables:
        number, onset = divmod(number, len(_ONSETS))
        number, vowel = divmod(number, len(_VOWELS))
        syllables += _ONSETS[onset] + _VOWELS[vowel]
    return syllables + ends[last]
