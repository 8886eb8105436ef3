"""The cron lines of docs/operators.md, run as cron runs them: they print, and so are mailed, only when something is wrong."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from etl.catalogue import archive
from etl.lake.decisions import BrokenRule, HeldBack, hold_back
from tests.archives import archive_of, question, site

PAGE = Path(__file__).parents[1] / "docs/operators.md"
NOW = datetime(2026, 11, 28, 6, 30, tzinfo=UTC)
RUN, CHECK = re.findall(r"^    [\d* ]+  (cd .*)$", PAGE.read_text("utf-8"), re.MULTILINE)


def test_cron_mails_when_something_is_wrong_and_only_then(anq, tmp_path):
    home, source = tmp_path / "data", tmp_path / "site"
    (tmp_path / ".venv/bin").mkdir(parents=True)
    (tmp_path / ".venv/bin/anq").symlink_to(Path(sys.executable).with_name("anq"))
    for key in ((17, "QG"), (16, "QG")):
        site(source, {"/".join(map(str, key)): archive_of(question(*key))})
    assert anq("--home", home, "--source", source, "run", "-t", "QG").exit_code == 0

    def mailed(line: str) -> str:
        line = line.replace("/srv/anq", str(tmp_path)).replace("opendata", str(source))
        done = subprocess.run(
            ["sh", "-c", line], capture_output=True, text=True, check=False, env={"PATH": "/usr/bin:/bin"}
        )
        return done.stdout + done.stderr

    assert mailed(RUN) == ""
    assert "nothing new, nothing done" in (tmp_path / "run.log").read_text()
    assert mailed(CHECK) == ""
    (source / archive(16, "QG").path).unlink()
    told = mailed(RUN)
    assert "16/QG: the source no longer has it (no such file)" in told
    assert "Traceback" not in told
    rule = BrokenRule(rule="questions.key_unique", failing_rows=2, examples=None)
    held = HeldBack(archive="17/QG", held_since=NOW, run_id="1", source_sha256="", fetched_at=NOW, rules=[rule])
    hold_back(home / "lake", held)
    assert mailed(CHECK).startswith("held back: 17/QG since 2026-11-28 06:30 UTC")


@pytest.mark.parametrize("line", [RUN, CHECK])
def test_cron_mails_when_the_folder_is_gone(line):
    done = subprocess.run(
        ["sh", "-c", line.replace("/srv/anq", "/nowhere")], capture_output=True, text=True, check=False
    )
    assert "/nowhere" in done.stderr
