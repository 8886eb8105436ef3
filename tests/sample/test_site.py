from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path

import pytest

from etl.sample import TODAY, write_sample
from tests.sample.reading import Site, kind_of, legislature_of

REPOSITORY = "static/openData/repository"
GOLDEN = "a2282bfb114e6cb118124a8761b6f7f9ae38302adfbe4d92b7c1923932c81293"


def members(directory: Path) -> dict[str, bytes]:
    found = {}
    for path in sorted(directory.rglob("*.zip")):
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                found[f"{path.relative_to(directory)}!{name}"] = archive.read(name)
    return found


def test_tree_and_names_are_the_assemblys(site):
    base = next(parent for parent in site.paths[0].parents if parent.name == "repository")
    assert [str(path.relative_to(base)) for path in site.paths] == [
        f"{legislature}/questions/{folder}/{folder.capitalize()}{suffix}.json.zip"
        for legislature, suffix in ((14, "_XIV"), (15, "_XV"), (16, ""), (17, ""))
        for folder in ("questions_ecrites", "questions_gouvernement", "questions_orales_sans_debat")
    ]


@pytest.mark.parametrize("questions", [0, 5, 12, 137, 3000])
def test_count_is_exact(tmp_path, site, questions):
    if questions != 3000:
        write_sample(tmp_path, questions)
        site = Site(tmp_path)
    assert len(site.records()) == questions
    assert all(site.archives.values())


def test_uids_are_unique_and_numbers_run_from_one(site):
    for (legislature, kind), archive in site.archives.items():
        expected = [f"QANR5L{legislature}{kind}{number}" for number in range(1, len(archive) + 1)]
        assert list(archive) == expected


def test_same_arguments_same_bytes(tmp_path):
    for name in ("one", "two"):
        write_sample(tmp_path / name, 300, seed=7)
    write_sample(tmp_path / "other", 300, seed=8)
    one, two, other = (
        {path.relative_to(tmp_path / name): path.read_bytes() for path in (tmp_path / name).rglob("*.zip")}
        for name in ("one", "two", "other")
    )
    assert one == two
    assert one.keys() == other.keys() and all(one[path] != other[path] for path in one)
    assert not list(tmp_path.rglob("*.part"))


def test_golden_content_on_any_machine(tmp_path):
    """Hashes the members, not the zips: another zlib compresses otherwise."""
    write_sample(tmp_path, 120, seed=1, changes=9)
    digest = hashlib.sha256()
    for name, content in members(tmp_path).items():
        digest.update(name.encode() + b"\0" + content)
    assert digest.hexdigest() == GOLDEN


def test_processes_write_the_same_as_one(tmp_path, monkeypatch):
    write_sample(tmp_path / "alone", 200)
    monkeypatch.setattr("etl.sample.site.LARGE", 1)
    write_sample(tmp_path / "shared", 200)
    assert members(tmp_path / "alone") == members(tmp_path / "shared")


def test_json_is_written_in_the_measured_style(site):
    for path in site.paths:
        with zipfile.ZipFile(path) as archive:
            assert archive.testzip() is None
            assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
            for name in archive.namelist():
                content = archive.read(name)
                assert content.isascii()
                assert json.dumps(json.loads(content)).encode() == content
                if legislature_of(path) == 14:
                    assert name == path.name.removesuffix(".zip")
                else:
                    assert name.startswith(f"json/QANR5L{legislature_of(path)}{kind_of(path)}")


def test_scalars_are_strings(site):
    def check(node: object) -> None:
        if isinstance(node, dict):
            for value in node.values():
                check(value)
        elif isinstance(node, list):
            assert len(node) > 1
            for value in node:
                check(value)
        else:
            assert node is None or isinstance(node, str)

    for record in site.records():
        check(record)


def test_nothing_is_dated_after_the_samples_day(site):
    closures = [record["cloture"] or {} for record in site.records(legislatures=(17,))]
    assert max(closure.get("dateCloture", "") for closure in closures) == "2026-08-25" < TODAY.isoformat()
