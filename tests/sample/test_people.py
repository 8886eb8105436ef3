"""The sample's people: those that its questions name, with the defects of the real archive."""

from __future__ import annotations

import json
import zipfile
from datetime import date

import pytest

from etl.catalogue import people
from etl.sample import write_sample
from tests.sample.reading import listed, texts


@pytest.fixture(scope="module")
def members(site) -> dict[str, dict]:
    [root] = {parent.parent for parent in site.paths[0].parents if parent.name == "static"}
    with zipfile.ZipFile(root / people().path) as archive:
        return {name: json.loads(archive.read(name)) for name in archive.namelist()}


@pytest.fixture(scope="module")
def mandates(members) -> dict[str, dict]:
    found = [
        one
        for name, node in members.items()
        if "/acteur/" in name
        for one in listed(node["acteur"]["mandats"], "mandat")
    ]
    assert len({one["uid"] for one in found}) == len(found)
    return {one["uid"]: one for one in found}


def test_every_id_of_a_question_is_there(site, members, mandates):
    for question in site.records():
        author = question["auteur"]["identite"]
        mandate = mandates[author["mandatRef"]]
        assert (mandate["acteurRef"], mandate["legislature"]) == (
            author["acteurRef"],
            question["identifiant"]["legislature"],
        )
        group = question["auteur"]["groupe"]
        if group["organeRef"] != "POnull":
            organ = members[f"json/organe/{group['organeRef']}.json"]["organe"]
            assert (organ["libelleAbrev"], organ["libelle"]) == (group["abrege"], group["developpe"])
        asked = question["minInt"]
        if "organeRef" in asked:
            organ = members[f"json/organe/{asked['organeRef']}.json"]["organe"]
            assert organ["libelleAbrege"] == asked["abrege"]


def test_the_group_of_a_question_is_the_mandates_on_that_day(site, mandates):
    sat: dict[str, list[dict]] = {}
    for mandate in mandates.values():
        if mandate["typeOrgane"] == "GP":
            sat.setdefault(mandate["acteurRef"], []).append(mandate)
    compared = 0
    for question in site.records("QE", legislatures=(14, 16, 17)):
        day = texts(question, "Question")[0]["infoJO"]["dateJO"][:10]
        running = [
            one["organes"]["organeRef"]
            for one in sat[question["auteur"]["identite"]["acteurRef"]]
            if one["dateDebut"] <= day <= (one["dateFin"] or "9999")
        ]
        assert running == [question["auteur"]["groupe"]["organeRef"]]
        compared += 1
    assert compared > 1_000


def test_the_real_archives_defects(members, mandates):
    persons = [node["acteur"] for name, node in members.items() if "/acteur/" in name]
    assert {"@xsi:nil": "true"} in [one["etatCivil"]["ident"]["trigramme"] for one in persons]
    assert any(isinstance(one["mandats"]["mandat"], dict) for one in persons)
    assert any(isinstance(one["organes"]["organeRef"], list) for one in mandates.values())
    assert {one["legislature"] for one in mandates.values() if one["typeOrgane"] == "GOUVERNEMENT"} == {None}
    assert all(one["uid"] == {"@xsi:type": "IdActeur_type", "#text": one["uid"]["#text"]} for one in persons)
    assert all(date.fromisoformat(one["dateDebut"]) for one in mandates.values())


def test_the_seed_decides(tmp_path):
    for name, seed in (("one", 5), ("again", 5), ("other", 6)):
        write_sample(tmp_path / name, questions=0, seed=seed)
    one, again, other = ((tmp_path / name / people().path).read_bytes() for name in ("one", "again", "other"))
    assert one == again != other
