"""Readers in other processes open current.duckdb again and again while twenty releases are made."""

import json
import subprocess
import sys

from tests.archives import archive_of, question, site
from tests.warehouse.days import day

RELEASES = 20
READER = """
import json, sys, duckdb
path, last = sys.argv[1], int(sys.argv[2])
seen, reads = [], 0
while not seen or seen[-1][0] < last:
    with duckdb.connect(path, read_only=True) as connection:
        told = [connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0]
                for name in ("questions", "question_texts", "fr.questions", "ops.runs")]
        told.append(connection.execute("SELECT max(question_number) FROM questions").fetchone()[0])
        told.append(len(connection.execute("SELECT question_text FROM questions").fetchall()))
    reads += 1
    if told not in seen[-1:]:
        seen.append(told)
print(json.dumps([reads, seen]))
"""


def test_no_reader_meets_a_lock_or_two_releases_at_once(home, tmp_path):
    """The release of day n has n questions and n runs, in every table and view; a reader sees days go by, each whole."""
    asked = []

    def release(number: int) -> None:
        asked.append(question(17, "QE", number))
        home.prepare(site(tmp_path / "site", {"17/QE": archive_of(*asked)}), day(number))
        home.load(day(number))

    release(1)
    path = str(home.settings.warehouse / "current.duckdb")
    command = [sys.executable, "-c", READER, path, str(RELEASES)]
    readers = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    try:
        for number in range(2, RELEASES + 1):
            release(number)
        for reader in readers:
            out, err = reader.communicate(timeout=60)
            assert (reader.returncode, err) == (0, "")
            reads, seen = json.loads(out)
            assert all(len(set(told)) == 1 for told in seen), seen
            days = [told[0] for told in seen]
            assert days == sorted(days)
            assert days[-1] == RELEASES
            assert reads > len(days) > RELEASES // 2
    finally:
        for reader in readers:
            reader.kill()
            reader.communicate()
