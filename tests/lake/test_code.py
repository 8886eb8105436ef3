"""The digest of the code that reads follows imports by itself, and only these."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from etl.catalogue import FORMS
from etl.lake import code

ROOT = Path(__file__).parents[2]
READS_QUESTIONS = "etl.lake.chunk"
#: Modules of parse/ and normalise/ that reading questions does not use: those of people and of the weekly issues.
OTHERS = {
    "etl/normalise/issue.py",
    "etl/normalise/person.py",
    "etl/parse/amo_json.py",
    "etl/parse/journal_xml.py",
    "etl/parse/person.py",
}


@pytest.fixture
def copy(tmp_path, monkeypatch) -> Path:
    """A copy of etl/ and schemas/ that a test may write to."""
    for folder in ("etl", "schemas"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(code, "ROOT", tmp_path)
    monkeypatch.setattr(code, "SCHEMAS", tmp_path / "schemas")
    forget()
    yield tmp_path
    forget()


def forget() -> None:
    for known in (code.code_digest, code.modules, code._imported, code._path):
        known.cache_clear()


def names(module: str, root: Path = ROOT) -> set[str]:
    return {str(path.relative_to(root)) for path in code.modules(module)}


def test_every_module_that_reads_questions_is_followed_and_no_way_in_is():
    used = names(READS_QUESTIONS)
    there = {
        str(path.relative_to(ROOT)) for room in ("parse", "normalise") for path in (ROOT / "etl" / room).glob("*.py")
    }
    assert there - used == OTHERS
    assert {"etl/lake/chunk.py", "etl/lake/history.py", "etl/search/words.py", "etl/schema/arrow.py"} <= used
    assert not used & {"etl/cli.py", "etl/run/questions.py", "etl/warehouse/load.py", "etl/check/checker.py"}


def test_a_form_that_is_chosen_by_name_is_followed():
    assert {f"etl/parse/bulk_{form}.py" for form in FORMS} <= names(READS_QUESTIONS)


def test_people_and_issues_have_a_digest_of_their_own():
    assert "etl/parse/amo_json.py" in names("etl.lake.people") - names("etl.lake.journal")
    assert "etl/parse/journal_xml.py" in names("etl.lake.journal") - names("etl.lake.people")


@pytest.mark.parametrize(
    ("path", "differs"),
    [
        ("etl/parse/record.py", True),  # imported by a module that is imported
        ("etl/lake/chunk.py", True),  # the module itself
        ("etl/parse/bulk_xml.py", True),  # chosen by name
        ("etl/normalise/__init__.py", True),  # a package, which runs first
        ("schemas/questions.yaml", True),
        ("etl/cli.py", False),
        ("etl/parse/journal_xml.py", False),
        ("etl/warehouse/load.py", False),
    ],
)
def test_a_module_that_differs(copy, path, differs):
    before = code.code_digest(READS_QUESTIONS)
    with (copy / path).open("a", encoding="utf-8") as file:
        file.write("# another line\n")
    forget()
    assert (code.code_digest(READS_QUESTIONS) != before) is differs


@pytest.mark.parametrize(
    "line",
    [
        "from etl.parse import fresh",
        "from etl.parse.fresh import read",
        "import etl.parse.fresh",
        "from etl.parse import (\n    fresh,\n)",
        "def read():\n    from etl.parse.fresh import read",
        'import_module(f"etl.parse.fresh{suffix}")',
    ],
)
def test_each_way_to_import_is_followed(copy, line):
    (copy / "etl/parse/fresh.py").write_text('"""New."""\n')
    assert "etl/parse/fresh.py" not in names(READS_QUESTIONS, copy)
    with (copy / "etl/parse/page.py").open("a", encoding="utf-8") as file:
        file.write(f"\n\n{line}\n")
    forget()
    assert "etl/parse/fresh.py" in names(READS_QUESTIONS, copy)


def test_the_digest_is_the_same_wherever_the_code_lies(copy):
    here = code.code_digest(READS_QUESTIONS)
    forget()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(code, "ROOT", ROOT)
        assert code.code_digest(READS_QUESTIONS) == here
