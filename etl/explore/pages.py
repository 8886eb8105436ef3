"""The explorer's HTML: lists of questions, a question with its whole life. The source's texts are escaped."""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from etl.explore import french

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

    from etl.explore.plots import Plot
    from etl.explore.queries import Row
    from etl.explore.release import Opened

OFFICIAL = "https://questions.assemblee-nationale.fr/q{legislature}/{legislature}-{question_number}{question_type}.htm"
EXCERPT = 220  # characters


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


def markdown(text: str) -> str:
    """A text as HTML: its own HTML is escaped, no picture is fetched, only addresses of web pages are linked."""
    return str(_renderer().render(text))


def listing(
    questions: list[Row], openers: list[str], total: int, page: int, last: int, turners: list[str], query: str
) -> str:
    """A page of a list of questions.

    Args:
        questions: rows, with an `excerpt`.
        openers: HTML of the button that opens each question.
        total: number of questions in the list.
        page: this page's number, from 1.
        last: the last page's number.
        turners: HTML of the buttons to the page before and the page after.
        query: the SQL that gave the rows.
    """
    if not questions:
        return f'<p class="anq-count">Aucune question</p><p>Enlevez un filtre ou un mot.</p>{sql(query)}'
    rows = "".join(f"<li>{opener}{_row(question)}</li>" for opener, question in zip(openers, questions, strict=True))
    before, after = turners
    return (
        f'<p class="anq-count">{french.many(total, "question", "questions")}</p><ol class="anq-rows">{rows}</ol>'
        f'<nav class="anq-pager">{before}<span>{french.number(page)} sur {french.number(last)}</span>{after}</nav>'
        f"{sql(query)}"
    )


def title(question: Row) -> str:
    """A question's heading."""
    text = question["title"] or "Sans titre"
    return text[:1].upper() + text[1:]


def plain(text: str) -> str:
    """A text with its Markdown escaped, for the label of a button."""
    return re.sub(r"([^\w\s])", lambda mark: f"&#{ord(mark[0])};", text)


def sql(query: str) -> str:
    """A query, folded away under a heading."""
    return f'<details class="anq-sql"><summary>Requête SQL</summary><pre><code>{escape(query)}</code></pre></details>'


def problem() -> str:
    """The page when there is no release to show."""
    return (
        '<p class="anq-warning" role="alert">Ces données sont absentes, ou trop anciennes pour cette page : '
        "<code>anq run</code> les renouvelle.</p>"
    )


def plot(plot: Plot, choices: str) -> str:
    """What stands above a plot: title, note, and the choices, as HTML."""
    return (
        f'<div class="anq-plot"><h2>{plot.title}</h2><p class="anq-note">{plot.note}</p>'
        f'<div class="anq-choices">{choices}</div></div>'
    )


def life(question: Row) -> str:
    """A question's page: author, dates, events and both texts."""
    sections = [
        f'<h2 tabindex="-1">{escape(title(question))}</h2>',
        f'<p class="anq-meta">{_badge(question["status"])} {_reference(question)}</p>',
        _facts(question),
        "<h3>Chronologie</h3>",
        _timeline(events(question)),
    ]
    if question["question_text"]:
        sections += ["<h3>Question</h3>", f'<div class="anq-text">{markdown(question["question_text"])}</div>']
    if question["answer_text"]:
        heading = "Échange en séance" if question["question_type"] == "QG" else "Réponse"
        sections += [f"<h3>{heading}</h3>", f'<div class="anq-text">{markdown(question["answer_text"])}</div>']
    address = OFFICIAL.format_map(question)
    sections.append(
        f'<p class="anq-note">Identifiant {escape(question["uid"])}. '
        f'<a href="{escape(address)}" rel="noreferrer">Voir sur le site de l’Assemblée nationale</a></p>'
    )
    return f'<article class="anq-question">{"".join(sections)}</article>'


def events(question: Row) -> list[Event]:
    """The events of a question's life, in order; those without a day come last."""
    all_events = [
        *_published(question["question_texts"], "asked", "Question publiée"),
        *_published(question["answer_texts"], "answered", "Réponse publiée"),
        *(Event(renewal["renewed_on"], "renewed", "Renouvelée par son auteur") for renewal in question["renewals"]),
    ]
    if question["question_date"] and not question["question_texts"]:
        all_events.append(
            Event(question["question_date"], "asked", "Question publiée", _page(question["question_page"]))
        )
    if question["answer_date"] and not question["answer_texts"]:
        all_events.append(Event(question["answer_date"], "answered", "Réponse publiée", _page(question["answer_page"])))
    ministries = question["attributions"]
    for before, after in pairwise(ministries):
        moved = f"de {before['ministry']} à {after['ministry']}"
        all_events.append(Event(after["jo_date"], "moved", "Changement d’attribution", moved))
    if question["signalled_on"]:
        all_events.append(
            Event(
                question["signalled_on"],
                "signalled",
                "Signalée par un président de groupe",
                "réponse due sous dix jours",
            )
        )
    if question["due_on"]:
        all_events.append(Event(question["due_on"], "due", "Échéance de deux mois"))
    if question["status"] in ("withdrawn", "lapsed", "closed"):
        label = question["closure_label"] or french.STATUSES[question["status"]]
        all_events.append(Event(question["closed_on"], "closed", label))
    kinds = ("asked", "moved", "signalled", "renewed", "due", "answered", "closed")
    return sorted(all_events, key=lambda event: (event.on or date.max, kinds.index(event.kind)))


def _row(question: Row) -> str:
    return (
        f'<p class="anq-meta">{_badge(question["status"])} {_reference(question)}{_dates(question)}</p>'
        f'<p class="anq-meta">{_who(question)}</p>'
        f'<p class="anq-excerpt">{escape(_excerpt(question["excerpt"]))}</p>'
    )


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


def _facts(question: Row) -> str:
    group = question["group_name"] or question["group_abbr"]
    asked, now = question["ministry_asked"], question["ministry"]
    facts = {
        "Auteur": question["author_name"] or question["deputy_id"],
        "Groupe": group,
        "Département": question["department"],
        "Ministère interrogé": asked,
        "Ministère attributaire": now if now != asked else None,
        "Rubrique": question["rubrique"],
        "Analyses": " ; ".join(question["analyses"] or ()),
        "Délai de réponse": _delay(question),
        "Réponse commune": question["same_answer"]
        and f"à {french.many(question['same_answer'], 'question', 'questions')}",
    }
    listed = "".join(
        f"<div><dt>{name}</dt><dd>{escape(str(value))}</dd></div>" for name, value in facts.items() if value
    )
    return f'<dl class="anq-facts">{listed}</dl>'


def _delay(question: Row) -> str | None:
    """Days from question to answer, and whether within two months where that is the rule. None for a QG."""
    if question["question_type"] == "QG" or not (question["question_date"] and question["answer_date"]):
        return None
    days = french.many((question["answer_date"] - question["question_date"]).days, "jour", "jours")
    if not question["due_on"]:
        return days
    return f"{days}, {'dans' if question['answer_date'] <= question['due_on'] else 'au-delà'} des deux mois"


def _timeline(events: list[Event]) -> str:
    lines = "".join(
        f'<li class="anq-{event.kind}"><time>{french.day(event.on) if event.on else "date inconnue"}</time> '
        f"<strong>{escape(event.what)}</strong> <span>{escape(event.detail)}</span></li>"
        for event in events
    )
    return f'<ol class="anq-timeline">{lines}</ol>'


def _badge(status: str) -> str:
    return f'<span class="anq-badge anq-{status}">{french.STATUSES[status]}</span>'


def _reference(question: Row) -> str:
    kind = french.TYPES[question["question_type"]]
    return f"{kind} n°\u00a0{question['question_number']}, {french.ordinal(question['legislature'])}\u00a0législature"


def _dates(question: Row) -> str:
    asked, answered = question["question_date"], question["answer_date"]
    dates = [f"posée le {french.day(asked)}"] if asked else []
    dates += [f"répondue le {french.day(answered)}"] if answered else []
    return "".join(f" · {text}" for text in dates)


def _who(question: Row) -> str:
    author = question["author_name"]
    group = f" ({question['group_abbr']})" if author and question["group_abbr"] else question["group_abbr"] or ""
    parts = (f"{author or ''}{group}", question["ministry"], question["rubrique"])
    return " · ".join(escape(part) for part in parts if part)


def _excerpt(text: str | None) -> str:
    """The beginning of a text, on one line, cut after a word."""
    line = " ".join((text or "").replace("*", "").replace("\\", "").split())
    return line if len(line) <= EXCERPT else f"{line[:EXCERPT].rpartition(' ')[0]}…"


@cache
def _renderer() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")


def header(release: Opened) -> str:
    """Title, number of questions, and day of the last fetch."""
    made_up = (
        '<p class="anq-warning">Données fictives, écrites par un programme : aucune de ces questions n’a été posée.</p>'
    )
    return (
        '<header class="anq-header"><h1>Les questions des députés au Gouvernement</h1>'
        f"<p>{french.many(release.questions, 'question', 'questions')} et leurs réponses · "
        f"données collectées le {french.day(release.fetched_on)}</p>{made_up if release.sample else ''}</header>"
    )


def footer(release: Opened) -> str:
    """Source, licence and release."""
    return (
        '<footer class="anq-footer">Source : Assemblée nationale, data.assemblee-nationale.fr. '
        "Licence Ouverte / Etalab 2.0. "
        f"Dernière collecte : {french.day(release.fetched_on)}. Version : {escape(release.name)}.</footer>"
    )
