"""Repair of damaged characters: mojibake, control characters, entities and the source's known misprints."""

from __future__ import annotations

import re
import unicodedata
from html import unescape
from html.entities import html5

from etl.written import LETTER_AND_HYPHEN

# Characters of a UTF-8 text read as windows-1252, each with the byte it stands for; the five bytes that
# windows-1252 leaves undefined come through as control characters.
_BYTE_OF = {bytes([byte]).decode("cp1252", "ignore") or chr(byte): byte for byte in range(0x80, 0x100)}
_FOLLOWING = re.escape("".join(char for char, byte in _BYTE_OF.items() if byte < 0xC0))
# Only lead bytes that no correct French text puts before such a character: É stands before », Ã never does.
_MOJIBAKE = re.compile(f"(?!{LETTER_AND_HYPHEN})[ÂÃÅÌ][{_FOLLOWING}]|â[€‚„†ˆ‰][{_FOLLOWING}]|ï[¬»¿][{_FOLLOWING}]")
# "à" whose second byte, a no-break space, had already become a plain space.
_LOST_A_GRAVE = re.compile(r"Ã (\w?)")

_C1 = re.compile("[\x80-\x9f]")
_BREAKING = re.compile("[\x0b\x0c\x1c-\x1f]")
_INVISIBLE = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
# Bullets and arrows of Word's fonts Symbol and Wingdings, which are characters of nobody else's; what a PDF or Word
# prints in place of "fi" and "-", and no query has.
_PRINTED = {"\u2010": "-", "\u2011": "-"} | {
    it: unicodedata.normalize("NFKD", it) for it in "\ufb00\ufb01\ufb02\ufb03\ufb04"
}
_SYMBOLS = str.maketrans(
    dict(zip("\uf0b7\uf0a7\uf0a8\uf0d8\uf076\uf06e\uf02d\uf0e0\uf0e8\uf0f0", "••••••-→→→", strict=True)) | _PRINTED
)
_SURROGATE = re.compile("[\ud800-\udfff]")

_MISPRINTS = {"Minsitère": "Ministère", "minsitère": "ministère"}  # docs/source/formats.md 4
#: A text that is printable and holds none of these has nothing to mend, Unicode NFC apart.
SUSPECT = (*"ÂÃÅÌ¬¿‚„†ˆ‰\ufffd", *_PRINTED, "â€", "insitère")

# Words met in the fixed labels of the source; each begins with a plain letter, so that its case is known.
_WORDS = """
    République Assemblée député députée députés députées ministère ministères ministériel ministérielle
    délégué déléguée délégués déléguées président présidente présidence général générale secrétaire
    secrétariat intérieur extérieur défense santé sécurité solidarité solidarités société collectivité
    collectivités département départements départemental départementale français française françaises
    numérique supérieur supérieure contrôle réponse réponses publiée retirée législature
    nationalité coopération développement réforme régional régionale
"""
_HOLE = re.compile(r"(?<![\w\ufffd])[A-Za-z]\w*+\ufffd[\w\ufffd]*+")


def _holed(word: str) -> str:
    """The word as a decoder leaves it that knows only ASCII."""
    return "".join(char if char.isascii() else "\ufffd" for char in word)


_WHOLE = {
    _holed(form): form
    for word in _WORDS.split()
    if not word.isascii()
    for form in (word, word.capitalize(), word.upper())
}
_REPEATED_HOLE = re.compile("\ufffd+")

_REFERENCE = re.compile(
    r"&(?>(?:(?:amp|#0*+38|#[xX]0*+26);)*)(#[0-9]++;?|#[xX][0-9a-fA-F]++;?|[A-Za-z][A-Za-z0-9]*+;?)?"
)

# In a label; one of those that break a line leaves a space.
_TAG = re.compile(r"</?(?:(br|p|div)|[biu]|em|strong|su[bp]|span|font|a)(?:\s[^<>]*|/)?>", re.IGNORECASE)


def _read_c1(match: re.Match[str]) -> str:
    return match[0].encode("latin-1").decode("cp1252", "ignore") or match[0]


def _decode_mojibake(match: re.Match[str]) -> str:
    return bytes(_BYTE_OF[char] for char in match[0]).decode()


def _fill_holes(match: re.Match[str]) -> str:
    return _WHOLE.get(_REPEATED_HOLE.sub("\ufffd", match[0]), match[0])


def _resolve(match: re.Match[str]) -> str:
    name = match[1]
    if name is None:
        return "&"
    if name[0] == "#":
        return unescape(f"&{name[:12]}") if len(name) <= 12 else "\ufffd"
    # A name without its semicolon counts only when it is a whole word: "R&D", "M&notre" are plain text.
    return html5.get(name, f"&{name}")


def resolve_entities(text: str) -> str:
    """Replace character references, named or numeric, also when escaped twice or more (docs/source/formats.md 2.5)."""
    return _REFERENCE.sub(_resolve, text) if "&" in text else text


def mend(text: str) -> str:
    """Undo the damage that encodings did to a text; a text in correct French comes back as it is.

    UTF-8 read as windows-1252 (once or more, in the whole text or a part), windows-1252 bytes kept as control
    characters, U+FFFD in a few known words, known misprints, invisible characters, ligatures as ﬁ; Unicode NFC.
    """
    text = unicodedata.normalize("NFC", text)
    if any(map(text.__contains__, SUSPECT)) or not text.replace("\xa0", " ").replace("\n", " ").isprintable():
        text = _repair(text)
    return text


def _repair(text: str) -> str:
    before = None
    while text != before:
        before = text
        text = _undo_misreadings(text)
        text = _INVISIBLE.sub("", _BREAKING.sub(" ", text)).translate(_SYMBOLS)
        text = _LOST_A_GRAVE.sub(lambda match: f"à {match[1]}" if match[1] else "à", text)
        for misprint, word in _MISPRINTS.items():
            text = text.replace(misprint, word)
        text = _HOLE.sub(_fill_holes, _SURROGATE.sub("\ufffd", text))
        text = unicodedata.normalize("NFC", text)
    return text


def _undo_misreadings(text: str) -> str:
    """Undoes UTF-8 read as windows-1252, which has no character for the last byte of "”" alone of a text's signs."""
    before = None
    while text != before:  # each round undoes one, and shortens what it touches
        before = text
        text = _MOJIBAKE.sub(_decode_mojibake, _C1.sub(_read_c1, text)).replace("â€\ufffd", "”")
    return text


def clean_label(text: str) -> str:
    """A label (ministry, rubrique, title, name) on one line: mended, entities resolved, no tags, spaces normal."""
    text = mend(resolve_entities(text))
    if "<" in text:
        text = _TAG.sub(lambda tag: " " if tag[1] else "", text)
    return " ".join(text.split())
