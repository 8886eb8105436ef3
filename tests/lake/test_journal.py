"""An issue into the lake, and what a run makes of the issues that a source has."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from etl.catalogue import Issue
from etl.errors import SourceError
from etl.lake import files, journal, markers
from etl.lake.reference import Staged
from etl.run import publish, references
from etl.run.work import Outcome
from etl.sample import write_sample
from etl.settings import Settings
from tests.e2e.driver import keep_few
from tests.tazes import answer, compress, issue_of, put, question, redif, tar_of
from tests.warehouse.days import Home, contents, day, query
from tests.work import run_of

NOW = datetime(2026, 3, 11, 5, tzinfo=UTC)
TEN, ELEVEN, TWELVE = (Issue(2026, number) for number in (10, 11, 12))
DOCUMENT = redif(question(1, text="Où ?") + question(2), answer(5, 7, text="À la <i>mer</i>.") + answer(9))
DAY = date(2026, 3, 10)


def build(root: Path, content: bytes) -> Staged:
    path = root / f"{'0' * 64}.taz"
    path.write_bytes(content)
    return journal.build(TEN, path, lake_path=root / "lake", fetched_at=NOW, sample=False)


def rows(root: Path, staged: Staged, table: str) -> list[dict[str, Any]]:
    return [row for path in staged.reference.paths(root / "lake", table) for row in files.read(path).to_pylist()]


def test_rows(tmp_path):
    staged = build(tmp_path, compress(tar_of({"REDIF_ANQ10.xml": DOCUMENT, "XML1JO_AN10.xml": b"?"})))
    assert (staged.records, staged.quarantined, staged.anomalies) == (5, 0, 0)
    questions = rows(tmp_path, staged, "journal_questions")
    assert questions[0] == {
        "issue": "ANQ20260010", "rank": 1, "part": "QE", "legislature": 17, "question_type": "QE", "question_number": 1,
        "answer_rank": None, "published_on": DAY, "page": 2101, "ministry": "Eau", "deputy": "Mme Claire Abadie",
        "subject": "Les rivières", "text": "Où ?",
    }  # fmt: skip
    assert [(one["rank"], one["question_number"], one["answer_rank"]) for one in questions[2:]] == [
        (3, 5, 1), (4, 7, 1), (5, 9, 2),
    ]  # fmt: skip
    assert rows(tmp_path, staged, "journal_answers") == [
        {"issue": TEN.name, "rank": 1, "questions": 2, "published_on": DAY, "page": 2140, "text": "À la *mer*."},
        {"issue": TEN.name, "rank": 2, "questions": 1, "published_on": DAY, "page": 2140, "text": "Oui."},
    ]


def test_the_same_issue_gives_the_same_files(tmp_path):
    first = build(tmp_path, issue_of(DOCUMENT))
    assert build(tmp_path, issue_of(DOCUMENT)).reference == first.reference


def test_oddities_are_counted_with_the_first_one(tmp_path):
    odd = question(3, day="hier", urgence="oui") + question(4, urgence="non")
    many = "".join(question(number) for number in range(10, 40))
    staged = build(tmp_path, issue_of(redif(odd + many + question("x")), README=b"?"))
    told = {(row["kind"], row["what"]): row["value"] for row in rows(tmp_path, staged, "ops.anomalies")}
    assert told == {
        ("unknown_key", "question.urgence"): "oui (2 in all)",
        ("bad_date", "datePublication"): "hier (1 in all)",
        ("unexpected_member", "member"): "README.xml (1 in all)",
    }
    [aside] = rows(tmp_path, staged, "ops.quarantine")
    assert (aside["question_type"], aside["legislature"], aside["rule"]) == (TEN.name, None, "number")
    assert aside["raw"].startswith(b"<question>")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (issue_of(redif(question(1) + question("x"))), "1 of 2 entries cannot be read; first: numeroQuestion is 'x'"),
        (issue_of(b"<Q/>"), "0 of 0 entries"),
        (issue_of(b"<Q>"), "not well-formed"),
        (tar_of({"XML1JO_AN.xml": b""}), "0 members are named REDIF_ANQ"),
        (tar_of({"REDIF_ANQ1.xml": DOCUMENT, "REDIF_ANQ2.xml": DOCUMENT}), "2 members are named"),
    ],
)
def test_what_is_no_issue_is_refused(tmp_path, content, why):
    with pytest.raises(SourceError, match=why):
        build(tmp_path, content)
    assert markers.references(tmp_path / "lake") == []


@pytest.fixture(name="home")
def _home(tmp_path):
    return Settings(tmp_path / "home", str(tmp_path / "site"))


def prepare(home: Settings, run: str, **options: Any) -> Outcome:
    return references.prepare_journal(run_of(home, NOW, run, **options))


def ledger(home: Settings, run: str) -> dict[str, str]:
    said = [json.loads(path.read_bytes()) for path in sorted((home.lake / "ops" / run).glob("*.json"))]
    return {row["archive"]: row["state"] for one in said for row in one["ops.outcomes"]}


def test_issues_are_read_once_and_the_rest_goes_on_when_one_is_bad(home, tmp_path):
    site = tmp_path / "site"
    site.mkdir()
    assert prepare(home, "0").state == "absent"
    put(site, TEN, issue_of(DOCUMENT))
    put(site, ELEVEN, b"?")
    put(site, TWELVE, issue_of(redif(question(3))))
    said: list[str] = []
    outcome = prepare(home, "1", say=said.append)
    assert (outcome.state, outcome.records, str(outcome.error)) == ("failed", 6, said[0])
    assert "ANQ20260011" in said[0]
    assert ledger(home, "1") == {TEN.name: "done", ELEVEN.name: "failed", TWELVE.name: "done"}
    assert [one.name for one in markers.references(home.lake)] == [TEN.name, TWELVE.name]

    put(site, ELEVEN, issue_of(redif(question(4))))
    again = prepare(home, "2")
    assert (again.state, again.records, again.error) == ("changed", 1, None)
    assert ledger(home, "2") == {ELEVEN.name: "done"}
    assert prepare(home, "3").state == "unchanged"
    assert ledger(home, "3") == {}


def test_gone_upstream_it_stays_and_new_code_reads_it_again(home, tmp_path, monkeypatch):
    path = put(tmp_path / "site", TEN, issue_of(DOCUMENT))
    put(tmp_path / "site", ELEVEN, issue_of(redif(question(4))))
    prepare(home, "1")
    path.unlink()
    assert prepare(home, "2").state == "unchanged"
    monkeypatch.setattr(journal, "code", lambda: "new")
    assert prepare(home, "3").state == "changed"
    assert [one.code for one in markers.references(home.lake)] == ["new", "new"]
    assert prepare(home, "4", force=True).state == "changed"


def test_a_release_of_issues_alone_and_the_joint_answers_in_it(home, tmp_path):
    put(tmp_path / "site", TEN, issue_of(DOCUMENT))
    prepare(home, "1")
    release = publish.publish(run_of(home, NOW, "1"))
    assert release is not None and release.rows["journal_questions"] == 5
    path = home.warehouse / "current.duckdb"
    assert query(path, "SELECT * FROM joint_answers ORDER BY question_number") == [
        ("QANR5L17QE5-2026-03-10", 17, "QE", number, DAY, "journal", 2) for number in (5, 7)
    ]
    assert query(path, "SELECT legislature, question_type FROM ops.sources") == [(None, TEN.name)]
    put(tmp_path / "site", ELEVEN, issue_of(redif(answered=answer(3, 4, 8, day="2026-03-17"))))
    prepare(home, "2")
    publish.publish(run_of(home, NOW, "2"))
    assert query(path, "SELECT issue, count(*) FROM journal_questions GROUP BY ALL ORDER BY ALL") == [
        (TEN.name, 5), (ELEVEN.name, 3),
    ]  # fmt: skip
    assert query(path, "SELECT size, count(*) FROM joint_answers GROUP BY ALL ORDER BY ALL") == [(2, 2), (3, 3)]


def test_issues_and_questions_added_are_the_same_as_all_loaded_anew(tmp_path, pool):
    """Two mornings of the sample: answers change, an issue comes, another source's issue goes."""
    home = Home(Settings(tmp_path / "home", ""), pool)
    for number, changes in enumerate((0, 12)):
        site = tmp_path / f"site{number}"
        write_sample(site, 600, changes=changes)
        keep_few(site)
        home.prepare(site, day(number))
        prepare(home.settings, f"{number}")
        if number:
            markers.drop_reference(home.settings.lake, "ANQ20260030")
        home.load(day(number))
    issues = query(home.current(), "SELECT DISTINCT issue FROM journal_questions ORDER BY ALL")
    assert ("ANQ20260035",) in issues and ("ANQ20260030",) not in issues
    home.load(day(3), warehouse=tmp_path / "anew", anew=True)
    assert contents(home.current()) == contents(tmp_path / "anew" / "current.duckdb")
    assert ("text",) in query(home.current(), "SELECT DISTINCT known_by FROM joint_answers")
