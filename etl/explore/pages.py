"""The explorer's HTML, from templates that escape every value; a question's texts are Markdown."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from datetime import date
from functools import cache
from html import escape
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from etl.explore import french

if TYPE_CHECKING:
    from jinja2 import Environment
    from markdown_it import MarkdownIt

    from etl.explore.queries import Row

OFFICIAL = "https://questions.assemblee-nationale.fr/q{legislature}/{legislature}-{question_number}{question_type}.htm"
EXCERPT = 220  # characters
TEMPLATES = Path(__file__).with_name("templates")


class Event(NamedTuple):
    """An event in a question's life.

    Attributes:
        on: the day, None when the source gives none.
        kind: a class of the style sheet.
        what: the event, in French.
        detail: more about it, in French, or nothing.
    """

    on: date | None
    kind: str
    what: str
    detail: str = ""


class Text(NamedTuple):
    """A text of a question's page: its heading, the Markdown, and what to say if there is none."""

    heading: str
    text: str | None
    missing: str


class Fact(NamedTuple):
    """A fact of a question's page, or None, with the parameters of the page that it leads to, if any."""

    name: str
    value: str | None
    params: dict[str, str]


def render(template: str, **values: object) -> str:
    """A page.

    Args:
        template: file name in templates/.
        values: what the template names.
    """
    return _environment().get_template(template).render(values)


def markdown(text: str) -> str:
    """A text as HTML: its own HTML is escaped, no picture is fetched, only addresses of web pages are linked."""
    return str(_renderer().render(text))


def heading(question: Row) -> str:
    """A question's heading."""
    text = question["title"] or "Sans titre"
    return text[:1].upper() + text[1:]


def reference(question: Row) -> str:
    """`Question écrite n° 12, 17e législature`."""
    kind = french.TYPES[question["question_type"]]
    return f"{kind} n°\u00a0{question['question_number']}, {french.ordinal(question['legislature'])}\u00a0législature"


def status(question: Row) -> str:
    """A question's status, and whether the source has no text of its answer."""
    text = french.STATUSES[question["status"]]
    return f"{text}, texte manquant" if _answer_missing(question) else text


def excerpt(question: Row, stems: Collection[str]) -> str:
    """HTML of the place that has most of the words with these stems, marked; without any, of the beginning."""
    from etl.search.find import snippet

    texts = [plain(text) for text in (question["question_text"], question["answer_text"]) if text]
    if not stems:
        return escape(_beginning(texts[0] if texts else ""))
    return re.sub(r"\*\*(.+?)\*\*", r"<mark>\1</mark>", escape(snippet(texts, stems)))


def plain(text: str) -> str:
    """A text on one line, without the marks of Markdown."""
    return " ".join(re.sub(r"[*\\|]", " ", text).split())


def facts(question: Row) -> list[Fact]:
    """Author, ministries, headings and delay of a question, in order; what is unknown is left out."""
    asked, now = question["ministry_asked"], question["ministry"]
    deputy = {"depute": question["deputy_id"]} if question["deputy_id"] else {}
    shared = question["same_answer"]
    every = (
        Fact("Auteur", question["author_name"] or question["deputy_id"], deputy),
        Fact("Groupe", question["group_name"] or question["group_abbr"], {}),
        Fact("Département", question["department"], {}),
        Fact("Ministère interrogé", asked, {}),
        Fact("Ministère attributaire", now if now != asked else None, {}),
        Fact("Rubrique", question["rubrique"], {}),
        Fact("Analyses", " ; ".join(question["analyses"] or ()), {}),
        Fact("Délai de réponse", _delay(question), {}),
        Fact("Réponse commune", shared and f"à {french.many(shared, 'question', 'questions')}", {}),
    )
    return [fact for fact in every if fact.value]


def texts(question: Row) -> list[Text]:
    """The texts that a question of its type and status has, or should have."""
    session = question["question_type"] == "QG"
    asked = Text("Question", question["question_text"], "La source n’a pas le texte de cette question.")
    answered = Text(
        "Échange en séance" if session else "Réponse",
        question["answer_text"],
        "Cette question a une réponse, dont la source n’a pas le texte.",
    )
    shown = [] if session else [asked]
    return [*shown, answered] if answered.text or _answer_missing(question) else shown


def events(question: Row) -> list[Event]:
    """The events of a question's life, in order; those without a day come last."""
    all_events = [
        *_published(question["question_texts"], "asked", "Question publiée"),
        *_published(question["answer_texts"], "answered", "Réponse publiée"),
        *(Event(renewal["renewed_on"], "renewed", "Renouvelée par son auteur") for renewal in question["renewals"]),
        *_moves(question["attributions"]),
    ]
    if question["question_date"] and not question["question_texts"]:
        page = _page(question["question_page"])
        all_events.append(Event(question["question_date"], "asked", "Question publiée", page))
    if question["answer_date"] and not question["answer_texts"]:
        page = _page(question["answer_page"])
        all_events.append(Event(question["answer_date"], "answered", "Réponse publiée", page))
    if question["signalled_on"]:
        what, detail = "Signalée par un président de groupe", "réponse due sous dix jours"
        all_events.append(Event(question["signalled_on"], "signalled", what, detail))
    if question["due_on"]:
        all_events.append(Event(question["due_on"], "due", "Échéance de deux mois"))
    if question["status"] in ("withdrawn", "lapsed", "closed"):
        label = question["closure_label"] or french.STATUSES[question["status"]]
        all_events.append(Event(question["closed_on"], "closed", label))
    kinds = ("asked", "moved", "signalled", "renewed", "due", "answered", "closed")
    return sorted(all_events, key=lambda event: (event.on or date.max, kinds.index(event.kind)))


def _moves(ministries: list[Row]) -> list[Event]:
    """The changes of ministry, but for those to the same name, which a new government's list makes."""
    return [
        Event(after["jo_date"], "moved", "Changement d’attribution", f"de {before['ministry']} à {after['ministry']}")
        for before, after in pairwise(ministries)
        if before["ministry"] != after["ministry"]
    ]


def _published(texts: list[Row], kind: str, what: str) -> list[Event]:
    """The publications of a text; each after the first is a new version, and may bring an erratum."""
    return [
        Event(
            text["jo_date"],
            kind,
            what if number == 0 else f"{what} de nouveau",
            _page(text["jo_page"]) + (f", erratum : {text['erratum']}" if text["erratum"] else ""),
        )
        for number, text in enumerate(texts)
    ]


def _page(page: int | None) -> str:
    return f"Journal officiel, page {page}" if page else "Journal officiel"


def _delay(question: Row) -> str | None:
    """Days from question to answer, and whether within two months where that is the rule. None for a QG."""
    if question["question_type"] == "QG" or not (question["question_date"] and question["answer_date"]):
        return None
    days = french.many((question["answer_date"] - question["question_date"]).days, "jour", "jours")
    if not question["due_on"]:
        return days
    return f"{days}, {'dans' if question['answer_date'] <= question['due_on'] else 'au-delà'} des deux mois"


def _answer_missing(question: Row) -> bool:
    return question["status"] == "answered" and not question["answer_text"]


def _dates(question: Row) -> str:
    asked, answered = question["question_date"], question["answer_date"]
    dates = [f"posée le {french.day(asked)}"] if asked else []
    dates += [f"répondue le {french.day(answered)}"] if answered else []
    return "".join(f" · {text}" for text in dates)


def _who(question: Row) -> str:
    author = question["author_name"]
    group = f" ({question['group_abbr']})" if author and question["group_abbr"] else question["group_abbr"] or ""
    parts = (f"{author or ''}{group}", question["ministry"], question["rubrique"])
    return " · ".join(part for part in parts if part)


def _beginning(line: str) -> str:
    """The beginning of a line, cut after a word."""
    return line if len(line) <= EXCERPT else f"{line[:EXCERPT].rpartition(' ')[0]}…"


def _numeric(rows: list[Row], name: str) -> bool:
    return all(row[name] is None or isinstance(row[name], int | float) for row in rows)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters: dict[str, Callable[..., object]] = {
        "typeset": french.typeset,
        "day": french.day,
        "many": french.many,
        "number": french.number,
        "ordinal": french.ordinal,
        "cell": lambda value, name: french.cell(name, value),
        "column": lambda name: french.COLUMNS[name],
        "numeric": _numeric,
        "heading": heading,
        "reference": reference,
        "status": status,
        "dates": _dates,
        "who": _who,
        "markdown": markdown,
    }
    made.filters |= filters
    return made


@cache
def _renderer() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
