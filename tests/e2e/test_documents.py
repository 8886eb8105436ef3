"""`anq page --load`: single documents in the warehouse, alone and beside the archives."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from etl.lake import markers, partition
from etl.warehouse.release import path_of, releases
from tests.archives import archive_of, question, site, unit
from tests.e2e.command import Anq
from tests.e2e.conftest import FirstRun
from tests.parse.test_fiche import fiche
from tests.parse.test_page import line, page
from tests.warehouse.days import contents, query

ASKED = ("14", "2")  # 14/QE 2, of which there are an archive and a page


def ask(home: Path, sql: str) -> list[tuple[Any, ...]]:
    return query(home / "warehouse/current.duckdb", sql)


def written(folder: Path, **files: bytes) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    for name, raw in files.items():
        (folder / f"{name}.htm").write_bytes(raw)
    return [folder / f"{name}.htm" for name in files]


def of_2(number: int = 2, **how: Any) -> bytes:
    """A page of 14/QE 2, or of another."""
    dates = line("Question publiée au JO le : ", "08/03/2016", ' page : <span><a href="/x">40</a></span>')
    dates += line("Date de signalement", "26/04/2016")
    index = '<div class="question_col33"><p><span>Tête d\'analyse > </span>truites</p></div>'
    return page(number=f"{number}", leg="14", dates=dates, index=index, **how)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def archive(tmp_path: Path):
    """Writes the archive 14/QE of the site, with these nodes."""

    def write(*nodes: Any) -> Path:
        return site(tmp_path / "site", {"14/QE": archive_of(*nodes)})

    return write


def test_legislatures_that_no_archive_holds(anq: Anq, home: Path, tmp_path: Path) -> None:
    answered = fiche(DPR="01/02/2005", PGREP="9", REP="Oui.", CODRET="REP_PUB").encode("latin-1")
    paths = written(tmp_path / "pages", a=answered, b=fiche(NUM="9").encode("latin-1"))
    said = anq("--home", home, "page", "--load", *paths)
    assert said.exit_code == 0, said.err
    first, second = (json.loads(one) for one in said.out.splitlines()[:2])
    found = ask(
        home, "SELECT * EXCLUDE (first_seen_at, changed_at, absent_since) FROM questions ORDER BY question_number"
    )
    names = ask(
        home,
        "SELECT column_name FROM duckdb_columns() WHERE (schema_name, table_name) = ('main', 'questions') ORDER BY column_index",
    )
    for told, row in zip((second, first), found, strict=True):
        shown = dict(zip([name for (name,) in names], row, strict=False))
        assert shown.pop("civility") is shown.pop("region") is None  # what people tell, and none were loaded
        assert {name: str(value) for name, value in shown.items()} == {name: str(told[name]) for name in shown}
    before = contents(home / "warehouse/current.duckdb")
    assert anq("--home", home, "rebuild").exit_code == 0
    assert contents(home / "warehouse/current.duckdb") == before
    assert "nothing new" in anq("--home", home, "page", "--load", *paths).err


def test_open_data_wins_and_a_page_fills(anq: Anq, home: Path, tmp_path: Path, archive) -> None:
    source = archive(*(question(14, "QE", number) for number in (1, 2, 3)))
    run = ("--home", home, "--source", source, "run")
    assert anq(*run).exit_code == 0
    before = ask(home, "SELECT * EXCLUDE (civility, region) FROM questions WHERE question_number = 2")
    assert (
        anq(
            "--home", home, "page", "--load", *written(tmp_path / "pages", x=of_2(answer="Une autre réponse."))
        ).exit_code
        == 0
    )
    columns = "author_name, department, tete_analyse, title, signalled_on, question_page, rubrique, source_member"
    assert ask(home, f"SELECT {columns} FROM questions WHERE question_number = 2") == [
        ("Luc Hameçon", "Côte-d'Or", "truites", "truites", date(2016, 4, 26), 101, "eau et assainissement", "Questions_ecrites_XIV.json")
    ]  # fmt: skip
    texts = "SELECT question_text, answer_text, ministry, group_abbr, uid FROM questions WHERE question_number = 2"
    assert ask(home, texts) == [
        ("Le texte de la question, n° 2.", "Le texte de la réponse, n° 2.", "Eau", "GRP", "QANR5L14QE2")
    ]
    told = "SELECT changed_columns, question_number FROM question_versions"
    assert [(set(names), number) for names, number in ask(home, told)] == [
        ({"author_name", "department", "tete_analyse", "title", "signalled_on"}, 2)
    ]
    assert ask(home, "SELECT * EXCLUDE (valid_from, valid_to, changed_columns) FROM question_versions") == before
    assert "nothing new" in anq(*run).out
    held = contents(home / "warehouse/current.duckdb")
    assert anq(*run, "--force").exit_code == 0
    assert contents(home / "warehouse/current.duckdb") == held
    assert anq("--home", home, "rebuild").exit_code == 0
    assert contents(home / "warehouse/current.duckdb") == held


def test_the_page_first_then_the_archive_then_the_archive_without_it(
    anq: Anq, home: Path, tmp_path: Path, archive
) -> None:
    """A question that leaves its archive stays as it was, whatever pages there are of it."""
    anq("--home", home, "page", "--load", *written(tmp_path / "pages", x=of_2(answer="Une réponse.")))
    assert ask(home, "SELECT answer_text, group_name FROM questions") == [
        ("Une réponse.", "Démocrate (MoDem et Indépendants)")
    ]
    nodes = [question(14, "QE", number, rubrique="mer") for number in (1, 2, *range(3, 103))]
    assert anq("--home", home, "--source", archive(*nodes), "run").exit_code == 0
    (whole,) = ask(home, "SELECT * EXCLUDE absent_since FROM questions WHERE question_number = 2")
    assert ask(home, "SELECT author_name, rubrique, answer_text FROM questions WHERE question_number = 2") == [
        ("Luc Hameçon", "mer", "Le texte de la réponse, n° 2.")
    ]
    source = archive(nodes[0], *nodes[2:])
    assert anq("--home", home, "--source", source, "run").exit_code == 0
    assert ask(home, "SELECT * EXCLUDE absent_since FROM questions WHERE question_number = 2") == [whole]
    assert ask(home, "SELECT question_number FROM questions WHERE absent_since IS NOT NULL") == [(2,)]
    anq("--home", home, "page", "--load", *written(tmp_path / "pages", x=of_2(answer="Une réponse, plus tard.")))
    assert ask(home, "SELECT * EXCLUDE absent_since FROM questions WHERE question_number = 2") == [whole]


def test_a_record_that_arrives_bad_keeps_its_question_whatever_pages_there_are(
    anq: Anq, home: Path, tmp_path: Path, archive
) -> None:
    nodes = [question(14, "QE", number) for number in range(1, 101)]
    anq("--home", home, "--source", archive(*nodes), "run")
    anq("--home", home, "page", "--load", *written(tmp_path / "pages", x=of_2()))
    before = ask(home, "SELECT * EXCLUDE (civility, region) FROM questions WHERE question_number = 2")
    nodes[1]["type"] = "QX"
    assert anq("--home", home, "--source", archive(*nodes), "run").exit_code == 0
    assert ask(home, "SELECT * EXCLUDE (civility, region) FROM questions WHERE question_number = 2") == before
    assert ask(home, "SELECT question_number FROM ops.quarantine") == [(2,)]


WHOLE = of_2(4, answer="Une réponse entière, et longue.")
#: What is loaded of 14/QE 2, 3 and 4, a round after the other.
ROUNDS: list[dict[str, bytes]] = [
    {"q2": of_2(answer=""), "q3": unit(question(14, "QE", 3, rubrique="eau")), "q4": WHOLE},
    {
        "q2": of_2(answer="La réponse."),
        "q3": unit(question(14, "QE", 3, rubrique="mer")),
        "q4": of_2(4, answer="Une réponse."),
    },
    {"unit": unit(question(14, "QE", 2, rubrique="mer")), "page": of_2(3), "q4": of_2(4)},
    {"q4": WHOLE.replace("entière, et longue".encode(), "enti�re, et très très longue".encode())},
]


@pytest.fixture
def after(anq: Anq, home: Path, tmp_path: Path, first_run: FirstRun) -> Callable[[int, str], list[tuple[Any, ...]]]:
    """`after(ROUND, SQL)`: rows of the release that a round made, counted from 1."""
    folders = [tmp_path / f"pages/{number}" for number in range(len(ROUNDS))]
    files = [written(folder, **documents) for folder, documents in zip(folders, ROUNDS, strict=True)]
    first_run(home, tmp_path / "pages", lambda: [anq("--home", home, "page", "--load", *paths) for paths in files])
    made = [path_of(home / "warehouse", one.name) for one in releases(home / "warehouse")]
    return lambda number, sql: query(made[number - 1], sql)


def test_a_later_document_of_the_same_name_takes_its_place(after) -> None:
    assert after(2, "SELECT status, answer_text FROM questions WHERE question_number = 2") == [
        ("answered", "La réponse.")
    ]
    assert len(after(2, "SELECT 1 FROM question_versions WHERE question_number = 2")) == 1
    row = "SELECT rubrique, author_name, answer_text, source_member FROM questions WHERE question_number = 2"
    assert after(3, row) == [("mer", "Luc Hameçon", "Le texte de la réponse, n° 2.", "unit.htm")]


def test_of_two_open_data_documents_the_later_tells(after) -> None:
    assert after(2, "SELECT rubrique FROM questions WHERE question_number = 3") == [("mer",)]
    row = "SELECT rubrique, author_name FROM questions WHERE question_number = 3"
    assert after(3, row) == [("mer", "Luc Hameçon")]


def test_a_later_document_never_replaces_a_better_one(after) -> None:
    row = "SELECT question_text, answer_text, rubrique, status FROM questions WHERE question_number = 4"
    assert after(1, row)[0][1] == "Une réponse entière, et longue."
    for number in (2, 3, 4):
        assert after(number, row) == after(1, row)
    of_4 = "kind = 'other_reading' AND question_number = 4"
    kinds = after(4, f"SELECT kind, what, value FROM ops.anomalies WHERE {of_4} ORDER BY value")
    assert kinds == [
        ("other_reading", "answers.text", "Une réponse enti�re, et très très longue."),
        ("other_reading", "answers.text", "Une réponse."),
    ]


def test_what_is_no_question_is_named_and_the_others_are_loaded(anq: Anq, home: Path, tmp_path: Path) -> None:
    paths = written(
        tmp_path / "pages", bad=b"<html><title>50x</title><body>An error occurred.</body></html>", good=of_2()
    )
    said = anq("--home", home, "page", "--load", *paths, tmp_path / "none.htm")
    assert said.exit_code == 2
    assert "bad.htm: the document is an HTML page, titled " in said.err
    assert "none.htm: No such file" in said.err
    assert ask(home, "SELECT question_number FROM questions") == [(2,)]
    assert sorted(path.suffix for path in (home / "raw/documents").glob("[!.]*")) == ["", ".jsonl"]
    assert anq("--home", home, "page", paths[0]).exit_code == 2


def test_a_page_that_is_cut_is_shown_and_not_loaded(anq: Anq, home: Path, tmp_path: Path) -> None:
    whole = of_2(answer="Une réponse.")
    cut = whole[: whole.index(b"ponse.")]
    (path,) = written(tmp_path / "pages", cut=cut)
    said = anq("page", path)
    assert (said.exit_code, json.loads(said.out)["answer_text"]) == (0, "Une ré")
    said = anq("--home", home, "page", "--load", path)
    assert (said.exit_code, "cut.htm: the document is cut" in said.err) == (2, True)
    assert not (home / "warehouse/current.duckdb").exists()


def test_the_made_up_sample_makes_room(anq: Anq, home: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("etl.fetch.sample.QUESTIONS", 60)
    assert anq("--home", home, "run", "-l", 17).exit_code == 0
    anq("--home", home, "page", "--load", *written(tmp_path / "pages", x=of_2()))
    assert ask(home, "SELECT uid FROM questions") == [("QANR5L14QE2",)]
    said = anq("--home", home, "run")
    assert (said.exit_code, "real questions" in said.err) == (2, True)


def test_new_code_reads_documents_again(anq: Anq, home: Path, tmp_path: Path, archive, monkeypatch) -> None:
    source = archive(question(14, "QE", 1))
    anq("--home", home, "page", "--load", *written(tmp_path / "pages", a=fiche().encode("latin-1")))
    anq("--home", home, "--source", source, "run")
    monkeypatch.setattr(partition, "code", lambda: "new")
    assert anq("--home", home, "--source", source, "run").exit_code == 0
    assert [(one.key, one.code) for one in markers.partitions(home / "lake")] == [
        ((12, "QE"), "new"),
        ((14, "QE"), "new"),
    ]
    assert ask(home, "SELECT count(*) FROM questions") == [(2,)]


def test_pages_go_on_to_tell_of_a_question_that_the_archive_never_gave_well(
    anq: Anq, home: Path, tmp_path: Path, archive
) -> None:
    nodes = [question(14, "QE", number) for number in range(1, 101)]
    bad = {**nodes[1], "type": "QX"}
    row = "SELECT status, answer_text, absent_since FROM questions WHERE question_number = 2"
    anq("--home", home, "page", "--load", *written(tmp_path / "pages", x=of_2()))
    assert anq("--home", home, "--source", archive(nodes[0], bad, *nodes[2:]), "run").exit_code == 0
    anq("--home", home, "page", "--load", *written(tmp_path / "pages", x=of_2(answer="Une réponse.")))
    assert ask(home, row) == [("answered", "Une réponse.", None)]
    # what an archive never gave does not go from it either
    assert anq("--home", home, "--source", archive(nodes[0], *nodes[2:]), "run").exit_code == 0
    assert ask(home, row) == [("answered", "Une réponse.", None)]
    assert anq("--home", home, "--source", archive(*nodes), "run").exit_code == 0
    assert ask(home, row) == [("answered", "Le texte de la réponse, n° 2.", None)]


def test_standard_output_holds_the_questions_and_nothing_else(anq: Anq, home: Path, tmp_path: Path) -> None:
    paths = written(tmp_path / "pages", a=of_2(), b=fiche().encode("latin-1"))
    said = anq("--home", home, "page", "--load", *paths)
    assert [json.loads(line)["uid"] for line in said.out.splitlines()] == ["QANR5L14QE2", "QANR5L12QE48328"]
    assert "released" in said.err


def test_pages_alone_leave_no_gap_in_the_numbers(anq: Anq, home: Path, tmp_path: Path, archive) -> None:
    anq("--home", home, "page", "--load", *written(tmp_path / "pages", a=of_2(), b=fiche().encode("latin-1")))
    gaps = "SELECT failing_rows FROM ops.checks WHERE expectation = 'numbers_follow' AND NOT success"
    assert ask(home, gaps) == []
    nodes = [question(14, "QE", number) for number in (*range(1, 51), *range(53, 101))]
    anq("--home", home, "--source", archive(*nodes), "run")
    assert ask(home, gaps) == [(1,)]
