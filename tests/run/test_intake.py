"""In which order archives are read."""

from __future__ import annotations

from pathlib import Path

from etl.catalogue import archives
from etl.run import intake
from etl.run.archive import QuestionsWork
from etl.run.work import Outcome


def test_the_largest_archive_is_cut_while_the_workers_read_another(tmp_path: Path):
    sizes = {"14/QE": 9, "14/QG": 1, "15/QE": 5, "16/QE": 3}
    works = [QuestionsWork(archive=one, outcome=Outcome(one.name)) for one in archives() if one.name in sizes]
    for work in works:
        work.path = tmp_path / work.archive.stem
        work.path.write_bytes(b"." * sizes[work.archive.name])
    assert [work.archive.name for work in intake._in_order(works)] == ["15/QE", "14/QE", "16/QE", "14/QG"]
    assert intake._in_order(works[:1]) == works[:1]
