"""Who is told of what: real runs of a small home, told to listeners on loopback."""

from __future__ import annotations

import logging
import re
import shutil
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from apprise import Apprise

from etl.catalogue import archive
from etl.fetch import http
from etl.run import decide, notify, questions
from etl.run.policy import Failure
from etl.run.publish import publish
from etl.run.summary import summarise
from etl.schema import ROOT
from etl.settings import MAX_AGE_DAYS, Settings
from tests.archives import archive_of, name_of, question, site, unit, zip_of
from tests.e2e.command import Anq
from tests.faults.server import refused_url
from tests.listeners import TOKEN, Listener, mail_server, web_hook
from tests.warehouse.days import MORNING, day
from tests.work import run_of

TUESDAY = MORNING.date()
COUNT = 40
RULE = "questions.answer_after_question"
QE, QG = archive(17, "QE"), archive(17, "QG")


@dataclass
class Home:
    """A home, its site, and what its runs said."""

    settings: Settings
    said: list[str] = field(default_factory=list)

    def publish(self, bad: int = 0, more: date | None = None) -> None:
        """Forty written questions of a Tuesday, of which the first `bad` are answered before, one of another, two oral."""
        nodes = [
            question(17, "QE", number, asked=TUESDAY, answered=date(2025, 2, 25) if number <= bad else None)
            for number in range(1, COUNT + 1)
        ]
        nodes += [question(17, "QE", COUNT + 1, asked=more, answered=None)] if more else []
        oral = archive_of(*(question(17, "QG", number) for number in (1, 2)))
        site(Path(self.settings.source), {"17/QE": archive_of(*nodes), "17/QG": oral})

    def repack(self) -> None:
        """The oral questions as they are, in another zip."""
        nodes = [question(17, "QG", number) for number in (1, 2)]
        packed = zip_of({name_of(node): unit(node) for node in nodes}, stored=True)
        site(Path(self.settings.source), {"17/QG": packed})

    def lose(self, path: str) -> None:
        """The source no longer has it."""
        (Path(self.settings.source) / path).unlink()

    def run(self, now: datetime, addresses: str | None = None) -> Collection[str]:
        """What a run does; the names of what failed."""
        run = run_of(self.settings, now, f"{now:%Y%m%dT%H%M}", say=self.said.append)
        outcomes = questions.prepare_all([QE, QG], run)
        failures: Sequence[Failure] = [failure for outcome in outcomes for failure in outcome.failures]
        release = publish(run, failures, prepared=len(failures) < len(outcomes))
        failed = {failure.name for failure in failures}
        good = {QE.name, QG.name} - failed
        notify.end(run, summarise(run, failures, release), failures, good, addresses)
        return failed


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home after its first run, which told nobody."""
    folder = tmp_path_factory.mktemp("notify")
    home = Home(Settings(folder / "home", str(folder / "site")))
    home.publish()
    assert home.run(day(0)) == set()
    return home


@pytest.fixture
def home(first: Home, tmp_path: Path) -> Home:
    """A copy of it, to live on; the site is as it was."""
    shutil.copytree(first.settings.home, tmp_path / "home", symlinks=True)
    first.publish()
    return Home(Settings(tmp_path / "home", first.settings.source))


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> Iterator[Listener]:
    with web_hook() as listener:
        monkeypatch.setenv("ANQ_NOTIFY", listener.address)
        yield listener


def test_a_failure_is_told_once_again_after_a_day_and_when_it_is_mended(home: Home, hook: Listener) -> None:
    home.lose(QG.path)
    assert home.run(day(1)) == {"17/QG"}
    [(title, text)] = hook.take()
    assert title == "anq: failed 17/QG"
    assert text.startswith("17/QG: the source no longer has it (no such file); it was last fetched on 2026-09-22")
    assert "(failure 3: docs/operators.md says what to do)" in text
    assert ": source_failed. No release was made; what was published before still is.\n" in text
    assert f"More: anq --home {home.settings.home} status\n" in text
    home.run(day(1) + timedelta(hours=12))
    assert hook.take() == []
    home.run(day(2) - timedelta(minutes=3))
    [(title, text)] = hook.take()
    assert title == "anq: failed 17/QG"
    assert text.startswith("Still, since 2026-09-23 04:30 UTC: 17/QG: the source no longer has it")
    home.publish()
    assert home.run(day(2)) == set()
    [(title, text)] = hook.take()
    assert title == "anq: mended 17/QG"
    assert text.startswith("Mended: 17/QG, failed since 2026-09-23 04:30 UTC, is well again.")
    (home.settings.home / "told.json").write_text("{")
    home.run(day(3))
    assert hook.take() == []
    assert home.said[-1].startswith("17/QG: the source no longer has it")  # nothing was said of telling


def test_what_is_held_back_is_told_with_rule_and_rows_and_what_a_person_decided(home: Home, hook: Listener) -> None:
    home.publish(bad=20)
    assert home.run(day(1)) == {"17/QE"}
    [(title, text)] = hook.take()
    assert title == "anq: held back 17/QE"
    assert text.startswith("17/QE: held back since 2026-09-23 04:30 UTC; it stays as it last was. It breaks\n")
    assert f"  {RULE}: 20 row(s), such as [{{" in text
    assert f"anq --home {home.settings.home} accept 17/QE {RULE} --why '…'" in text
    decide.accept(
        home.settings, "17/QE", RULE, why="the Journal has it so", who="anne", at=day(1), until=None, aside=False
    )
    assert home.run(day(2)) == set()
    [(title, text)] = hook.take()
    assert title == f"anq: accepted 17/QE {RULE}; mended 17/QE"
    assert f"17/QE: 20 row(s) that break {RULE} were let in, for its bytes as they are: anne decided so" in text
    assert "Why: the Journal has it so" in text
    assert "Mended: 17/QE, held back since 2026-09-23 04:30 UTC, is well again." in text
    assert "Released" in text
    assert "42 questions (+0), 20 records new or changed, 0 set aside." in text
    home.run(day(3))
    assert hook.take() == []


def test_nothing_new_for_too_long_and_a_tuesday_without_an_issue(home: Home, hook: Listener) -> None:
    home.run(day(7))
    assert hook.take() == []  # an issue of this day need not be there yet
    home.run(day(MAX_AGE_DAYS))
    [(title, text)] = hook.take()
    assert title == "anq: no issue 17/QE: the issue of Tuesday 2026-09-29"
    assert "is not there, the last one is of 2026-09-22; the source may have stopped" in text
    assert "In the weeks of an election there may be none. This is said once." in text
    home.repack()
    home.run(day(9))
    home.run(day(9 + MAX_AGE_DAYS))
    assert hook.take() == []  # the same questions, packed anew: the source lives; and the Tuesday is said once
    home.run(day(9 + MAX_AGE_DAYS) + timedelta(minutes=1))
    [(title, text)] = hook.take()
    assert title == "anq: nothing new questions"
    assert text.startswith("Nothing new since 2026-10-01 04:30 UTC, 8 days ago, and 8 days are too many")
    home.run(day(18))
    assert [title for title, _ in hook.take()] == ["anq: nothing new questions"]
    home.publish(more=TUESDAY + timedelta(days=14))
    home.run(day(19))
    [(title, _)] = hook.take()
    assert title == "anq: mended 17/QE: the issue of Tuesday 2026-09-29, questions"


def test_who_cannot_be_told_fails_no_run_and_is_told_at_the_next(
    home: Home, hook: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.lose(QG.path)
    with refused_url() as url:
        monkeypatch.setenv("ANQ_NOTIFY", f"{url.replace('http', 'json')}/{TOKEN}")
        assert home.run(day(1)) == {"17/QG"}
    assert home.said[-1].startswith("ANQ_NOTIFY: JSON did not take the message: ")
    assert home.said[-1].endswith("; `anq notify` tries it, the next run does again")
    monkeypatch.setenv("ANQ_NOTIFY", f"{hook.address}, nonsense://{TOKEN}")
    home.run(day(1) + timedelta(hours=1))
    assert [title for title, _ in hook.take()] == ["anq: failed 17/QG"]
    assert "an address is none that apprise knows" in home.said[-1]
    with web_hook(answer=500) as broken:
        monkeypatch.setenv("ANQ_NOTIFY", broken.address)
        home.publish()
        home.run(day(2))
        assert "error=500" in home.said[-1]
    monkeypatch.setenv("ANQ_NOTIFY", hook.address)
    home.run(day(3))
    assert [title for title, _ in hook.take()] == ["anq: mended 17/QG"]
    assert not [line for line in home.said if TOKEN in line]


def test_no_address_is_in_anything_that_a_run_writes_or_says(
    home: Home, hook: Listener, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], caplog
) -> None:
    monkeypatch.setenv("ANQ_NOTIFY", f"{hook.address}, nonsense://{TOKEN}, json://127.0.0.1:1/{TOKEN}")
    monkeypatch.setenv("ANQ_PING", f"{hook.address.replace('json', 'http')}/ping")
    caplog.set_level(logging.DEBUG)
    assert home.run(day(1)) == set()
    home.lose(QG.path)
    home.run(day(1))
    assert [title for title, _ in hook.take()] == ["anq: failed 17/QG"]
    texts = [path.read_bytes().decode(errors="replace") for path in home.settings.home.rglob("*") if path.is_file()]
    assert (home.settings.home / "told.json").exists()
    assert not [text for text in [*texts, *home.said, *capfd.readouterr(), caplog.text] if TOKEN in text]


def test_by_mail_and_by_a_connection_of_airflow(home: Home) -> None:
    home.lose(QG.path)
    with mail_server() as server:
        home.run(day(1), server.address)
    [(title, text)] = server.take()
    assert title == "anq: failed 17/QG"
    assert text.startswith("17/QG: the source no longer has it")


def test_without_an_address_nothing_is_remembered(first: Home) -> None:
    assert not (first.settings.home / "told.json").exists()


def test_a_good_run_calls_the_address_of_the_dead_mans_switch_and_a_bad_one_does_not(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "PATIENCE", http.Patience(tries=2, first_wait_s=0.01))
    with web_hook() as switch:
        url = switch.address.replace("json", "http")
        monkeypatch.setenv("ANQ_PING", f"{url}?of=anq")
        home.run(day(1))
        home.run(day(1))
        assert switch.asked == [f"/{TOKEN}?of=anq"] * 2
        home.lose(QG.path)
        home.run(day(2))
        assert len(switch.asked) == 2
    home.publish()
    with web_hook(answer=503) as switch:
        monkeypatch.setenv("ANQ_PING", switch.address.replace("json", "http"))
        assert home.run(day(3)) == set()
        assert len(switch.asked) == 2
    assert home.said[-1].startswith("ANQ_PING: its address: 503 Service Unavailable. Gave up after 2 tries")
    for wrong in (f"nonsense/{TOKEN}", f"http://127.0.0.1:99999/{TOKEN}"):
        monkeypatch.setenv("ANQ_PING", wrong)
        assert home.run(day(4)) == set()
        assert home.said.pop().startswith("ANQ_PING: its address: ")
    assert not [line for line in home.said if TOKEN in line]


def test_a_run_that_an_error_ends_is_told(home: Home, hook: Listener, anq: Anq) -> None:
    run = ("--home", home.settings.home, "--source", home.settings.home / "nowhere", "run")
    assert anq(*run).exit_code == 2
    [(title, text)] = hook.take()
    assert title == "anq: failed run"
    assert "nowhere is neither a directory nor an http(s) address" in text
    assert "(failure 2: " in text
    assert anq(*run).exit_code == 2
    assert hook.take() == []
    run = ("--home", home.settings.home, "--source", home.settings.source, "run", "-l", 17, "-t", "QG")
    assert anq(*run).exit_code == 0
    [(title, _)] = hook.take()
    assert title.endswith("; mended run")  # after what is late on the day of this test


def test_the_addresses_can_be_tried(home: Home, hook: Listener, anq: Anq, monkeypatch: pytest.MonkeyPatch) -> None:
    said = anq("--home", home.settings.home, "notify")
    assert (said.exit_code, said.out) == (0, "sent to 1; look whether it arrived\n")
    [(title, _)] = hook.take()
    assert title == "anq: a test"
    monkeypatch.setenv("ANQ_NOTIFY", f"json://127.0.0.1:1/{TOKEN}")
    said = anq("--home", home.settings.home, "notify")
    assert (said.exit_code, "JSON did not take the message" in said.err, TOKEN in said.err) == (1, True, False)
    monkeypatch.delenv("ANQ_NOTIFY")
    said = anq("--home", home.settings.home, "notify")
    assert (said.exit_code, "set ANQ_NOTIFY" in said.err) == (2, True)


def test_every_address_of_the_docs_is_one_that_apprise_knows() -> None:
    page = (ROOT / "docs/operators.md").read_text("utf-8").partition("| to | address |")[2].partition("\n\n")[0]
    addresses = re.findall(r"`(\w+://[^`]+)`", page)
    assert len(addresses) == 6
    assert [address for address in addresses if not Apprise().add(address)] == []
