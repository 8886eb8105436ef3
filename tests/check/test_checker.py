"""The process behind the check: light to import, loud when anything is wrong."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from etl.check import Checker, CheckResult, gate
from etl.errors import AnqError, GateError

from .conftest import TABLES, Data, clean, job

Check = Callable[[Data], list[CheckResult]]


@contextmanager
def spoilt(suites: Path, name: str, text: str) -> Iterator[None]:
    path = suites / name
    before = path.read_bytes() if path.exists() else None
    path.write_text(text, "utf-8")
    try:
        yield
    finally:
        path.unlink() if before is None else path.write_bytes(before)


def added(suites: Path, *rules: tuple[str, dict[str, Any]]) -> str:
    """The suite of questions with `planted_0`, `planted_1`… after its own rules."""
    planted = [
        {"rule": f"planted_{at}", "severity": "info", "type": type_, "kwargs": kwargs, "why": "A test."}
        for at, (type_, kwargs) in enumerate(rules)
    ]
    return json.dumps([*json.loads((suites / "questions.json").read_text("utf-8")), *planted])


def sql(query: str) -> tuple[str, dict[str, Any]]:
    return "unexpected_rows_expectation", {"unexpected_rows_query": query}


def test_a_rule_that_raises_is_critical_and_the_others_are_still_asked(check: Check, suites):
    raising = {
        "boum": sql("SELECT error('boum') FROM {batch}"),
        "gone": sql("SELECT gone FROM {batch}"),
        "nowhere": sql("SELECT 1 FROM {batch}, nowhere"),
        "IndexError": sql("SELECT 1 FROM {batch} WHERE regexp_matches(title, 'a{2}')"),
        "lost": ("expect_column_values_to_not_be_null", {"column": "lost"}),
    }
    with spoilt(suites, "questions.json", added(suites, *raising.values())):
        failed = [one for one in check(clean()) if not one.success]
    assert [one.expectation for one in failed] == [f"planted_{at}" for at in range(len(raising))]
    for one, said in zip(failed, raising, strict=True):
        assert (one.severity, one.failing_rows) == ("critical", None)
        assert said in one.observed
    with pytest.raises(GateError, match=r"questions\.planted_0: the rule itself failed"):
        gate(failed)


def test_a_rule_may_be_any_that_great_expectations_brings(check: Check, suites):
    rules = [
        ("expect_column_values_to_not_be_in_set", {"column": "status", "value_set": ["answered"]}),
        ("expect_column_max_to_be_between", {"column": "question_number", "min_value": 1}),
    ]
    with spoilt(suites, "questions.json", added(suites, *rules)):
        results = {one.expectation: one for one in check(clean())}
    assert results["planted_1"].success
    assert not results["planted_0"].success
    assert results["planted_0"].failing_rows


def test_checked_together_each_archive_has_its_own_results(checker: Checker, tmp_path):
    asked, alone = {}, {}
    for legislature, faults in ((17, 0), (16, 300), (15, 2), (14, 0)):
        data = clean(300)
        data.job |= {
            "archive": f"{legislature}/QE",
            "legislature": legislature,
            "records_before": 300 + (legislature == 15),
        }
        for rows in data.rows.values():
            for row in rows:
                row["legislature"] = legislature
        for row in data.rows["questions"]:
            row["uid"] = row["uid"].replace("L17", f"L{legislature}")
            if row["question_number"] <= faults:
                row.update(question_date=date(2024, 1, 1), status=None, title="", source_member=None)
        (folder := tmp_path / str(legislature)).mkdir()
        asked[legislature] = job(data, folder)
        alone[legislature] = checker.check([asked[legislature]])
    assert checker.check(list(asked.values())) == [one for results in alone.values() for one in results]
    failing = {
        n: {one.expectation: one.failing_rows for one in results if not one.success} for n, results in alone.items()
    }
    assert failing[17] == failing[14] == {}
    assert failing[16]["question_date_in_legislature"] == failing[16]["status_not_null"] == 300
    assert failing[15]["question_date_in_legislature"] == failing[15]["status_not_null"] == 2
    assert failing[15]["rows_fewer"] == 1
    assert "rows_fewer" not in failing[16]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("questions.json", "[{", "questions.json: not a list of rules"),
        ("questions.json", '[{"rule": "a", "severity": "grave", "type": "t", "kwargs": {}, "why": ""}]', "severity"),
        ("answers.json", "[]", "answers.json: no table answers"),
    ],
)  # fmt: skip
def test_a_broken_suite_is_refused_by_name(check: Check, suites, name, text, said):
    with spoilt(suites, name, text), pytest.raises(AnqError, match=said):
        check(clean())


def test_a_placeholder_nobody_gives_is_refused(check: Check, suites):
    text = added(suites, sql("SELECT $tomorrow FROM {batch}"))
    with spoilt(suites, "questions.json", text), pytest.raises(AnqError, match=r"planted_0: .*tomorrow"):
        check(clean())


def test_two_rules_of_one_name_are_refused(check: Check, suites):
    rules = json.loads((suites / "attributions.json").read_text("utf-8"))
    text = json.dumps([*rules, rules[0]])
    with spoilt(suites, "attributions.json", text), pytest.raises(AnqError, match="key_in_archive"):
        check(clean())


def test_a_column_gone_from_the_files_is_critical(checker: Checker, tmp_path):
    asked = job(clean(), tmp_path)
    path = tmp_path / "questions.parquet"
    pq.write_table(pq.read_table(path).drop_columns(["closed_on"]), path)
    results = checker.check([asked])
    declared = next(one for one in results if (one.suite, one.expectation) == ("questions", "columns_declared"))
    assert (declared.success, declared.severity) == (False, "critical")
    assert json.loads(declared.examples) == [{"column_name": "closed_on", "found": None, "declared": "DATE"}]


def test_a_column_of_another_type_is_critical(checker: Checker, tmp_path):
    asked = job(clean(), tmp_path)
    path = tmp_path / "attributions.parquet"
    table = pq.read_table(path)
    at = table.schema.get_field_index("jo_date")
    pq.write_table(table.set_column(at, "jo_date", table["jo_date"].cast(pa.string())), path)
    broken = [one for one in checker.check([asked]) if one.expectation == "columns_declared" and not one.success]
    assert [one.suite for one in broken] == ["attributions"]


def test_a_file_that_is_no_parquet_is_named(checker: Checker, tmp_path):
    asked = job(clean(), tmp_path)
    (tmp_path / "renewals.parquet").write_bytes(b"PAR1 not really")
    with pytest.raises(AnqError, match=r"17/QE: cannot be checked: renewals: .*renewals\.parquet"):
        checker.check([asked])


def test_an_unknown_table_is_refused(checker: Checker, tmp_path):
    data = clean()
    data.job["beside"] = {"answers": []}
    with pytest.raises(AnqError, match="no table answers"):
        checker.check([job(data, tmp_path)])


def test_a_table_without_a_suite_is_refused(checker: Checker, tmp_path):
    data = clean()
    data.job["files"] = {name: [] for name in (*TABLES, "lake.sightings")}
    with pytest.raises(AnqError, match=r"lake\.sightings has no suite; write lake\.sightings\.json"):
        checker.check([job(data, tmp_path)])


def test_a_process_killed_meanwhile_is_an_error_at_once(tmp_path):
    with Checker() as checker:
        os.kill(checker.pid, signal.SIGKILL)
        with pytest.raises(AnqError, match="17/QE: the checking process ended with code -9"):
            checker.check([job(clean(), tmp_path)])


@pytest.mark.parametrize("jobs", [1, 2000])  # as many as its pipe does not hold
def test_a_process_that_keeps_silent_is_ended(tmp_path, jobs):
    with Checker(patience=0.2) as checker:
        os.kill(checker.pid, signal.SIGSTOP)
        with pytest.raises(AnqError, match=r"17/QE: no answer from the checking process in 0\.2 s"):
            checker.check([job(clean(), tmp_path)] * jobs)


def test_what_the_process_last_said_is_in_the_error(tmp_path, monkeypatch):
    (tmp_path / "great_expectations.py").write_text("raise ImportError('half installed')", "utf-8")
    (tmp_path / "suites").mkdir()
    rule = {"rule": "a", "severity": "info", "type": "expect_table_row_count_to_be_between", "kwargs": {}, "why": ""}
    for name in TABLES:
        (tmp_path / "suites" / f"{name}.json").write_text(json.dumps([rule]), "utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with (
        Checker(tmp_path / "suites") as checker,
        pytest.raises(AnqError, match=r"ended with code 1(.|\n)*half installed"),
    ):
        checker.check([job(clean(), tmp_path)])


def test_leaving_ends_the_process_and_leaves_no_folder():
    with Checker() as checker:
        pid, folder = checker.pid, Path(checker._folder.name)
        assert folder.exists()
    assert not folder.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_killed_parent_ends_the_process_even_with_a_forked_worker_left():
    # the worker inherits the parent's end of the socket, so that this does not close with the parent
    code = """
import os, time
from datetime import date
from etl.check import Checker, CheckJob
from etl.errors import AnqError
with Checker() as checker:
    try:
        checker.check([CheckJob(archive="none", files={"nothing": []}, today=date(2025, 6, 3))])
    except AnqError as error:
        assert "no suite" in str(error), error
    worker = os.fork()
    if worker:
        print(checker.pid, worker, flush=True)
    time.sleep(60)
"""
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    child, worker = map(int, parent.stdout.readline().split())
    assert _alive(child)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    try:
        deadline = time.monotonic() + 40
        while _alive(child) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert not _alive(child)
    finally:
        os.kill(worker, signal.SIGKILL)


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_check_by_the_shipped_rules_imports_no_framework(tmp_path):
    code = f"""
import sys
from datetime import date
from pathlib import Path
from etl.check import CheckJob
from etl.check.results import check
from etl.check.suites import suites
from etl.schema import EXPECTATIONS
there = {{"files": dict.fromkeys({TABLES}, []), "beside": dict.fromkeys(("deputies", "mandates", "organs"), [])}}
jobs = [CheckJob(archive="17/QE", legislature=17, question_type="QE", today=date(2025, 6, 3), **there)]
folder = Path({str(tmp_path)!r})
assert check(jobs, suites(EXPECTATIONS, jobs[0].files), folder)
print(*sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"great_expectations", "sqlalchemy", "pandas", "pyarrow"} & set(done.stdout.split())


def test_importing_the_check_imports_nothing_heavy():
    code = "import sys, etl.check; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"great_expectations", "duckdb", "pandas", "pyarrow", "sqlalchemy"} & set(done.stdout.split())
