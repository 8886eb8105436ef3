"""The real people and bodies of 2025, all of them, each column by a reader of the standard library."""

from __future__ import annotations

import json
import zipfile
from datetime import date
from typing import Any

import pytest

from etl.normalise.person import organ_rows, person_rows
from etl.parse.amo_json import read_organ, read_person

ARCHIVE = "amo/AMO_sample_2025.json.zip"
KEPT = ("ASSEMBLEE", "GP", "GOUVERNEMENT", "MINISTERE")


@pytest.fixture
def members(real) -> dict[str, list[bytes]]:
    """The bytes of each acteur and each organe."""
    found: dict[str, list[bytes]] = {"acteur": [], "organe": []}
    with zipfile.ZipFile(real(ARCHIVE)) as archive:
        for name in archive.namelist():
            found[name.split("/")[1]].append(archive.read(name))
    assert {kind: len(raw) for kind, raw in found.items()} == {"acteur": 40, "organe": 262}
    return found


def told(node: Any, *path: str) -> Any:
    """What stands at a path; None where anything on it is missing or nil."""
    for key in path:
        node = node.get(key) if isinstance(node, dict) else None
    if isinstance(node, dict):
        node = node.get("#text")
    return node or None


def line(text: str | None) -> str | None:
    return " ".join(text.split()) or None if text else None


def day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def number(text: str | None) -> int | None:
    return int(text) if text else None


def flag(text: str | None) -> bool | None:
    return None if text is None else text == "1"


def deputy(node: dict[str, Any]) -> dict[str, Any]:
    ident, born, job = ("etatCivil", "ident"), ("etatCivil", "infoNaissance"), ("profession", "socProcINSEE")
    return {
        "deputy_id": told(node, "uid"),
        "civility": line(told(node, *ident, "civ")),
        "first_name": line(told(node, *ident, "prenom")),
        "last_name": line(told(node, *ident, "nom")),
        "trigram": line(told(node, *ident, "trigramme")),
        "born_on": day(told(node, *born, "dateNais")),
        "birth_place": line(told(node, *born, "villeNais")),
        "birth_department": line(told(node, *born, "depNais")),
        "birth_country": line(told(node, *born, "paysNais")),
        "profession": line(told(node, "profession", "libelleCourant")),
        "profession_category": line(told(node, *job, "catSocPro")),
        "profession_family": line(told(node, *job, "famSocPro")),
        "hatvp_url": line(told(node, "uri_hatvp")),
    }


def mandate(node: dict[str, Any]) -> dict[str, Any]:
    refs = (node.get("organes") or {}).get("organeRef")
    bodies = refs if isinstance(refs, list) else [refs] if refs else []
    place = ("election", "lieu")
    return {
        "mandate_id": told(node, "uid"),
        "deputy_id": told(node, "acteurRef"),
        "legislature": number(told(node, "legislature")),
        "organ_type": node["typeOrgane"],
        "organ_id": bodies[0] if bodies else None,
        "organ_ids": bodies or None,
        "quality": line(told(node, "infosQualite", "codeQualite")),
        "principal": flag(told(node, "nominPrincipale")),
        "mission": line(told(node, "libelle")),
        "department": line(told(node, *place, "departement")),
        "department_number": told(node, *place, "numDepartement"),
        "constituency_number": number(told(node, *place, "numCirco")),
        "constituency_id": told(node, "election", "refCirconscription"),
        "region": line(told(node, *place, "region")),
        "region_type": line(told(node, *place, "regionType")),
        "election_cause": line(told(node, "election", "causeMandat")),
        "first_election": flag(told(node, "mandature", "premiereElection")),
        "took_office_on": day(told(node, "mandature", "datePriseFonction")),
        "end_cause": line(told(node, "mandature", "causeFin")),
        "seat": number(told(node, "mandature", "placeHemicycle")),
        "replaced_mandate_id": told(node, "mandature", "mandatRemplaceRef"),
        "started_on": day(told(node, "dateDebut")),
        "ended_on": day(told(node, "dateFin")),
    }


def organ(node: dict[str, Any]) -> dict[str, Any]:
    return {
        "organ_id": told(node, "uid"),
        "organ_type": node["codeType"],
        "name": line(told(node, "libelle")),
        "abbr": line(told(node, "libelleAbrev")),
        "short_name": line(told(node, "libelleAbrege")),
        "parent_id": told(node, "organeParent"),
        "previous_id": told(node, "organePrecedentRef"),
        "legislature": number(told(node, "legislature")),
        "position": line(told(node, "positionPolitique")),
        "colour": line(told(node, "couleurAssociee")),
        "precedence": number(told(node, "preseance")),
        "started_on": day(told(node, "viMoDe", "dateDebut")),
        "ended_on": day(told(node, "viMoDe", "dateFin")),
    }


def test_every_person_and_mandate(members):
    mandates = 0
    for raw in members["acteur"]:
        node = json.loads(raw)["acteur"]
        person, odd = read_person(raw)
        tables, more = person_rows(person)
        sent = told_mandates(node)
        mandates += len(sent)
        assert tables == {"deputies": [deputy(node)], "mandates": list(map(mandate, sent))}, node["uid"]
        assert (odd, more) == ([], []), node["uid"]
    assert mandates == 72


def told_mandates(node: dict[str, Any]) -> list[dict[str, Any]]:
    sent = (node.get("mandats") or {}).get("mandat") or []
    return [one for one in (sent if isinstance(sent, list) else [sent]) if one["typeOrgane"] in KEPT]


def test_every_body(members):
    kept = 0
    for raw in members["organe"]:
        node = json.loads(raw)["organe"]
        read, odd = read_organ(raw)
        assert odd == []
        if node["codeType"] in KEPT:
            assert read is not None
            assert organ_rows(read) == ({"organs": [organ(node)]}, [])
            kept += 1
        else:
            assert read is None
    assert kept == 10
