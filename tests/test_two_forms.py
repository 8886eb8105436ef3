"""The same questions in JSON and in XML are the same rows, and a source that goes from one to the other changes nothing."""

from __future__ import annotations

import json
import re
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from etl.catalogue import archive
from etl.errors import SourceError
from etl.fetch import fetch, latest, next_legislatures
from etl.files.sealed import unseal
from etl.lake import files, markers
from etl.lake.markers import Partition
from etl.lake.partition import Staged
from etl.run.questions import prepare, prepare_all
from etl.settings import Settings
from tests import work
from tests.archives import Node, archive_of, closure, info_jo, organ, question, site, written, zip_of
from tests.archives import element as xml
from tests.work import run_of

SOURCE = ("source_sha256", "source_member")
NOW, LATER = datetime(2026, 9, 22, 4, 30, tzinfo=UTC), datetime(2026, 9, 23, 4, 30, tzinfo=UTC)
NIL = {"@xsi:nil": "true"}
TABLE = (
    'Voici : <!-- DEBTAB --> <table border=1><tr><td rowspan=2">R&D</td><td>1 < 2</td></tr></br><tr><td>&#339;uvre'
    "</td></tr></table> <!-- FINTAB --> » /em>Enfin, <strong>Mme X . </strong><br />& ]]> &amp;amp; fin\u00a0!"
)
DEBATE = '</p><p align="CENTER"> TITRE <a name=PG1></a> </p><br><strong>M. le président. </strong>Oui. <br> <p>'


def rich(legislature: int, question_type: str) -> list[Node]:
    """Questions that have, together, all that a record can have."""
    first = question(legislature, question_type, 1)
    day = datetime.fromisoformat("2025-05-06" if legislature > 16 else "2016-05-03").date()

    def attribution(number: int) -> Node:
        name = f"Ministère de l’énergie & du <climat> n° {number}"
        return {
            "infoJO": info_jo(legislature, day, "JO_LOI_DECRET", page=None),
            "denomination": organ(legislature, 800000 + number, f"Énergie {number}", name),
        }

    def text(what: str, erratum: Any = None) -> Node:
        return {"infoJO": info_jo(legislature, day, page=12), "texte": what, "erratum": erratum}

    renewal, again = ({"infoJO": info_jo(legislature, day + timedelta(weeks=weeks))} for weeks in (0, 8))
    heading = "ANALYSE" if legislature == 15 else "analyses"
    many = {heading: {"ANA" if legislature == 15 else "analyse": ["l'eau", None, "R&D « à part »"]}}
    written_twice = {"texteQuestion": [text("Une <i>question</i>"), text("La même, <b>complétée</b>", "Lire : 3")]}
    return [
        first,
        question(legislature, question_type, 2, question_text=TABLE, answer_text=DEBATE),
        question(
            legislature,
            question_type,
            3,
            **many,
            minAttribs={"minAttrib": [attribution(1), None, attribution(2), attribution(3)]},
            textesQuestion=written_twice,
            textesReponse={"texteReponse": [text(TABLE), text(DEBATE, {"texte": "Un <b>erratum</b>"})]},
            renouvellements={"renouvellement": [renewal, NIL, again]},
            signalement={"dateDepotSignal": written(legislature, day), "infoJO": None},
        ),
        question(
            legislature,
            question_type,
            4,
            answered=None,
            renouvellements={"renouvellement": renewal},
            signalement=NIL,
            rubrique="   ",
            minInt="",
            auteur=NIL if legislature != 14 else None,
            textesQuestion={"texteQuestion": text(None)},
            cloture=closure(legislature, day, None, "Retrait à l'initiative de l'auteur"),
        ),
        question(legislature, question_type, 5, textesReponse=None, cloture={}, minAttribs={"minAttrib": {}}),
        question(legislature, question_type, 6, uid="faux"),
        question(legislature, question_type, 7, inconnu={"a": ["1", "2"]}, renouvellements=None),
    ]


def french_dates(node: Any) -> Any:
    """The node with its ISO dates as DD/MM/YYYY, which the XML of the XVI and XVII is said to have (docs/source/formats.md 1)."""
    as_text = json.dumps(node, ensure_ascii=False)
    return json.loads(re.sub(r'"(\d{4})-(\d\d)-(\d\d)"', r'"\3/\2/\1"', as_text))


def build(home: Path, key: tuple[int, str], form: str, content: bytes, pool: Any, at: datetime = NOW) -> Staged:
    raw = home / f"{form}.zip"
    raw.parent.mkdir(parents=True, exist_ok=True)
    raw.write_bytes(content)
    one = replace(archive(*key), form=form)
    built = work.build(one, raw, home / "lake", pool, at)
    markers.commit(home / "lake", built.partition)
    return built


def rows(home: Path, partition: Partition, *but: str) -> dict[str, list[dict[str, Any]]]:
    """Every table of the partition, without what tells where a record lay."""
    found: dict[str, list[dict[str, Any]]] = {}
    for name in (*markers.TABLES, "ops.anomalies", "ops.quarantine"):
        tables = [files.read(path).to_pylist() for path in partition.files(home / "lake", name)]
        found[name] = [{key: value for key, value in row.items() if key not in but} for one in tables for row in one]
    return found


@pytest.mark.parametrize("cdata", [False, True])
@pytest.mark.parametrize("question_type", ["QE", "QG", "QOSD"])
@pytest.mark.parametrize("legislature", [14, 15, 16, 17])
def test_the_same_questions_are_the_same_rows(tmp_path, pool, legislature, question_type, cdata):
    nodes, key = rich(legislature, question_type), (legislature, question_type)
    in_xml = [french_dates(node) for node in nodes] if legislature > 15 else nodes
    in_json = build(tmp_path / "a", key, "json", archive_of(*nodes), pool)
    from_xml = build(tmp_path / "b", key, "xml", archive_of(*in_xml, form="xml", cdata=cdata), pool)
    assert (in_json.records, in_json.quarantined) == (from_xml.records, from_xml.quarantined) == (7, 1)
    expected = rows(tmp_path / "a", in_json.partition, *SOURCE, "member", "raw")
    assert rows(tmp_path / "b", from_xml.partition, *SOURCE, "member", "raw") == expected
    assert [row["question_number"] for row in expected["questions"]] == [1, 2, 3, 4, 5, 7]
    assert [row["rank"] for row in expected["attributions"] if row["question_number"] == 3] == [1, 2, 3]
    assert [row["rank"] for row in expected["renewals"] if row["question_number"] == 3] == [1, 2]
    assert {row["kind"] for row in expected["ops.anomalies"]} >= {"unknown_key"}
    three = expected["questions"][2]
    assert three["analyses"] == ["l'eau", "R&D « à part »"]
    assert three["ministry_name"] == "Ministère de l’énergie & du <climat> n° 3"
    first, *_ = (row["text"] for row in expected["answer_texts"] if row["question_number"] == 3)
    assert "| R&D | 1 < 2 |" in first


@pytest.mark.parametrize("order", [("json", "xml"), ("xml", "json")])
@pytest.mark.parametrize("legislature", [14, 17])
def test_a_switch_of_form_changes_nothing(tmp_path, pool, legislature, order):
    key, nodes = (legislature, "QE"), rich(legislature, "QE")
    archives = {"json": archive_of(*nodes), "xml": archive_of(*nodes, form="xml")}
    first = build(tmp_path, key, order[0], archives[order[0]], pool)
    before = rows(tmp_path, first.partition, "member", "raw")
    second = build(tmp_path, key, order[1], archives[order[1]], pool, LATER)
    assert second.changed == 0
    assert second.partition.versions == []
    after = rows(tmp_path, second.partition, "member", "raw")
    for name in markers.TABLES:
        assert after[name] == before[name]
    third = build(tmp_path, key, order[1], archives[order[1]], pool, LATER)
    assert third.partition.digest == second.partition.digest


REAL = {15: "L15_Questions_gouvernement_XV.sample.json.zip", 16: "L16_Questions_gouvernement.sample.json.zip"}


@pytest.mark.parametrize("legislature", REAL)
def test_real_questions_turned_into_xml_are_the_same_rows(real, tmp_path, pool, legislature):
    with zipfile.ZipFile(real(f"json/{REAL[legislature]}")) as zipped:
        members = {name: zipped.read(name) for name in zipped.namelist() if name.endswith(".json")}
    in_xml = {
        name.replace("json", "xml"): xml("question", json.loads(raw)["question"], cdata=number % 2 == 0).encode()
        for number, (name, raw) in enumerate(members.items())
    }
    built = [
        build(tmp_path / form, (legislature, "QG"), form, zip_of(content), pool)
        for form, content in (("json", members), ("xml", in_xml))
    ]
    assert built[0].records == len(members) == built[0].changed
    assert built[1].quarantined == 0
    found = [rows(tmp_path / form, one.partition, *SOURCE) for form, one in zip(("json", "xml"), built, strict=True)]
    assert found[0] == found[1]


# -- which form is fetched


@pytest.fixture(name="home")
def _home(tmp_path) -> Settings:
    (tmp_path / "site").mkdir()
    return Settings(tmp_path / "home", str(tmp_path / "site"))


def test_json_is_taken_where_both_are(home):
    for form in ("json", "xml"):
        site(Path(home.source), {"17/QE": archive_of(question(), form=form)}, form)
    download = fetch(archive(17, "QE"), home, NOW)
    assert download is not None
    assert (download.form, download.url.endswith(".json.zip")) == ("json", True)


def test_xml_is_taken_where_there_is_no_json_and_nothing_new_is_nothing_done(home):
    key = archive(14, "QE")
    site(Path(home.source), {"14/QE": archive_of(*rich(14, "QE"), form="xml")}, "xml")
    first = prepare(key, run_of(home, NOW, "one"))
    assert (first.state, first.records, first.quarantined) == ("changed", 7, 1)
    assert prepare(key, run_of(home, LATER, "two")).state == "unchanged"
    known = latest(key, home)
    assert known is not None
    assert (known.form, known.fetched_at) == ("xml", NOW)
    site(Path(home.source), {"14/QE": archive_of(*rich(14, "QE"))})
    switched = prepare(key, run_of(home, LATER, "three"))
    assert (switched.records, switched.changed, switched.error) == (7, 0, None)
    partition = markers.partition(home.lake, (14, "QE"))
    assert partition is not None
    assert partition.versions == []


def test_bad_json_is_an_error_though_there_is_xml(home):
    site(Path(home.source), {"17/QE": b"<html>"})
    site(Path(home.source), {"17/QE": archive_of(question(), form="xml")}, "xml")
    with pytest.raises(SourceError, match="not a whole zip"):
        fetch(archive(17, "QE"), home, NOW)


def test_xml_that_holds_json_is_refused(home):
    site(Path(home.source), {"17/QE": archive_of(question())}, "xml")
    with pytest.raises(SourceError, match="no XML document"):
        fetch(archive(17, "QE"), home, NOW)


def test_one_asked_for_by_name_that_is_there_in_no_form_says_so(home):
    (outcome,) = prepare_all([archive(17, "QG")], run_of(home, NOW, "one"), named=True)
    assert "17/QG: " in str(outcome.error)
    assert "does not have it, as JSON or as XML" in str(outcome.error)


def test_the_next_legislature_is_found_by_its_json_and_then_read_in_any_form(home):
    site(Path(home.source), {"18/QE": archive_of(question(18), form="xml")}, "xml")
    assert next_legislatures(home) == ()
    site(Path(home.source), {"18/QE": archive_of(question(18))})
    assert next_legislatures(home) == (18,)


def test_a_manifest_written_before_there_was_xml_is_of_json(home):
    site(Path(home.source), {"17/QE": archive_of(question())})
    first = fetch(archive(17, "QE"), home, NOW)
    path = home.raw / "manifest.jsonl"
    path.write_bytes(unseal(path.read_bytes().rstrip()).replace(b', "form": "json"', b"") + b"\n")
    assert '"form"' not in path.read_text()
    again = fetch(archive(17, "QE"), home, LATER)
    assert first is not None
    assert again == replace(first, is_new=False)
