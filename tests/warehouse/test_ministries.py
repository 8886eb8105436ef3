"""Ministries that `organs` does not hold, by id or by name, however the release is made."""

from __future__ import annotations

from pathlib import Path

import pytest

from etl.lake import markers
from etl.warehouse.release import path_of
from tests import amo
from tests.amo import acteur, organe
from tests.archives import archive_of, question, site
from tests.warehouse.days import Home, contents, day, query
from tests.warehouse.test_people import bring

WITHOUT = """
    SELECT legislature, question_type, question_number, what, value FROM ops.anomalies
    WHERE kind = 'ministry_without_family' AND level = 'warning' ORDER BY ALL
"""
TOLD = """
    SELECT legislature, question_number, what, value FROM ops.anomalies
    WHERE kind = 'unknown_ministry' AND level = 'info' ORDER BY ALL
"""


def ministry(ref: str | None, short: str, name: str) -> dict:
    return {"organeRef": ref, "abrege": short, "developpe": name}


def of(number: int, asked: dict, *charged: dict, legislature: int = 17) -> dict:
    attributions = [
        {"infoJO": {"typeJO": "JO_QUESTION", "dateJO": "2025-01-14"}, "denomination": one} for one in charged
    ]
    return question(legislature, "QE", number, minInt=asked, minAttribs={"minAttrib": attributions or None})


SEA = ministry("PO60", "Mer", "Ministère de la mer")
OLD = ministry(None, "Mer", "Autre nom")
CURLY = ministry(None, "Tout autre", "MINISTERE DE L'EGALITE")
UNKNOWN = ministry("PO404", "Lune", "Ministère de la lune")
NAMED = ministry(None, "Lune", "Ministère de la lune")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return site(
        tmp_path / "site",
        {
            "17/QE": archive_of(of(1, SEA, SEA), of(2, SEA, SEA, UNKNOWN), of(3, UNKNOWN), of(4, SEA)),
            "15/QE": archive_of(of(1, OLD, OLD, legislature=15), of(2, CURLY, NAMED, NAMED, legislature=15)),
        },
    )


def people(*more: dict) -> bytes:
    sea = organe("PO60", "MINISTERE", "Ministère de la mer", "MER", libelleAbrege="Mer")
    equality = organe("PO61", "MINISTERE", "Ministère de l’égalité", "EGA", libelleAbrege="Égalité")
    return amo.archive_of(acteur("PA1"), sea, equality, *more)


def test_a_ministry_without_a_family_is_told_of_once_an_archive(home: Home, source: Path, tmp_path: Path) -> None:
    home.prepare(source, day(0))
    bring(home, source, people(organe("PO405", "MINISTERE", "Ministère de Mars", "MAR", libelleAbrege="Mars")), 0)
    home.load(day(0))
    assert query(home.current(), WITHOUT) == [
        (15, "QE", 2, "ministry", "Lune"),
        (15, "QE", 2, "ministry", "Tout autre"),
        (17, "QE", 2, "ministry", "Lune"),
        (None, "people", None, "organs.short_name", "Mars"),
    ]
    families = "SELECT ministry, family, matched_words, ministry_ids FROM ministry_families ORDER BY ALL"
    equality = ("Égalité", "Égalité et discriminations", ["egalite"], ["PO61"])
    assert query(home.current(), families) == [("Mer", "Mer et pêche", ["mer"], ["PO60"]), equality]
    # the question of the Moon goes; the other sea comes
    other = ministry("PO62", "Mer", "Autre nom")
    site(source, {"17/QE": archive_of(of(1, SEA), of(2, other), of(3, SEA), of(4, SEA))})
    home.prepare(source, day(1))
    home.load(day(1))
    assert (17, "QE", 2, "ministry", "Lune") not in query(home.current(), WITHOUT)
    assert query(home.current(), families) == [("Mer", "Mer et pêche", ["mer"], ["PO60", "PO62"]), equality]


def test_each_is_told_of_once_and_goes_when_it_is_known(home: Home, source: Path, tmp_path: Path) -> None:
    told = {}

    def step(number: int) -> None:
        home.load(day(number))
        rebuilt = home.load(day(number), warehouse=tmp_path / f"rebuilt{number}", anew=True)
        assert contents(home.current()) == contents(path_of(tmp_path / f"rebuilt{number}", rebuilt.name))
        told[number] = query(home.current(), TOLD)

    home.prepare(source, day(0))
    step(0)
    assert told[0] == []  # nobody knows the ministries yet
    bring(home, source, people(), 1)
    step(1)
    assert told[1] == [
        (15, 2, "attributions.ministry", "Lune"),
        (17, 2, "attributions.ministry", "PO404: Lune"),
        (17, 3, "ministry_asked", "PO404: Lune"),
    ]
    site(source, {"17/QE": archive_of(of(1, SEA, UNKNOWN), of(2, SEA, SEA), of(3, SEA), of(4, SEA))})
    home.prepare(source, day(2))
    step(2)
    assert told[2] == [told[1][0], (17, 1, "attributions.ministry", "PO404: Lune")]
    bring(home, source, people(organe("PO404", "MINISTERE", "Ministère de la lune", "LUN", libelleAbrege="Lune")), 3)
    step(3)
    assert told[3] == []
    markers.drop_reference(home.settings.lake, "people")
    step(4)
    assert told[4] == []
