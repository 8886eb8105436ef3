"""After a good load the source has less than it had: the run fails and says what; what changed is released."""

from __future__ import annotations

from pathlib import Path

from etl.catalogue import JOURNAL, Issue, archive
from tests.archives import archive_of, question
from tests.e2e.command import Anq
from tests.faults.server import faulty_server, file, status
from tests.tazes import issue_of, redif
from tests.tazes import question as printed
from tests.warehouse.days import query


def test_an_archive_and_the_issues_are_gone(tmp_path: Path, anq: Anq) -> None:
    home, issue = tmp_path / "home", Issue(2026, 10)
    with faulty_server() as server:
        run = ("--home", home, "--source", server.url, "run")
        for key in ((16, "QOSD"), (17, "QE")):
            server.on(archive(*key).path, file(archive_of(*(question(*key, number) for number in (1, 2)))))
        server.on(f"{JOURNAL}/", file(f'<a href="{issue.name}.taz">'.encode()))
        server.on(issue.path, file(issue_of(redif(printed(1)))))
        assert anq(*run).exit_code == 0

        server.on(archive(16, "QOSD").path, status(404))
        server.on(archive(17, "QE").path, file(archive_of(*(question(17, "QE", number) for number in (1, 2, 3)))))
        server.on(f"{JOURNAL}/", status(404))
        server.on(issue.path, status(404))
        said = anq(*run)
        assert said.exit_code == 3
        assert "16/QOSD: the source no longer has it (404)" in said.err
        assert "journal: the source no longer has" in said.err
        assert "released" in said.out
        counts = "SELECT question_type, count(*) FROM questions GROUP BY ALL ORDER BY ALL"
        assert query(home / "warehouse/current.duckdb", counts) == [("QE", 3), ("QOSD", 2)]

        server.on(archive(17, "QE").path, status(404))
        for force in ((), ("--force",)):
            said = anq(*run, *force)
            assert said.exit_code == 3
            assert "17/QE: the source no longer has it (404)" in said.err
