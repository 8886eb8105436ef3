"""The questions that a question's text names by their number, and whether it names them as a reminder."""

from __future__ import annotations

import re
from typing import Any

_NUMBER = r"(?:\d{1,3}(?:[ .\u00a0\u202f]\d{3})+|\d{1,6})(?![\d/–-]|S\b)"
_SIGN = r"(?:num[ée]ros?|n\s?[°ºo]\s?s?)\.?\s*"
_KIND = r"[ée]crites?|orales?|sans d[ée]bat|au gouvernement|signal[ée]es?|initiales?|pr[ée]c[ée]dentes?|parlementaires?"
_DAY = r"\d{1,2}(?:er|/\d{1,2}/\d{4}|\b)(?:\s+[^\W\d_]{3,9}\s+\d{4})?"
_TOLD = r"(?:publi|paru|pos|d[ée]pos|enregistr)"
#: "sa question écrite n° 61 042", "ses questions n° 12 et 15", "sa question orale, parue le 3 mai sous le numéro 7".
_NAMED = re.compile(  # a set first, then the rest without case: that is searched for ten times as fast
    rf"[Qq]uestion(?i:(?P<many>s)?(?P<kind>(?:\s+(?:{_KIND}))*)"
    rf"(?:,?\s+{_TOLD}[^.;:?!()]{{0,90}}(?=\s\()|,?\s+(?:{_TOLD}[^.;:?!]{{0,90}}?\s+)?(?:sous|portant) le"
    rf"|\s+r[ée]f[ée]renc[ée]e|\s+(?:en date )?du {_DAY})?,?\s+\(?{_SIGN}"
    rf"(?P<numbers>{_NUMBER}(?:(?:\s*,\s*|,?\s+et\s+)(?:{_SIGN}|(?(many)|(?!))){_NUMBER})*))"
)
#: What each text has of which `mentions` has a row: Arrow looks for it in a fraction of the time.
MAY_NAME = r"[Qq]uestion[^.;:?!]*(?i:num[ée]ros?|n[\s\pZ]?[°ºo][\s\pZ]?s?)\.?[\s\pZ]*\p{Nd}"
#: Around a question of the Senate, which has numbers of its own.
_POSED = r"\b(?:pos|d[ée]pos)[ée]+s?"
_SENATOR = r"[Ss][ée]nat(?:eur|rice)s?\b"
_JO_OF_SENATE = r"(?:\bJO|[Jj]ournal officiel)\s+(?:du\s+)?S[ée]nat\b"
_NAMES_SENATE = re.compile(rf"{_JO_OF_SENATE}|\b{_SENATOR}|{_POSED}\s(?:au|devant le)\s+S[ée]nat\b")
_OF_SENATE = re.compile(
    rf"[\s,()]{{0,3}}(?:du\s{_DAY}[\s,()]{{1,3}})?(?:{_POSED}\s+)?(?:(?:(?:au|du|devant le)\s+)?S[ée]nat\b"
    rf"|(?:du|(?:de|par)(?: M(?:\.|me))? l[ae])\s+{_SENATOR}"
    rf"|(?:de|par)\s+M(?:\.|me|lle|M\.)?\s[^.,;:?!]{{1,40}},\s+{_SENATOR})"
    rf"|(?:(?!uestion)[^.;:?!]){{0,60}}?{_JO_OF_SENATE}"
)
_BY_SENATOR = re.compile(rf"\b{_SENATOR}(?:\bM\.|(?!uestion)[^.;:?!]){{0,60}}{_POSED}\s[^.;:?!]{{0,20}}$")
_OWN = re.compile(r"\b(?:sa|ses|ma|mes)\s+(?:\w+\s+)?$", re.IGNORECASE)
_EACH = re.compile(_NUMBER)
_REMINDS = re.compile(
    r"\brappel|\brenouvel|\br[ée]it[èeé]r|\bsans r[ée]ponse"
    r"|\b(?:pas|aucune|jamais|attente|demande)\b[^.;]{0,40}\br[ée]ponse",
    re.IGNORECASE,
)
_BEFORE, _AFTER = 200, 300  # characters in which a reminder's words stand


def mentions(text: str | None, question_type: str, number: int) -> list[dict[str, Any]]:
    """Rows of `mentions`, but for the key; none for a question that the text says is the Senate's.

    Args:
        text: the question's, as Markdown.
        question_type: its own type.
        number: its own number: a text that names itself mentions nothing.
    """
    rows: dict[tuple[str, int], dict[str, Any]] = {}
    for mention in _NAMED.finditer(text or ""):
        assert text is not None
        around = text[max(0, mention.start() - _BEFORE) : mention.start()], text[mention.end() : mention.end() + _AFTER]
        if _is_of_senate(around[0], mention[0], around[1]):
            continue
        reminds = bool(_OWN.search(around[0]) and any(map(_REMINDS.search, around)))
        for written in _EACH.findall(mention["numbers"]):
            key = (_type(mention["kind"].lower()), int(re.sub(r"\D", "", written)))
            if key == (question_type, number) or key[1] == 0:
                continue
            row = {"mentioned_type": key[0], "mentioned_number": key[1], "reminds": reminds, "words": mention[0]}
            if key not in rows:
                rows[key] = {"rank": len(rows) + 1, **row}
            rows[key]["reminds"] |= reminds
    return list(rows.values())


def _is_of_senate(before: str, named: str, after: str) -> bool:
    return bool(_BY_SENATOR.search(before) or _NAMES_SENATE.search(named) or _OF_SENATE.match(after))


def _type(kind: str) -> str:
    return "QOSD" if "orale" in kind or "sans d" in kind else "QG" if "gouvernement" in kind else "QE"
