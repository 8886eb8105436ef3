"""A site over HTTP that fails, and one that has nothing new."""

from __future__ import annotations

import io
import json
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from etl.catalogue import archive
from etl.fetch import http
from etl.lake import partition
from etl.lake.partition import Building
from etl.lake.plan import Inputs
from etl.warehouse.release import releases
from tests.archives import archive_of, document, name_of, question, site, unit, zip_of
from tests.e2e.command import Anq
from tests.faults.server import FaultyServer, faulty_server, file, silent, status
from tests.warehouse.days import query

BODIES = {
    "15/QG": archive_of(*(question(15, "QG", number) for number in (1, 2))),
    "16/QOSD": archive_of(*(question(16, "QOSD", number) for number in (1, 2))),
    "17/QE": archive_of(*(question(17, "QE", number) for number in (1, 2, 3))),
}


def path(name: str) -> str:
    legislature, question_type = name.split("/")
    return archive(int(legislature), question_type).path


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultyServer]:
    """The site, whole; and little patience with it."""
    patience = http.Patience(tries=2, first_wait_s=0.01, longest_wait_s=0.01, connect_s=5, read_s=5, probe_s=1)
    monkeypatch.setattr(http, "PATIENCE", patience)
    with faulty_server() as started:
        for name, body in BODIES.items():
            started.on(path(name), file(body, etag=f'"{name}"'))
        yield started


def tree(home: Path) -> dict[str, int]:
    """When each file of a home was last written, but locks and summaries of runs."""
    files = (path for path in home.rglob("*") if path.name[-5:] != ".lock" and path.parent.name != "runs")
    return {str(path): path.lstat().st_mtime_ns for path in files if not path.is_dir()}


def loaded(home: Path) -> list[tuple[object, ...]]:
    return query(
        home / "warehouse/current.duckdb",
        "SELECT legislature || '/' || question_type, count(*) FROM questions GROUP BY ALL ORDER BY ALL",
    )


def test_a_fault_of_ours_with_one_archive_keeps_no_other_back(
    server: FaultyServer, tmp_path: Path, anq: Anq, monkeypatch
) -> None:
    start = partition.start

    def fails(inputs: Inputs, *how: Any) -> Building:
        if inputs.archive.name == "16/QOSD":
            raise KeyError("never foreseen")
        return start(inputs, *how)

    monkeypatch.setattr(partition, "start", fails)
    home = tmp_path / "home"
    said = anq("--home", home, "--source", server.url, "run")
    assert said.exit_code == 1
    assert "16/QOSD: KeyError: 'never foreseen' (our fault; --debug shows where)" in said.err
    assert "Traceback" not in said.err
    assert loaded(home) == [("15/QG", 2), ("17/QE", 3)]
    states = "SELECT archive, step, exit_code FROM ops.outcomes WHERE state = 'failed'"
    assert query(home / "warehouse/current.duckdb", states) == [("16/QOSD", "parse", 1)]
    assert "in fails" in anq("--debug", "--home", home, "--source", server.url, "run").err
    monkeypatch.undo()
    assert anq("--home", home, "--source", server.url, "run").exit_code == 0
    assert loaded(home) == [("15/QG", 2), ("16/QOSD", 2), ("17/QE", 3)]


def test_one_archive_fails_and_then_nothing_is_new(server: FaultyServer, tmp_path: Path, anq: Anq, monkeypatch) -> None:
    home, run = tmp_path / "home", ("--home", tmp_path / "home", "--source", server.url, "run")
    server.on(path("16/QOSD"), status(503))
    said = anq(*run)
    assert said.exit_code == 3
    assert "16/QOSD: 503" in said.err
    assert "Gave up after 2 tries" in said.err
    assert "Traceback" not in said.err
    assert "released" in said.out
    assert loaded(home) == [("15/QG", 2), ("17/QE", 3)]
    assert query(home / "warehouse/current.duckdb", "SELECT state FROM ops.runs") == [("source_failed",)]

    before = tree(home)
    said = anq(*run)  # it fails still: nothing else is new
    assert said.exit_code == 3
    assert "no release was made" in said.err
    assert {name for name in tree(home).items() if name not in before.items()} <= {
        one for one in tree(home).items() if "/lake/ops/" in one[0] or "/reports/" in one[0]
    }

    server.on(path("16/QOSD"), file(BODIES["16/QOSD"], etag='"16"'))
    said = anq(*run)
    assert (said.exit_code, loaded(home)) == (0, [("15/QG", 2), ("16/QOSD", 2), ("17/QE", 3)])
    states = "SELECT state FROM ops.runs ORDER BY started_at"
    assert query(home / "warehouse/current.duckdb", states) == [("source_failed",), ("source_failed",), ("released",)]
    failures = "SELECT archive, step, message LIKE '%503%' FROM ops.outcomes WHERE state = 'failed'"
    assert query(home / "warehouse/current.duckdb", failures) == [("16/QOSD", "fetch", True)] * 2

    monkeypatch.setattr("etl.run.context.Checker", nullcontext)  # to start one would fail
    monkeypatch.setattr("etl.run.intake.workers", None)
    before = tree(home)
    server.requests.clear()
    said = anq(*run)
    assert (said.exit_code, said.out[:26]) == (0, "nothing new, nothing done,")
    assert tree(home) == before
    conditional = {one.path: one.headers.get("if-none-match") for one in server.requests}
    assert {conditional[f"/{path(name)}"] for name in BODIES} == {'"15/QG"', '"16"', '"17/QE"'}


def damaged(body: bytes, member: int) -> bytes:
    """One bit of a record flipped: the zip's directory says the same of it as of the whole one."""
    with zipfile.ZipFile(io.BytesIO(body)) as zipped:
        info = zipped.infolist()[member]
    content = bytearray(body)
    content[info.header_offset + 30 + len(info.filename) + info.compress_size // 2] ^= 1
    return bytes(content)


ASIDE = "SELECT question_number, rule FROM ops.quarantine"
SIXTY = archive_of(*(question(17, "QE", number) for number in range(1, 61)))


def test_a_record_that_came_damaged_is_taken_in_once_it_comes_whole(
    server: FaultyServer, tmp_path: Path, anq: Anq
) -> None:
    home, run = tmp_path / "home", ("--home", tmp_path / "home", "--source", server.url, "run")
    server.on(path("17/QE"), file(damaged(SIXTY, 5), etag='"damaged"'))
    assert anq(*run).exit_code == 0
    assert loaded(home)[-1] == ("17/QE", 59)
    assert query(home / "warehouse/current.duckdb", ASIDE) == [(6, "zip")]
    server.on(path("17/QE"), file(SIXTY, etag='"whole"'))
    assert anq(*run).exit_code == 0
    assert loaded(home)[-1] == ("17/QE", 60)
    assert query(home / "warehouse/current.duckdb", ASIDE) == []


def test_a_record_that_was_damaged_in_raw_is_taken_in_once_the_archive_is_fetched_again(
    server: FaultyServer, tmp_path: Path, anq: Anq
) -> None:
    home, run = tmp_path / "home", ("--home", tmp_path / "home", "--source", server.url, "run")
    server.on(path("17/QE"), file(SIXTY, etag='"whole"'))
    assert anq(*run).exit_code == 0
    (raw,) = [held for held in (home / "raw").glob("*.zip") if held.read_bytes() == SIXTY]
    raw.chmod(0o644)
    raw.write_bytes(damaged(SIXTY, 5))
    marker = home / "lake/_partitions/17-QE.json"
    marker.unlink()
    anq(*run)
    assert query(home / "warehouse/current.duckdb", ASIDE) == [(6, "zip")]
    raw.unlink()
    assert anq(*run).exit_code == 0
    assert loaded(home)[-1] == ("17/QE", 60)
    assert query(home / "warehouse/current.duckdb", ASIDE) == []


STRAYS = {"json/index.json": b'{"count": 60}', "json/other.json": b"\0\5\x16\7"}


def test_a_member_that_tells_no_number_is_set_aside_alone(server: FaultyServer, tmp_path: Path, anq: Anq) -> None:
    home, run = tmp_path / "home", ("--home", tmp_path / "home", "--source", server.url, "run")
    nodes = [question(17, "QE", number) for number in range(1, 61)]
    members = {name_of(node): unit(node) for node in nodes}
    server.on(path("17/QE"), file(zip_of({**members, **STRAYS}), etag='"stray"'))
    assert anq(*run).exit_code == 0
    current = home / "warehouse/current.duckdb"
    set_aside = "SELECT question_number, member FROM ops.quarantine ORDER BY member"
    strays = [(None, name) for name in STRAYS]
    assert loaded(home) == [("15/QG", 2), ("16/QOSD", 2), ("17/QE", 60)]
    assert query(current, set_aside) == strays
    server.on(path("17/QE"), file(zip_of({**members, **STRAYS, **one_more()}), etag='"more"'))
    assert anq(*run).exit_code == 0
    assert (loaded(home)[-1], query(current, set_aside)) == (("17/QE", 61), strays)
    assert anq("--home", home, "verify").exit_code == 0
    server.on(path("17/QE"), file(zip_of({**members, **one_more()}), etag='"whole"'))
    assert anq(*run).exit_code == 0
    assert (loaded(home)[-1], query(current, set_aside)) == (("17/QE", 61), [])
    assert query(current, "FROM question_versions") == []


def one_more() -> dict[str, bytes]:
    node = question(17, "QE", 61)
    return {name_of(node): unit(node)}


def test_a_document_with_a_stray_file_beside_it_is_refused_alone(
    server: FaultyServer, tmp_path: Path, anq: Anq
) -> None:
    home = tmp_path / "home"
    stray = {"Questions_ecrites_XIV.json": document(question(14, "QE", 1)), "Notes.json": b"\0\5\x16\7"}
    server.on(path("14/QE"), file(zip_of(stray), etag='"stray"'))
    said = anq("--home", home, "--source", server.url, "run")
    assert (said.exit_code, loaded(home)) == (3, [("15/QG", 2), ("16/QOSD", 2), ("17/QE", 3)])
    assert "14/QE: Questions_ecrites_XIV.json is a document of many questions" in said.err


def test_an_archive_asked_for_by_name_must_be_there(server: FaultyServer, tmp_path: Path, anq: Anq) -> None:
    said = anq("--home", tmp_path, "--source", server.url, "run", "-l", 14, "-t", "qe")
    assert said.exit_code == 3
    assert said.err.startswith("14/QE: the source")
    assert not releases(tmp_path / "warehouse")


def test_a_home_that_cannot_be_written_is_told_of(server: FaultyServer, tmp_path: Path, anq: Anq) -> None:
    (tmp_path / "file").touch()
    said = anq("--home", tmp_path / "file/home", "--source", server.url, "run")
    assert said.exit_code == 1
    last = said.err.splitlines()[-1]
    assert last.startswith(f"anq: Not a directory ({tmp_path}/file/home/lake")
    assert last.endswith("check the space left and the permissions, then run again")


def test_an_interrupt_is_told_of(server: FaultyServer, tmp_path: Path) -> None:
    """Ctrl-C while the source says nothing: a process of its own."""
    server.on(path("17/QE"), silent(60))
    command = ("-c", "from etl import cli; cli.main()", "--home", str(tmp_path / "home"), "--source", server.url, "run")
    with subprocess.Popen([sys.executable, *command], stderr=subprocess.PIPE, text=True) as run:
        while not server.requests and run.poll() is None:
            time.sleep(0.01)
        run.send_signal(signal.SIGINT)
        assert "anq: stopped; what was published before still is, run again to go on" in run.communicate(timeout=30)[1]
    assert run.returncode == 130


BARE = """
import sys
from etl import cli
try:
    cli.main()
finally:
    print(sorted({"duckdb", "pyarrow", "great_expectations", "httpx", "sqlalchemy", "pandas", "jinja2"} & set(sys.modules)))
"""


def test_nothing_new_imports_nothing_heavy(tmp_path: Path, anq: Anq) -> None:
    """From a directory, in a process of its own."""
    where = ("--home", tmp_path / "home", "--source", site(tmp_path / "site", {"17/QE": BODIES["17/QE"]}), "run")
    assert anq(*where).exit_code == 0
    done = subprocess.run([sys.executable, "-c", BARE, *map(str, where)], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("nothing new, nothing done")
    assert done.stdout.splitlines()[1:] == ["[]"]


def test_an_archive_that_fails_its_check_is_held_back_alone(tmp_path: Path, anq: Anq) -> None:
    """Answers from before their questions: 17/QE stays as it was, 15/QG goes on and is released, and code 4 stays."""
    home, root = tmp_path / "home", tmp_path / "site"
    run = ("--home", home, "--source", root, "run")
    good = [question(17, "QE", number) for number in range(1, 30)]
    bad = [question(17, "QE", number, asked=question_day(number)) for number in range(1, 30)]
    site(root, {"17/QE": archive_of(*good), "15/QG": BODIES["15/QG"]})
    assert anq(*run).exit_code == 0
    current = (home / "warehouse/current.duckdb").resolve()
    marker, files = (home / "lake/_partitions/17-QE.json").read_bytes(), lake_files(home, 17)

    site(root, {"17/QE": archive_of(*bad), "15/QG": archive_of(*(question(15, "QG", number) for number in (1, 2, 3)))})
    said = anq(*run)
    assert said.exit_code == 4
    [page] = [line.removeprefix("report: ") for line in said.out.splitlines() if line.startswith("report: ")]
    assert "gate stopped" in Path(page).read_text("utf-8")
    assert "17/QE: held back" in said.err
    assert "questions.answer_after_question: 29 row(s), such as 17/QE/1" in said.err
    assert "Traceback" not in said.err
    assert (home / "warehouse/current.duckdb").resolve() != current
    assert [release.held_back for release in releases(home / "warehouse")] == [[], ["17/QE"]]
    assert ((home / "lake/_partitions/17-QE.json").read_bytes(), lake_files(home, 17)) == (marker, files)
    summary = json.loads(max((home / "reports/runs").glob("*.json")).read_text())
    assert (summary["state"], bool(summary["release"])) == ("gate_stopped", True)
    assert [held["archive"] for held in summary["held_back"]] == ["17/QE"]
    assert "answer_after_question" in {one["expectation"] for one in summary["failed_checks"]}
    assert loaded(home) == [("15/QG", 3), ("17/QE", 29)]
    held = "SELECT archive, rule, failing_rows FROM ops.held_back WHERE rule = 'questions.answer_after_question'"
    assert query(home / "warehouse/current.duckdb", held) == [("17/QE", "questions.answer_after_question", 29)]

    assert anq(*run).exit_code == 4  # the same archive is not taken for known
    site(root, {"17/QE": archive_of(*good, question(17, "QE", 30))})
    assert anq(*run).exit_code == 0
    assert loaded(home) == [("15/QG", 3), ("17/QE", 30)]
    path = home / "warehouse/current.duckdb"
    assert query(path, "SELECT state, release IS NULL FROM ops.runs ORDER BY started_at") == [
        ("released", False),
        ("gate_stopped", False),
        ("gate_stopped", True),
        ("released", False),
    ]
    assert query(path, "FROM ops.held_back") == []
    assert query(path, "SELECT archive, step FROM ops.outcomes WHERE state = 'failed'") == [("17/QE", "check")] * 2
    broken = (
        "SELECT DISTINCT archive, expectation, failing_rows FROM ops.checks "
        "WHERE NOT success AND severity = 'critical' AND expectation NOT IN ('content_kept', 'days_stay')"
    )
    assert query(path, broken) == [("17/QE", "answer_after_question", 29)]
    assert query(path, "SELECT count(*) FROM question_versions") == [(0,)]


def lake_files(home: Path, legislature: int) -> set[str]:
    return {str(path) for path in (home / "lake").glob(f"*/legislature={legislature}/*/*")}


def question_day(number: int) -> date:
    """A day after the answer's."""
    return date(2025, 7, number)
