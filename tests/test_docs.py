"""The docs say what is true: commands, SQL and its answers, links, targets, anomalies and rules."""

from __future__ import annotations

import ast
import re
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
import typer

from etl.check import explained
from etl.cli import app
from etl.docs import french as in_french
from etl.docs.pages import views_page
from etl.schema import tables
from etl.schema.ddl import ddl
from etl.schema.dictionary import dictionary
from etl.schema.french import views as french
from etl.warehouse.query import connect, write
from etl.warehouse.views import View, views

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", ROOT / "dags" / "README.md",
         *sorted((ROOT / "docs").rglob("*.md"))]  # fmt: skip
TEXT = {page: page.read_text("utf-8") for page in PAGES}
CODE_NAMED = [ROOT / "docs" / "architecture.md", *sorted((ROOT / "docs" / "decisions").glob("*.md"))]
COMMAND = typer.main.get_command(app)

_SQL = re.compile(r"```sql\n(.*?)```(?:\n\n```text\n(.*?)```)?", re.DOTALL)
_LINK = re.compile(r"\]\(([^)#\s]*)(#[^)\s]*)?\)")
QUERIES = [
    pytest.param(query, answer, id=f"{page.relative_to(ROOT)}-{number}")
    for page, text in TEXT.items()
    for number, (query, answer) in enumerate(_SQL.findall(text), 1)
]
NOT_IN_THE_SAMPLE = (
    "question_versions",
    "ops.checks",
    "fr.controles",
    "ops.quarantine",
    "fr.quarantaine",
    "step = 'crawl'",
)


@pytest.mark.parametrize(("query", "answer"), QUERIES)
def test_sql_runs_and_answers_as_shown(query, answer, sampled, tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")
    printed = tmp_path / "answer.txt"
    write(sampled, query, "table", printed)
    if answer:
        assert printed.read_text("utf-8").strip() == answer.strip()
    shows = "0 rows" not in re.sub(r"\d+0 rows", "", printed.read_text("utf-8"))
    assert shows or any(name in query for name in NOT_IN_THE_SAMPLE), "who learns on the sample would see nothing"


@pytest.mark.parametrize("page", ["docs/operators.md", "docs/data-quality.md", "docs/fr/confiance.md"])
def test_failed_checks_are_those_of_each_archive_s_last(page):
    """A run checks what changed alone; its name does not tell when it began, for Airflow's begin with letters."""
    [query] = [query for query, _ in _SQL.findall(TEXT[ROOT / page]) if re.search("ops.checks|fr.controles", query)]
    with duckdb.connect() as connection:
        for statement in (*ddl(), "CREATE SCHEMA fr", *french()):
            connection.execute(statement)
        for run, day in (("manual__1", 1), ("2", 2), ("scheduled__3", 3)):
            connection.execute(
                "INSERT INTO ops.runs (run_id, started_at, state) VALUES (?, ?, 'released')",
                [run, datetime(2026, 9, day, tzinfo=UTC)],
            )
        for run, archive, success in (
            ("manual__1", "17/QE", True),
            ("manual__1", "16/QE", False),
            ("2", "17/QE", False),
            ("scheduled__3", "17/QG", True),
        ):
            connection.execute(
                "INSERT INTO ops.checks (run_id, archive, suite, expectation, severity, success, failing_rows)"
                " VALUES (?, ?, 'questions', 'r', 'info', ?, 1)",
                [run, archive, success],
            )
        rows = connection.execute(query).fetchall()
    assert len(rows) == 2 if page == "docs/operators.md" else rows == [("r", "info", 2, 2)]


def test_three_answers_are_shown():
    shown = {
        page: sum(bool(answer) for _, answer in _SQL.findall(TEXT[ROOT / page]))
        for page in ("README.md", "docs/analysts.md")
    }
    assert shown == {"README.md": 1, "docs/analysts.md": 2}


def test_the_readme_is_short():
    assert len(TEXT[ROOT / "README.md"].splitlines()) < 120


@pytest.mark.parametrize("name", COMMAND.commands)
def test_every_command_and_option_is_told_of(name):
    told = set(re.findall(r"(?<![\w-])--?[a-z]+(?:-[a-z]+)*", "".join(TEXT.values())))
    for command in (COMMAND, COMMAND.commands[name]):
        for parameter in command.params:
            missing = {option for option in parameter.opts if option.startswith("-")} - told
            assert not missing, f"{name}: {parameter.name}"
    for page in ("README.md", "docs/interface.md"):
        assert re.search(rf"^\|.*`anq {name}\b.*\|", TEXT[ROOT / page], re.M), page


def test_the_columns_of_questions_are_those_promised():
    table = TEXT[ROOT / "docs" / "interface.md"].partition("| column | type |")[2].partition("\n\n")[0]
    promised = [name for row in re.findall(r"^\| (`[^|]*) \|", table, re.M) for name in re.findall(r"`(\w+)`", row)]
    assert sorted(promised) == sorted(tables()["questions"].names)


def test_no_command_is_told_of_that_is_not_there():
    said = {word for text in TEXT.values() for word in re.findall(r"`anq ([a-z]+)\b", text)}
    assert said <= set(COMMAND.commands)


@pytest.mark.parametrize("made", ["Anomaly", "RecordError"])
def test_every_anomaly_and_rule_is_told_of(made):
    kinds = _kinds(made)
    assert len(kinds) > 5
    page = TEXT[ROOT / "docs" / "data-quality.md"]
    told = set(re.findall(r"^\| `(\w+)` \|", page.partition("\n## Quarantine")[made == "RecordError" and 2], re.M))
    assert kinds <= told
    spoken = {word for word in told if any(f'"{word}"' in source for source in _sources().values())}
    assert told == spoken, "told of, and not in the code"


def test_levels_are_as_told():
    told = dict(re.findall(r"^\| `(\w+)` \| ([\w ]+) \|", TEXT[ROOT / "docs" / "data-quality.md"], re.M))
    for call in _calls("Anomaly"):
        kind, level = ast.literal_eval(call.args[0]), ast.literal_eval(call.args[1])
        assert level in told[kind], kind


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_relative_link_resolves(page):
    for path, anchor in _LINK.findall(TEXT[page]):
        if path.startswith(("http://", "https://")):
            continue
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), path
        if anchor:
            headings = re.findall(r"^#+ (.*)$", target.read_text("utf-8"), re.M)
            assert anchor[1:] in {_anchor(heading) for heading in headings}, f"{path}{anchor}"


@pytest.mark.parametrize("folder", ["docs", "docs/fr", "docs/decisions"])
def test_every_page_is_on_the_map(folder):
    told = {path for path, _ in _LINK.findall(TEXT[ROOT / folder / "index.md"])}
    assert {page.name for page in (ROOT / folder).glob("*.md")} - {"index.md"} <= told


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_path_named_exists(page):
    folders = "etl|tests|schemas|expectations|dags|docs"
    paths = re.findall(rf"(?:`|^    |bin/pytest )((?:{folders})/[\w/.]*)", TEXT[page], re.M)
    assert not [path for path in set(paths) if not (ROOT / path).exists()]


@pytest.mark.parametrize("page", CODE_NAMED, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_file_and_function_named_exists(page):
    named = re.findall(r"`((?:etl|dags|tests)/[\w/]+\.(?:py|sql))(?::(\w+))?`", TEXT[page])
    missing = [
        f"{path}:{name}"
        for path, name in named
        if not (ROOT / path).is_file() or (name and name not in _defined(ROOT / path))
    ]
    assert not missing


@pytest.mark.parametrize("folder", ["etl", "dags", "benchmarks", "schemas", "expectations", "tests"])
def test_every_page_that_code_cites_is_there(folder):
    """With its section, when the page is the one of the source's formats."""
    sections = set(re.findall(r"^#+ (\d+(?:\.\d+)?)[. ]", TEXT[ROOT / "docs/source/formats.md"], re.M))
    missing = []
    for path in sorted((ROOT / folder).rglob("*")):
        if path.suffix not in {".py", ".sql", ".yaml", ".json", ".csv", ".html", ".md"}:
            continue
        text = path.read_text("utf-8")
        beside = (ROOT, path.parent, ROOT / "docs", ROOT / "docs" / "fr", ROOT / "docs" / "source")
        cited = set(re.findall(r"[\w./-]*\w\.md\b", text))
        missing += [f"{path.name}: {page}" for page in cited if not any((place / page).is_file() for place in beside)]
        for numbers in re.findall(r"formats\.md((?:,? (?:and )?\d+(?:\.\d+)?)+)", text):
            missing += [
                f"{path.name}: {number}" for number in re.findall(r"[\d.]*\d", numbers) if number not in sections
            ]
    assert not missing


def test_every_target_named_exists():
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.M))
    named = {one for text in TEXT.values() for one in re.findall(r"(?:`|^    )make ([a-z]+)\b", text, re.M)}
    assert {"run", "test"} <= named <= targets


def test_the_dictionary_has_not_drifted():
    assert TEXT[ROOT / "docs" / "dictionary.md"] == dictionary(), "run `make docs`"
    assert TEXT[ROOT / "docs" / "fr" / "dictionnaire.md"] == in_french.dictionary(), "run `make docs`"


def test_the_page_of_rules_has_not_drifted():
    page = explained.PAGE.read_text("utf-8")
    assert page == explained.explained(page), "run `make docs`"


def test_the_page_of_views_has_not_drifted(sampled):
    assert TEXT[ROOT / "docs" / "views.md"] == views_page(sampled), "run `make docs`"
    assert TEXT[ROOT / "docs" / "fr" / "vues.md"] == in_french.views_page(sampled), "run `make docs`"


@pytest.mark.parametrize("view", views().values(), ids=lambda view: view.name)
def test_the_french_example_is_the_english_one_in_french(view: View, sampled):
    with connect(sampled) as connection:
        english, french = connection.sql(view.example), connection.sql(in_french.example(view))
        rows = english.fetchall()
        assert french.fetchall() == rows
        assert rows
    known = {one.name_fr for table in tables().values() for one in table.columns}
    known |= {one.fr for other in views().values() for one in other.columns} | set(in_french.ALIASES.values())
    left = {name for name in french.columns if not name.isdigit()} - known
    assert not left, "give the alias a French name in etl/docs/french.py"


def test_the_licence_is_named_where_data_are():
    for page in ("README.md", "docs/index.md", "docs/analysts.md"):
        text = " ".join(TEXT[ROOT / page].split())
        assert "Licence Ouverte / Etalab 2.0, source: Assemblée nationale, data.assemblee-nationale.fr" in text
        assert "date of the last fetch" in text


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _defined(path: Path) -> set[str]:
    """What a module or a file of SQL defines at its top."""
    text = path.read_text("utf-8")
    if path.suffix == ".sql":
        return set(re.findall(r"MACRO (?:\w+\.)?(\w+)", text))
    return {node.name for node in ast.parse(text).body if isinstance(node, ast.FunctionDef | ast.ClassDef)}


def _sources() -> dict[Path, str]:
    return {path: path.read_text("utf-8") for path in sorted((ROOT / "etl").rglob("*.py"))}


def _calls(name: str) -> list[ast.Call]:
    return [
        node
        for source in _sources().values()
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name
    ]


def _kinds(name: str) -> set[str]:
    """Every kind or rule that the code writes, which has to be there in so many letters."""
    return {ast.literal_eval(call.args[0]) for call in _calls(name)}
