"""Loading day by day, at once, or from the lake alone: the same rows; and only what changed is written."""

import shutil
import threading
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import msgspec
import pytest

from etl.catalogue import archives
from etl.errors import AnqError
from etl.lake import ledger, markers
from etl.run import references
from etl.run.work import Outcome
from etl.sample.site import plan, write_archive
from etl.schema import tables
from etl.schema.ddl import ddl
from etl.settings import Settings
from etl.warehouse import load as loader
from etl.warehouse import release as releases
from tests.archives import archive_of, question, site
from tests.warehouse import life
from tests.warehouse.days import TABLES, Home, contents, day, query
from tests.work import run_of


@pytest.fixture(scope="module")
def lived(lived_once, tmp_path_factory, pool) -> Home:
    """A home after all the days of `life`, loaded each day."""
    home = tmp_path_factory.mktemp("lived") / "home"
    shutil.copytree(lived_once, home, symlinks=True)
    return Home(Settings(home, ""), pool)


def states(home: Home) -> list[Path]:
    """The file of each day's release."""
    return [releases.path_of(home.settings.warehouse, one.name) for one in releases.releases(home.settings.warehouse)]


def test_incremental_and_rebuild_give_the_same_rows(lived, tmp_path):
    lived.load(day(3), warehouse=tmp_path, anew=True)
    whole, grown = contents(tmp_path / "current.duckdb"), contents(lived.current())
    assert whole == grown
    elsewhere = {"deputies", "mandates", "organs", "journal_questions", "journal_answers"}
    assert {name for name in TABLES if not grown[name]} == {*elsewhere, "answer_resemblances", "ops.quarantine"}


def test_each_day_as_if_it_were_rebuilt(tmp_path, pool):
    """The same on two legislatures of a made-up site with its wheel of changes, compared every morning."""
    home = Home(Settings(tmp_path / "home", ""), pool)
    for number, changes in enumerate((0, 20, 40)):
        for archive in plan(tmp_path / "site", questions=240, seed=1, changes=changes):
            if archive.legislature >= 16:
                write_archive(archive)
        home.prepare(tmp_path / "site", day(number))
        home.load(day(number))
        home.load(day(number), warehouse=tmp_path / "anew", anew=True)
        assert contents(home.current()) == contents(tmp_path / "anew/current.duckdb"), number
    assert query(home.current(), "SELECT count(*) > 3 FROM question_versions") == [(True,)]


def test_questions_after_their_days(lived):
    rows = query(
        lived.current(),
        """SELECT question_number, status, answer_date, renewed_on, ministry, absent_since, first_seen_at, changed_at
           FROM questions WHERE legislature = 17 ORDER BY 1""",
    )
    one, three, four = date(2026, 9, 22), date(2026, 9, 16), "Mer"
    first, last = date(2025, 6, 3), day(3)
    assert rows == [
        (1, "answered", one, None, "Eau", None, day(0), last),
        (2, "answered", first, None, "Eau", None, day(0), day(0)),
        (3, "pending", None, three, "Eau", None, day(0), day(2)),
        (4, "pending", None, None, four, None, day(0), day(1)),
        (5, "pending", None, None, "Eau", None, day(0), day(0)),
        (6, "answered", one, None, "Eau", None, day(0), day(0)),
        (7, "withdrawn", None, None, "Eau", None, day(0), day(1)),
        (8, "answered", one, None, "Eau", None, day(0), last),
        (9, "pending", None, None, four, None, day(1), last),
        (5001, "pending", None, None, "Eau", None, last, last),
    ]


def test_absence_and_a_lost_answer_are_told_while_they_last(lived):
    gone = [
        query(path, "SELECT question_number, absent_since, status FROM questions WHERE absent_since IS NOT NULL")
        for path in states(lived)
    ]
    assert gone == [[], [(5, day(1), "pending")], [(8, day(2), "pending")], []]
    aside = [query(path, "SELECT question_number, rule FROM ops.quarantine") for path in states(lived)]
    assert aside == [[(99, "misplaced")]] * 3 + [[]]
    lost = [
        query(path, "SELECT question_number, level FROM ops.anomalies WHERE kind = 'answer_lost'")
        for path in states(lived)
    ]
    assert lost == [[], [(6, "error")], [], []]


def test_versions_tell_each_state_that_was_left(lived):
    rows = query(
        lived.current(),
        """SELECT question_number, valid_from, valid_to, status, array_to_string(list_sort(changed_columns), ' ')
           FROM question_versions ORDER BY question_number, valid_to""",
    )
    answer = "answer_date answer_page answer_text answer_texts closed_on closure_code closure_label status"
    assert rows == [
        (1, day(0), day(1), "pending", answer),
        (1, day(1), day(2), "answered", "answer_text answer_texts"),
        (1, day(2), day(3), "answered", "answer_text answer_texts"),
        (3, day(0), day(1), "pending", "renewals renewed_on"),
        (3, day(1), day(2), "pending", "renewals renewed_on"),
        (4, day(0), day(1), "pending", "attributions ministry ministry_id ministry_name reattributed_on"),
        (7, day(0), day(1), "pending", "closed_on closure_code closure_label status"),
        (8, day(0), day(3), "pending", answer),
        (9, day(1), day(3), "pending", "attributions ministry ministry_id ministry_name reattributed_on"),
    ]


def test_a_version_is_the_row_as_it_was(lived):
    before, after = states(lived)[1], lived.current()
    names = ", ".join(name for name in tables()["questions"].names if name in tables()["question_versions"].names)
    [was] = query(before, f"SELECT {names} FROM questions WHERE question_number = 1 AND legislature = 17")
    assert query(
        after, f"SELECT {names} FROM question_versions WHERE question_number = 1 AND valid_to = '{day(2)}'"
    ) == [was]


def test_children_are_replaced_whole(lived):
    at = "WHERE legislature = 17 AND question_number"
    answers = [query(path, f"SELECT jo_page, text FROM answer_texts {at} = 1 ORDER BY rank") for path in states(lived)]
    first, then = (202, "La réponse."), (303, "La réponse, corrigée.")
    assert answers == [[], [first], [first, then], [first]]
    assert query(lived.current(), f"SELECT rank, renewed_on FROM renewals {at} = 3 ORDER BY rank") == [
        (1, date(2026, 9, 15)),
        (2, date(2026, 9, 16)),
    ]
    assert query(lived.current(), f"SELECT rank, ministry, jo_type FROM attributions {at} = 4 ORDER BY rank") == [
        (1, "Eau", "JO_QUESTION"),
        (2, "Mer", "JO_LOI_DECRET"),
    ]


@pytest.mark.parametrize("table", ["questions", "attributions", "question_texts"])
def test_rows_that_did_not_change_are_not_written(lived, table):
    for number, (before, after) in enumerate(zip(states(lived), states(lived)[1:], strict=False), 1):
        at = f"SELECT legislature, question_number, rowid FROM {table} WHERE rowid IS NOT NULL"
        old, new = set(query(before, at)), set(query(after, at))
        moved = {(legislature, question) for legislature, question, _ in old - new}
        touched = {
            1: {1, 3, 4, 5, 7},
            2: {1, 3, 5, 8},
            3: {1, 8, 9},
        }[number]
        assert moved <= {(17, one) for one in touched}, number


def test_keys_are_declared_and_enforced(lived):
    with duckdb.connect(lived.current(), read_only=True) as connection:
        for name, table in tables().items():
            if table.schema == "lake" or not table.primary_key:
                continue
            found = connection.execute(
                "SELECT constraint_column_names FROM duckdb_constraints() WHERE constraint_type = 'PRIMARY KEY' "
                "AND schema_name = ? AND table_name = ?",
                [table.schema, table.name],
            ).fetchall()
            assert [set(one[0]) for one in found] == [set(table.primary_key)], name


def test_comments_are_the_schemas(lived):
    with duckdb.connect(lived.current(), read_only=True) as connection:
        told = dict(
            connection.execute("SELECT schema_name || '.' || table_name, comment FROM duckdb_tables()").fetchall()
        )
        columns = connection.execute(
            "SELECT schema_name || '.' || table_name, column_name, data_type, comment FROM duckdb_columns() "
            "SEMI JOIN duckdb_tables() USING (schema_name, table_name) ORDER BY ALL"
        ).fetchall()
    wanted = [table for table in tables().values() if table.schema != "lake"]
    assert told == {f"{one.schema}.{one.name}": one.comment for one in wanted}
    types = {"TIMESTAMPTZ": "TIMESTAMP WITH TIME ZONE"}
    assert columns == sorted(
        (f"{one.schema}.{one.name}", column.name, types.get(column.sql, column.sql), column.comment)
        for one in wanted
        for column in one.columns
    )


@pytest.fixture(scope="module")
def made_two_days(tmp_path_factory, pool) -> Path:
    """A home of one day's release and the next day's lake, to read."""
    folder = tmp_path_factory.mktemp("two_days")
    home = Home(Settings(folder / "home", ""), pool)
    home.prepare(life.site_of(folder / "site", 0), day(0))
    home.load(day(0))
    home.prepare(life.site_of(folder / "site", 1), day(1))
    return folder / "home"


@pytest.fixture
def two_days(made_two_days, home):
    """The same, to be changed."""
    shutil.copytree(made_two_days, home.settings.home, symlinks=True)
    return home


def publish_spoilt(path: Path, statement: str) -> None:
    """Changes a release's file and notes it as it now is, so that nobody seems to have written to it."""
    path.parent.chmod(0o755)
    path.chmod(0o644)
    with duckdb.connect(path) as connection:
        connection.execute(statement)
    note = releases.note_of(path)
    release = msgspec.json.decode(note.read_bytes(), type=releases.Release)
    note.write_bytes(msgspec.json.encode(msgspec.structs.replace(release, file=releases.published(path))))


@pytest.mark.parametrize(
    "spoil",
    [
        "DELETE FROM questions WHERE question_number = 2",
        "DELETE FROM answer_texts WHERE question_number = 2",
        "INSERT INTO renewals VALUES (17, 'QE', 2, 1, NULL)",
        "INSERT INTO attributions SELECT 13, 'QE', 1, 1, ministry_id, ministry, ministry_name, jo_type, jo_date FROM attributions LIMIT 1",
    ],
)
def test_what_does_not_hold_the_lake_is_not_released(two_days, spoil):
    """A release that was wrong when it was published is the base of the next one."""
    path = two_days.current()
    publish_spoilt(path, spoil)
    with pytest.raises(AnqError, match="anq rebuild"):
        two_days.load(day(1))
    assert two_days.current() == path
    assert states(two_days) == [path]


def test_a_release_made_anew_has_nothing_of_one_that_was_wrong(two_days, tmp_path):
    publish_spoilt(two_days.current(), "DELETE FROM questions WHERE question_number = 2")
    two_days.load(day(1), anew=True)
    two_days.load(day(1), warehouse=tmp_path / "anew", anew=True)
    assert contents(two_days.current()) == contents(tmp_path / "anew/current.duckdb")


def test_another_ddl_makes_the_release_anew(two_days, tmp_path, monkeypatch):
    statements = (*ddl(), "COMMENT ON TABLE questions IS 'another'")
    monkeypatch.setattr(loader, "digest", lambda: "another")
    monkeypatch.setattr(loader, "ddl", lambda: statements)
    two_days.load(day(1))
    assert query(two_days.current(), "SELECT comment FROM duckdb_tables() WHERE table_name = 'questions'") == [
        ("another",)
    ]
    monkeypatch.undo()
    two_days.load(day(1), warehouse=tmp_path / "anew", anew=True)
    assert contents(two_days.current()) == contents(tmp_path / "anew/current.duckdb")


def test_a_partition_that_is_gone_from_the_lake_is_gone_from_the_release(two_days):
    markers.drop(two_days.settings.lake, (14, "QE"))
    two_days.load(day(1))
    assert query(two_days.current(), "SELECT DISTINCT legislature FROM questions ORDER BY 1") == [(15,), (17,)]


def test_made_up_and_real_questions_never_mix(home, tmp_path, monkeypatch):
    monkeypatch.setattr("etl.fetch.sample.QUESTIONS", 60)
    home.prepare("sample", day(0))
    home.load(day(0))
    made_up = query(home.current(), "SELECT uid FROM questions")
    names = [archive.name for archive in archives()]
    real = {
        name: archive_of(question(int(name[:2]), name[3:], 1)) for name in names
    }  # as many archives as the sample's
    home.prepare(site(tmp_path / "site", real), day(1))
    home.load(day(1))
    assert len(made_up) == 60
    rows = query(home.current(), "SELECT uid, first_seen_at FROM questions ORDER BY uid")
    assert rows == sorted((f"QANR5L{name[:2]}{name[3:]}1", day(1)) for name in names)
    assert query(home.current(), "SELECT count(*) FROM question_versions") == [(0,)]


def test_what_a_run_says_after_another_made_a_release_comes_with_the_next(home, tmp_path):
    """Several DAGs run at once: one may publish between two tasks of another."""
    now = datetime.now(UTC)
    home.prepare(site(tmp_path / "site", {"17/QE": archive_of(question(17, "QE", 1))}), now)
    for number, archive in enumerate(("17/QE", "17/QG")):
        check = {"run_id": "slow", "archive": archive, "suite": "questions", "expectation": "rows_kept"}
        told = {"severity": "critical", "success": True, "observed": None, "failing_rows": 0, "examples": None}
        outcome = Outcome(archive).row(run_of(home.settings, now, "slow"), "check", 1.0)
        ledger.write(home.settings.lake, "slow", archive, {"ops.checks": [check | told], "ops.outcomes": [outcome]})
        home.load(now + timedelta(seconds=number))
    for table in ("ops.checks", "ops.outcomes"):
        found = query(home.current(), f"SELECT archive FROM {table} WHERE run_id = 'slow' ORDER BY ALL")
        assert found == [("17/QE",), ("17/QG",)]


def test_where_most_of_the_lake_is_other_it_is_read_anew(tmp_path, two_days, monkeypatch):
    """As after an upgrade that reads all anew, or when all questions come after people."""
    monkeypatch.setattr(loader, "MUCH", 0)
    two_days.load(day(1))
    before = releases.releases(two_days.settings.warehouse)[0]
    assert two_days.said == [
        f"most of the lake is other than in release {before.name}: it is read anew, which is quicker"
    ]
    monkeypatch.undo()
    two_days.load(day(1), warehouse=tmp_path / "anew", anew=True)
    assert contents(two_days.current()) == contents(tmp_path / "anew/current.duckdb")


def test_partitions_many_at_once_or_each_by_itself(two_days, tmp_path, monkeypatch):
    """The second as when they are large: the index too is then made by itself."""
    two_days.load(day(1), warehouse=tmp_path / "at once", anew=True)
    monkeypatch.setattr(loader, "LIGHT", 1)
    monkeypatch.setattr(loader, "FEW", 0)
    lake = markers.partitions(two_days.settings.lake)
    assert list(loader._batches(lake)) == [[partition] for partition in lake]
    two_days.load(day(1), warehouse=tmp_path / "alone", anew=True)
    at_once, alone = (contents(tmp_path / name / "current.duckdb") for name in ("at once", "alone"))
    assert at_once == alone
    assert len({(row[0], row[1]) for row in alone["questions"]}) == len(lake) > 1


def used(folder: Path) -> int:
    """Bytes of the files in a folder."""
    sizes = 0
    for path in folder.rglob("*"):
        with suppress(FileNotFoundError):
            sizes += path.lstat().st_size
    return sizes


def test_the_first_load_of_questions_takes_little_more_room_than_its_release(tmp_path, pool, monkeypatch, sample):
    """People came first, as on a Monday; the memory is to these questions what 600 MB are to 15,000."""
    home = Home(Settings(tmp_path / "home", str(sample)), pool)
    references.prepare_people(run_of(home.settings, day(0), "1"))
    home.load(day(0))
    home.prepare(sample, day(1))
    monkeypatch.setattr(loader, "MEMORY", 120_000_000)
    before, sizes, ended = used(home.settings.warehouse), list[int](), threading.Event()

    def watch() -> None:
        while not ended.wait(0.005):
            sizes.append(used(home.settings.warehouse))

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        home.load(day(1))
    finally:
        ended.set()
        watching.join()
    log = 32e6  # what DuckDB writes ahead of changes, whatever the size
    assert max(sizes) - before < home.current().stat().st_size + log


def test_a_load_without_room_on_the_disk_is_refused_before_it_writes(two_days, monkeypatch):
    home, first = two_days, releases.current(two_days.settings.warehouse)
    before = {path: path.lstat().st_mtime_ns for path in home.settings.warehouse.rglob("*")}
    with monkeypatch.context() as patch:
        patch.setattr(loader, "SLACK", 10**18)  # more than any disk has
        for how in ({}, {"anew": True}):
            with pytest.raises(AnqError, match=r"may need 1\.0 EB, and .* left on its disk.*anq prune") as refused:
                home.load(day(1), **how)
            assert refused.value.exit_code == 1
    assert {path: path.lstat().st_mtime_ns for path in home.settings.warehouse.rglob("*")} == before
    assert releases.current(home.settings.warehouse) == first
    assert home.load(day(1)).rows["questions"] > first.rows["questions"]


@pytest.mark.parametrize("number", [0, 1])
def test_the_room_that_is_asked_for_is_what_a_load_takes(home, tmp_path, monkeypatch, number):
    """The parts that do not depend on DuckDB: the copy, and all that is read."""
    asked = []
    monkeypatch.setattr(releases, "_refuse_without_room", lambda _, needed: asked.append(needed))
    for earlier in range(number + 1):
        home.prepare(life.site_of(tmp_path / "site", earlier), day(earlier))
        if earlier < number:
            home.load(day(earlier))
    copy = home.current().stat().st_size if number else 0
    files = [path for path in home.settings.lake.rglob("*.parquet") if not number or "legislature=17" in str(path)]
    home.load(day(number))
    assert asked[-1] - copy - loader.SLACK == pytest.approx(
        loader.GROWTH * sum(path.stat().st_size for path in files), abs=1
    )
