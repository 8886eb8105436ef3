"""Files of a home cut short, changed or gone: each is named, and a run mends it with its history or says what is lost."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import pytest

from etl.catalogue import Issue
from etl.errors import AnqError, DamageError
from etl.fetch import manifest
from etl.lake import markers
from etl.run import publish, questions, references
from etl.run.verify import verify
from etl.settings import Settings
from etl.warehouse import release as releases
from etl.warehouse.derived import authors
from tests import amo, tazes
from tests.archives import archive_of, site
from tests.e2e.command import Anq
from tests.warehouse import life
from tests.warehouse.days import TIMES, contents, day
from tests.work import run_of

Rows = dict[str, list[tuple[Any, ...]]]
QE = (17, "QE")


def cut(path: Path) -> None:
    """As a full disk or a power cut leaves it."""
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def flip(path: Path) -> None:
    """One bit, as a bad disk does; size and time stay."""
    content, then = bytearray(path.read_bytes()), path.stat().st_mtime_ns
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    if path.suffix != ".jsonl":  # which a process that has read it knows by its time
        os.utime(path, ns=(then, then))


def remove(path: Path) -> None:
    path.unlink()


def damage(how: Callable[[Path], None], path: Path) -> None:
    """Whatever its rights are."""
    path.parent.chmod(0o755)
    if not path.is_symlink():
        path.chmod(0o644)
    how(path)


@contextmanager
def damaged(how: Callable[[Path], None], path: Path) -> Iterator[None]:
    """A file that is damaged for a while."""
    content, then = path.read_bytes(), path.stat().st_mtime_ns
    damage(how, path)
    yield
    path.write_bytes(content)
    os.utime(path, ns=(then, then))


class Lived:
    """A home after the days of `tests.warehouse.life`, with people and an issue: the last two releases of it."""

    def __init__(self, root: Path) -> None:
        self.path, self.site = root / "home", root / "site"
        sits = amo.mandat("PM722592", "ASSEMBLEE", "PO1", department="Gironde")
        amo.put(self.site, amo.archive_of(amo.acteur("PA1008", sits), amo.organe("PO1", "ASSEMBLEE")))
        tazes.put(self.site, Issue(2026, 10), tazes.issue_of(tazes.redif(tazes.question(1), tazes.answer(5, 7))))
        for number in range(len(life.DAYS)):
            life.site_of(self.site, number)
            run(self.path, self.site, number)
        forget_all_but(2, self.path)
        self.rows = rows(self.path)

    def copy(self, path: Path) -> Path:
        shutil.copytree(self.path, path, symlinks=True)
        return path


def run(home: Path, source: Path, number: int, *, force: bool = False) -> list[str]:
    """A run, as the command does it; gives what it said."""
    said: list[str] = []
    now = run_of(Settings(home, str(source)), day(number), f"{number}", say=said.append, force=force)
    questions.mend(now)
    outcomes = questions.prepare_all(questions.plan(now.settings), now)
    outcomes += [references.prepare_people(now), references.prepare_journal(now)]
    assert not [outcome.error for outcome in outcomes if outcome.error], said
    publish.publish(now)
    return said


def forget_all_but(count: int, home: Path) -> None:
    """Removes older releases: each copy of a home has all that there are, each verification reads them."""
    for release in releases.releases(home / "warehouse")[:-count]:
        releases.remove(releases.path_of(home / "warehouse", release.name).parent)


def rebuild(home: Path) -> list[str]:
    said: list[str] = []
    publish.rebuild(run_of(Settings(home, "sample"), day(9), "9", say=said.append))
    return said


def rows(home: Path, without: tuple[str, ...] = ()) -> Rows:
    return contents(home / "warehouse/current.duckdb", without)


def named(home: Path) -> list[str]:
    return [str(finding.path) for finding in verify(Settings(home, "sample"))]


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Lived:
    return Lived(tmp_path_factory.mktemp("lived"))


@pytest.fixture
def home(lived: Lived, tmp_path: Path) -> Path:
    return lived.copy(tmp_path / "home")


def lake_files(home: Path) -> list[Path]:
    return sorted((home / "lake").rglob("*.parquet"))


def files_of(folder: Path) -> list[Path]:
    """Every file of it that tells of questions; locks are empty."""
    return [path for path in sorted(folder.rglob("[!.]*")) if path.is_file() and not path.is_symlink()]


def test_a_home_that_is_whole(home):
    assert named(home) == []


@pytest.mark.parametrize("how", [cut, flip, remove])
def test_every_damaged_file_is_named(home, how):
    """One at a time; what was said once and is kept nowhere else is not missed when it is gone."""
    read = last_downloads(home)
    tried = 0
    for folder, kept in ("warehouse", 2), ("lake", 1), ("raw", 1):
        forget_all_but(kept, home)
        for path in files_of(home / folder):
            name = str(path.relative_to(home))
            if how is remove and (name.startswith("lake/ops/") or (path.suffix == ".zip" and path not in read)):
                continue
            with damaged(how, path):
                found = named(home)
            if path.name == "manifest.jsonl" and how is not remove:
                assert name in found
            else:
                assert found == [name], name
            tried += 1
    assert tried > 50
    assert named(home) == []


def last_downloads(home: Path) -> set[Path]:
    """The raw files that the next run would go on from."""
    settings = Settings(home, "")
    return set({row.name: row.path(settings) for row in manifest.rows(settings)}.values())


@pytest.mark.parametrize(
    "dataset", ["questions", "sightings", "question_texts", "search.postings", "question_versions"]
)
def test_a_lake_file_is_mended_to_the_byte(lived, home, dataset):
    before = {path.relative_to(home): path.read_bytes() for path in lake_files(home)}
    partition = markers.partition(home / "lake", QE)
    path = partition.files(home / "lake", dataset)[0]
    damage(cut, path)
    said = run(home, lived.site, 9)
    assert f"{path.relative_to(home)} is cut short" in said
    assert {path.relative_to(home): path.read_bytes() for path in lake_files(home)} == before
    assert rows(home) == lived.rows
    assert len(releases.releases(home / "warehouse")) == 2  # nothing is new


@pytest.mark.parametrize("how", [cut, remove])
def test_all_of_a_lake_is_mended(lived, home, how):
    for path in lake_files(home):
        damage(how, path)
    said = run(home, lived.site, 9)
    assert all(any(str(path.relative_to(lived.path)) in line for line in said) for path in lake_files(lived.path))
    assert rows(home) == lived.rows
    rebuild(home)
    assert rows(home) == lived.rows
    assert named(home) == []


def test_a_lake_that_is_gone_is_won_back(lived, home):
    shutil.rmtree(home / "lake")
    said = run(home, lived.site, 9)
    assert "lake/_partitions/17-QE.json is missing" in said
    assert rows(home) == lived.rows
    assert named(home) == []


def test_a_rebuild_sees_a_flipped_bit(lived, home):
    for path in lake_files(home):
        damage(flip, path)
    said = rebuild(home)
    assert all(any(str(path.relative_to(lived.path)) in line for line in said) for path in lake_files(lived.path))
    assert rows(home) == lived.rows
    assert named(home) == []


def test_a_run_sees_a_flipped_bit_in_what_it_reads(lived, home, tmp_path):
    partition = markers.partition(home / "lake", QE)
    path = partition.files(home / "lake", "questions")[0]
    damage(flip, path)
    news = shutil.copytree(lived.site, tmp_path / "news")
    site(news, {"17/QE": archive_of(*life.DAYS[-1], life.pending(10))})
    said = run(home, news, 9)
    assert f"{path.relative_to(home)} holds other bytes than were written" in said
    whole = lived.copy(tmp_path / "whole")
    run(whole, news, 9)
    assert rows(home) == rows(whole)


def test_no_release_is_made_of_a_flipped_bit_and_the_one_before_mends_it(lived, home):
    """What came since that release is read again, as new on the day when it was.

    8 was absent, so that its version has the author that the release worked out.
    """
    damage(remove, (home / "warehouse/current.duckdb").resolve().with_name("release.json"))
    path = markers.partition(home / "lake", QE).files(home / "lake", "questions")[0]
    damage(flip, path)
    with pytest.raises(DamageError, match=rf"{path.name} holds other bytes than were written; .*`anq rebuild`"):
        run(home, lived.site, 9)
    said = rebuild(home)
    assert any("is put back as release 20260924T" in line for line in said), said
    worked_out = (*authors.SAID, "changed_columns")
    assert rows(home)["questions"] == lived.rows["questions"]
    assert rows(home, worked_out) == rows(lived.path, worked_out)
    assert named(home) == []


@pytest.mark.parametrize("how", [cut, flip, remove])
@pytest.mark.parametrize("name", ["_partitions/17-QE", "_references/people", "_references/ANQ20260010"])
def test_a_marker_is_mended(lived, home, how, name):
    path = home / f"lake/{name}.json"
    damage(how, path)
    said = run(home, lived.site, 9)
    assert said[0].startswith(f"lake/{name}.json is ")
    assert rows(home) == lived.rows
    assert named(home) == []


@pytest.mark.parametrize("name", ["anq.duckdb", "release.json", "current.duckdb"])
@pytest.mark.parametrize("how", [cut, remove])
def test_a_release_is_made_anew(lived, home, how, name):
    current = (home / "warehouse/current.duckdb").resolve()
    path = home / "warehouse/current.duckdb" if name == "current.duckdb" else current.with_name(name)
    if how is cut and path.is_symlink():
        pytest.skip("a link is there or not")
    damage(how, path)
    run(home, lived.site, 9)
    assert (home / "warehouse/current.duckdb").resolve() != current
    assert rows(home) == lived.rows
    assert named(home) == []


def test_where_the_source_is_down_the_lake_is_mended_all_the_same(lived, home):
    path = markers.partition(home / "lake", QE).files(home / "lake", "questions")[0]
    damage(remove, path)
    now = run_of(Settings(home, str(lived.site)), day(9), "9")
    questions.mend(now)
    assert path.exists()
    assert publish.publish(now) is None


def test_where_no_release_holds_it_what_is_lost_is_said(lived, home):
    shutil.rmtree(home / "warehouse")
    for dataset in ("questions", "question_versions"):
        damage(cut, markers.partition(home / "lake", QE).files(home / "lake", dataset)[0])
    said = run(home, lived.site, 9)
    lost = "lost are of questions 0 to 2,499, when each changed, and those that the source no longer has"
    assert any(lost in line and "versions of questions 0 to 2,499" in line for line in said), said
    without = (*TIMES, "source_sha256", "source_member")
    assert rows(home, without)["questions"] == rows(lived.path, without)["questions"]


def test_where_neither_a_release_nor_raw_holds_it_nothing_is_released(lived, home):
    shutil.rmtree(home / "warehouse")
    partition = markers.partition(home / "lake", QE)
    damage(cut, partition.files(home / "lake", "questions")[0])
    damage(remove, home / f"raw/{partition.source_sha256}.zip")
    with pytest.raises(DamageError, match=r"17/QE: no release holds it, and raw/.*zip is missing: delete lake/.*17-QE"):
        run(home, lived.site, 9)
    (home / "lake/_partitions/17-QE.json").unlink()
    run(home, lived.site, 9)
    assert {row[2] for row in rows(home)["questions"]} >= {1, 2, 3}


@pytest.mark.parametrize("how", [cut, remove])
def test_a_raw_file_that_is_not_all_there_is_fetched_again(lived, home, how):
    for path in (home / "raw").glob("*.zip"):
        damage(how, path)
    run(home, lived.site, 9)
    assert rows(home) == lived.rows
    assert not {str(path.relative_to(home)) for path in last_downloads(home)} & {*named(home)}


def test_the_command(anq: Anq, home: Path):
    said = anq("--home", home, "verify")
    assert (said.exit_code, said.out) == (0, "nothing is damaged\n")
    path = markers.partition(home / "lake", QE).files(home / "lake", "questions")[0]
    damage(flip, path)
    said = anq("--home", home, "verify")
    name = path.relative_to(home)
    assert said.exit_code == 1
    assert said.out == f"{name} holds other bytes than were written; `anq rebuild` mends it, or says what is lost\n"
    assert said.err == "anq: 1 file(s) damaged, each named above with what to do\n"


def test_an_empty_home(anq: Anq, tmp_path: Path):
    said = anq("--home", tmp_path / "none", "verify")
    assert (said.exit_code, said.out) == (2, "")
    assert not (tmp_path / "none").exists()


# -- what docs/operators.md says to do, done


def heals(home: Path, lived: Lived) -> None:
    """The next run ends well, with all rows, and nothing is damaged then."""
    run(home, lived.site, 9)
    assert rows(home) == lived.rows
    assert named(home) == []


def test_a_marker_that_no_release_holds_is_deleted(anq: Anq, lived, home):
    shutil.rmtree(home / "warehouse")
    path = home / "lake/_partitions/17-QE.json"
    damage(cut, path)
    said = anq("--home", home, "--source", lived.site, "run")
    assert said.exit_code == 1
    assert f"{path}: not a marker of the lake" in said.err
    assert "if none holds it, delete it" in said.err
    path.unlink()
    run(home, lived.site, 9)
    assert named(home) == []
    assert {row[2] for row in rows(home)["questions"]} >= {1, 2, 3}


def test_a_line_of_the_manifest_is_removed(anq: Anq, lived, home):
    path = home / "raw/manifest.jsonl"
    whole = path.read_bytes()
    path.write_bytes(b'{"name"\n' + whole)
    said = anq("--home", home, "--source", lived.site, "run")
    assert said.exit_code == 1
    assert f"{path}, line 1: not a row of the manifest" in said.err
    assert "remove that line" in said.err
    assert "raw/manifest.jsonl" in named(home)
    path.write_bytes(whole)
    heals(home, lived)


@pytest.mark.parametrize("note", ["lake/ops/*/*.json", "lake/_held_back/17-QE.json"])
def test_what_a_run_noted_is_deleted(anq: Anq, lived, home, note):
    path = max(home.glob(note), key=lambda path: path.stat().st_mtime_ns, default=home / note)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"{")
    said = anq("--home", home, "status")
    assert said.exit_code == 1
    assert f"{path} cannot be read" in said.err
    assert "; delete it" in said.err
    path.unlink()
    assert anq("--home", home, "status").exit_code == 0
    heals(home, lived)


@pytest.mark.parametrize("advice", ["run", "rebuild", "rollback"])
@pytest.mark.parametrize("name", ["anq.duckdb", "release.json"])
def test_from_a_damaged_release_each_way_leads_on(anq: Anq, lived, home, name, advice):
    damage(cut, (home / "warehouse/current.duckdb").resolve().with_name(name))
    for command in (["status"], ["sql", "SELECT 1"], ["search", "eau"], ["export", home / "out"]):
        said = anq("--home", home, *command)
        assert said.exit_code == 1, command
        assert "leads to a release that is damaged" in said.err, command
        assert "our fault" not in said.err
    if advice == "run":
        run(home, lived.site, 9)
    else:
        assert anq("--home", home, advice).exit_code == 0
    assert anq("--home", home, "status").exit_code == 0
    if advice != "rollback":
        assert rows(home) == lived.rows
    heals(home, lived)


def test_a_release_of_the_first_version_is_replaced(anq: Anq, lived, home):
    """Its note lacks what is asked of one now."""
    path = (home / "warehouse/current.duckdb").resolve().with_name("release.json")
    path.parent.chmod(0o755)
    note = msgspec.json.decode(path.read_bytes())
    for key in ("seal", "schema", "runs", "file"):
        del note[key]
    path.write_bytes(msgspec.json.encode(note))
    assert "missing required field" in anq("--home", home, "status").err
    heals(home, lived)


def test_an_earlier_release_is_removed(anq: Anq, lived, home):
    first = releases.releases(home / "warehouse")[0]
    path = releases.path_of(home / "warehouse", first.name)
    damage(cut, path)
    assert anq("--home", home, "rollback", first.name).exit_code == 1
    [finding] = verify(Settings(home, ""))
    assert finding.advice.startswith("delete its folder, after `chmod -R u+w`")
    shutil.rmtree(path.parent)
    heals(home, lived)


def test_a_raw_file_is_deleted_and_fetched_again(lived, home):
    path = sorted(last_downloads(home))[0]
    damage(flip, path)
    [finding] = verify(Settings(home, ""))
    assert finding.advice == "`anq run` fetches it again, once it is deleted"
    path.unlink()
    heals(home, lived)


def test_a_raw_file_that_nothing_reads_is_deleted(lived, home):
    path = sorted({*(home / "raw").glob("*.zip")} - last_downloads(home))[0]
    damage(flip, path)
    [finding] = verify(Settings(home, ""))
    assert finding.advice.startswith("delete it: no run reads it")
    path.unlink()
    heals(home, lived)


def test_the_manifest_is_written_again(lived, home):
    """Rows of what the source has; the other files are named, and can be deleted."""
    (home / "raw/manifest.jsonl").unlink()
    [finding] = verify(Settings(home, ""))
    assert finding.advice.startswith("`anq run --force` writes the rows of what the source has")
    run(home, lived.site, 8, force=True)
    [finding] = verify(Settings(home, ""))
    assert finding.fault.startswith("has no row for ")
    for path in {*(home / "raw").glob("*.zip")} - last_downloads(home):
        path.unlink()
    heals(home, lived)


def test_a_release_that_does_not_hold_the_lakes_rows_is_made_anew(anq: Anq, lived, home, tmp_path):
    """Somebody took a row out of it, and made its note fit."""
    current = releases.current(home / "warehouse")
    path = releases.path_of(home / "warehouse", current.name)
    path.parent.chmod(0o755)
    path.chmod(0o644)
    with duckdb.connect(path) as connection:
        connection.execute("DELETE FROM attributions WHERE legislature = 17 AND question_number = 3")
    note = msgspec.structs.replace(current, file=releases.published(path))
    path.with_name("release.json").write_bytes(msgspec.json.encode(note))
    news = shutil.copytree(lived.site, tmp_path / "news")
    site(news, {"17/QE": archive_of(*life.DAYS[-1], life.pending(10))})
    with pytest.raises(AnqError, match=r"attributions does not hold the .* rows that the lake holds.*`anq rebuild`"):
        run(home, news, 9)
    assert anq("--home", home, "rebuild").exit_code == 0
    whole = lived.copy(tmp_path / "whole")
    run(whole, news, 9)
    assert rows(home) == rows(whole)


def test_what_is_to_be_tried_again_and_gone_is_fetched_first(anq: Anq, lived, home, tmp_path):
    bad = shutil.copytree(lived.site, tmp_path / "bad")
    site(bad, {"17/QE": archive_of(*life.DAYS[-1], life.BAD)})
    run(home, bad, 9)
    path = home / f"raw/{markers.partition(home / 'lake', QE).source_sha256}.zip"
    damage(remove, path)
    said = anq("--home", home, "quarantine", "retry")
    assert said.exit_code == 1
    assert f"17/QE: {path} is gone, so it cannot be read again; `anq run` fetches it anew" in said.err
    run(home, bad, 10)
    assert anq("--home", home, "quarantine", "retry").exit_code == 0
