"""What import-linter's contracts in pyproject.toml cannot say of imports, read from the source."""

from __future__ import annotations

import ast
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[1]
MODULES = sorted((ROOT / "etl").rglob("*.py"))


def name_of(path: Path) -> str:
    """`etl.parse.archive`."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports(path: Path, *, typing: bool = False) -> set[str]:
    """The modules that a file imports, wherever in it; those for type checkers only where asked for."""
    found: set[str] = set()
    waiting: list[ast.AST] = [ast.parse(path.read_text("utf-8"))]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING" and not typing:
            waiting += node.orelse
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            found.add(node.module or "")
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
        waiting += ast.iter_child_nodes(node)
    return found


def among(imported: set[str], *packages: str) -> set[str]:
    """The imports that are of these packages."""
    return {name for name in imported if any(name == one or name.startswith(f"{one}.") for one in packages)}


def test_dags_know_the_steps_and_no_more() -> None:
    for path in (ROOT / "dags").glob("*.py"):
        own = among(imports(path), "etl")
        allowed = among(own, "etl.run", "etl.store", "etl.settings", "etl.errors", "etl.catalogue") | {"etl"}
        assert own <= allowed, f"{path.name} knows {sorted(own - allowed)}"


def test_one_module_reads_each_source_form() -> None:
    """The form's key names appear where it is read and where the sample writes it, nowhere else."""
    allowed = {"etl.parse.opendata_json", "etl.parse.document", "etl.parse.journal_xml"}
    for path in MODULES:
        name = name_of(path)
        strings = {
            node.value
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
        if name not in allowed and not name.startswith("etl.sample"):
            assert not strings & {
                "minAttribs",
                "textesReponse",
                "texteReponse",
                "indexationAN",
                "acteurRef",
                "organeRef",
            }, name


def test_heavy_imports_are_where_they_are_used() -> None:
    """At a module's top level only what starts at once, so that `anq` does; the check's child process is apart."""
    heavy = {
        "duckdb",
        "pyarrow",
        "pandas",
        "numpy",
        "great_expectations",
        "sqlalchemy",
        "httpx",
        "tenacity",
        "lxml",
        "vl_convert",
        "xlsxwriter",
        "apprise",
        "obstore",
    }
    apart = {
        "etl.check.changes",
        "etl.check.expect",
        "etl.check.results",
        "etl.check.tables",
        "etl.fetch.http",
        "etl.fetch.polite",
    }
    in_workers = ("etl.normalise", "etl.parse")
    for path in MODULES:
        tree = ast.parse(path.read_text("utf-8"))
        top = ast.Module([node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)], [])
        found = {name.partition(".")[0] for name in _names(top)} & heavy
        name = name_of(path)
        if name.startswith(in_workers):
            found -= {"lxml"}
        assert not found or name in apart, f"{name} imports {sorted(found)} at once"


def test_every_package_is_declared() -> None:
    """Whatever etl/ imports is the standard library's, our own, or a dependency that pyproject.toml names.

    One module is for Airflow alone, and may import what comes with it.
    """
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    declared = {_plain(one) for one in project["dependencies"]}
    with_airflow = {_plain(one) for one in project["optional-dependencies"]["airflow"]}
    owners = packages_distributions()
    for path in MODULES:
        wanted = declared | with_airflow if name_of(path) == "etl.run.lineage" else declared
        for name in {one.partition(".")[0] for one in imports(path, typing=True)} - {"etl", "__future__"}:
            if name not in sys.stdlib_module_names:
                assert wanted & {_plain(one) for one in owners[name]}, f"{name_of(path)} imports {name}"


def _names(tree: ast.Module) -> set[str]:
    return {
        alias.name if isinstance(node, ast.Import) else node.module or ""
        for node in tree.body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }


def _plain(requirement: str) -> str:
    """A distribution's name, without version and extras."""
    name = requirement
    for mark in "=<>!~[; ":
        name = name.partition(mark)[0]
    return name.lower().replace("_", "-").replace(".", "-")
