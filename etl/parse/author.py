"""Authors as pages write them: "M. X (Groupe - Département)", or family name first."""

from __future__ import annotations

import re
from typing import NamedTuple

from etl.parse.draft import Author
from etl.parse.markup import fold
from etl.parse.record import Body

_CIVILITY = re.compile(r"^(?:MM?\.\s*|M|Mmes?\.?|Mlles?\.?|Monsieur|Madame|Mademoiselle)(?:\s+|(?<=\.)(?=\w))")
_NEXT_AUTHOR = re.compile(r"(?:^|[\s,;)])(?=(?:M\.|Mme|Mlle)\s*\w)")
_DEPARTMENT = re.compile(r"^(.*)\s[-–—]\s(.*)$")
_CLOSE_TO = re.compile(r"\s*\((?:app\.|apparent[ée])[^()]*\)\s*\Z", re.IGNORECASE)  # behind the group
_LONGEST = 12  # words of a name
# Regions that merged in 2016; the new region was called by the names of its parts (docs/source/formats.md 4).
_FORMER_REGIONS = frozenset((
    "alsace", "aquitaine", "auvergne", "basse-normandie", "bourgogne", "champagne-ardenne", "franche-comte",
    "haute-normandie", "languedoc-roussillon", "limousin", "lorraine", "midi-pyrenees", "nord-pas-de-calais",
    "picardie", "poitou-charentes", "rhone-alpes",
))  # fmt: skip
_PARTICLES = frozenset(("de", "du", "des", "d'", "la", "le", "von", "van"))


class Name(NamedTuple):
    """A name in the order it is spoken; `certain` is False when nothing but habit decided the order."""

    text: str
    certain: bool


def without_civility(name: str) -> str:
    """The name without "M." or "Mme"."""
    name = " ".join(name.split())
    return _CIVILITY.sub("", name, count=1)


def given_first(written: str, texts: str) -> Name:
    """Turns "Nom Prénom" round.

    The texts usually name the author, which decides where the family name ends; else upper case or a particle
    behind does; else the last word is the first name.

    Args:
        written: such as "de Rocca Serra Camille".
        texts: of the question and its answer.
    """
    written = without_civility(written).replace("’", "'")
    if "," in written:
        family, _, given = written.partition(",")
        return Name(f"{given.strip()} {family.strip()}".strip(), True)
    written = re.sub(r"^(.*\S)\s*\((d'|d[eu]s?(?: la)?)\)\s*(.+)$", r"\2 \1 \3", written, flags=re.IGNORECASE)
    words = written.split()
    if len(words) < 2:
        return Name(written, True)
    if len(words) > _LONGEST:
        return Name(written, False)
    return _as_texts_say(words, texts) or _as_written(words)


def _as_texts_say(words: list[str], texts: str) -> Name | None:
    spoken = f" {_words(texts)} "
    for cut in range(len(words) - 1, 0, -1):
        turned = _join(words[cut:] + words[:cut])
        if f" {_words(turned)} " in spoken:
            return Name(turned, True)
    return None


def _as_written(words: list[str]) -> Name:
    """A family name is one word and the particles before it, or all the capitals; else all words but the first name.

    A first name is one word, or two of which "Jean" or "Marie" is the first.
    """
    behind = len(words)
    while behind > 2 and words[behind - 1].lower() in _PARTICLES:
        behind -= 1
    family = next((at for at, word in enumerate(words[: behind - 1]) if word.lower() not in _PARTICLES), 0) + 1
    if behind < len(words):  # "Courson Charles de"
        return Name(_join([words[behind - 1], *words[behind:], *words[: behind - 1]]), behind - family == 1)
    capitals = next((at for at, word in enumerate(words) if not word.isupper()), len(words))
    if 0 < capitals < len(words) and len(words[0]) > 1 and not any(word.isupper() for word in words[capitals:]):
        return Name(_join(words[capitals:] + words[:capitals]), True)
    given = len(words) - (2 if len(words) > 2 and words[-2].lower() in ("jean", "marie") else 1)
    return Name(_join([*words[given:], *words[:given]]), len(words) - family == 1)


def _join(words: list[str]) -> str:
    return " ".join(words).replace("' ", "'")


def _words(text: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", fold(text)))


def _groups(text: str) -> tuple[str, str | None]:
    """What stands before the last parentheses, and in them.

    Groups have parentheses of their own, and so has the name of one of two who are called the same: "X (Gironde)".
    """
    text = _CLOSE_TO.sub("", text)
    depth, start = 0, None
    for at, char in enumerate(text):
        if char == "(":
            start = at if depth == 0 else start
            depth += 1
        elif char == ")":
            depth = max(0, depth - 1)
    if start is None:
        return text.strip(), None
    inside, closed, _ = text[start + 1 :].rpartition(")")
    return text[:start].strip(), (inside if closed else text[start + 1 :]).strip()


def _behind_region(inside: str) -> str:
    region, *parts = inside.split(" - ")
    if fold(region) in _FORMER_REGIONS:
        while len(parts) > 1 and fold(parts[0]) in _FORMER_REGIONS:
            parts.pop(0)
    return " - ".join(parts or [region]).strip()


def read_authors(text: str, *, place_first: bool = False) -> list[Author]:
    """Reads "M. X (Groupe - Département)", once or more.

    Args:
        text: without the "de" before it.
        place_first: the dyn pages have "(Région - Groupe)"; the region is ignored (docs/source/formats.md 5.3).
    """
    starts, depth, at = [], 0, 0
    for match in _NEXT_AUTHOR.finditer(text):
        depth += text.count("(", at, match.end()) - text.count(")", at, match.end())
        at = match.end()
        if depth <= 0:
            starts.append(at)
    starts = starts or [0]
    authors: list[Author] = []
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        name, inside = _groups(text[start:end].rstrip(" ,;").removesuffix(" et"))
        name = without_civility(name).strip(" ,;")
        if not name:
            continue
        group = department = None
        if inside is not None:
            inside = f" {' '.join(inside.split())} "
            if place_first:
                group = _behind_region(inside)
            elif parted := _DEPARTMENT.search(inside):
                group, department = (part.strip() for part in parted.groups())
            else:
                group = inside.strip()
        authors.append(Author(name, None, Body(name=group or None), department or None))
    return authors
