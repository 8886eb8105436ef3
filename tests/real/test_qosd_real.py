"""The 400 real QOSD of the 14th, all of them, each column by a reader of the standard library."""

from __future__ import annotations

import json
import re
import zipfile
from datetime import date
from typing import Any

import msgspec
import pytest

from etl.normalise.rows import Rows, rows
from etl.parse import opendata_json
from tests.rendered import blocks, source_lines

ARCHIVE = "json/L14_Questions_orales_sans_debat_XIV.sample.json.zip"


@pytest.fixture
def questions(real) -> list[dict[str, Any]]:
    with zipfile.ZipFile(real(ARCHIVE)) as archive:
        [name] = archive.namelist()
        document = json.loads(archive.read(name))
    [(_, inner)] = document.items()
    assert len(inner["question"]) == 400
    return inner["question"]


def listed(node: Any) -> list[Any]:
    """What may be one or several, as a list."""
    return node if isinstance(node, list) else [] if node is None else [node]


def line(text: str | None) -> str | None:
    return " ".join(text.split()) or None if text else None


def day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def expected(node: dict[str, Any]) -> dict[str, Any]:
    """The question's row, but for the texts, read by hand."""
    closure = node.get("cloture") or {}
    published = closure.get("infoJO") or {}
    attributions = [one["denomination"] for one in listed((node["minAttribs"] or {}).get("minAttrib")) if one]
    ministry = attributions[-1] if attributions else node["minInt"]
    analyses = [line(one) for one in listed((node["indexationAN"]["analyses"] or {}).get("analyse"))]
    head = line(node["indexationAN"]["teteAnalyse"])
    asked = listed((node["textesQuestion"] or {}).get("texteQuestion"))
    answered = listed((node["textesReponse"] or {}).get("texteReponse"))
    label = closure.get("libelleCloture")
    is_answered = label == "Réponse publiée"
    answer_day = next((day(one["infoJO"]["dateJO"]) for one in answered), None)
    return {
        "legislature": 14,
        "question_type": "QOSD",
        "question_number": int(node["identifiant"]["numero"]),
        "uid": node["uid"],
        "deputy_id": node["auteur"]["identite"]["acteurRef"],
        "mandate_id": node["auteur"]["identite"]["mandatRef"],
        "author_name": None,
        "group_id": node["auteur"]["groupe"].get("organeRef"),
        "group_abbr": line(node["auteur"]["groupe"]["abrege"]),
        "group_name": line(node["auteur"]["groupe"]["developpe"]),
        "department": None,
        "ministry_asked_id": None,
        "ministry_asked": line(node["minInt"]["abrege"]),
        "ministry_asked_name": line(node["minInt"]["developpe"]),
        "ministry_id": None,
        "ministry": line(ministry["abrege"]),
        "ministry_name": line(ministry["developpe"]),
        "rubrique": line(node["indexationAN"]["rubrique"]),
        "tete_analyse": None if head == "aucune tête d'analyse" else head,
        "analyses": analyses or None,
        "title": head if head != "aucune tête d'analyse" else analyses[0],
        "question_date": next((day(one["infoJO"]["dateJO"]) for one in asked), None),
        "question_page": next((int(one["infoJO"]["pageJO"]) for one in asked if one["infoJO"].get("pageJO")), None),
        "answer_date": answer_day or (day(published.get("dateJO")) if is_answered else None),
        "answer_page": int(published["pageJO"]) if is_answered and published.get("pageJO") else None,
        "signalled_on": None,
        "renewed_on": None,
        "reattributed_on": None,
        "closure_code": closure.get("codeCloture"),
        "closure_label": label,
        "closed_on": day(closure.get("dateCloture")),
        "status": "answered" if answered else {"Réponse publiée": "answered", None: "lapsed"}.get(label, "withdrawn"),
    }


def read(node: dict[str, Any]) -> tuple[Rows, list[str]]:
    record, odd = opendata_json.read(msgspec.json.encode(node), item=True)
    found = rows(record)
    return found, [anomaly.kind for anomaly in (*odd, *found.anomalies)]


def test_every_column_of_every_question(questions):
    for node in questions:
        found, kinds = read(node)
        row = {name: value for name, value in found.question.items() if not name.endswith(("_text", "sha256"))}
        assert row == expected(node), node["uid"]
        assert kinds == [], node["uid"]


def test_every_text_of_every_question(questions):
    for node in questions:
        found, _ = read(node)
        for table, key, inner in (
            ("question_texts", "textesQuestion", "texteQuestion"),
            ("answer_texts", "textesReponse", "texteReponse"),
        ):
            sent = listed((node[key] or {}).get(inner))
            children = found.children[table]
            assert [child["jo_date"] for child in children] == [day(one["infoJO"]["dateJO"]) for one in sent]
            for child, one in zip(children, sent, strict=True):
                whole = re.sub(r"<[A-Za-z]*\Z", "", one["texte"] or "")  # six texts end in a cut tag
                shown = [block for block in blocks(child["text"] or "") if block]
                assert shown == source_lines(whole), node["uid"]
        last = [child["text"] for child in found.children["answer_texts"] if child["text"]]
        assert found.question["answer_text"] == (last[-1] if last else None)
