"""What the gate sets aside, what it stops, and how what was set aside comes back: by real commands on small sites."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from etl.catalogue import archive
from etl.check import Checker, rules_digest
from etl.errors import GateError
from etl.lake import ledger, markers
from etl.run import publish
from etl.run import questions as steps
from etl.run.sample import drop_sample
from etl.schema import ROOT
from etl.settings import Settings
from tests.archives import Node, archive_of, question, site, unit
from tests.e2e.command import Anq
from tests.e2e.conftest import FirstRun
from tests.parse.test_fiche import fiche
from tests.warehouse.days import contents, query
from tests.work import KeptChecker, run_of

RULE = "questions.answer_after_question"
ASKED, EARLIER, ANSWERED = date(2025, 3, 4), date(2025, 2, 25), date(2025, 6, 3)
COUNT = 40


def bad(number: int) -> Node:
    """A question that reads well, and is answered before it is asked."""
    return question(17, "QE", number, answered=EARLIER)


def questions(**others: Node) -> list[Node]:
    """Forty good questions, but for those that are given by `n7` and so on."""
    return [others.get(f"n{number}") or question(17, "QE", number, answered=None) for number in range(1, COUNT + 1)]


class Home:
    """A home and its site, and what a test asks of them."""

    def __init__(self, root: Path, anq: Anq, first_run: FirstRun) -> None:
        self.path, self.site, self.anq, self.first_run = root / "home", root / "site", anq, first_run

    def publish(self, *nodes: Node) -> None:
        """What the site has from now on."""
        site(self.site, {"17/QE": archive_of(*nodes)})

    def begin(self, *nodes: Node) -> None:
        """The first run, on that site."""
        self.publish(*nodes)
        self.first_run(self.path, self.site, self.run)

    def run(self, *more: str) -> Any:
        return self.anq("--home", self.path, "--source", self.site, *(more or ("run",)))

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        return query(self.path / "warehouse/current.duckdb", sql)

    def numbers(self) -> list[int]:
        return [number for (number,) in self.ask("SELECT question_number FROM questions ORDER BY ALL")]

    def aside(self) -> list[tuple[Any, ...]]:
        return self.ask("SELECT question_number, rule FROM ops.quarantine ORDER BY ALL")


@pytest.fixture
def home(tmp_path: Path, anq: Anq, first_run: FirstRun) -> Home:
    return Home(tmp_path, anq, first_run)


def test_a_question_that_breaks_a_critical_rule_is_set_aside_and_comes_back_when_it_is_mended(home: Home) -> None:
    home.publish(*questions(n7=bad(7)))
    said = home.run()
    assert (said.exit_code, "Traceback" in said.err) == (0, False), said.err
    assert "1 set aside" in said.out
    assert home.numbers() == [number for number in range(1, COUNT + 1) if number != 7]
    ((*key, member, rule, error, observed, severity, raw),) = home.ask(
        "SELECT legislature, question_type, question_number, member, rule, error, observed, severity, raw "
        "FROM ops.quarantine"
    )
    assert (key, member) == ([17, "QE", 7], "json/QANR5L17QE7.json")
    assert (rule, severity) == (RULE, "critical")
    assert "An answer does not come before its question" in error
    assert json.loads(observed) == {"question_date": "2025-03-04", "answer_date": "2025-02-25"}
    assert bytes(raw) == unit(bad(7))
    ((success, told, failing),) = home.ask(
        "SELECT success, observed, failing_rows FROM ops.checks WHERE expectation = 'answer_after_question'"
    )
    assert (success, json.loads(told), failing) == (False, {"failing_rows": 1, "set_aside": True}, 1)

    said = home.run("quarantine", "list")
    assert said.exit_code == 0
    assert all(one in said.out for one in ("17/QE/7", RULE, "1 set aside"))
    for name in ("17/QE/7", "json/QANR5L17QE7.json"):
        said = home.run("quarantine", "show", name)
        assert said.exit_code == 0
        assert all(one in said.out for one in (RULE, "2025-02-25", "Le texte de la question, n"))
    assert home.run("quarantine", "show", "17/QE/8").exit_code == 2
    assert "questions." in home.run("status").out  # the rest of the name may be on the next line

    before = contents(home.path / "warehouse/current.duckdb")
    assert "nothing new" in home.run().out
    assert home.run("run", "--force").exit_code == 0
    assert contents(home.path / "warehouse/current.duckdb") == before
    home.run("quarantine", "retry")  # nothing was mended
    assert home.aside() == [(7, RULE)]

    home.publish(*questions(n7=question(17, "QE", 7)))
    assert home.run().exit_code == 0
    assert (home.numbers(), home.aside()) == (list(range(1, COUNT + 1)), [])
    assert "quarantine: none" in home.run("quarantine", "list").out
    assert home.ask("SELECT count(*) FROM question_versions") == [(0,)]


def test_a_published_question_that_arrives_bad_stays_as_it_was(home: Home) -> None:
    home.begin(*questions())
    told = "SELECT * FROM questions WHERE question_number = 7"
    before = home.ask(told)

    home.publish(*questions(n7=bad(7), n8=question(17, "QE", 8)))
    assert home.run().exit_code == 0
    assert home.ask(told) == before
    assert home.ask("SELECT status FROM questions WHERE question_number = 8") == [("answered",)]
    assert home.aside() == [(7, RULE)]
    held = contents(home.path / "warehouse/current.duckdb")
    assert home.run("rebuild").exit_code == 0
    assert contents(home.path / "warehouse/current.duckdb") == held

    home.publish(*questions(n7=question(17, "QE", 7), n8=question(17, "QE", 8)))
    assert home.run().exit_code == 0
    assert home.aside() == []
    assert home.ask("SELECT status, answer_date FROM questions WHERE question_number = 7") == [("answered", ANSWERED)]
    ((status, changed, valid_from, valid_to),) = home.ask(
        "SELECT status, changed_columns, valid_from, valid_to FROM question_versions WHERE question_number = 7"
    )
    assert status == "pending"
    assert {"status", "answer_date", "answer_text"} <= set(changed)
    assert home.ask("SELECT first_seen_at, changed_at FROM questions WHERE question_number = 7") == [
        (valid_from, valid_to)
    ]


def test_a_new_archive_that_cures_one_and_brings_another(home: Home) -> None:
    home.begin(*questions(n7=bad(7)))
    home.publish(*questions(n9=bad(9)))
    assert home.run().exit_code == 0
    assert home.aside() == [(9, RULE)]
    assert home.numbers() == list(range(1, COUNT + 1))  # 9 is as it was


def test_over_the_ceiling_the_archive_is_held_back(home: Home) -> None:
    home.begin(*questions(), question(17, "QE", 41))
    before = home.numbers()
    home.publish(*questions(**{f"n{number}": bad(number) for number in range(1, 7)}), question(17, "QE", 41))
    said = home.run()
    assert said.exit_code == 4
    assert "17/QE: held back" in said.err
    assert f"{RULE}: 6 row(s), such as 17/QE/1" in said.err
    assert "5 of 41 records may be set aside (expectations/quarantine.yaml)" in said.err
    assert "Traceback" not in said.err
    assert home.numbers() == before
    assert home.aside() == []
    said = home.run()  # nor the next time
    assert said.exit_code == 4
    home.publish(*questions(**{f"n{number}": bad(number) for number in range(1, 6)}), question(17, "QE", 41))
    assert home.run().exit_code == 0
    assert [number for number, _ in home.aside()] == [1, 2, 3, 4, 5]
    states = home.ask("SELECT state FROM ops.runs ORDER BY started_at")
    assert states == [("released",), ("gate_stopped",), ("gate_stopped",), ("released",)]


def test_a_rule_about_the_whole_table_stops_the_release(home: Home) -> None:
    home.begin(*questions())
    home.publish(*questions(n1=bad(1))[:36])
    said = home.run()
    assert said.exit_code == 4
    assert "questions.rows_kept: 1 row(s), such as records 36, records_before 40" in said.err
    assert home.numbers() == list(range(1, COUNT + 1))
    assert home.aside() == []
    failed = json.loads(max((home.path / "reports/runs").glob("*.json")).read_bytes())["failed_checks"]
    assert "rows_kept" in {one["expectation"] for one in failed}


@pytest.fixture(scope="module")
def stricter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Checker]]:
    """Rules with one more, that question 7 breaks, and a process that checks by them."""
    folder = Path(shutil.copytree(ROOT / "expectations", tmp_path_factory.mktemp("stricter") / "expectations"))
    rules = json.loads((folder / "questions.json").read_text("utf-8"))
    query_ = "SELECT $key, rubrique FROM {batch} WHERE rubrique = 'interdite'"
    one = {"rule": "planted", "severity": "critical", "type": "unexpected_rows_expectation", "why": "A test."}
    rules.append(one | {"kwargs": {"unexpected_rows_query": query_}})
    (folder / "questions.json").write_text(json.dumps(rules), "utf-8")
    process = KeptChecker(folder)
    yield folder, process
    Checker.__exit__(process, None, None, None)


@pytest.mark.parametrize("command", [("run",), ("quarantine", "retry")])
def test_when_the_rule_is_mended_the_question_comes_back(
    home: Home, stricter: tuple[Path, Checker], monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    folder, process = stricter
    with monkeypatch.context() as patch:
        for room in ("archive", "intake"):
            patch.setattr(f"etl.run.{room}.rules_digest", lambda: rules_digest(folder))
        patch.setattr("etl.run.context.Checker", lambda: process)
        home.begin(*questions(n7=question(17, "QE", 7, rubrique="interdite")))
        assert home.aside() == [(7, "questions.planted")]
        assert "nothing new" in home.run().out
    said = home.run(*command)
    assert said.exit_code == 0, said.err
    assert (home.numbers(), home.aside()) == (list(range(1, COUNT + 1)), [])
    assert home.ask("SELECT count(*) FROM question_versions") == [(0,)]
    assert "nothing new" in home.run().out


def test_a_retry_that_waited_for_a_run_reads_what_that_left(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    home.begin(*questions(n7=bad(7)))
    home.publish(*questions(n7=bad(7), n8=question(17, "QE", 8, answered=None, rubrique="mer")))
    waited: list[Path] = []

    @contextmanager
    def busy(path: Path) -> Iterator[None]:
        waited.append(path)
        if len(waited) == 1:
            assert home.run().exit_code == 0
        yield

    monkeypatch.setattr("etl.lake.locks.locked", busy)
    assert home.run("quarantine", "retry").exit_code == 0
    assert home.ask("SELECT rubrique FROM questions WHERE question_number = 8") == [("mer",)]


def test_a_retry_without_the_raw_file_says_how_to_have_it_again(home: Home) -> None:
    home.begin(*questions(n7=bad(7)))
    (raw,) = (home.path / "raw").glob("*.zip")
    raw.unlink()
    said = home.run("quarantine", "retry")
    assert (said.exit_code, f"17/QE: {raw} is gone" in said.err, "our fault" in said.err) == (1, True, False)
    assert home.run().exit_code == 0
    assert home.run("quarantine", "retry").exit_code == 0


def test_all_take_the_locks_in_one_order(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[str] = []

    @contextmanager
    def noted(path: Path) -> Iterator[None]:
        taken.append(path.name)
        yield

    monkeypatch.setattr("etl.lake.locks.locked", noted)
    monkeypatch.setattr("etl.run.questions.read", lambda *_, **__: None)
    monkeypatch.setattr("etl.run.questions.is_new", lambda *_: True)
    wanted = [archive(*key) for key in ((13, "QE"), (7, "QE"))]  # as names of files sort
    steps.prepare_all(wanted, run_of(Settings(home.path, "raw"), datetime.now(UTC), "one"))
    assert taken == [".7-QE.lock", ".13-QE.lock"]


def empty(legislature: int, sample: bool, now: datetime) -> markers.Partition:
    """The marker of a partition of which all that there was is in quarantine."""
    return markers.Partition(
        legislature=legislature,
        question_type="QE",
        sample=sample,
        source_sha256="",
        fetched_at=now,
        code="",
        chunks={},
        versions=[],
        rows={"ops.quarantine": 1},
    )


def test_where_real_questions_stand_beside_the_sample_a_retry_is_of_the_real_ones(home: Home) -> None:
    settings, now = Settings(home.path, "sample"), datetime.now(UTC)
    for legislature, sample in ((16, True), (17, False)):
        one = empty(legislature, sample, now)
        markers.commit(settings.lake, msgspec.structs.replace(one, rows={"ops.quarantine": int(sample)}))
    real = steps.settings_of_home(settings)
    assert real.source == "raw"
    assert steps.retry(run_of(real, now, "again")) == []


def test_the_sample_that_a_run_is_replacing_is_left_to_it(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    settings, now = Settings(home.path, "raw"), datetime.now(UTC)
    for legislature in (16, 17):
        markers.commit(settings.lake, empty(legislature, True, now))

    @contextmanager
    def busy(path: Path) -> Iterator[None]:
        if path.name == ".17-QE.lock":
            markers.commit(settings.lake, empty(17, False, now))
        yield

    monkeypatch.setattr("etl.lake.locks.locked", busy)
    drop_sample(settings)
    assert [one.key for one in markers.partitions(settings.lake)] == [(17, "QE")]


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("place", ["check", "commit", "write"])
def test_killed_on_the_way_the_next_run_ends_the_same(home: Home, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    """Before the second check, at the marker, and between the marker and the ledger."""
    home.begin(*questions())
    home.publish(*questions(n7=bad(7)))
    settings, now = Settings(home.path, str(home.site)), datetime.now(UTC)

    def killed(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as patch, pytest.raises(Killed):
        if place == "check":
            patch.setattr("etl.run.intake.to_set_aside", killed)
        else:
            patch.setattr(markers if place == "commit" else ledger, place, killed)
        steps.prepare_all(steps.plan(settings), run_of(settings, now, "killed"))
    assert home.aside() == []
    assert home.run().exit_code == 0
    assert home.aside() == [(7, RULE)]
    assert home.numbers() == list(range(1, COUNT + 1))


def test_documents_are_refused_by_a_rule_too(home: Home, tmp_path: Path) -> None:
    folder = tmp_path / "pages"
    folder.mkdir()
    good = fiche(DPR="01/02/2005", PGREP="9", REP="Oui.", CODRET="REP_PUB").encode("latin-1")
    early = fiche(NUM="9", DPR="01/02/1999", PGREP="9", REP="Oui.", CODRET="REP_PUB").encode("latin-1")
    for name, raw in (("a", good), ("b", early)):
        (folder / f"{name}.htm").write_bytes(raw)
    said = home.run("page", "--load", str(folder / "a.htm"), str(folder / "b.htm"))
    assert said.exit_code == 0, said.err
    ((number, rule, raw),) = home.ask("SELECT question_number, rule, raw FROM ops.quarantine")
    assert (number, rule.partition(".")[0], bytes(raw)) == (9, "questions", early)
    assert 9 not in home.numbers()
    assert len(home.numbers()) == 1
    (folder / "c.htm").write_bytes(fiche(NUM="10").encode("latin-1"))
    assert home.run("page", "--load", str(folder / "c.htm")).exit_code == 0
    assert len(home.numbers()) == 2
    ((number, source),) = home.ask("SELECT question_number, source_sha256 FROM ops.quarantine")
    assert (number, source) == (9, hashlib.sha256(early).hexdigest())
    shown = home.run("quarantine", "show", home.ask("SELECT DISTINCT member FROM ops.quarantine")[0][0])
    assert f"raw/documents/{source}\n" in shown.out


def test_a_task_of_the_dag_sets_aside_and_stops_as_the_command_does(home: Home) -> None:
    home.publish(*questions(n7=bad(7)))
    settings, now = Settings(home.path, str(home.site)), datetime.now(UTC)
    outcome = steps.prepare(archive(17, "QE"), run_of(settings, now, "first"))
    assert (outcome.state, outcome.records, outcome.quarantined) == ("changed", COUNT, 1)
    assert publish.publish(run_of(settings, now, "first"))
    assert home.aside() == [(7, RULE)]
    home.publish(*questions(**{f"n{number}": bad(number) for number in range(1, 9)}))
    with pytest.raises(GateError, match="7 row"):  # 7 itself is as before, and stays set aside
        steps.prepare(archive(17, "QE"), run_of(settings, now + timedelta(hours=1), "second"))
    assert publish.publish(run_of(settings, now + timedelta(hours=1), "second")) is None or home.aside() == [(7, RULE)]
