"""What is held back, and how a person lets it in: by real commands on a small site."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from etl.catalogue import Issue
from etl.errors import UsageError
from etl.lake import decisions
from etl.run import decide
from etl.settings import Settings
from tests import amo, tazes
from tests.archives import Node, archive_of, question, site
from tests.e2e.command import Anq
from tests.e2e.conftest import FirstRun
from tests.warehouse.days import query

RULE = "questions.answer_after_question"
EARLIER, COUNT = date(2025, 2, 25), 40


def questions(bad: int) -> list[Node]:
    """Forty questions, of which the first `bad` are answered before they are asked."""
    return [question(17, "QE", number, answered=EARLIER if number <= bad else None) for number in range(1, COUNT + 1)]


class Home:
    """A home, whose site has an archive that is good and one that may not be."""

    def __init__(self, root: Path, anq: Anq, first_run: FirstRun) -> None:
        self.path, self.site, self.anq, self.first_run = root / "home", root / "site", anq, first_run
        self.settings = Settings(self.path, str(self.site))

    def publish(self, bad: int) -> None:
        site(self.site, {"17/QE": archive_of(*questions(bad)), "16/QG": archive_of(question(16, "QG", 1))})

    def begin(self, bad: int) -> None:
        """The first morning, on that site."""
        self.publish(bad)
        self.first_run(self.path, self.site, lambda: self("run"))

    def __call__(self, *command: str) -> Any:
        return self.anq("--home", self.path, "--source", self.site, *command)

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        return query(self.path / "warehouse/current.duckdb", sql)


@pytest.fixture
def home(tmp_path: Path, anq: Anq, first_run: FirstRun) -> Home:
    return Home(tmp_path, anq, first_run)


def test_a_first_morning_with_a_bad_archive_releases_the_others(home: Home) -> None:
    home.publish(bad=20)
    said = home("run")
    assert said.exit_code == 4
    assert home.ask("SELECT DISTINCT legislature, question_type FROM questions") == [(16, "QG")]
    assert home.ask("SELECT archive, rule, failing_rows FROM ops.held_back") == [("17/QE", RULE, 20)]
    assert "held back 17/QE since" in home("status").out
    assert "held back: 17/QE" in home("releases").out


def test_what_a_person_accepts_goes_in_for_its_bytes_and_no_others(home: Home) -> None:
    home.begin(bad=20)
    accepted = home("accept", "17/QE", "answer_after_question", "--why", "the Journal has it so")
    assert accepted.exit_code == 0, accepted.err
    assert home("run").exit_code == 0
    assert home.ask("SELECT count(*) FROM questions WHERE question_type = 'QE'") == [(COUNT,)]
    assert home.ask("SELECT count(*) FROM ops.held_back") == [(0,)]
    columns = "SELECT archive, rule, why, failing_rows, set_aside, source_sha256 IS NULL FROM ops.acceptances"
    assert home.ask(columns) == [("17/QE", RULE, "the Journal has it so", 20, False, False)]
    assert "accepted  17/QE" in home("status").out
    assert "nothing new" in home("run").out
    home.publish(bad=21)
    assert home("run").exit_code == 4
    assert home.ask("SELECT count(*) FROM ops.acceptances") == [(1,)]  # its bytes are still what the lake holds
    home.publish(bad=0)
    [old] = home.ask("SELECT source_sha256 FROM ops.acceptances")
    assert home("run").exit_code == 4  # the answers stay, and still break the rule
    for (rule,) in home.ask("SELECT rule FROM ops.held_back"):
        assert home("accept", "17/QE", rule, "--why", "mended at the source").exit_code == 0
    assert home("run").exit_code == 0
    assert old not in home.ask("SELECT source_sha256 FROM ops.acceptances")


def test_until_a_day_other_bytes_go_in_too_and_after_it_none(home: Home) -> None:
    home.begin(bad=20)
    day = (datetime.now(UTC) + timedelta(days=3)).date()
    assert home("accept", "17/QE", RULE, "--why", "known", "--until", f"{day}").exit_code == 0
    home.publish(bad=21)
    assert home("run").exit_code == 0
    assert home.ask("SELECT until_day, failing_rows FROM ops.acceptances") == [(day, 21)]
    decide.forget_what_is_over(home.settings, day)
    assert len(decisions.all_acceptances(home.settings.lake)) == 1
    decide.forget_what_is_over(home.settings, day + timedelta(days=1))
    assert decisions.all_acceptances(home.settings.lake) == []


def test_failing_rows_are_set_aside_whatever_their_number(home: Home) -> None:
    home.begin(bad=20)
    assert home("accept", "17/QE", RULE, "--why", "wrong days", "--aside").exit_code == 0
    said = home("run")
    assert said.exit_code == 0, said.err
    assert home.ask("SELECT count(*) FROM questions WHERE question_type = 'QE'") == [(COUNT - 20,)]
    assert home.ask("SELECT count(*), any_value(rule) FROM ops.quarantine") == [(20, RULE)]


def test_when_the_good_bytes_are_back_nothing_is_held_back(home: Home) -> None:
    home.begin(bad=0)
    home.publish(bad=20)
    assert home("run").exit_code == 4
    since = home.ask("SELECT held_since FROM ops.held_back")
    assert home("run").exit_code == 4
    assert home.ask("SELECT held_since FROM ops.held_back") == since
    home.publish(bad=0)
    assert home("run").exit_code == 0
    assert home.ask("SELECT count(*) FROM ops.held_back") == [(0,)]
    assert home.ask("SELECT count(*) FROM question_versions") == [(0,)]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("16/QG", RULE, "--why", "x"), "16/QG is not held back; what is: 17/QE"),
        (("17/QE", "no_such_rule", "--why", "x"), "not held back by no_such_rule"),
        (("17/QE", RULE, "--why", " "), "a decision needs a reason"),
        (("17/QE", RULE, "--why", "x", "--until", "2020-01-01"), "2020-01-01 has passed"),
    ],
)
def test_a_decision_that_makes_no_sense_is_refused(home: Home, arguments: tuple[str, ...], message: str) -> None:
    home.begin(bad=20)
    said = home("accept", *arguments)
    assert (said.exit_code, message in said.err) == (UsageError.exit_code, True)
    assert decisions.all_acceptances(home.settings.lake) == []


def test_a_trial_says_what_would_be_held_back_and_keeps_nothing(home: Home) -> None:
    home.publish(bad=20)
    said = home("try")
    assert said.exit_code == 4
    assert f"HELD BACK 17/QE {RULE}: 20 row(s)" in said.out
    assert "1 of 14 would be held back; nothing was kept" in said.out
    assert not home.path.exists()
    home.publish(bad=1)
    said = home("try")
    assert (said.exit_code, f"set aside 17/QE {RULE}: 1 row(s)" in said.out) == (0, True)


def test_a_trial_reads_people_and_issues_too(home: Home) -> None:
    home.publish(bad=0)
    odd = amo.mandat("PM1", "NEVERHEARDOF", "PO1")
    amo.put(home.site, amo.archive_of(amo.acteur("PA1", odd), amo.organe("PO1", "ASSEMBLEE")))
    tazes.put(home.site, Issue(2026, 10), b"no issue")
    said = home("try")
    assert said.exit_code == 3
    assert "unknown_code acteur.mandats.mandat.typeOrgane: NEVERHEARDOF" in said.out
    assert " journal  failed: " in said.out
    assert "journal" not in home("try", "-l", "17").out
