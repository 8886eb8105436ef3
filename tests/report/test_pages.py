"""The pages of runs that went well and ill: whole, alone, escaped, and as true as SQL on the release."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import urldefrag

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.check.suites import suites
from etl.errors import AnqError, GateError
from etl.lake import ledger
from etl.report import data_docs, run_page
from etl.report.facts import facts
from etl.report.pages import write
from etl.run import publish, questions, summary
from etl.run.context import Run
from etl.schema import ROOT
from etl.settings import Settings
from etl.warehouse.release import path_of, releases
from tests.archives import archive_of, name_of, question, site, unit, zip_of
from tests.e2e.command import Anq
from tests.report.html import read
from tests.warehouse.days import day, query
from tests.work import run_of

HOSTILE = """<script>alert('1')</script> & "co" """.strip()
LONG = "é" * 5_000


@dataclass
class Home:
    """A home, and the summary of each of its runs."""

    settings: Settings
    summaries: list[dict]

    def page(self, number: int):
        return read(run_page(self.settings, self.summaries[number]["run_id"]))

    def release(self, number: int) -> Path:
        return path_of(self.settings.warehouse, self.summaries[number]["release_now"])


def run(settings: Settings, now: datetime, legislatures: Sequence[int] = ()) -> dict:
    """What `anq run` does; `summarise` works out how it ended, as for the DAG."""
    run_id = f"{now:%Y%m%dT%H%M%S.%fZ}"
    this = run_of(settings, now, run_id)
    outcomes = questions.prepare_all(questions.plan(settings, legislatures), this)
    release = None
    if not any(isinstance(one.error, GateError) for one in outcomes):
        release = publish.publish(this)
    return summary.summarise(this, release=release)


@pytest.fixture(scope="module")
def sample(tmp_path_factory) -> Home:
    """One run on the last legislature of a small sample."""
    where = Settings(tmp_path_factory.mktemp("sample"), "sample")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("etl.fetch.sample.QUESTIONS", 300)
        return Home(where, [run(where, datetime(2026, 9, 1, 4, 30, tzinfo=UTC), [17])])


@pytest.fixture(scope="module")
def life(tmp_path_factory) -> Home:
    """All well; then records that are odd, bad and without author; then a gate that stops and a zip that is none."""
    root = tmp_path_factory.mktemp("life")
    where = Settings(root / "home", str(root / "site"))
    good = [question(17, "QE", number, rubrique=HOSTILE if number == 3 else "eau") for number in range(1, 60)]
    nobody = {"identite": {"acteurRef": None, "mandatRef": None}, "groupe": {"organeRef": "POnull"}}
    odd = [
        question(17, "QE", 80, auteur=nobody, signalement={"dateDepotSignal": HOSTILE, "infoJO": None}),
        question(17, "QE", 81, unheard_of=LONG),
    ]
    set_aside = {
        **{f"json/QANR5L17QE{number}.json": b"{" for number in range(100, 103)},
        "json/QANR5L17QE70.json": unit(question(17, "QE", 70, uid="QANR5L17QE9999")),
    }
    late = [question(17, "QE", number, asked=date(2026, 1, 1)) for number in range(1, 62)]
    days = [
        {"17/QE": archive_of(*good), "15/QG": archive_of(question(15, "QG", 1))},
        {"17/QE": zip_of({name_of(one): unit(one) for one in good + odd} | set_aside)},
        {"17/QE": archive_of(*late), "16/QE": b"not a zip"},
    ]
    summaries = []
    for number, archives in enumerate(days):
        site(root / "site", archives)
        summaries.append(run(where, day(number)))
    assert [one["state"] for one in summaries] == ["released", "released", "gate_stopped"]
    return Home(where, summaries)


def test_pages_are_whole_alone_and_linked(sample: Home, life: Home) -> None:
    for home in (sample, life):
        reports = home.settings.reports
        paths = sorted(reports.rglob("*.html"))
        assert len(paths) == 2 + len(home.summaries)
        pages = {path: read(path) for path in paths}
        for path, page in pages.items():
            assert not {"script", "link", "img", "iframe", "object"} & set(page.tags)
            assert "url(" not in page.css
            assert "@import" not in page.css
            for link in page.links:
                target, anchor = urldefrag(link)
                other = (path.parent / target).resolve() if target else path
                assert other in pages, link
                assert not anchor or anchor in pages[other].ids, link
        assert not list(reports.rglob("*.part"))


@pytest.mark.parametrize("number", [0, 1])
def test_numbers_are_those_of_sql(life: Home, number: int) -> None:
    page, now = life.page(number), life.release(number)
    before = life.release(number - 1) if number else None

    def asked(sql: str) -> dict[str, tuple[str, str]]:
        counts = dict(query(now, sql))
        old = dict(query(before, sql)) if before else {}
        return {
            name: (f"{counts.get(name, 0):,}", change(counts.get(name, 0) - old.get(name, 0)) if before else "")
            for name in {**counts, **old}
        }

    def shown(caption: str, name: str, count: str) -> dict[str, tuple[str, str]]:
        return {row[name]: (row[count], row["difference"]) for row in page.table(caption)}

    assert shown("Records in this run", "archive", "questions") == asked(
        "SELECT legislature || '/' || question_type, count(*) FROM questions GROUP BY ALL"
    )
    tables = [row["table"] for row in page.table("Rows of the release")]
    assert {"questions", "answer_texts", "ops.anomalies", "ops.runs"} <= set(tables)
    assert shown("Rows of the release", "table", "rows") == {
        name: rows for table in tables for name, rows in asked(f"SELECT '{table}', count(*) FROM {table}").items()
    }
    assert shown("In the current records", "kind", "count") == asked(
        "SELECT kind, count(*) FROM ops.anomalies GROUP BY ALL"
    )
    aside = {row[0] for name, rows in page.tables if re.match(r"\d+ records?\b", name) for row in rows[1:]}
    assert aside == {row[0] for row in query(now, "SELECT '17/QE/' || question_number FROM ops.quarantine")}


def change(value: int) -> str:
    return "=" if value == 0 else f"{value:+,}".replace("-", "−")


def test_the_archives_of_a_run(life: Home) -> None:
    first, second, stopped = (life.page(number).table("Records in this run") for number in range(3))
    assert [(row["archive"], row["state"], row["records"], row["changed"]) for row in first] == [
        ("15/QG", "changed", "1", "1"),
        ("17/QE", "changed", "59", "59"),
    ]
    assert [(row["archive"], row["state"], row["records"], row["set aside"]) for row in second] == [
        ("15/QG", "unchanged", "", ""),
        ("17/QE", "changed", "65", "4"),
    ]
    assert [(row["archive"], row["state"], row["questions"], row["difference"]) for row in stopped] == [
        ("15/QG", "unchanged", "1", "="),
        ("16/QE", "fetch failed", "", ""),
        ("17/QE", "check failed", "61", "="),
    ]


def test_what_is_hostile_shows_as_text_and_what_is_long_is_cut(life: Home) -> None:
    page = life.page(1)
    odd = {row["kind"]: row for row in page.table("In the current records")}
    assert odd["bad_date"]["such as"] == HOSTILE
    assert odd["bad_date"]["in"] == "17/QE/80"
    assert odd["unknown_key"]["such as"].startswith('"' + "é" * 150)
    assert len(odd["unknown_key"]["such as"]) <= 201
    assert page.table("3 records; difference +3")[0] | {"why": ""} == {
        "question": "17/QE/100",
        "member": "json/QANR5L17QE100.json",
        "why": "",
    }


def test_a_stopped_run_says_what_failed_with_its_rows(life: Home) -> None:
    page = life.page(2)
    [rows] = [rows for name, rows in page.tables if (name, rows[0][-1]) == ("17/QE: 61 rows, 20 shown", "answer_date")]
    assert rows[0] == ["question", "question_date", "answer_date"]
    assert rows[1:] == [[f"17/QE/{number}", "2026-01-01", "2025-06-03"] for number in range(1, 21)]
    assert "questions.answer_after_question" in page.text
    assert "An answer does not come before its question." in page.text
    assert f"none; {life.summaries[1]['release']} stays" in page.text
    assert "are not a whole zip" in page.text
    assert "Mend its reading or the rule; or accept it, if the source is right." in page.text
    order = [row["state"] for row in read(life.settings.reports / "index.html").table("Runs")]
    assert order == ["gate stopped", "released", "released"]


def test_data_docs_have_every_rule_and_the_last_check_of_each_archive(life: Home) -> None:
    page = read(data_docs(life.settings))
    rules = {f"{suite.table}.{rule.rule}" for suite in suites(ROOT / "expectations") for rule in suite.rules}
    assert rules <= set(page.ids)
    for suite in suites(ROOT / "expectations"):
        assert all(rule.why in page.text for rule in suite.rules)
        assert all(rule.sql.format(batch=suite.table) in page.text for rule in suite.rules if rule.sql)
    checked = {row["archive"]: (row["checked"], row["failed"]) for row in page.table("Last check")}
    failed = sum(
        not row["success"] for row in ledger.read(life.settings.lake, ["20260924T043000.000000Z"])["ops.checks"]
    )
    assert failed > 1
    assert checked == {
        "15/QG": ("2026-09-22 04:30 UTC", "0"),
        "17/QE": ("2026-09-24 04:30 UTC", str(failed)),
        "release": ("2026-09-23 04:30 UTC", "0"),  # of the last release that was made
    }
    assert {"failed", "critical", "warning", "info", "in-17-QE"} <= set(page.ids)
    assert "failed in 1 of 2 archives" in page.text


def test_the_summary_tells_the_same(life: Home) -> None:
    told = [
        json.loads(run_page(life.settings, one["run_id"]).with_suffix(".json").read_text()) for one in life.summaries
    ]
    assert [one["release_before"] for one in told] == [None, told[0]["release"], told[1]["release"]]
    assert [one["by_archive"][-1]["delta"] for one in told] == [None, 2, 0]
    assert {one["delta"] for one in told[2]["by_table"]} == {0}


def test_the_same_run_summed_up_again_writes_the_same(life: Home, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(Run, "seconds", life.summaries[2]["seconds"])
    home = shutil.copytree(life.settings.home, tmp_path / "home", symlinks=True)
    where = Settings(home, life.settings.source)
    before = {path: path.read_bytes() for path in where.reports.rglob("*.html")}
    summary.summarise(run_of(where, day(2), life.summaries[2]["run_id"]))
    assert {path: path.read_bytes() for path in where.reports.rglob("*.html")} == before


def test_a_run_with_nothing_new_writes_only_its_summary(life: Home, tmp_path: Path) -> None:
    home = shutil.copytree(life.settings.home, tmp_path / "home", symlinks=True)
    where = Settings(home, str(site(tmp_path / "empty", {"15/QG": archive_of(question(15, "QG", 1))})))
    run(where, day(5))  # releases what the stopped run left in the lake
    before = {path: path.stat().st_mtime_ns for path in where.reports.rglob("*.html")}
    told = run(where, day(6))
    assert (told["state"], "by_archive" in told) == ("unchanged", False)
    assert run_page(where, told["run_id"]).with_suffix(".json").exists()
    assert {path: path.stat().st_mtime_ns for path in where.reports.rglob("*.html")} == before


def test_a_first_run_that_fails_has_its_page(tmp_path: Path) -> None:
    where = Settings(tmp_path / "home", str(site(tmp_path / "site", {"16/QE": b"not a zip"})))
    told = run(where, day(0))
    page = read(run_page(where, told["run_id"]))
    assert (told["state"], told["release_now"], told["by_anomaly"]) == ("source_failed", None, [])
    assert "none yet" in page.text
    assert [row["state"] for row in page.table("Records in this run")] == ["fetch failed"]


def test_a_release_before_with_other_columns_is_not_compared_with(life: Home, tmp_path: Path) -> None:
    home = shutil.copytree(life.settings.home, tmp_path / "home", symlinks=True)
    where = Settings(home, "")
    first, second = releases(where.warehouse)
    with duckdb.connect(path_of(where.warehouse, first.name)) as old:
        old.execute("ALTER TABLE ops.anomalies RENAME kind TO sort")
    told = facts(where, [], second)
    assert {one["delta"] for one in told["by_anomaly"]} == {None}
    assert {one["delta"] for one in told["by_quarantine"]} == {3, 1}


def test_a_damaged_summary_is_named(life: Home, tmp_path: Path) -> None:
    home = shutil.copytree(life.settings.home, tmp_path / "home", symlinks=True)
    where = Settings(home, "")
    run_page(where, life.summaries[0]["run_id"]).with_suffix(".json").write_text("{")
    with pytest.raises(AnqError, match="not the summary of a run"):
        write(where, life.summaries[1])


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=300)


@settings(max_examples=40)
@given(
    st.lists(st.dictionaries(TEXT, TEXT | st.integers() | st.none(), min_size=1, max_size=3), min_size=1, max_size=3)
)
def test_whatever_a_failing_row_holds_is_text(life: Home, rows: list[dict]) -> None:
    home = life.settings.home.parent / "any"
    check = {
        "archive": "17/QE",
        "suite": "questions",
        "expectation": "no_such_rule",
        "severity": "info",
        "observed": None,
        "failing_rows": len(rows),
        "examples": json.dumps(rows),
    }
    where = Settings(home, "")
    write(where, {**life.summaries[0], "failed_checks": [check]})
    page = read(run_page(where, life.summaries[0]["run_id"]))
    [cells] = [
        told[1:] for name, told in page.tables if name == f"17/QE: {len(rows)} row{'s' if len(rows) > 1 else ''}"
    ]
    names = list(dict.fromkeys(name for row in rows for name in row))
    assert cells == [[cut(row.get(name)) for name in names] for row in rows]
    assert "The suite no longer has this rule." in page.text


def cut(value: object) -> str:
    text = "" if value is None else str(value)
    return text if len(text) <= 200 else text[:200] + "…"


def test_status_names_the_pages(anq: Anq, life: Home) -> None:
    said = anq("--home", life.settings.home, "status")
    assert f"report    {run_page(life.settings, life.summaries[2]['run_id'])}" in said.out
    assert f"data docs {data_docs(life.settings)}" in said.out
