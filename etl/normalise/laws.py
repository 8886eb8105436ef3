"""The laws, decrees, European acts and articles of codes that a text names by their number or their day."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

_KINDS = {
    "loi": "loi",
    "ordonnance": "ordonnance",
    "décret": "décret",
    "decret": "décret",
    "arrêté": "arrêté",
    "arrete": "arrêté",
    "directive": "directive",
    "règlement": "règlement",
    "reglement": "règlement",
}
"""By its name in a text, the kind of an act."""
_ACTS = (("loi", 0), ("Loi", 0), ("rdonnance", 1), ("cret", 2), ("rrêté", 1), ("rrete", 1), ("irective", 1),
         ("glement", 2))  # fmt: skip
"""Letters by which the names of acts are found, and how many stand before: fewer to look for, and no capitals."""
_ARTICLE = (("rticle", 1), ("rt. ", 1))

_MONTHS = {"janvier": 1, "février": 2, "fevrier": 2, "mars": 3, "avril": 4, "mai": 5, "juin": 6, "juillet": 7,
           "août": 8, "aout": 8, "septembre": 9, "octobre": 10, "novembre": 11, "décembre": 12,
           "decembre": 12}  # fmt: skip
_ANY = "|".join((*_KINDS, "code", "article"))
_SIGN = r"n\s?[°ºo]s?\s*"
#: "loi organique", "décret en Conseil d'État", "loi de finances rectificative pour 2014", "arrêtés ministériels".
_HEAD = re.compile(
    rf"(?P<kind>{'|'.join(_KINDS)})(?P<many>s)?\b"
    r"(?:\s+(?:organique|constitutionnelle|(?:inter)?minist[ée]riel|europ[ée]en(?:ne)?|communautaire"
    r"|d[’'](?:application|ex[ée]cution)|d[ée]l[ée]gu[ée]e?"
    r"|en conseil d[’'][ée]tat|de finances(?:\s+rectificative|\s+initiale)?(?:\s+pour\s+\d{4})?|de programmation"
    r"|modifi[ée]e?|pr[ée]cit[ée]e?)s?\b)*",
    re.IGNORECASE,
)
_ON = re.compile(
    rf",?\s+(?:en date\s+)?du\s+(?P<day>\d{{1,2}})\s*(?:er)?\s*(?P<month>{'|'.join(_MONTHS)})\s+(?P<year>\d{{4}})",
    re.IGNORECASE,
)
_SHORT_DAY = re.compile(
    rf"(?P<day>\d{{1,2}})(?:\s*er)?(?:\s+(?P<month>{'|'.join(_MONTHS)})\b)?(?:\s+(?P<year>\d{{4}})\b)?", re.IGNORECASE
)
_ONE_OF_DAYS = re.sub(r"\?P<\w+>", "?:", _SHORT_DAY.pattern)
#: "lois des 7 janvier et 22 juillet 1983": the month and the year that a day lacks are those of the next.
_ON_DAYS = re.compile(
    rf"\s+des\s+(?P<days>{_ONE_OF_DAYS}(?:(?:\s*,(?:\s*et)?|\s+et)\s+{_ONE_OF_DAYS})+)(?<=\s\d{{4}})", re.IGNORECASE
)
#: A title between an act's name and its number: ALUR, « habitats », -cadre sur l'eau, REACH.
_TITLED = rf"(?:(?!\b(?:{_ANY}))[^\d.,;:()\n]){{0,60}}?"
#: The number of a French act, at most a title away from its name: "loi ALUR n° 2014-366". One without a sign is known
#: by its day, of the same year: "loi 2015-991 du 7 août 2015".
_NUMBER = re.compile(
    rf"(?:{_TITLED}\s{_SIGN}"
    rf"|\s(?=(?:\d\d)?(?P<of>\d\d)[-‐‑–]\d{{1,4}}{_ON.pattern}(?<=(?P=of))))"
    r"(?P<number>\d{2,4}\s?[-‐‑–]\s?\d{1,4})(?![\d/])",
    re.IGNORECASE,
)
#: The numbers after the first, in "lois nos 2013-403 et 2013-404".
_NEXT_NUMBER = re.compile(r"\s(?P<number>\d{2,4}[-‐‑–]\d{1,4})(?![\d/-])")
_OF_EUROPE = r"(?:UE|CE|CEE|Euratom)\b"
#: "directive 2006/112/CE du Conseil", "règlement (UE) n° 305/2011 du Parlement européen et du Conseil",
#: "directive « habitats » (92/43/CEE)", "règlement REACH n° 1907/2006".
_EUROPEAN = re.compile(
    rf"(?:{_TITLED}(?=\s\(?(?:\({_OF_EUROPE}\)|{_OF_EUROPE}|{_SIGN}|\d{{2,4}}/\d{{1,4}}/{_OF_EUROPE})))?"
    rf"\s+\(?(?:\(?{_OF_EUROPE}(?:,\s*\w+)?\)?\s*)?(?:{_SIGN})?(?P<number>(?:\d{{2,4}}/\d{{1,4}}|\d/\d{{4}})(?!\d)"
    rf"|(?<=[°ºo]\s)\d{{2,4}}-\d{{4}}(?!\d)|(?<=[°ºo])\d{{2,4}}-\d{{4}}(?!\d))(?:/{_OF_EUROPE})?\)?"
    r"(?:\s+du\s+(?:parlement europ[ée]en(?:,?\s+et\s+du\s+conseil)?|conseil),?(?=\s+du\s))?",
    re.IGNORECASE,
)
#: "loi Bachelot du 30 juillet 2003", "directive Seveso 2 du 9 décembre 1996", "loi « Florange » du 29 mars 2014".
_CALLED_ON = re.compile(
    rf"\s+(?:[«\"“]\s?)?(?-i:[A-ZÀ-Ý][\w’'-]*(?:\s[A-ZÀ-Ý\d][\w’'-]*){{0,2}})(?:\s?[»\"”])?{_ON.pattern}", re.IGNORECASE
)
_BILL = ("projet de ", "proposition de ", "projets de ", "propositions de ")
#: What has a day of its own behind "loi", before a "du"; and what no title has, for it begins a clause.
_OTHER = (
    rf"{_ANY}|circulaire|accord|arr[êe]t|avis|convention|courrier|d[ée]cision|instruction|jugement|lettre|rapport"
    r"|r[ée]union|compter|partir|publi|paru|journal|conseil|s[ée]ance|en date|vot|adopt|avant|apr[èe]s|depuis|lors"
    r"|attentats?|crise|discours|d[ée]claration|[ée]lections|question|r[ée]ponse|promulgu"
    r"|(?:qui|que|dont|où|selon|suite|notamment|dans (?:leurs?|sa|ses|son|une?|cette|ce|notre|votre))\b|qu[’']"
)
#: "loi d'amnistie du 4 août 1981", "loi sur l'eau et les milieux aquatiques du 30 décembre 2006".
_TITLED_ON = re.compile(
    r"\s(?:d[’']|(?:de|sur|pour|portant|relative)\s)"
    rf"(?:(?!\b(?:{_OTHER}))[^\d.,;:()\n]){{2,80}}?{_ON.pattern}",
    re.IGNORECASE,
)
_AND = re.compile(r"(?:\s*,(?:\s*et)?|\s+et)(?=\s)")

_CODES = (
    "code civil", "code de commerce", "code de déontologie médicale", "code de justice administrative",
    "code de justice militaire", "code de l'action sociale et des familles", "code de l'artisanat",
    "code de l'aviation civile", "code de l'éducation", "code de l'énergie",
    "code de l'entrée et du séjour des étrangers et du droit d'asile", "code de l'environnement",
    "code de l'expropriation pour cause d'utilité publique", "code de l'expropriation",
    "code de l'organisation judiciaire", "code de l'urbanisme", "code de la commande publique",
    "code de la consommation", "code de la construction et de l'habitation", "code de la défense",
    "code de la famille et de l'aide sociale", "code de la justice pénale des mineurs", "code de la mutualité",
    "code de la nationalité", "code de la propriété intellectuelle", "code de la recherche", "code de la route",
    "code de la santé publique", "code de la sécurité intérieure", "code de la sécurité sociale",
    "code de la voirie routière", "code de procédure civile", "code de procédure pénale", "code des assurances",
    "code des communes", "code des douanes", "code des impositions sur les biens et services",
    "code des juridictions financières", "code des marchés publics",
    "code des pensions civiles et militaires de retraite",
    "code des pensions militaires d'invalidité et des victimes de guerre", "code des ports maritimes",
    "code des postes et des communications électroniques", "code des postes et télécommunications",
    "code des procédures civiles d'exécution", "code des relations entre le public et l'administration",
    "code des transports", "code disciplinaire et pénal de la marine marchande", "code du cinéma et de l'image animée",
    "code du domaine de l'état", "code du patrimoine", "code du service national", "code du sport", "code du tourisme",
    "code du travail maritime", "code du travail", "code électoral", "code forestier",
    "code général de la fonction publique", "code général de la propriété des personnes publiques",
    "code général des collectivités territoriales", "code général des impôts", "code minier",
    "code monétaire et financier", "code pénal", "code pénitentiaire", "code rural et de la pêche maritime",
    "code rural", "livre des procédures fiscales",
)  # fmt: skip
# The texts of the 8th to the 10th have no accents.
_BARE = str.maketrans("éèêàâîôû’", "eeeaaiou'")
_WITH_ACCENTS = {code.translate(_BARE): code for code in _CODES}
_LONGEST_FIRST = re.sub(
    "[éèêàâîôû']",
    lambda letter: f"[{letter[0]}{letter[0].translate(_BARE)}’]",
    "|".join(sorted(_CODES, key=len, reverse=True)),
)
_SHORT = {
    "CGI": "code général des impôts",
    "CGCT": "code général des collectivités territoriales",
    "CESEDA": "code de l'entrée et du séjour des étrangers et du droit d'asile",
    "CASF": "code de l'action sociale et des familles",
    "CSP": "code de la santé publique",
    "CCH": "code de la construction et de l'habitation",
}
#: bis to decies, undecies to novodecies, vicies to novovicies, in italics or not.
_LATIN = r"\*?(?:bis|ter|quater|quinquies|sexies|septies|octies|nonies|\w{0,8}(?:decies|vicies))\b\*?"
_ARTICLE_NUMBER = (
    r"(?:(?:L\.?\s?O|[LRD])\.?\s?\\?\*?\s?)?\d{1,4}(?:er\b)?(?:-\d{1,4})*"
    rf"(?:\s{_LATIN})?(?:\s?[A-Z]{{1,2}}\b)?(?:\s{_LATIN})?"
)
_ARTICLES = re.compile(
    rf"[Aa]rt(?:icles?|\.)\s+(?P<numbers>{_ARTICLE_NUMBER}"
    rf"(?:(?:\s*,\s*|,?\s+et\s+|\s+ou\s+|\s+à\s+)(?:{_ARTICLE_NUMBER}))*)"
)
_LEFT_OUT = re.compile(r"\*|(?<=\d)er\b")  # of 200 *quater* A, and of 1er
_STUCK = re.compile(r"(?<=\d)(?=[A-Z])")  # in 4B, which is 4 B
_EACH_ARTICLE = re.compile(_ARTICLE_NUMBER)
_PREFIX = re.compile(r"(L\.?\s?O|[LRD])\.?\s?\\?\*?\s?")
#: What may stand between an article's number and its code.
_OF_CODE = re.compile(
    rf"(?:(?!\b(?:{_ANY}))[^.;:\n]){{0,50}}?\b(?:du|le)\s+(?:nouveau\s+)?"
    rf"(?P<code>{_LONGEST_FIRST})\b",
    re.IGNORECASE,
)
_OF_SHORT = re.compile(rf"\s+du\s+(?P<code>{'|'.join(_SHORT)})\b")
_OF_CONSTITUTION = re.compile(r"(?:,?\s+alin[ée]as?\s+\d+,?)?\s+de\s+la\s+Constitution\b")
#: What each text has of which `law_references` has a row: Arrow looks for it in a tenth of the time.
MAY_NAME = (
    rf"(?i)(?:^|[^a-z])(?:(?:{'|'.join(_KINDS)})[^.;]*\p{{Nd}}"
    r"|art(?:icles?|\.)[\s\pZ]+(?:l[.\s\pZ]*o|[lrd])?[.\s\pZ\\*]*\p{Nd})"
)


class _Named(NamedTuple):
    kind: str
    law_number: str | None
    dated_on: date | None
    code: str | None
    words: str


def law_references(question_text: str | None, answer_text: str | None) -> list[dict[str, Any]]:
    """Rows of `law_references`, but for the key: each act or article once a text, in the order of the text.

    Args:
        question_text: Markdown.
        answer_text: Markdown.
    """
    rows: list[dict[str, Any]] = []
    for text_of, text in (("question", question_text), ("answer", answer_text)):
        for one in _once(_named(text or "")):
            rows.append({"rank": len(rows) + 1, "text_of": text_of, **one._asdict()})
    return rows


def _once(named: list[_Named]) -> list[_Named]:
    """Each act once: what is named by its day alone is the one of that kind and day that has a number elsewhere."""
    found: dict[tuple[object, ...], _Named] = {}
    days = {(one.kind, one.dated_on) for one in named if one.law_number}
    dated = {(one.kind, one.law_number): one.dated_on for one in reversed(named) if one.dated_on}
    for one in named:
        if one.law_number is None and (one.kind, one.dated_on) in days:
            continue
        dated_on = one.dated_on or dated.get((one.kind, one.law_number))
        found.setdefault(
            (one.kind, one.law_number, one.code, one.law_number or dated_on), one._replace(dated_on=dated_on)
        )
    return list(found.values())


def _named(text: str) -> list[_Named]:
    """Every act and article that a text names, in order."""
    found = [one for act in _ACTS for at in _places(text, *act) for one in _acts(text, at)]
    found += [one for name in _ARTICLE for at in _places(text, *name) for one in _articles(text, at)]
    return [one for _, one in sorted(found, key=lambda one: one[0])]


def _places(text: str, letters: str, before: int) -> Iterator[int]:
    """Where words begin that have these letters after some: `find`, for an expression takes four times as long."""
    at = text.find(letters)
    while at >= 0:
        start = at - before
        if start == 0 or (start > 0 and not text[start - 1].isalpha()):
            yield start
        at = text.find(letters, at + len(letters))


def _acts(text: str, at: int) -> Iterator[tuple[int, _Named]]:
    head = _HEAD.match(text, at)
    if head is None:
        return
    kind = _KINDS[head["kind"].lower()]
    numbered = _EUROPEAN if kind in ("directive", "règlement") else _NUMBER
    start, end, number = at, head.end(), None
    if head["many"] and (days := _ON_DAYS.match(text, end)):
        if not text.endswith(_BILL, 0, at):
            yield from _of_days(text, at, kind, days)
        return
    while True:
        number = numbered.match(text, end) or (number and _NEXT_NUMBER.match(text, end))
        end = number.end() if number else end
        on = _ON.match(text, end) or (None if number else _CALLED_ON.match(text, end))
        if on is None and number is None and kind == "loi":
            on = _TITLED_ON.match(text, end)
        dated_on = _date(on["day"], on["month"], on["year"]) if on else None
        if number is None and (dated_on is None or text.endswith(_BILL, 0, at)):
            return
        end = on.end() if on else end
        told = None
        if number:
            told = re.sub("[‐‑–]", "-", re.sub(r"\s", "", number["number"]))
            told = told.replace("-", "/") if numbered is _EUROPEAN else told
        yield start, _Named(kind, told, dated_on, None, text[start:end].strip())
        both = _AND.match(text, end) if head["many"] else None
        if both is None:
            return
        start = end = both.end()


def _of_days(text: str, at: int, kind: str, days: re.Match[str]) -> Iterator[tuple[int, _Named]]:
    """The acts of a kind that are told by their days alone, the last first."""
    month = year = ""
    for place, each in reversed(list(enumerate(_SHORT_DAY.finditer(text, *days.span("days"))))):
        month, year = each["month"] or month, each["year"] or year
        start = each.start() if place else at
        if month and (dated_on := _date(each["day"], month, year)):
            yield start, _Named(kind, None, dated_on, None, text[start : each.end()])


def _date(day: str, month: str, year: str) -> date | None:
    try:
        return date(int(year), _MONTHS[month.lower()], int(day))
    except ValueError:  # no such day
        return None


def _articles(text: str, at: int) -> Iterator[tuple[int, _Named]]:
    found = _ARTICLES.match(text, at)
    if found is None:
        return
    of = _OF_SHORT.match(text, found.end()) or _OF_CODE.match(text, found.end())
    code = None
    if of:
        bare = of["code"].lower().translate(_BARE)
        code = _SHORT.get(of["code"]) or _WITH_ACCENTS.get(bare, bare)  # "ı" is an "i" to an expression alone
    elif of := _OF_CONSTITUTION.match(text, found.end()):
        code = "Constitution"
    words = text[at : of.end() if of else found.end()]
    before = None
    for each in _EACH_ARTICLE.finditer(found["numbers"]):
        written = each[0]
        if before and "-" in before[0] and written.isdigit() and " à " in found["numbers"][before.end() : each.start()]:
            written = f"{before[0].rpartition('-')[0]}-{written}"  # "L. 252-1 à 5"
        before = each
        prefix = _PREFIX.match(written)
        if code is None and prefix is None:
            continue
        number = _LEFT_OUT.sub("", written[prefix.end() :] if prefix else written)
        number = _STUCK.sub(" ", number)
        letters = "L.O." if prefix and "O" in prefix[1] else f"{prefix[1]}." if prefix else ""
        yield at + each.start(), _Named("article", f"{letters} {number}".strip(), None, code, words)
