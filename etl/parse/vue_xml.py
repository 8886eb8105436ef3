"""The `/vue/xml` form of a page: upper-case elements, no namespace, two DEPOT (docs/source/formats.md 4)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from etl.parse.draft import JO_TYPES, question_type
from etl.parse.markup import plain
from etl.parse.opendata_json import number
from etl.parse.record import Anomaly, Attribution, Body, Closure, Record, RecordError, Text, unknown_key
from etl.parse.xml_tree import OF_XML, markup_of, name_of

# Seen, and held by no column: the civility, the constituency but for its department, the number.
_IGNORED = frozenset((
    "CIVILITE", "CIRCONSCRIPTION/@NUMERO_CIRCONSCRIPTION", "CODE_DEPARTEMENT", "CODE_REGION", "REGION", "NUMERO_JO",
    "ORDRE/@NUMERO",
))  # fmt: skip
_TEXTS = frozenset(("TEXTE_DEPOT", "TEXTE_REPONSE"))


class _Node:
    """An element whose children and attributes are taken out by name; what is left becomes an anomaly."""

    def __init__(self, element: Any, path: str, odd: list[Anomaly]) -> None:  # noqa: ANN401
        self.path = path
        self.odd = odd
        self.attributes = dict(element.attrib)
        self.children = [child for child in element if name_of(child)]
        self.whole = " ".join("".join(element.itertext()).split())
        own = [element.text or "", *(child.tail or "" for child in element)]
        self.text = "".join(own) if not self.children else ""
        if path.rpartition("/")[2] in _TEXTS:
            self.text, self.children = markup_of(element), []
        if self.children and "".join(own).strip():
            odd.append(unknown_key(path, " ".join("".join(own).split())))

    def nodes(self, name: str) -> list[_Node]:
        """Takes the children of a name."""
        taken = [child for child in self.children if name_of(child) == name]
        self.children = [child for child in self.children if name_of(child) != name]
        return [_Node(child, f"{self.path}/{name}".lstrip("/"), self.odd) for child in taken]

    def node(self, name: str) -> _Node | None:
        """Takes the child of a name; a second child of that name is an anomaly."""
        nodes = self.nodes(name)
        for other in nodes[1:]:
            self.odd.append(Anomaly("repeated", "warning", other.path, other.whole[:200] or None))
        return nodes[0] if nodes else None

    def value(self, name: str) -> str | None:
        """Takes the text of the child of a name; None when empty or not there."""
        child = self.node(name)
        if child is None:
            return None
        child.done()
        return child.text.strip() or None

    def attribute(self, name: str) -> str | None:
        """Takes an attribute."""
        return self.attributes.pop(name, "").strip() or None

    def done(self) -> None:
        """Makes an anomaly of each attribute and child that was not taken."""
        here = self.path.rpartition("/")[2]
        for name, value in self.attributes.items():
            if f"{here}/@{name}" not in _IGNORED and not name.startswith(OF_XML):
                self.odd.append(unknown_key(f"{self.path}/@{name}", value))
        for child in self.children:
            if name_of(child) not in _IGNORED:
                text = " ".join("".join(child.itertext()).split())
                self.odd.append(unknown_key(f"{self.path}/{name_of(child)}".lstrip("/"), text))


def read(root: Any) -> tuple[Record, list[Anomaly]]:  # noqa: ANN401
    """Reads the QUESTION element.

    Raises:
        RecordError: number, type or legislature are not there.
    """
    odd: list[Anomaly] = []
    page = _Node(root, "", odd)
    kind = question_type(page.attribute("TYPE") or "")
    legislature = number(page.value("LEGISLATURE"), "LEGISLATURE")
    where, asked_text = _deposit(page)
    if where is None:
        raise RecordError("missing", "DEPOT/@NUMERO is missing")
    author = page.node("AUTEUR")
    group = page.node("GROUPE")
    place = page.node("CIRCONSCRIPTION")
    rubrique, tete_analyse, analyses = _index(page)
    asked = page.node("MINI")
    question = Text(where["type"] or JO_TYPES[kind][0], where["date"], where["page"], asked_text)
    questions, answers = _texts(page, kind, question)
    number_ = number(where["number"], "DEPOT/@NUMERO")
    record = Record(
        uid=f"QANR5L{legislature}{kind}{number_}",
        legislature=legislature,
        question_type=kind,
        number=number_,
        deputy_id=_id("PA", author.value("ID_ACTEUR")) if author else None,
        mandate_id=_id("PM", author.attribute("ID_MANDAT")) if author else None,
        author_name=_name(author),
        department=place.value("DEPARTEMENT") if place else None,
        group=_organ(group, "ID_GROUPE", "LIBELLE", group.attribute("SIGLE")) if group else Body(),
        ministry_asked=_organ(asked, "ID_MINI", "DEVELOPPE", asked.value("ABREGE")) if asked else Body(),
        attributions=_attributions(page),
        rubrique=rubrique,
        tete_analyse=tete_analyse,
        analyses=analyses,
        questions=questions,
        answers=answers,
        signalled=_days(page, "SIGNALEMENT", "DATE_JO", "DATE_DEPOT_SIGNAL"),
        renewed=_days(page, "RENOUVELLEMENT", "DATE_RENOUVELLEMENT"),
        closure=_closing(page),
    )
    for node in (author, group, place, asked, page):
        if node:
            node.done()
    return record, odd


def _deposit(page: _Node) -> tuple[dict[str, str | None] | None, str | None]:
    """The first DEPOT says where, the second has the text; either may be empty or missing."""
    where: dict[str, str | None] | None = None
    text: str | None = None
    for node in page.nodes("DEPOT"):
        number_ = node.attribute("NUMERO")
        published = {"date": node.value("DATE_JO"), "page": node.value("PAGE_JO"), "type": node.value("TYPE_JO")}
        if number_:
            where = {"number": number_, **published}
        written = node.node("TEXTE_DEPOT")
        if written and plain(written.text):
            if text:
                node.odd.append(Anomaly("repeated", "warning", written.path, written.whole[:200]))
            text = text or written.text.strip()
        node.done()
    return where, text


def _index(page: _Node) -> tuple[str | None, str | None, tuple[str, ...]]:
    """Rubrique, tête d'analyse and analyses."""
    index = page.node("INDEXATION_AN")
    if index is None:
        return None, None, ()
    rubrique, tete_analyse = index.attribute("RUBRIQUE"), index.value("TETE_ANALYSE")
    analyses: tuple[str, ...] = ()
    if analysis := index.node("ANALYSE"):
        analyses = tuple(text for node in analysis.nodes("ANA") or [analysis] if (text := node.text.strip()))
        analysis.done()
    index.done()
    return rubrique, tete_analyse, analyses


def _texts(page: _Node, kind: str, question: Text) -> tuple[tuple[Text, ...], tuple[Text, ...]]:
    """The question's texts and the answer's; a QG is published with its answer, and has no question text."""
    answer = _answer(page, kind)
    asked_errata = _errata(page, "ERRATUM_QUESTION", "Erratum de la question")
    answered_errata = _errata(page, "ERRATUM_REPONSE", "Erratum de la réponse")
    if kind != "QG" or question.text:
        return (question, *asked_errata), (*([answer] if answer else []), *answered_errata)
    if answer is None:
        answer = question if question.jo_date else None
    elif question.jo_date and answer.jo_date and question.jo_date != answer.jo_date:
        page.odd.append(Anomaly("qg_question_date", "warning", "DEPOT/DATE_JO", question.jo_date))
    return (), (*([answer] if answer else []), *asked_errata, *answered_errata)


def _name(author: _Node | None) -> str | None:
    if author is None:
        return None
    return " ".join(part for part in (author.value("PRENOM"), author.value("NOM")) if part) or None


def _id(prefix: str, value: str | None) -> str | None:
    """The pages have the numeric part of the open data's ids."""
    return f"{prefix}{value}" if value and value.isdigit() else value


def _organ(node: _Node, id_name: str, name: str, short: str | None) -> Body:
    return Body(_id("PO", node.value(id_name)), short, node.value(name))


def _orders(page: _Node, name: str) -> Iterator[_Node]:
    """The elements of a name, or the ORDRE in them; each is audited once the caller is through with it."""
    for group in page.nodes(name):
        for node in group.nodes("ORDRE") or [group]:
            yield node
            if node is not group:
                node.done()
        group.done()


def _attributions(page: _Node) -> tuple[Attribution, ...]:
    ordered: list[tuple[int, Attribution]] = []
    for node in _orders(page, "MINA"):
        ministry = _organ(node, "ID_MINA", "DEVELOPPE", node.value("ABREGE"))
        order = node.attribute("NUMERO")
        attribution = Attribution(ministry, node.value("TYPE_JO"), node.value("DATE_JO"))
        if attribution != Attribution(Body()):
            at = int(order) if order and order.isascii() and order.isdigit() else len(ordered) + 1
            ordered.append((at, attribution))
    return tuple(attribution for _, attribution in sorted(ordered, key=lambda pair: pair[0]))


def _errata(page: _Node, name: str, label: str) -> tuple[Text, ...]:
    errata = [
        Text(node.value("TYPE_JO"), node.value("DATE_JO"), node.value("PAGE_JO"), erratum=label)
        for node in _orders(page, name)
    ]
    return tuple(erratum for erratum in errata if erratum.jo_date or erratum.jo_page)


def _days(page: _Node, name: str, *fields: str) -> tuple[str, ...]:
    """The day of each element of a name: of its first field that has one."""
    days: list[str] = []
    for node in _orders(page, name):
        node.value("TYPE_JO")
        written = [day for field in fields if (day := node.value(field))] or [node.text.strip()]
        days += filter(None, written[:1])
        if not written[0] and node.whole:
            page.odd.append(Anomaly("bad_date", "error", node.path, node.whole[:200]))
    return tuple(days)


def _closing(page: _Node) -> Closure | None:
    node = page.node("CLOTURE")
    if node is None:
        return None
    day, where = node.value("DATE_JO"), node.value("PAGE_JO")
    node.value("TYPE_JO")
    closure = Closure(node.value("ABREGE"), node.value("LIBELLE"), day, day, where)
    node.done()
    return closure if closure != Closure() else None


def _answer(page: _Node, kind: str) -> Text | None:
    node = page.node("REPONSE")
    if node is None:
        return None
    written = node.node("TEXTE_REPONSE")
    text = written.text.strip() if written and plain(written.text) else None
    day, where = node.value("DATE_JO_REPONSE"), node.value("PAGE_JO_REPONSE")
    node.done()
    if written:
        written.done()
    return Text(JO_TYPES[kind][1], day, where, text) if text or day or where else None
