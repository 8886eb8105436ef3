"""The archive of people and bodies into the lake: forms, oddities, what is set aside, what is refused."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.catalogue import people as people_archive
from etl.errors import SourceError
from etl.lake import files, markers, people
from etl.lake.reference import Staged
from etl.parse.amo_json import read_organ, read_person
from etl.parse.record import RecordError
from tests.amo import acteur, archive_of, mandat, members_of, organe
from tests.archives import zip_of

NOW = datetime(2026, 9, 1, 4, 30, tzinfo=UTC)
SITS = mandat("PM1", "ASSEMBLEE", "PO1", department="Gironde")
BODY = organe("PO1", "ASSEMBLEE", "Assemblée nationale")


def build(root: Path, archive: bytes, *, sha256: str = "0" * 64) -> Staged:
    path = root / f"{sha256}.zip"
    path.write_bytes(archive)
    return people.build(people_archive(), path, lake_path=root / "lake", fetched_at=NOW, sample=False)


def commit(root: Path, archive: bytes) -> Staged:
    staged = build(root, archive)
    markers.commit(root / "lake", staged.reference)
    return staged


def rows(root: Path, staged: Staged, table: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for path in staged.reference.paths(root / "lake", table):
        found += files.read(path).to_pylist()
    return found


def test_rows_of_each_table(tmp_path):
    ministry = mandat("PM3", "MINISTERE", ["PO7", "PO8"], legislature=None, libelle="L'eau")
    staged = build(tmp_path, archive_of(acteur("PA1", SITS, mandat("PM2", "GP", "PO2"), ministry), BODY))
    assert (staged.records, staged.changed, staged.quarantined, staged.anomalies) == (2, 2, 0, 0)
    assert rows(tmp_path, staged, "deputies") == [
        {
            "deputy_id": "PA1",
            "civility": "M.",
            "first_name": "Alain",
            "last_name": "David",
            "trigram": None,
            "born_on": date(1949, 6, 2),
            "birth_place": "Libourne",
            "birth_department": "Gironde",
            "birth_country": None,
            "profession": "Ingénieur",
            "profession_category": None,
            "profession_family": None,
            "hatvp_url": None,
        }
    ]
    sits, sat, sent = rows(tmp_path, staged, "mandates")
    assert (sits["department"], sits["department_number"], sits["constituency_number"]) == ("Gironde", "2A", 4)
    assert (sits["first_election"], sits["principal"], sits["seat"]) == (False, True, 7)
    assert (sits["started_on"], sits["ended_on"], sits["took_office_on"]) == (date(2024, 7, 7), None, date(2024, 7, 7))
    assert (sat["organ_id"], sat["organ_ids"], sat["department"]) == ("PO2", ["PO2"], None)
    assert (sent["organ_id"], sent["organ_ids"], sent["legislature"], sent["mission"]) == (
        "PO7",
        ["PO7", "PO8"],
        None,
        "L'eau",
    )
    [body] = rows(tmp_path, staged, "organs")
    assert (body["organ_id"], body["name"], body["started_on"]) == ("PO1", "Assemblée nationale", date(2024, 7, 1))


NIL = {"@xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance", "@xsi:nil": "true"}
MISSING = [None, "", {}, {"@xsi:nil": "true"}, NIL]


@pytest.mark.parametrize("nothing", MISSING)
def test_each_form_of_nothing(nothing):
    person, odd = read_person(
        member(acteur("PA1", **dict.fromkeys(("etatCivil", "profession", "uri_hatvp", "mandats"), nothing)))
    )
    assert (odd, person.last_name, person.profession, person.hatvp_url, person.mandates) == ([], None, None, None, ())
    person, odd = read_person(member(acteur("PA1", mandats={"mandat": nothing})))
    assert (odd, person.mandates) == ([], ())
    node = mandat(
        "PM1", "GP", nothing, **dict.fromkeys(("legislature", "election", "mandature", "infosQualite"), nothing)
    )
    [found] = read_person(member(acteur("PA1", node)))[0].mandates
    assert (found.organs, found.legislature, found.department, found.quality) == ((), None, None, None)
    organ, odd = read_organ(member(organe("PO1", "GP", positionPolitique=nothing, viMoDe=nothing, legislature=nothing)))
    assert organ is not None
    assert (odd, organ.position, organ.start, organ.legislature) == ([], None, None, None)


def member(node: dict[str, Any]) -> bytes:
    [content] = members_of(node).values()
    return content


def test_a_single_mandate_is_an_object_and_a_uid_may_be_a_string():
    listed, _ = read_person(member(acteur("PA1", SITS)))
    node = acteur("PA1", mandats={"mandat": {**SITS, "acteurRef": "PA1"}})
    single, odd = read_person(member({**node, "uid": "PA1"}))
    assert (single, odd) == (listed, [])


@pytest.mark.parametrize(
    "kind", ["PARPOL", "GP", {"@xsi:type": "x", "#text": "PARPOL"}, " PARPOL ", ["PARPOL"], [" GP "]]
)
def test_a_list_of_one_is_that_one_and_what_is_ignored_stays_ignored(kind):
    content = json.loads(member(acteur("PA1", SITS, mandat("PM2", kind, "PO2"))))
    acteur_ = content["acteur"]
    expected = ["PM1", "PM2"] if "GP" in str(kind) else ["PM1"]
    for listed in ({"acteur": [acteur_]}, {"acteur": {**acteur_, "mandats": [acteur_["mandats"]]}}, content):
        person, odd = read_person(json.dumps(listed).encode())
        assert ([mandate.uid for mandate in person.mandates], odd) == (expected, [])
    body = json.loads(member(organe("PO1", kind)))
    for listed in ({"organe": [body["organe"]]}, body):
        organ, odd = read_organ(json.dumps(listed).encode())
        assert (organ.organ_type if organ else None, odd) == ("GP" if "GP" in str(kind) else None, [])


@pytest.mark.parametrize("also", [None, {}, NIL, SITS], ids=str)
def test_a_mandate_that_is_missing_or_given_twice_is_none(also):
    content = json.loads(member(acteur("PA1", SITS)))
    [sits] = content["acteur"]["mandats"]["mandat"]
    content["acteur"]["mandats"]["mandat"] = [sits, sits if also is SITS else also]
    assert read_person(json.dumps(content).encode()) == read_person(member(acteur("PA1", SITS)))


def test_as_published_in_2025_with_namespaces_and_the_day_of_death():
    plain, _ = read_person(member(acteur("PA1", SITS)))
    node = acteur("PA1", {**NIL, **SITS, "@xsi:nil": None, "@xsi:type": "MandatParlementaire_type"})
    node["uid"] = {**NIL, "@xsi:type": "IdActeur_type", "#text": "PA1"} | {"@xsi:nil": None}
    node["etatCivil"]["dateDeces"] = NIL
    assert read_person(member(node)) == (plain, [])


@pytest.mark.parametrize("kind", ["COMSENAT", "COMSPSENAT", "DELEGSENAT", "GROUPESENAT", "CONSTITU", "PRESREP"])
def test_bodies_of_the_senate_and_the_state_are_left_out(kind):
    assert read_organ(member(organe("PO1", kind))) == (None, [])
    person, odd = read_person(member(acteur("PA1", mandat("PM1", kind, "PO1"))))
    assert (person.mandates, odd) == ((), [])


def test_other_kinds_are_left_out_unread_and_unknown_ones_told_of(tmp_path):
    committee = {"typeOrgane": "COMPER", "whatever": 1}
    staged = build(
        tmp_path,
        archive_of(
            acteur("PA1", SITS, committee, mandat("PM9", "CLUB", "PO9")),
            acteur("PA2", mandat("PM8", "CLUB", "PO9")),
            BODY,
            {"uid": "PO5", "codeType": "CIRCONSCRIPTION", "whatever": {}},
            organe("PO6", "CLUB"),
        ),
    )
    assert [row["mandate_id"] for row in rows(tmp_path, staged, "mandates")] == ["PM1"]
    assert [row["organ_id"] for row in rows(tmp_path, staged, "organs")] == ["PO1"]
    told = [(row["kind"], row["what"], row["value"]) for row in rows(tmp_path, staged, "ops.anomalies")]
    assert told == [
        ("unknown_code", "acteur.mandats.mandat.typeOrgane", "CLUB (2 in all, first in json/acteur/PA1.json)"),
        ("unknown_code", "organe.codeType", "CLUB (1 in all, first in json/organe/PO6.json)"),
    ]


def test_what_is_odd_is_read_and_counted(tmp_path):
    odd = {"dateDeces": "2020-01-01", "legislature": 17}
    people_of = [acteur(f"PA{n}", mandat(f"PM{n}", "GP", "PO2", dateDebut="hier", **odd)) for n in (1, 2)]
    people_of[1]["mandats"]["mandat"][0] |= {"nominPrincipale": "oui", "organes": {"organeRef": "POnull"}}
    staged = build(
        tmp_path, zip_of({**members_of(*people_of, BODY), "json/deport/D1.json": b"{}", "lisez-moi.txt": b""})
    )
    told = {(row["kind"], row["level"], row["what"]): row["value"] for row in rows(tmp_path, staged, "ops.anomalies")}
    assert {key: value.partition(" (")[0] for key, value in told.items()} == {
        ("bad_date", "error", "mandates.started_on"): "hier",
        ("bad_id", "warning", "mandates.organ_ids"): "POnull",
        ("number_for_string", "warning", "acteur.mandats.mandat.legislature"): "17",
        ("unexpected_member", "warning", "member"): "lisez-moi.txt",
        ("unknown_code", "warning", "mandates.principal"): "oui",
        ("unknown_key", "warning", "acteur.mandats.mandat.dateDeces"): '"2020-01-01"',
    }
    assert "(2 in all, first in json/acteur/PA1.json)" in told["bad_date", "error", "mandates.started_on"]
    assert [(row["started_on"], row["legislature"]) for row in rows(tmp_path, staged, "mandates")] == [(None, 17)] * 2


BAD = {
    "json": b"{",
    "shape": member(acteur("PA2", etatCivil="texte")),
    "missing": member(acteur("PA2", nom="")),
    "blank": member(acteur("PA2", nom=" \r\n")),
    "kind": member(acteur("PA2", mandat("PM2", "GP", "PO2", typeOrgane=None))),
    "identity": member(acteur("PA2", mandat("PM2", "GP", "PO2", acteurRef="PA7"))),
    "misplaced": member(acteur("PA7")),
    "duplicate": member(acteur("PA2", {**SITS, "acteurRef": "PA2"})),
}


@pytest.mark.parametrize("rule", BAD)
def test_a_bad_member_is_set_aside_and_what_it_gave_before_stays(tmp_path, rule):
    good = acteur("PA2", mandat("PM2", "GP", "PO2"))
    whole = commit(tmp_path, archive_of(acteur("PA1", SITS), good, BODY))
    members = members_of(acteur("PA1", SITS, nom="Durand"), good, BODY)
    members["json/acteur/PA2.json"] = BAD[rule]
    staged = commit(tmp_path, zip_of(members))
    assert (staged.quarantined, staged.changed) == (1, 1)
    [aside] = rows(tmp_path, staged, "ops.quarantine")
    assert (aside["rule"], aside["member"], aside["raw"]) == (
        "missing" if rule in ("kind", "blank") else rule,
        "json/acteur/PA2.json",
        BAD[rule],
    )
    assert (aside["question_type"], aside["question_number"]) == ("people", None)
    assert [row["last_name"] for row in rows(tmp_path, staged, "deputies")] == ["Durand", "David"]
    assert [row["mandate_id"] for row in rows(tmp_path, staged, "mandates")] == ["PM1", "PM2"]
    again = commit(tmp_path, archive_of(acteur("PA1", SITS), good, BODY))
    assert again.reference.digest == whole.reference.digest


def test_a_mandate_that_moved_to_another_is_not_kept_twice(tmp_path):
    moved = mandat("PM2", "GP", "PO2")
    commit(tmp_path, archive_of(acteur("PA1", dict(moved)), acteur("PA2"), BODY))
    members = members_of(acteur("PA1"), acteur("PA2", dict(moved)), BODY)
    staged = build(tmp_path, zip_of({**members, "json/acteur/PA1.json": b"{"}))
    assert [(row["mandate_id"], row["deputy_id"]) for row in rows(tmp_path, staged, "mandates")] == [("PM2", "PA2")]


@pytest.mark.parametrize(
    ("archive", "why"),
    [
        (b"PK no", "not a whole zip"),
        (zip_of({"json/QANR5L17QE1.json": b"{}"}), "no acteur and no organe"),
        (archive_of(acteur("PA1")), "no organe"),
        (zip_of({"json/acteur/PA1.json": b"{", "json/organe/PO1.json": b"["}), "2 of 2 records cannot be read"),
        (zip_of({f"json/acteur/PA{n}.json": b"{" for n in range(30)} | members_of(BODY)), "30 of 31 records"),
    ],
)
def test_what_is_no_archive_of_people_stops(tmp_path, archive, why):
    with pytest.raises(SourceError, match=why):
        build(tmp_path, archive)
    assert markers.reference(tmp_path / "lake", "people") is None


def test_the_same_archive_gives_the_same_files(tmp_path):
    archive = archive_of(acteur("PA10", SITS), acteur("PA9"), BODY)
    first = commit(tmp_path, archive)
    again = commit(tmp_path, archive)
    assert (first.changed, again.changed) == (3, 0)
    assert again.reference.files == first.reference.files
    assert [row["deputy_id"] for row in rows(tmp_path, again, "deputies")] == ["PA9", "PA10"]


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["uid", "mandat", "ident", "#text", "x"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(
    st.sampled_from(["uid", "etatCivil", "mandats", "profession", "adresses", "codeType", "viMoDe", "libelle"]),
    ANYTHING,
)
def test_anything_is_read_or_set_aside(key, value):
    for read, node in ((read_person, acteur("PA1", SITS)), (read_organ, organe("PO1", "GP"))):
        kind = "acteur" if read is read_person else "organe"
        try:
            read(json.dumps({kind: {**node, key: value}}).encode())
        except RecordError as error:
            assert str(error)
