"""French words: cut from a text, written without accents, and taken back to their stem."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import Stemmer

_LITTLE = """a afin ai ainsi au aux avec c ce ces cet cette d dans de des donc dont du elle elles en et eux il ils j je
    jusqu l la le les leur leurs lorsqu lui m mais me mes n ne ni nos notre nous on or ou par pas pour puisqu qu que qui
    quoiqu s sa se ses si son sur t ta te tes ton tu un une vos votre vous y"""
#: Folded words that are not indexed, and what is left of them before an apostrophe: `le`, `l`.
LITTLE = frozenset(_LITTLE.split())
_ENDINGS = """a abilite able ablement ables ai aient ais aise ait ames ance ances ant ante antes ants as asse
    assent asses assiez assions at ates ateur ateurs atif atifs ation ations ative atives atrice atrices e ee
    ees ement ements er era erai eraient erais erait eras ere erent eres erez eriez erions erons eront ers es
    euse eusement euses eux ez i ication ications ie ies iez if ifs iment imes ion ions ique iquement iques ir
    ira irai iraient irais irait iras irent irez iriez irions irons iront is isme ismes issaient issais issait
    issant issante issantes isse issement issements issent isses issez issiez issions issons iste istes it ite
    ites ive ivement ives ivite ment s x"""
#: Folded endings that the stemmer takes off. The stem of a word is known from the texts that have it; for any other
#: word, what is left without one of these is looked for.
ENDING = f"(?:[lnt]?(?:{'|'.join(_ENDINGS.split())}))?"
#: The characters between words, as in a class of regular expressions, Python's and DuckDB's alike: ASCII but for
#: letters and digits, Latin-1's signs, the blocks from general punctuation to symbols, CJK punctuation.
BETWEEN = r"\x00-/:-@\[-`{-\xbf×÷" + "\u2000-\u2bff\u2e00-\u2e7f\u3000-\u303f\ufeff\ufffd"
#: An article of a code with a space in it, or a number with spaces between thousands: how such a word begins.
SPACED = r"(?:l[op]?|[rd])\. [0-9]|[lrd] [0-9]+-[0-9]|[0-9]{1,3} [0-9]{3}"
_ARTICLE = r"(?:(?:l[op]?|[rd])(?:\. ?)?[0-9]+(?:-[0-9]+)*|(?:[lrd] |a\.?)[0-9]+(?:-[0-9]+)+)"
_NUMBER = r"[0-9]{1,3}(?:[ .][0-9]{3})+"
#: A unit with its raised figure: m², km³.
UNIT = "[cdhkm]?m[²³]"
#: A word: an article (L. 123-4) or a number (12 000, 12.000), with the sign behind it, since neither ends inside a
#: word; an acronym with dots (S.N.C.F.); a unit, while any other raised figure calls a note; or letters and digits that
#: & may join (R&D, 12345).
WORD = f"{UNIT}|(?:{_ARTICLE}|{_NUMBER})(?:[{BETWEEN}]|$)|(?:[^0-9{BETWEEN}]\\.){{2,}}|[^{BETWEEN}]+(?:&[^{BETWEEN}]+)*"
#: What a word that is no unit is written without: L. 123-4 as l123-4, 12 000 as 12000, S.N.C.F. as sncf.
LEFT_OUT = f"[. ]|[{BETWEEN}]$"
_WORD, _UNIT, _LEFT_OUT = map(re.compile, (WORD, UNIT, LEFT_OUT))
_SIGN = re.compile(f"(?<=[0-9])[{BETWEEN}]$")


class Word(NamedTuple):
    """A folded word, and its folded stem; a word of LITTLE has no stem."""

    folded: str
    stem: str | None


def fold(text: str) -> str:
    """A word in lower case, without accents, ligatures or raised figures: `Œuvré` is `oeuvre`, `m²` is `m2`."""
    plain = text.lower().replace("²", "2").replace("³", "3")
    if plain.isascii():
        return plain
    letters = (letter for letter in unicodedata.normalize("NFD", plain) if unicodedata.category(letter)[0] != "M")
    return unicodedata.normalize("NFC", "".join(letters).replace("œ", "oe").replace("æ", "ae"))


@lru_cache(1 << 16)
def words(text: str) -> tuple[Word, ...]:
    """The words of a piece of text, in order: `l’eau` is `l` and `eau`.

    Args:
        text: what stands between two spaces of which none is inside a word.
    """
    matches = _WORD.findall(unicodedata.normalize("NFC", text).lower())
    return tuple(word for word in map(_word, matches) if word.folded)


def marked(text: str) -> Iterator[tuple[int, int, Word]]:
    """The words of a text in Unicode's composed form, each with where it starts and ends."""
    for match in _WORD.finditer(text.lower() if len(text.lower()) == len(text) else text):
        yield match.start(), match.start() + len(_SIGN.sub("", match[0])), _word(match[0].lower())


@lru_cache(1 << 16)
def _word(lower: str) -> Word:
    if not _UNIT.fullmatch(lower):
        lower = _LEFT_OUT.sub("", lower)
    folded = fold(lower)
    # the stemmer needs the accents (demandé, demande), so they go after it
    return Word(folded, None if folded in LITTLE else fold(_stemmer().stemWord(lower)))


@cache
def _stemmer() -> Stemmer.Stemmer:
    import Stemmer

    return Stemmer.Stemmer("french")
