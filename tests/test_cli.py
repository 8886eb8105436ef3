"""The command: each command and option, what it prints, and its exit codes; `run` against sources is in e2e/."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from etl.lake.decisions import BrokenRule, HeldBack, hold_back
from tests.archives import site
from tests.e2e.command import Anq
from tests.e2e.driver import keep_last
from tests.warehouse.days import query

NAMES = ["run", "status", "sql", "search", "releases", "rollback", "rebuild", "sample", "export", "serve"]


@pytest.fixture(scope="module")
def made(two_days_lived, tmp_path_factory) -> Path:
    """A home of two releases."""
    return shutil.copytree(two_days_lived, tmp_path_factory.mktemp("made") / "home", symlinks=True)


@pytest.fixture
def home(made, tmp_path) -> Path:
    """The same, to be changed."""
    return shutil.copytree(made, tmp_path / "home", symlinks=True)


@pytest.fixture
def sql(anq: Anq, made: Path) -> Callable[..., str]:
    """Rows of a query, as written."""

    def ask(*arguments: object, stdin: str = "") -> str:
        said = anq("--home", made, "sql", *arguments, stdin=stdin)
        assert (said.exit_code, said.err) == (0, "")
        return said.out

    return ask


def test_help_of_each(anq):
    said = anq("--help")
    assert said.exit_code == 0
    assert all(f" {name} " in said.out for name in NAMES)
    assert all(option in said.out for option in ("--home", "--source", "--debug", "ANQ_HOME", "ANQ_SOURCE"))
    options = {
        "run": ("-l", "-t", "--force"),
        "sql": ("--format", "-o", "table", "csv", "json", "parquet"),
        "search": ("-l", "-t", "--limit"),
        "rollback": ("[RELEASE]",),
        "sample": ("--questions", "--seed", "DIR"),
    }
    for name in NAMES:
        said = anq(name, "-h")
        assert said.exit_code == 0
        assert all(option.lower() in said.out.lower() for option in options.get(name, ())), name


ODD = """SELECT 17::SMALLINT AS n, NULL AS nothing, ['l''eau', 'a,b', '"c"', NULL] AS list, DATE '2026-09-01' AS day,
    TIMESTAMPTZ '2026-09-01 06:30:00+02' AS at, 'L''école « à » "citée",
deux lignes' AS words, true AS yes, 1.50::DECIMAL(5, 2) AS price, 0.1 + 0.2e0 AS float, {'a': 1} AS struct, '\\x00\\xFF'::BLOB AS bytes"""


def test_json_round_trips(sql):
    assert json.loads(sql("-f", "json", ODD)) == [
        {
            "n": 17,
            "nothing": None,
            "list": ["l'eau", "a,b", '"c"', None],
            "day": "2026-09-01",
            "at": "2026-09-01T04:30:00Z",
            "words": 'L\'école « à » "citée",\ndeux lignes',
            "yes": True,
            "price": 1.5,
            "float": 0.1 + 0.2,
            "struct": {"a": 1},
            "bytes": "AP8=",
        }
    ]
    assert json.loads(sql("-f", "json", "FROM questions WHERE false")) == []
    keys = json.loads(sql("-f", "json", "SELECT question_number AS n FROM questions ORDER BY n"))
    assert [row["n"] for row in keys] == sorted(row["n"] for row in keys)
    assert len(keys) == 14


def test_csv_round_trips(sql):
    [names, row] = csv.reader(io.StringIO(sql("-f", "csv", ODD)))
    assert names == ["n", "nothing", "list", "day", "at", "words", "yes", "price", "float", "struct", "bytes"]
    assert json.loads(row[2]) == ["l'eau", "a,b", '"c"', None]
    assert datetime.fromisoformat(row[4]) == datetime(2026, 9, 1, 4, 30, tzinfo=UTC)
    assert [row[number] for number in (0, 1, 3, 5, 6, 7, 8, 10)] == [
        "17",
        "",
        "2026-09-01",
        'L\'école « à » "citée",\ndeux lignes',
        "true",
        "1.50",
        "0.3",
        "00ff",
    ]


def test_csv_of_questions_is_read_back_as_it_was(sql, made, tmp_path):
    columns = "question_number, analyses, question_date, question_text, first_seen_at, absent_since"
    asked = f"SELECT {columns} FROM questions WHERE legislature = 17 ORDER BY 1"
    path = tmp_path / "questions.csv"
    sql("-f", "csv", "-o", path, asked)
    types = "{'question_number': 'INTEGER', 'analyses': 'VARCHAR[]', 'question_date': 'DATE', 'question_text': 'VARCHAR', " \
            "'first_seen_at': 'TIMESTAMPTZ', 'absent_since': 'TIMESTAMPTZ'}"  # fmt: skip
    back = duckdb.sql(f"SELECT * FROM read_csv('{path}', columns = {types}, header = true)").fetchall()
    assert back == query(made / "warehouse/current.duckdb", asked)


def test_parquet_keeps_types(sql, tmp_path):
    path = tmp_path / "rows.parquet"
    sql("-f", "parquet", "-o", path, ODD)
    [row] = pq.read_table(path).to_pylist()
    assert (row["n"], row["nothing"], row["day"]) == (17, None, date(2026, 9, 1))
    assert row["list"] == ["l'eau", "a,b", '"c"', None]
    assert row["at"] == datetime(2026, 9, 1, 4, 30, tzinfo=UTC)


def test_parquet_to_the_terminal_is_refused(anq, made):
    said = anq("--home", made, "sql", "-f", "parquet", "SELECT 1")
    assert (said.exit_code, said.err) == (2, "anq: Parquet needs a file: add -o FILE\n")


def test_a_table_fits_the_terminal(sql, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    lines = sql("SELECT * FROM questions ORDER BY ALL LIMIT 3").splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[0].startswith("┌")
    assert "legislature" in lines[1]


def test_standard_input_and_output(sql, tmp_path):
    asked = "SELECT count(*) AS questions FROM questions"
    assert sql("-f", "csv", stdin=asked) == "questions\n14\n"
    assert sql("-f", "csv", "-o", tmp_path / "count.csv", asked) == ""
    assert (tmp_path / "count.csv").read_text() == "questions\n14\n"


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ("INSERT INTO questions SELECT * FROM questions", "read-only"),
        ("CREATE TABLE mine (n INTEGER)", "read-only"),
        ("DELETE FROM questions", "read-only"),
        ("DROP TABLE questions", "read-only"),
        ("UPDATE questions SET title = ''", "read-only"),
        ("SELECT nothing FROM questions", "nothing"),
        ("SELEC 1", "syntax"),
        ("", "no query"),
    ],
)
def test_queries_that_cannot_be_run(anq, made, asked, why):
    said = anq("--home", made, "sql", asked)
    assert (said.exit_code, said.out) == (2, "")
    assert said.err.startswith("anq: ")
    assert why in said.err
    assert "Traceback" not in said.err


def test_of_several_queries_each_is_answered_as_things_are_when_it_is_its_turn(anq, made, tmp_path):
    asked = "SET VARIABLE n = 1; SELECT getvariable('n') AS first; SET VARIABLE n = 2; SELECT getvariable('n') AS last"
    said = anq("--home", made, "sql", asked)
    assert (said.exit_code, said.err) == (0, "")
    shown = [line.strip("│ ") for line in said.out.splitlines()]
    assert [line for line in shown if line in ("first", "last", "1", "2")] == ["first", "1", "last", "2"]
    anq("--home", made, "sql", "-o", tmp_path / "rows", asked)
    assert (tmp_path / "rows").read_text("utf-8") == said.out
    for form in ("csv", "json", "parquet", "xlsx"):
        said = anq("--home", made, "sql", "-f", form, "-o", tmp_path / form, asked)
        assert (said.exit_code, said.out, (tmp_path / form).exists()) == (2, "", False)
        assert said.err == f"anq: 2 queries give rows, and {form} holds those of one: give one, or leave --format out\n"


def test_json_loses_no_column_of_the_same_name(anq, made):
    said = anq("--home", made, "sql", "-f", "json", "SELECT 1 AS n, 2 AS n")
    assert (said.exit_code, said.out) == (2, "")
    assert "two columns are named n" in said.err


def test_a_file_that_cannot_be_written(anq, made, tmp_path):
    for form in ("table", "csv", "json", "parquet"):
        said = anq("--home", made, "sql", "-f", form, "-o", tmp_path / "none/rows", "SELECT 1")
        assert said.exit_code == 2, form
        assert "none/rows" in said.err


def test_search(anq, made):
    where = ("--home", made, "search")
    said = anq(*where, "reponses")
    assert (said.exit_code, said.err) == (0, "")
    lines = said.out.splitlines()
    assert lines[:2] == ["  1  17 QE 6  2025-03-04 · Eau · prix de l'eau", "     La **réponse**."]
    assert len(lines) == 2 * 8
    assert anq(*where, "réponse", "--limit", "1").out.splitlines() == lines[:2]
    keys = [line.split()[1:4] for line in anq(*where, "eau", "-l", "14", "-l", "15", "-t", "qe").out.splitlines()[::2]]
    assert keys == [["14", "QE", "3"], ["14", "QE", "2"], ["14", "QE", "1"]]
    said = anq(*where, "xylophone")
    assert (said.exit_code, said.out, said.err) == (0, "", "nothing found\n")
    said = anq(*where, "eau", "-l", "3")
    assert (said.exit_code, said.out, said.err) == (2, "", "anq: there is no legislature 3\n")


def test_releases_back_and_anew(anq, home):
    where = ("--home", home)
    listed = anq(*where, "releases").out.splitlines()
    assert [line[0] for line in listed] == ["*", " "]
    new, old = (line[2:].split()[0] for line in listed)
    assert new > old
    assert [line.split()[-5] for line in listed] == ["14", "13"]

    assert anq(*where, "rollback").out == f"current is now {old}\n"
    assert [line[0] for line in anq(*where, "releases").out.splitlines()] == [" ", "*"]
    said = anq(*where, "rollback")
    assert said.exit_code == 2
    assert "no release before" in said.err
    assert "ahead of this release" in anq(*where, "status").out
    assert anq(*where, "rollback", new).out == f"current is now {new}\n"
    assert anq(*where, "rollback", "20010101T000000Z-00000000").exit_code == 2

    said = anq(*where, "rebuild")
    assert said.exit_code == 0
    assert "14 questions, from the lake alone" in said.out
    [page] = [line.removeprefix("report: ") for line in said.out.splitlines() if line.startswith("report: ")]
    assert "Compared with" in Path(page).read_text("utf-8")
    assert [line[0] for line in anq(*where, "releases").out.splitlines()] == ["*", " ", " "]
    assert query(home / "warehouse/current.duckdb", "SELECT count(*) FROM questions") == [(14,)]


def test_status(anq, made, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    said = anq("--home", made, "status")
    assert (said.exit_code, said.err) == (0, "")
    release = (made / "warehouse/current.duckdb").resolve().parent.name
    assert f"release   {release}, made 2026-09-23 04:30 UTC" in said.out
    age = (datetime.now(UTC) - datetime(2026, 9, 23, 4, 30, tzinfo=UTC)).days
    assert said.out.startswith(f"freshness {age} days: newest archive fetched 2026-09-23 04:30 UTC\n")
    rows = [line.split() for line in said.out.splitlines()]
    assert ["17", "QE", "9", "3", "5", "1", "2025-03-04", "2026-09-22"] in rows  # in full at 80 columns
    assert ["answer_lost", "error", "answer_text", "1"] in [row[:4] for row in rows]
    assert ["misplaced", "1"] in [row[:2] for row in rows]


def test_status_check_tells_age_and_what_is_held_back_by_its_exit_code(anq, home):
    check = ("--home", home, "status", "--check", "--max-age")
    fresh, old = (*check, 40_000), (*check, 0)
    assert anq(*fresh) == (0, "well: the data are fresh, and nothing is held back\n", "")
    said = anq(*old)
    assert (said.exit_code, said.out.startswith("old: nothing new for "), said.err) == (3, True, "")
    assert "since 2026-09-23 04:30 UTC" in said.out
    rule = BrokenRule(rule="questions.key_unique", failing_rows=2, examples=None)
    at = datetime(2026, 9, 24, 4, 30, tzinfo=UTC)
    held = HeldBack(archive="17/QE", held_since=at, run_id="1", source_sha256="", fetched_at=at, rules=[rule])
    hold_back(home / "lake", held)
    line = "held back: 17/QE since 2026-09-24 04:30 UTC, by questions.key_unique (2 rows)\n"
    assert anq(*fresh) == (4, line, "")
    said = anq(*old)
    assert (said.exit_code, said.out.startswith("old: "), said.out.endswith(line)) == (4, True, True)


def test_status_check_does_not_call_fresh_what_is_dated_in_days_to_come(anq, home, monkeypatch):
    class Earlier(datetime):
        @classmethod
        def now(cls, tz=None):
            return cls(2026, 9, 20, tzinfo=tz)

    monkeypatch.setattr("etl.cli.datetime", Earlier)
    said = anq("--home", home, "status", "--check")
    assert said.exit_code == 3
    assert said.out.startswith(
        "of no known age: the newest archive is dated 2026-09-23 04:30 UTC, which is yet to come"
    )


def test_status_check_does_not_call_well_a_sample_that_real_questions_were_to_replace(anq, sampled, tmp_path):
    home = tmp_path / "home"
    shutil.copytree(sampled.parent, home, symlinks=True)
    check = ("--home", home, "status", "--check", "--max-age", 40_000)
    assert anq(*check).exit_code == 0
    source = site(tmp_path / "site", {"17/QE": b"no zip"})
    assert anq("--home", home, "--source", source, "run").exit_code == 3
    said = anq(*check)
    line = f"made up: it is the sample still, {source} has brought nothing; look at the last runs\n"
    assert said == (3, line, "")


def test_export(anq, made, tmp_path):
    """Two forms, one query; what there is to say of the files is in warehouse/test_export.py."""
    where = ("--home", made, "export", tmp_path / "out")
    said = anq(*where)
    assert (said.exit_code, said.err) == (0, "")
    assert said.out.endswith(f"files and datapackage.json in {tmp_path / 'out'}\n")
    assert (tmp_path / "out/questions.parquet").exists()
    said = anq(*where, "--format", "csv", "--sql", "SELECT count(*) AS n FROM questions")
    assert said.out == f"1 file and datapackage.json in {tmp_path / 'out'}\n"
    assert (tmp_path / "out/query.csv").read_text() == "n\n14\n"
    assert anq(*where, "--format", "json").exit_code == 2
    assert anq(*where, "--sql", "SELEC 1").exit_code == 2
    (tmp_path / "out/mine").touch()
    said = anq(*where)
    assert (said.exit_code, said.out) == (2, "")
    assert "holds mine" in said.err


def test_sample_writes_the_same_site_for_the_same_seed(anq, tmp_path):
    for name, seed in (("one", 3), ("again", 3), ("another", 4)):
        said = anq("sample", tmp_path / name, "--questions", 40, "--seed", seed)
        assert said.exit_code == 0
        assert "40 questions" in said.out
    one, again, another = (
        {str(path.relative_to(tmp_path / name)): path.read_bytes() for path in (tmp_path / name).rglob("*.zip")}
        for name in ("one", "again", "another")
    )
    assert one == again
    assert one.keys() == another.keys()
    assert one != another
    assert "static/openData/repository/17/questions/questions_ecrites/Questions_ecrites.json.zip" in one


def test_people_come_with_a_run_of_all_archives_only(anq, tmp_path):
    assert anq("sample", tmp_path / "site", "--questions", 120).exit_code == 0
    keep_last(tmp_path / "site")
    run = ["--home", tmp_path / "home", "--source", tmp_path / "site", "run"]
    said = anq(*run, "-l", 17)
    assert said.exit_code == 0
    assert "17/people" not in said.out
    named = "SELECT count(*), count(author_name), count(department), count(group_id) FROM questions"
    [(questions, *none)] = query(tmp_path / "home/warehouse/current.duckdb", named)
    assert questions > 10
    assert none[:2] == [0, 0]
    said = anq(*run)
    assert said.exit_code == 0
    assert "17/people      2,025 records" in said.out
    assert query(tmp_path / "home/warehouse/current.duckdb", named) == [(questions,) * 4]
    assert "nothing new, nothing done" in anq(*run).out
    assert anq("--home", tmp_path / "home", "rebuild").exit_code == 0
    assert query(tmp_path / "home/warehouse/current.duckdb", named) == [(questions,) * 4]


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["nothing"], "No such command"),
        (["sql", "-f", "xml", "SELECT 1"], "'xml'"),
        (["run", "-l", "3"], "no legislature 3"),
        (["run", "-t", "QM"], "no type QM"),
        (["run", "-l", "dix-sept"], "integer"),
        (["sample", "somewhere", "--questions", "1"], "12"),
        (["--source", "nowhere/at/all", "run"], "nowhere/at/all"),
        (["status"], "anq run"),
        (["status", "--check"], "anq run"),
        (["notify"], "set ANQ_NOTIFY"),
        (["sql", "SELECT 1"], "anq run"),
        (["export", "somewhere"], "anq run"),
        (["search", "eau"], "anq run"),
        (["search", "eau", "-t", "QM"], "no type QM"),
        (["search", "eau", "--limit", "0"], "equal to 1"),
        (["search"], "Missing argument"),
        (["rollback"], "no release"),
    ],
)
def test_usage(anq, tmp_path, arguments, why):
    said = anq("--home", tmp_path, *arguments)
    assert said.exit_code == 2
    assert why in said.err
    assert "Traceback" not in said.err


def test_the_sample_never_goes_where_real_questions_are(anq, home):
    before = query(home / "warehouse/current.duckdb", "SELECT * FROM questions ORDER BY ALL")
    said = anq("--home", home, "--source", "sample", "run")
    assert said.exit_code == 2
    assert "real questions" in said.err
    assert query(home / "warehouse/current.duckdb", "SELECT * FROM questions ORDER BY ALL") == before


def test_our_own_faults(anq, home):
    """Exit 1, in a line; with --debug the error itself."""
    (home / "lake/_partitions/16-QE.json").write_text("{")  # of which no release has anything
    said = anq("--home", home, "rebuild")
    assert said.exit_code == 1
    named, error = said.err.splitlines()
    assert named == "lake/_partitions/16-QE.json is not a marker of the lake"
    assert error.startswith("anq: ")
    assert "16-QE.json: not a marker of the lake" in error
    command_line = [sys.executable, "-c", "from etl.cli import main; main()", "--home", home, "--debug", "rebuild"]
    done = subprocess.run(command_line, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "Traceback" in done.stderr
    assert (home / "warehouse/current.duckdb").exists()


def test_the_environment_names_home_and_source(made):
    environment = {**os.environ, "ANQ_HOME": str(made), "ANQ_SOURCE": str(made / "nowhere")}
    bare = [sys.executable, "-c", "from etl.cli import main; main()"]
    done = subprocess.run([*bare, "releases"], capture_output=True, text=True, check=True, env=environment)
    assert len(done.stdout.splitlines()) == 2
    done = subprocess.run([*bare, "run"], capture_output=True, text=True, check=False, env=environment)
    assert (done.returncode, "nowhere" in done.stderr) == (2, True)


def test_it_starts_light():
    heavy = [
        "duckdb",
        "pyarrow",
        "great_expectations",
        "pandas",
        "numpy",
        "httpx",
        "sqlalchemy",
        "lxml",
        "jinja2",
        "airflow",
    ]
    code = f"import sys, etl.cli; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
