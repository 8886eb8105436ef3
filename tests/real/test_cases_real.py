"""The inputs of ../shared/cases that once came out wrong, each with what is right."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from etl.catalogue import archive
from etl.errors import SourceError
from etl.fetch.archive_file import verify_zip
from etl.normalise.person import person_rows
from etl.normalise.rows import rows
from etl.parse.amo_json import read_organ, read_person
from etl.parse.forms import read_document
from tests.rendered import blocks

CASES = Path(__file__).parents[3] / "shared" / "cases"


def case(start: str) -> bytes:
    for path in CASES.glob(f"{start}*"):
        return path.read_bytes()
    pytest.skip(f"../shared/cases has no {start}")


def read(start: str) -> tuple[dict[str, Any], list[str]]:
    record, odd = read_document(case(start))
    found = rows(record)
    return found.question, [anomaly.kind for anomaly in (*odd, *found.anomalies)]


def test_breaks():
    row, _ = read("pages/1a")
    assert blocks(row["answer_text"]) == [
        "Mme le president. Un.",
        "La parole est a M. Cova.",
        "M. Charles Cova. Deux.",
    ]
    row, _ = read("pages/1b")
    source = case("pages/1b").decode().lower()
    assert len(blocks(row["answer_text"])) > 1
    assert source.count("<br") > 0


def test_bytes_that_are_not_what_the_page_says():
    row, kinds = read("pages/2a")
    assert (row["status"], row["rubrique"]) == ("answered", "Professions et activités sociales")
    assert row["ministry"] == "Solidarités, autonomie et personnes handicapées"
    assert "\ufffd" not in f"{row}"
    assert kinds == ["bad_encoding"]
    row, kinds = read("pages/2b")
    assert (row["status"], row["ministry"]) == ("answered", "affaires sociales et intégration")
    assert "bad_encoding" in kinds


def test_copies_of_pages():
    row, kinds = read("pages/5a")
    assert (row["answer_text"], row["answer_date"], kinds) == (None, None, [])
    assert row["question_text"].endswith("qui impactent gravement le vignoble français.")
    _, kinds = read("pages/5b")
    assert kinds == ["truncated"]


def test_analyses_by_semicolons():
    row, _ = read("pages/6")
    assert row["analyses"] == ["Longwy", "acierie a oxygene", "incendie du centre electrique de commande"]


def test_values_of_the_open_data():
    assert read("json/3")[0]["answer_page"] == 7249
    assert read("json/4")[0]["answer_text"] == (
        "de sauvetage l'*Abeille Bourbon* est là, monsieur le ministre. *(Sourires.)* Reste"
    )
    row, kinds = read("json/7")
    assert (row["answer_date"], row["closed_on"], kinds) == (date(2025, 7, 1), date(2025, 7, 1), [])
    assert read("json/8")[1] == []


def test_people_and_bodies_of_2025():
    for name, last_name in (("PA1008", "David"), ("PA1654", "Hollande")):
        person, odd = read_person(case(f"amo/{name}"))
        assert (odd, person_rows(person)[1], person.last_name) == ([], [], last_name)
    for name in ("PO211490", "PO382940", "PO76034"):
        assert read_organ(case(f"amo/{name}")) == (None, [])


def test_names_with_backslashes(tmp_path):
    path = tmp_path / "a.zip"
    path.write_bytes(case("json/9"))
    with pytest.raises(SourceError, match="has a backslash in its name"):
        verify_zip(path, archive(17, "QE"))
