"""What the peers share: which archives are new, and each question as a flat row with its attributions."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import ijson
import orjson

KEY = ("legislature", "question_type", "question_number")
ROOTS = {"QE": "questionsEcrites", "QG": "questionsGvt", "QOSD": "questionsOralesSansDebat"}
TYPES = {"questions_ecrites": "QE", "questions_gouvernement": "QG", "questions_orales_sans_debat": "QOSD"}

Row = dict[str, Any]


def unseen(site: Path, seen: dict[str, list[int]]) -> Iterator[Path]:
    """The archives whose size or time is not that in `seen`; each is noted there once the caller is done with it."""
    for path in sorted(site.rglob("questions/*/*.json.zip")):
        name, now = str(path.relative_to(site)), [path.stat().st_size, path.stat().st_mtime_ns]
        if seen.get(name) != now:
            yield path
            seen[name] = now


def questions(path: Path) -> Iterator[tuple[Row, list[Row]]]:
    """Each question of an archive and its attributions.

    An archive is one document, which is streamed, or has a file for each question (docs/source/formats.md 1).
    """
    for record in _records(path):
        yield _question(record), _attributions(record)


def _records(path: Path) -> Iterator[Row]:
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        if path.name.endswith("_XIV.json.zip"):
            with archive.open(names[0]) as document:
                yield from ijson.items(document, f"{ROOTS[TYPES[path.parent.name]]}.question.item", buf_size=1 << 20)
        else:
            for name in names:
                yield orjson.loads(archive.read(name))["question"]


def _question(record: Row) -> Row:
    identity, group = record["auteur"]["identite"], record["auteur"]["groupe"]
    index, asked = record["indexationAN"], record["minInt"]
    charged = (_many(record["minAttribs"], "minAttrib") or [{"denomination": asked}])[-1]["denomination"]
    texts, answers = _texts(record, "Question"), _texts(record, "Reponse")
    analyses = [*_many(index.get("analyses"), "analyse"), *_many(index.get("ANALYSE"), "ANA")]
    closure = _node(record.get("cloture"))
    renewals = _many(record.get("renouvellements"), "renouvellement")
    return {
        **_key(record),
        "uid": record["uid"],
        "deputy_id": _scalar(identity["acteurRef"]),
        "mandate_id": _scalar(identity["mandatRef"]),
        "group_id": _scalar(group["organeRef"]),
        "group_abbr": _scalar(group["abrege"]),
        "group_name": _scalar(group["developpe"]),
        "ministry_asked_id": _scalar(asked.get("organeRef")),
        "ministry_asked": _scalar(asked["abrege"]),
        "ministry_asked_name": _scalar(asked["developpe"]),
        "ministry_id": _scalar(charged.get("organeRef")),
        "ministry": _scalar(charged["abrege"]),
        "ministry_name": _scalar(charged["developpe"]),
        "rubrique": _scalar(index["rubrique"]),
        "tete_analyse": _scalar(index["teteAnalyse"]),
        "analyses": "; ".join(analyses) or None,
        **_published("question", texts[0] if texts else {}, texts[-1] if texts else {}),
        **_published("answer", answers[0] if answers else {}, answers[-1] if answers else {}),
        "signalled_on": _day(_node(record.get("signalement")).get("dateDepotSignal")),
        "renewed_on": _day(renewals[-1]["infoJO"]["dateJO"]) if renewals else None,
        "closure_code": _scalar(closure.get("codeCloture")),
        "closure_label": _scalar(closure.get("libelleCloture")),
        "closed_on": _day(closure.get("dateCloture")),
    }


def _attributions(record: Row) -> list[Row]:
    rows = []
    for rank, node in enumerate(_many(record["minAttribs"], "minAttrib"), 1):
        ministry, jo = node["denomination"], _node(node.get("infoJO"))
        rows.append({
            **_key(record), "rank": rank, "ministry_id": _scalar(ministry.get("organeRef")),
            "ministry": _scalar(ministry["abrege"]), "ministry_name": _scalar(ministry["developpe"]),
            "jo_type": _scalar(jo.get("typeJO")), "jo_date": _day(jo.get("dateJO")),
        })  # fmt: skip
    return rows


def _key(record: Row) -> Row:
    identity = record["identifiant"]
    return dict(zip(KEY, (int(identity["legislature"]), record["type"], int(identity["numero"])), strict=True))


def _published(side: str, first: Row, last: Row) -> Row:
    jo = _node(first.get("infoJO"))
    page = _scalar(jo.get("pageJO"))
    return {
        f"{side}_date": _day(jo.get("dateJO")),
        f"{side}_page": int(page) if page else None,
        f"{side}_text": _scalar(last.get("texte")),
    }


def _texts(record: Row, side: str) -> list[Row]:
    return _many(record.get(f"textes{side}"), f"texte{side}")


def _node(value: object) -> Row:
    return value if isinstance(value, dict) and "@xsi:nil" not in value else {}


def _many(parent: object, name: str) -> list[Any]:
    """A repeatable node: an object when single, a list when several; a missing one is written in four ways."""
    value = _node(parent).get(name)
    nodes = value if isinstance(value, list) else [value]
    return [node for node in nodes if node and not (isinstance(node, dict) and "@xsi:nil" in node)]


def _scalar(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _day(value: object) -> date | None:
    text = _scalar(value)
    if text is None:
        return None
    if text[2] == "/":
        return date(int(text[6:10]), int(text[3:5]), int(text[:2]))
    return date.fromisoformat(text[:10])
