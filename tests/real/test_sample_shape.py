"""The sample's spoken questions have the key paths of the real ones, no more and no fewer."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from etl.sample import write_sample

REAL = Path(__file__).parents[3] / "shared" / "realdata" / "json"
ARCHIVES = {
    15: "L15_Questions_gouvernement_XV.sample.json.zip",
    16: "L16_Questions_gouvernement.sample.json.zip",
}


def paths(node: object, at: str = "") -> set[str]:
    """Every path to a key, and whether a scalar or nothing stands there."""
    if isinstance(node, dict):
        return {at}.union(*(paths(value, f"{at}/{key}") for key, value in node.items()))
    if isinstance(node, list):
        return {at + "[]"}.union(*(paths(value, at + "[]") for value in node))
    return {at}


def shapes(archive: Path) -> tuple[set[str], set[str]]:
    """The key paths of an archive, and the order in which its records have their keys."""
    found, orders = set(), set()
    with zipfile.ZipFile(archive) as members:
        for name in members.namelist():
            record = json.loads(members.read(name))
            found |= paths(record)
            orders.add(" ".join(record["question"]))
    return found, orders


@pytest.mark.parametrize("legislature", ARCHIVES)
def test_spoken_questions_have_the_real_key_paths(tmp_path, legislature):
    real = REAL / ARCHIVES[legislature]
    if not real.exists():
        pytest.skip(f"{real} is not here")
    write_sample(tmp_path)
    (made,) = tmp_path.glob(f"static/openData/repository/{legislature}/questions/questions_gouvernement/*.zip")
    assert shapes(made) == shapes(real)


def test_the_17th_has_the_keys_of_the_one_real_question(tmp_path):
    real = REAL / "QANR5L17QG1.json"
    if not real.exists():
        pytest.skip(f"{real} is not here")
    write_sample(tmp_path)
    (made,) = tmp_path.glob("static/openData/repository/17/questions/questions_gouvernement/*.zip")
    assert shapes(made)[0] == paths(json.loads(real.read_text(encoding="utf-8")))
