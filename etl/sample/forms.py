"""A question as the JSON of its legislature (docs/source/formats.md 2): every scalar a string."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from etl.sample.defects import spoil_node
from etl.sample.facts import FOLDERS, Organ
from etl.sample.question import Attribution, Closure, Jo, Published, Question, Signal

Node = dict[str, object]

NAMESPACES: Node = {
    "@xmlns": "http://schemas.assemblee-nationale.fr/referentiel",
    "@xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
}


def _iso(day: date) -> str:
    return day.isoformat()


def _french(day: date) -> str:
    return f"{day.day:02}/{day.month:02}/{day.year}"


def _text(value: int | None) -> str | None:
    return None if value is None else str(value)


def _one_or_list(nodes: list[Node]) -> object:
    """An object when single, a list when several."""
    return nodes[0] if len(nodes) == 1 else nodes


class Form:
    """How one legislature writes a question.

    Args:
        legislature: 14, 15, 16 or 17.
    """

    def __init__(self, legislature: int) -> None:
        self.legislature = legislature
        self.day: Callable[[date], str] = _french if legislature == 15 else _iso
        self.full = legislature >= 16

    def question(self, q: Question) -> Node:
        """The record: its keys in the source's order."""
        node: Node = {}
        if self.legislature >= 15:
            node |= NAMESPACES
            node["@xsi:type"] = FOLDERS[q.kind][3]
        node["uid"] = q.uid
        regime = "5eme R\ufffdpublique" if self.legislature == 15 else "5eme Republique"
        node["identifiant"] = {"numero": str(q.number), "regime": regime, "legislature": str(q.legislature)}
        node["type"] = q.kind
        node["indexationAN"] = self._index(q)
        node["auteur"] = {
            "identite": {"acteurRef": q.author.actor, "mandatRef": q.author.mandate},
            "groupe": {"organeRef": q.group.ref, "abrege": q.group.short, "developpe": q.group.name},
        }
        node["minInt"] = self._organ(q.asked)
        node["minAttribs"] = {"minAttrib": _one_or_list([self._attribution(q.kind, item) for item in q.attributions])}
        if q.kind != "QG":
            texts = [self._published(item, q.kind, asked=True) for item in q.questions]
            node["textesQuestion"] = {"texteQuestion": _one_or_list(texts)}
        elif self.full:
            node["textesQuestion"] = None
        texts = [self._published(item, q.kind, asked=False) for item in q.answers]
        node["textesReponse"] = {"texteReponse": _one_or_list(texts)} if texts else None
        node["cloture"] = self._closure(q.closure) if q.closure else None
        if q.kind != "QG":
            node["signalement"] = self._signal(q.signal) if q.signal else None
            renewals: list[Node] = [{"infoJO": self._jo(jo)} for jo in q.renewals]
            node["renouvellements"] = {"renouvellement": _one_or_list(renewals)} if renewals else None
        spoil_node(q, node)
        return node

    def _index(self, q: Question) -> Node:
        index: Node = {"rubrique": q.rubrique, "teteAnalyse": q.head}
        analyses = None if not q.analyses else q.analyses[0] if len(q.analyses) == 1 else q.analyses
        if self.legislature == 15:
            return index | {"ANALYSE": {"ANA": analyses}}
        return index | {"analyses": {"analyse": analyses}}

    def _organ(self, organ: Organ) -> Node:
        names: Node = {"abrege": organ.short, "developpe": organ.name}
        return names if self.legislature == 15 else {"organeRef": organ.ref} | names

    def _jo(self, jo: Jo | None) -> Node:
        """Six keys from the 16th on, four before."""
        node: Node = {
            "typeJO": jo.type if jo else None,
            "dateJO": self.day(jo.day) if jo else None,
            "pageJO": _text(jo.page) if jo else None,
            "numJO": _text(jo.issue) if jo else None,
        }
        if self.full:
            node |= {"urlLegifrance": None, "referenceNOR": None}
        return node

    def _short_jo(self, jo: Jo | None) -> Node:
        return {"typeJO": jo.type if jo else None, "dateJO": self.day(jo.day) if jo else None}

    def _attribution(self, kind: str, item: Attribution) -> Node:
        denomination = {"denomination": self._organ(item.ministry)}
        if kind == "QG" and not self.full:
            return {**denomination}
        return {"infoJO": self._jo(item.jo), **denomination}

    def _published(self, item: Published, kind: str, *, asked: bool) -> Node:
        short = (self.legislature <= 15 and kind == "QG") or (self.legislature == 14 and kind == "QOSD" and asked)
        node: Node = {"infoJO": self._short_jo(item.jo) if short else self._jo(item.jo), "texte": item.text}
        if item.erratum:
            node["erratum"] = item.erratum
        return node

    def _closure(self, closure: Closure) -> Node:
        jo = self._jo(closure.jo)
        if not self.full:
            jo.pop("numJO")
        return {
            "codeCloture": closure.code,
            "libelleCloture": closure.label,
            "dateCloture": self.day(closure.day),
            "infoJO": jo,
        }

    def _signal(self, signal: Signal) -> Node:
        return {"dateDepotSignal": self.day(signal.asked), "infoJO": self._jo(signal.jo)}
