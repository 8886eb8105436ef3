"""A release at an address: whole, then pointed to; told of; the old ones gone when their time is over."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import duckdb
import pytest

from etl.errors import AnqError, DamageError, UsageError
from etl.settings import Settings
from etl.share.current import share
from etl.warehouse import release as releases
from tests.serve.test_server import extension
from tests.warehouse.days import day

ATOM = "{http://www.w3.org/2005/Atom}"
HERE = Path(__file__).parents[2]


def shared(settings, where, number, name=None):
    """What is shared on a day; `name` is then the current release."""
    if name:
        releases.swap(settings.warehouse, name)
    return share(settings, str(where), day(number))


def files(folder: Path) -> dict[str, str]:
    """What is in a folder, and its content's hash."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def latest(folder: Path) -> dict:
    return json.loads((folder / "latest.json").read_bytes())


def there(folder: Path) -> set[str]:
    return {path.name for path in (folder / "releases").iterdir()}


def entries(folder: Path) -> list[ElementTree.Element]:
    return ElementTree.parse(folder / "releases.atom").getroot().findall(f"{ATOM}entry")


def remote() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(f"LOAD '{extension('httpfs')}'")
    return connection


def test_a_release_is_there_whole(settings, names, folder):
    done = shared(settings, folder, 0)
    assert (done.about.release, done.is_new) == (names[0], True)
    release = folder / "releases" / names[0]
    local = releases.path_of(settings.warehouse, names[0])
    assert (release / "anq.duckdb").read_bytes() == local.read_bytes()
    package = json.loads((release / "parquet/datapackage.json").read_bytes())
    assert package["version"] == names[0]
    assert {resource["path"] for resource in package["resources"]} < {
        path.name for path in (release / "parquet").iterdir()
    }
    checked = subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=release, capture_output=True, text=True, check=True)
    assert len(checked.stdout.splitlines()) == len(files(release)) - 2  # but itself and about.json
    assert files(folder / "latest") == files(release)
    assert not (settings.warehouse / ".share").exists()


def test_what_is_said_of_it(settings, names, folder):
    shared(settings, folder, 0)
    shared(settings, folder, 1, names[1])
    said = latest(folder)
    assert said["database"] == f"{folder.as_uri()}/releases/{names[1]}/anq.duckdb"
    assert (said["before"], said["rows"]["questions"], said["deltas"]["questions"]) == (names[0], 14, 1)
    newest, first = entries(folder)
    assert newest.find(f"{ATOM}title").text == "2026-09-23 04:30 UTC, questions : 14 (+1)"
    text = newest.find(f"{ATOM}content").text
    assert f"écart avec {names[0]}" in text
    assert "- question_versions : 4 (+4)" in text
    assert first.find(f"{ATOM}title").text == "2026-09-22 04:30 UTC, questions : 13"


def test_the_catalogue_has_addresses_that_stay(settings, names, folder, monkeypatch):
    """Each release changes what is at them, and no address: data.gouv.fr knows a resource by its address."""
    monkeypatch.setenv("ANQ_PUBLISH_URL", "https://data.example.fr/anq/")
    shared(settings, folder, 0)
    before = json.loads((folder / "catalog.jsonld").read_bytes())["dcat:dataset"]
    shared(settings, folder, 1, names[1])
    dataset = json.loads((folder / "catalog.jsonld").read_bytes())["dcat:dataset"]
    assert dataset["dct:license"]["@id"].startswith("https://www.etalab.gouv.fr/")
    assert dataset["dcat:version"] == names[1] != before["dcat:version"]
    addresses = [one["dcat:downloadURL"]["@id"] for one in dataset["dcat:distribution"]]
    assert addresses == [one["dcat:downloadURL"]["@id"] for one in before["dcat:distribution"]]
    assert addresses[0] == "https://data.example.fr/anq/latest/anq.duckdb"
    for one in dataset["dcat:distribution"]:
        path = folder / one["dcat:downloadURL"]["@id"].removeprefix("https://data.example.fr/anq/")
        assert one["spdx:checksum"]["spdx:checksumValue"] == hashlib.sha256(path.read_bytes()).hexdigest()
        assert one["dcat:byteSize"]["@value"] == str(path.stat().st_size)


def test_nothing_new_nothing_done(settings, folder):
    shared(settings, folder, 0)
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    done = shared(settings, folder, 1)
    assert not done.is_new
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before


def test_another_address_is_told_of(settings, names, folder, monkeypatch):
    shared(settings, folder, 0)
    monkeypatch.setenv("ANQ_PUBLISH_URL", "https://data.example.fr/anq")
    assert shared(settings, folder, 0).is_new
    assert latest(folder)["database"] == f"https://data.example.fr/anq/releases/{names[0]}/anq.duckdb"


def test_a_release_that_was_taken_back(settings, names, folder):
    for number in (0, 1):
        shared(settings, folder, number, names[number])
    shared(settings, folder, 2, names[0])
    assert latest(folder)["release"] == names[0]
    assert there(folder) == set(names[:2])
    assert files(folder / "latest") == files(folder / "releases" / names[0])
    taken_back, first = (entry.find(f"{ATOM}title").text for entry in entries(folder))
    assert taken_back.startswith("Retirée : 2026-09-23")
    assert first.startswith("2026-09-22")
    shared(settings, folder, 3, names[3])
    assert latest(folder)["before"] == names[1]


def test_old_ones_stay_for_so_long_after_the_next_one(settings, names, folder, monkeypatch):
    monkeypatch.setenv("ANQ_PUBLISH_DAYS", "3")
    for number in (0, 1, 2):
        shared(settings, folder, number, names[number])
    assert there(folder) == set(names[:3])
    shared(settings, folder, 3, names[3])
    assert there(folder) == set(names)  # the first was replaced two days ago
    assert shared(settings, folder, 4).is_new
    assert there(folder) == set(names[1:])
    assert len(entries(folder)) == 3
    assert not shared(settings, folder, 4).is_new
    assert shared(settings, folder, 40).is_new
    assert there(folder) == {names[3]}  # what is pointed to stays, whatever its age


def test_the_sample_gives_way_and_takes_no_place(settings, names, folder, sampled):
    sample = Settings(sampled.parent, "sample")
    made_up = shared(sample, folder, 0).about.release
    shared(settings, folder, 1, names[0])
    assert there(folder) == {names[0]}
    assert (latest(folder)["before"], len(entries(folder))) == (None, 1)
    assert not shared(settings, folder, 1).is_new
    with pytest.raises(UsageError, match=f"has real questions, and release {made_up} is made up"):
        shared(sample, folder, 2)
    assert latest(folder)["release"] == names[0]


def test_a_strangers_files_stay(settings, names, folder, monkeypatch):
    monkeypatch.setenv("ANQ_PUBLISH_DAYS", "0")
    (folder / "releases" / "theirs").mkdir(parents=True)
    (folder / "releases" / "theirs" / "a.txt").write_text("theirs")
    (folder / "index.html").write_text("theirs")
    for number in (0, 3):
        shared(settings, folder, number, names[number])
    assert there(folder) == {"theirs", names[3]}
    assert (folder / "index.html").read_text() == (folder / "releases/theirs/a.txt").read_text() == "theirs"


def test_what_a_kill_left_half_written_goes(settings, names, folder, monkeypatch):
    monkeypatch.setenv("ANQ_PUBLISH_DAYS", "0")
    shared(settings, folder, 0)
    left = folder / "releases" / names[1] / "anq.duckdb#1"  # as obstore names what is not yet whole
    left.parent.mkdir()
    left.write_bytes(b"")
    shared(settings, folder, 1, names[1])
    assert not left.exists()
    left.write_bytes(b"")
    shared(settings, folder, 3, names[3])
    assert there(folder) == {names[3]}


def test_a_damaged_release_is_not_shared(settings, names, folder):
    path = releases.path_of(settings.warehouse, names[0])
    path.chmod(0o644)
    with path.open("r+b") as file:
        file.seek(10_000)
        file.write(b"?")
    with pytest.raises(DamageError, match="is not as it was made"):
        shared(settings, folder, 0)
    assert not (folder / "latest.json").exists()


@pytest.mark.parametrize("where", ["s3:/anq", "ftp://example.fr/anq"])
def test_a_place_that_is_none(settings, where):
    with pytest.raises(UsageError, match="ANQ_PUBLISH is"):
        shared(settings, where, 0)


def test_a_place_that_cannot_be_written(settings, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(AnqError, match="Look at ANQ_PUBLISH"):
        shared(settings, tmp_path / "file" / "public", 0)


def test_read_over_http(settings, names, folder, server):
    """One line, and few of the file's bytes; who has it open when the next one comes is told so."""
    shared(settings, folder, 0)
    with remote() as connection:
        connection.execute(f"ATTACH '{server.url}/latest/anq.duckdb' AS anq (READ_ONLY)")
        assert connection.execute("SELECT count(*) FROM anq.questions").fetchall() == [(13,)]
        requests, sent = server.sent()
        assert 0 < sent < (folder / "latest/anq.duckdb").stat().st_size
        assert requests < 50
        shared(settings, folder, 1, names[1])
        with pytest.raises((duckdb.HTTPException, UnicodeDecodeError)):  # Python's DuckDB 1.5.5 garbles its message
            connection.execute("SELECT sum(length(answer_text)) FROM anq.questions").fetchall()
        connection.execute(f"DETACH anq; ATTACH '{server.url}/latest/anq.duckdb' AS anq (READ_ONLY)")
        assert connection.execute("SELECT count(*) FROM anq.questions").fetchall() == [(14,)]
        connection.execute(f"ATTACH '{server.url}/releases/{names[0]}/anq.duckdb' AS before (READ_ONLY)")
        assert connection.execute("SELECT count(*) FROM before.questions").fetchall() == [(13,)]
        parquet = connection.execute(f"SELECT count(*) FROM '{server.url}/latest/parquet/questions.parquet'")
        assert parquet.fetchall() == [(14,)]


def test_a_bucket(settings, names, bucket, monkeypatch):
    monkeypatch.setenv("ANQ_PUBLISH_DAYS", "2")
    for number in (0, 1):
        shared(settings, "s3://anq/questions", number, names[number])
    assert not shared(settings, "s3://anq/questions/", 1).is_new
    assert {key.split("/")[2] for key in bucket() if key.startswith("questions/releases/2")} == set(names[:2])
    host = os.environ["AWS_ENDPOINT_URL"].removeprefix("http://")
    with remote() as connection:
        connection.execute(
            "CREATE SECRET (TYPE s3, KEY_ID 'who', SECRET 's3cr3tOfTheBucket', REGION 'eu-west-3', "
            f"ENDPOINT '{host}', URL_STYLE 'path', USE_SSL false)"
        )
        connection.execute("ATTACH 's3://anq/questions/latest/anq.duckdb' AS anq (READ_ONLY)")
        assert connection.execute("SELECT count(*) FROM anq.questions").fetchall() == [(14,)]
        said = connection.execute("SELECT release, database FROM 's3://anq/questions/latest.json'").fetchall()
        assert said == [(names[1], f"s3://anq/questions/releases/{names[1]}/anq.duckdb")]
    assert shared(settings, "s3://anq/questions", 3, names[3]).is_new
    assert {key.split("/")[2] for key in bucket() if key.startswith("questions/releases/2")} == set(names[1::2])


def test_a_bucket_that_is_not_there(settings, bucket):
    with pytest.raises(AnqError, match=r"s3://nowhere/x: releases cannot be listed .*Look at ANQ_PUBLISH") as raised:
        shared(settings, "s3://nowhere/x", 0)
    assert "s3cr3t" not in str(raised.value)


KILLED = """
import os, sys
from datetime import datetime
from pathlib import Path
from etl.settings import Settings
from etl.share import place
from etl.share.current import share
left, real = int(sys.argv[4]), {name: getattr(place.Place, name) for name in ("put", "copy", "remove", "remove_folder")}
def counted(name):
    def call(*arguments):
        global left
        if left == 0:
            os.kill(os.getpid(), 9)
        left -= 1
        return real[name](*arguments)
    return call
for name in real:  # remove_folder of a bucket calls remove
    setattr(place.Place, name, counted(name))
share(Settings(Path(sys.argv[1]), ""), sys.argv[2], datetime.fromisoformat(sys.argv[3]))
"""


@pytest.fixture(scope="module")
def whole(lived_once, tmp_path_factory) -> Path:
    """Folders `0` and `1`, at which the first release was shared alone, and the second."""
    root = tmp_path_factory.mktemp("whole")
    settings = Settings(shutil.copytree(lived_once, root / "home", symlinks=True), "")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ANQ_PUBLISH_URL", "https://data.example.fr/anq")
        for number, release in enumerate(releases.releases(settings.warehouse)[:2]):
            shared(settings, root / str(number), 2 * number, release.name)
    return root


@pytest.mark.parametrize("calls", [0, 1, 2, 6, 32, 33, 34, 35, 50, 66, 67, 68, 69, 70, 71])
def test_killed_between_any_two_writes(settings, names, folder, whole, calls, monkeypatch):
    """Whatever is pointed to is whole, and the next call ends as if nothing had been."""
    monkeypatch.setenv("ANQ_PUBLISH_DAYS", "0")
    monkeypatch.setenv("ANQ_PUBLISH_URL", "https://data.example.fr/anq")
    shutil.copytree(whole / "0", folder)
    releases.swap(settings.warehouse, names[1])
    command = [sys.executable, "-c", KILLED, settings.home, folder, day(2), calls]
    done = subprocess.run(list(map(str, command)), cwd=HERE, check=False)
    assert done.returncode == -signal.SIGKILL
    said = latest(folder)
    assert said["release"] in names[:2]
    release = folder / "releases" / said["release"]
    subprocess.run(["sha256sum", "--quiet", "-c", "SHA256SUMS"], cwd=release, check=True)

    shared(settings, folder, 2)
    ours, anew = files(folder), files(whole / "1")
    assert there(folder) == {names[1]}
    told = {"latest.json", "releases.atom", "latest/about.json", f"releases/{names[1]}/about.json"}  # of the one before
    assert {path: ours[path] for path in ours.keys() - told} == {path: anew[path] for path in anew.keys() - told}
    assert latest(folder)["before"] == names[0]
