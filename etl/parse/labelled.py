"""The head of a page, above the question's texts, line by line: "Question N° … de M. X (…)", "Rubrique > …", dates.

The pages of legislatures 14 to 16, the second layout of the 13th and their plain text have the same words here
(docs/source/formats.md 5.1, 5.2); only what parts the lines differs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from etl.parse.author import given_first, read_authors
from etl.parse.draft import Author, Draft, legislature_number, question_type, split_analyses
from etl.parse.events import kind_of, read_events
from etl.parse.markup import WHOLE, digits, fold, has_letters
from etl.parse.opendata_json import number
from etl.parse.record import Anomaly, RecordError, unknown_key

_LEGISLATURE = re.compile(r"\b(\d{1,2}|[VIX]{1,5})\s*(?:e|è|è[mr]e|[eé]me|i[eè]me)?\s*l[eé]gislature", re.IGNORECASE)
_NUMBER = re.compile(rf"\bQuestions?\s*(?:N\s*[°ºo]|num[eé]ro)\s*:?\s*({WHOLE})", re.IGNORECASE)
_TYPE = re.compile(
    r"\bQuestion\s+(?:[eé]crite|orale(?:\s+sans\s+d[eé]bat)?|au\s+gouvernement)\b|\b(?:QE|QG|QOSD)\b", re.IGNORECASE
)
_LABEL = re.compile(
    r"((?-i:M)inist[eè]re\s+(?:interrog[eé]|attributaire|r[eé]pondant)|(?-i:R)ubrique|(?-i:T)[eê]te\s+d['’]\s?analyse"
    r"|(?-i:A)nalyse|(?-i:T)itre)\s*[>:]",
    re.IGNORECASE,
)
_ANNOUNCED = re.compile(
    r"\W*+(?:Question\s+(?!N|[eé]crite|orale|au\b)|R[eé]ponse|Errat|Rectif|Date|Signal|Renouvel|Retrait|Caduc|Cl[oô]tur"
    r"|Changement|Publication)",
    re.IGNORECASE,
)
# What tells a dated line from a rubrique or a title that begins with the same word, as "Retrait du glyphosate".
_DATED = re.compile(r"\d\s?/\s?\d|\d\.\d+\.\d|(?::|\ble)$|^\W*+Question\s+(?:publi|retir|caduq)", re.IGNORECASE)
# A dated line goes on in the next one.
_WENT_ON = re.compile(r"\d+(?:/|\.\d+\.\d|$)|pages?\b|\(|le\s*:?$", re.IGNORECASE)
_NONE = ""


def read_head(head: Iterable[str], texts: str, odd: list[Anomaly]) -> Draft:
    """Reads the head of a page.

    Args:
        head: lines or cells.
        texts: of the question and its answer, to tell first name from family name.
        odd: anomalies are added here.

    Raises:
        RecordError: number, type or legislature are not there.
    """
    top, values, dated = _sorted(head, odd)
    draft = _read_top(" ".join(top), texts, odd)
    draft.asked = values.pop("ministere interroge", _NONE) or None
    draft.attributed = values.pop("ministere attributaire", _NONE) or values.pop("ministere repondant", _NONE) or None
    draft.rubrique = values.pop("rubrique", _NONE) or None
    draft.tete_analyse = values.pop("tete d'analyse", _NONE) or None
    title = values.pop("titre", _NONE)
    draft.analyses = (title,) if title else split_analyses(values.pop("analyse", _NONE), draft.legislature)
    for label, value in values.items():
        odd.append(unknown_key(label, value))
    for line in dated:
        draft.published.extend(read_events(line, odd))
    return draft


def _sorted(head: Iterable[str], odd: list[Anomaly]) -> tuple[list[str], dict[str, str], list[str]]:
    """The lines above the first label, the values by folded label, the dated lines."""
    top: list[str] = []
    values: dict[str, str] = {}
    dated: list[str] = []
    pending: str | None = None
    for line in head:
        labels = list(_LABEL.finditer(line))
        if labels:
            for at, named in enumerate(labels):
                end = labels[at + 1].start() if at + 1 < len(labels) else len(line)
                pending = fold(named[1]).replace("' ", "'")
                _set(values, pending, line[named.end() : end].strip(), odd)
            before = line[: labels[0].start()].strip()
            if before:
                (dated if _announces(before) else top).append(before)
        elif dated and pending is None and (_WENT_ON.match(line) or dated[-1].count("(") > dated[-1].count(")")):
            dated[-1] += f" {line}"
        elif pending and not values[pending] and not (_announces(line) and _DATED.search(line)):
            values[pending] = line
        elif _announces(line):
            dated.append(line)
            pending = None
        elif not values:
            top.append(line)
        elif has_letters(line):
            odd.append(unknown_key("page", line))
    return top, values, dated


def _set(values: dict[str, str], label: str, value: str, odd: list[Anomaly]) -> None:
    if values.get(label) and value and value != values[label]:
        odd.append(Anomaly("repeated", "warning", label, value[:200]))
        return
    values[label] = values.get(label) or value


def _announces(line: str) -> bool:
    """Whether a line begins with a label of something published; a rubrique may hold the same words elsewhere."""
    return _ANNOUNCED.match(line) is not None and (kind_of(line) is not None or any(map(str.isdigit, line)))


def _read_top(top: str, texts: str, odd: list[Anomaly]) -> Draft:
    numbered = _NUMBER.search(top)
    if numbered is None:
        raise RecordError("missing", 'the page has no "Question N°"')
    legislature = _LEGISLATURE.search(top)
    typed = _TYPE.search(top, numbered.end())
    rest = "" if typed is None else top[typed.end() :]
    typed = typed or _TYPE.search(top[: numbered.start()])
    if typed is None:
        raise RecordError("missing", f"the page does not say which type of question it is: {top[:120]!r}")
    draft = Draft(
        legislature=legislature_number(legislature[1] if legislature else None),
        question_type=question_type(typed[0]),
        number=number(digits(numbered[1]), "the number"),
        odd=odd,
    )
    middle = top[numbered.end() : typed.start() if typed.start() >= numbered.end() else len(top)]
    asked_by = re.sub(r"^\W*(?:de\b)?\s*", "", middle, count=1, flags=re.IGNORECASE)
    draft.authors = read_authors(asked_by)
    if typed[0].upper() in ("QE", "QG", "QOSD"):  # a FICHE QUESTION, which has the family name first
        draft.authors = [_turned(author, texts, odd) for author in draft.authors]
    for aside in (top[: numbered.start()], rest):
        left = _TYPE.sub(" ", _LEGISLATURE.sub(" ", aside)).replace("FICHE QUESTION", " ")
        if has_letters(left):
            odd.append(unknown_key("page", " ".join(left.split())))
    return draft


def _turned(author: Author, texts: str, odd: list[Anomaly]) -> Author:
    name = given_first(author.name or "", texts)
    if not name.certain:
        odd.append(Anomaly("name_order", "info", "author", f"{author.name}: read as {name.text}"))
    return Author(name.text or None, author.deputy_id, author.group, author.department)
