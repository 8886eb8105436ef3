"""What becomes of the Assembly's site: changed archives, a new government, the end of a legislature, the next one."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from etl.catalogue import Archive, archive, people
from etl.files.aside import aside
from etl.files.mark import MARK
from etl.sample.site import plan, write_archive
from etl.sample.weekly import write_issues
from tests.archives import unit_xml

Node = dict[str, Any]

LIVE = 17
GOVERNMENT_NAMED, DISSOLVED, OPENED, FIRST_ISSUE = (
    date(2026, 9, 9), date(2026, 10, 6), date(2026, 10, 20), date(2026, 11, 3),
)  # fmt: skip
NEW_REFS = 960_000  # numbers of made-up identifiers from here on are in no sample
ASSEMBLY, NEW_ASSEMBLY = "PO838901", f"PO{NEW_REFS}"
GOVERNMENT, NEW_GOVERNMENT = "PO873634", f"PO{NEW_REFS + 1}"


@dataclass
class Mornings:
    """The sample site of a number of questions, and what becomes of it.

    Attributes:
        site: its folder.
        questions: how many it has.
        seed: of the sample.
        changed: records of the live written questions that differ by now.
    """

    site: Path
    questions: int
    seed: int = 1
    changed: int = 0
    _ministries: dict[str, str] = field(default_factory=dict)

    def known_defects(self) -> None:
        """Adds what was measured in real archives and the sample does not have (docs/source/formats.md 7)."""
        spoken = dict(self._records(archive(15, "QG")))
        numbers = sorted(spoken, key=lambda name: int(spoken[name]["question"]["identifiant"]["numero"]))
        for first, second in zip(numbers[10:50:10], numbers[11:51:10], strict=True):  # numbers and days run apart
            one, other = spoken[first]["question"], spoken[second]["question"]
            for part in ("textesReponse", "cloture"):
                one[part], other[part] = other[part], one[part]
        _write(self.site / archive(15, "QG").path, spoken)

        spoken = dict(self._records(archive(16, "QG")))
        for name in list(spoken)[-27:]:  # one title, and one page, for a whole day
            question = spoken[name]["question"]
            question["indexationAN"]["analyses"] = {"analyse": "Tenue et équipement des gardes champêtres"}
            question["cloture"]["infoJO"]["pageJO"] = "8732"
        _write(self.site / archive(16, "QG").path, spoken)

    def one_in_xml(self) -> None:
        """An archive that the site has as XML and not as JSON."""
        of = archive(16, "QOSD")
        with _zip_at(self.site / replace(of, form="xml").path) as target:
            for _, record in self._records(of):
                target.writestr(f"xml/{record['question']['uid']}.xml", unit_xml(record["question"]))
        (self.site / of.path).unlink()

    def night(self, changes: int) -> None:
        """Some more live written questions change; the other archives of the legislature are only made anew."""
        self.changed += changes
        (live,) = (
            one
            for one in plan(self.site, self.questions, self.seed, self.changed)
            if (one.legislature, one.kind) == (LIVE, "QE")
        )
        write_archive(live)
        if self.changed == changes:  # an issue never changes, so the first night's stays
            write_issues(self.site, live.total, self.seed, changes)
        for made_anew in (archive(LIVE, "QG"), archive(LIVE, "QOSD"), people()):
            self._rewrite(made_anew, lambda _: None)

    def new_government(self) -> None:
        """Each ministry gets another identifier, and every question that waits is attributed anew."""

        def attribute(record: Node) -> None:
            question = record["question"]
            if question["cloture"] is None:
                held = _listed(question["minAttribs"]["minAttrib"])
                ministry = {**held[-1]["denomination"]}
                ministry["organeRef"] = self._ministry(ministry["organeRef"])
                moved = {"infoJO": _jo("JO_LOI_DECRET", GOVERNMENT_NAMED), "denomination": ministry}
                question["minAttribs"]["minAttrib"] = [*held, moved]

        self._rewrite(archive(LIVE, "QE"), attribute)
        organs = {name: record["organe"] for name, record in self._records(people()) if "organe" in record}
        old = {organ["uid"]: organ for organ in organs.values()}
        fresh = [_opened(old[GOVERNMENT], NEW_GOVERNMENT, GOVERNMENT_NAMED)]
        fresh += [
            _opened(old[ref], new, GOVERNMENT_NAMED) | {"organeParent": NEW_GOVERNMENT}
            for ref, new in self._ministries.items()
        ]

        def end(record: Node) -> None:
            organ = record.get("organe", {})
            if organ.get("uid") == GOVERNMENT or organ.get("organeParent") == GOVERNMENT:
                organ["viMoDe"]["dateFin"] = GOVERNMENT_NAMED.isoformat()

        self._rewrite(people(), end, {f"json/organe/{organ['uid']}.json": {"organe": organ} for organ in fresh})

    def dissolution(self) -> None:
        """The legislature ends: of the questions that wait, two in three are closed, the others just stay."""

        def close(record: Node) -> None:
            question = record["question"]
            if question["cloture"] is None and int(question["identifiant"]["numero"]) % 3:
                jo = _jo("JO_QUESTION", DISSOLVED)
                question["cloture"] = {
                    "codeCloture": "FL",
                    "libelleCloture": "Fin de mandat",
                    "dateCloture": DISSOLVED.isoformat(),
                    "infoJO": jo,
                }

        def end(record: Node) -> None:
            if record.get("organe", {}).get("uid") == ASSEMBLY:
                record["organe"]["viMoDe"]["dateFin"] = DISSOLVED.isoformat()
            for mandate in _mandates(record):
                if mandate["legislature"] == str(LIVE) and mandate["dateFin"] is None:
                    mandate["dateFin"] = DISSOLVED.isoformat()

        self._rewrite(archive(LIVE, "QE"), close)
        self._rewrite(people(), end)

    def next_legislature(self, count: int) -> None:
        """The next one opens: its first written questions, and people in its own folder."""
        asked = [record for _, record in self._records(archive(LIVE, "QE"))][-count:]
        authors = {record["question"]["auteur"]["identite"]["acteurRef"] for record in asked}
        mandates = {actor: f"PM{NEW_REFS + rank}" for rank, actor in enumerate(sorted(authors))}
        members = dict(_first_questions(asked, mandates))
        _write(self.site / archive(LIVE + 1, "QE").path, members)
        _write(self.site / people([LIVE + 1]).path, dict(self._next_people(mandates)))

    def _next_people(self, mandates: dict[str, str]) -> Iterator[tuple[str, Node]]:
        for name, record in self._records(people()):
            held = list(_mandates(record))
            if held and (uid := mandates.get(record["acteur"]["uid"]["#text"])):
                before = next(one for one in held if one["typeOrgane"] == "ASSEMBLEE")
                elected = {**before, "uid": uid, "legislature": str(LIVE + 1), "dateFin": None}
                elected |= {"dateDebut": OPENED.isoformat(), "organes": {"organeRef": NEW_ASSEMBLY}}
                record["acteur"]["mandats"]["mandat"] = [*held, elected]
            yield name, record
            if record.get("organe", {}).get("uid") == ASSEMBLY:
                organ = _opened(record["organe"], NEW_ASSEMBLY, OPENED) | {"legislature": str(LIVE + 1)}
                yield f"json/organe/{NEW_ASSEMBLY}.json", {"organe": organ}

    def _ministry(self, ref: str) -> str:
        return self._ministries.setdefault(ref, f"PO{NEW_REFS + 2 + len(self._ministries)}")

    def _records(self, of: Archive) -> Iterator[tuple[str, Node]]:
        with zipfile.ZipFile(self.site / of.path) as zipped:
            for name in zipped.namelist():
                yield name, json.loads(zipped.read(name))

    def _rewrite(self, of: Archive, change: Callable[[Node], None], more: dict[str, Node] | None = None) -> None:
        members = dict(self._records(of))
        for record in members.values():
            change(record)
        _write(self.site / of.path, members | (more or {}))


def _write(path: Path, members: dict[str, Node]) -> None:
    with _zip_at(path) as target:
        for name, record in members.items():
            target.writestr(name, json.dumps(record))  # dated now: the same records never make the same zip twice


@contextmanager
def _zip_at(path: Path) -> Iterator[zipfile.ZipFile]:
    with aside(path) as part, zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as target:
        yield target
        target.comment = MARK


def _first_questions(records: list[Node], mandates: dict[str, str]) -> Iterator[tuple[str, Node]]:
    """The questions again, as the first of the next legislature: without an answer, from their authors' new mandate."""
    for number, record in enumerate(records, 1):
        question = record["question"]
        uid = f"QANR5L{LIVE + 1}QE{number}"
        question["uid"] = uid
        question["identifiant"] |= {"numero": str(number), "legislature": str(LIVE + 1)}
        identity = question["auteur"]["identite"]
        identity["mandatRef"] = mandates[identity["acteurRef"]]
        jo = _jo("JO_QUESTION", FIRST_ISSUE, 5_000 + number)
        text = _listed(question["textesQuestion"]["texteQuestion"])[0]
        question["textesQuestion"] = {"texteQuestion": {"infoJO": jo, "texte": text["texte"]}}
        ministry = _listed(question["minAttribs"]["minAttrib"])[-1]["denomination"]
        question["minInt"] = ministry
        question["minAttribs"] = {"minAttrib": {"infoJO": jo, "denomination": ministry}}
        question |= {"textesReponse": None, "cloture": None, "signalement": None, "renouvellements": None}
        yield f"json/{uid}.json", record


def _opened(organ: Node, uid: str, day: date) -> Node:
    """The successor of a body."""
    return {**organ, "uid": uid, "viMoDe": {"dateDebut": day.isoformat(), "dateAgrement": None, "dateFin": None}}


def _mandates(record: Node) -> Iterator[Node]:
    if "acteur" in record:
        yield from _listed(record["acteur"]["mandats"]["mandat"])


def _jo(kind: str, day: date, page: int | None = None) -> Node:
    shown = {"typeJO": kind, "dateJO": day.isoformat(), "pageJO": str(page) if page else None}
    return {**shown, "numJO": None, "urlLegifrance": None, "referenceNOR": None}


def _listed(node: Any) -> list[Node]:  # noqa: ANN401
    return node if isinstance(node, list) else [node]
