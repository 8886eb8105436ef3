"""Views and macros for analysts, each declared in one file here: what it answers, its columns, an example, a SELECT.

The comment at a file's top is YAML. One with `parameters` becomes a table macro, with `returns` a scalar macro, any
other a view; each gets its French twin in the schema `fr`, under `name_fr` and with the French names of its columns.
A column that several have is in columns.yaml, and listed without a value. Views that differ by one column name a
template, templates/<name>.sql, which is written as a view is: it has `{view}` for the view's name, and `{column}`.
SQL names what it reads with its schema (`main.questions`), so that it works wherever the reader stands.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from etl.schema import french
from etl.schema.sql import literal
from etl.search import index
from etl.warehouse import macros

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

FOLDER = Path(__file__).parent
_FILE = re.compile(r"/\*\n(.*?)\*/\n(.*)", re.DOTALL)
_NAMED = re.compile(r"\bmain\.(\w+)")


@dataclass(frozen=True, slots=True)
class Column:
    """A column that a view gives, or a parameter that it takes.

    Attributes:
        name: in English.
        fr: its name in French.
        type: as DuckDB has it.
        description: English.
        description_fr: French.
    """

    name: str
    fr: str
    type: str
    description: str
    description_fr: str


@dataclass(frozen=True, slots=True)
class View:
    """One file.

    Attributes:
        name: the file's.
        name_fr: its French twin's, in `fr`.
        question: what it answers.
        question_fr: the same in French.
        parameters: what it is called with; none for a view.
        columns: what it gives, in order; none for a scalar macro.
        returns: type of a scalar macro's value.
        example: SQL that shows its use.
        sql: its SELECT, or a scalar macro's expression.
    """

    name: str
    name_fr: str
    question: str
    question_fr: str
    example: str
    sql: str
    parameters: tuple[Column, ...] = ()
    columns: tuple[Column, ...] = ()
    returns: str | None = None

    @property
    def kind(self) -> str:
        """As COMMENT ON has it: VIEW, MACRO TABLE or MACRO."""
        return "MACRO" if self.returns else "MACRO TABLE" if self.parameters else "VIEW"

    @property
    def reads(self) -> set[str]:
        """The names that its SQL reads."""
        return set(_NAMED.findall(self.sql))

    def statements(self) -> list[str]:
        """DDL of the view and of its twin, with their comments."""
        given = ", ".join(parameter.name for parameter in self.parameters)
        given_fr = ", ".join(parameter.fr for parameter in self.parameters)
        call_fr = f"main.{self.name}" + (f"({given_fr})" if self.parameters else "")
        twin = ", ".join(f"{column.name} AS {column.fr}" for column in self.columns)
        sql_fr = call_fr if self.returns else f"SELECT {twin} FROM {call_fr}"
        comment = f"{self.question} — {self.question_fr}"
        return [
            *self._made(f"main.{self.name}", given, self.sql, comment),
            *self._made(f"fr.{self.name_fr}", given_fr, sql_fr, comment),
            *(
                f"COMMENT ON COLUMN {view}.{name} IS {literal(f'{column.description} — {column.description_fr}')}"
                for column in self.columns
                for view, name in ((f"main.{self.name}", column.name), (f"fr.{self.name_fr}", column.fr))
                if self.kind == "VIEW"
            ),
        ]

    def _made(self, name: str, given: str, sql: str, comment: str) -> list[str]:
        create = {
            "VIEW": f"CREATE VIEW {name} AS {sql}",
            "MACRO TABLE": f"CREATE MACRO {name}({given}) AS TABLE {sql}",
            "MACRO": f"CREATE MACRO {name}({given}) AS ({sql})",
        }
        return [create[self.kind], f"COMMENT ON {self.kind} {name} IS {literal(comment)}"]


@cache
def views() -> dict[str, View]:
    """Every view by name, each after those that it reads.

    Raises:
        TypeError: a file declares what is not known, or leaves out what must be there.
        KeyError: a column has no value, and is not in columns.yaml.
    """
    shared = msgspec.yaml.decode((FOLDER / "columns.yaml").read_bytes())
    read = {path.stem: _read(path, shared) for path in sorted(FOLDER.glob("*.sql"))}
    order = TopologicalSorter({name: sorted(view.reads & read.keys()) for name, view in read.items()})
    return {name: read[name] for name in order.static_order()}


def digest() -> str:
    """Digest of all that the views are made from."""
    made_from = [Path(__file__), Path(macros.__file__), FOLDER / "columns.yaml", *sorted(FOLDER.rglob("*.sql"))]
    content = b"\0".join((*(path.read_bytes() for path in made_from), *map(str.encode, index.macros())))
    return hashlib.sha256(content).hexdigest()[:16]


def create(connection: DuckDBPyConnection) -> None:
    """Makes every view and macro anew, those of tables and of search too, in place of all that are there.

    Args:
        connection: the warehouse, with its tables, as the current database.
    """
    here = "NOT internal AND database_name = current_database()"
    left = connection.execute(
        f"SELECT 'VIEW', view_name FROM duckdb_views() WHERE {here} AND schema_name = 'main' UNION ALL "
        "SELECT CASE function_type WHEN 'macro' THEN 'MACRO' ELSE 'MACRO TABLE' END, function_name "
        f"FROM duckdb_functions() WHERE {here} AND schema_name = 'main'"
    ).fetchall()
    for kind, name in left:
        connection.execute(f'DROP {kind} main."{name}"')
    connection.execute("DROP SCHEMA IF EXISTS fr CASCADE")
    connection.execute(";\n".join(anew()))  # one by one takes a third longer


def anew() -> tuple[str, ...]:
    """What a file without views and macros, and without the schema `fr`, is given."""
    return ("CREATE SCHEMA fr", *statements())


def statements() -> tuple[str, ...]:
    """DDL of every view and macro, those of tables and of search too, each after those that it reads."""
    declared = (statement for view in views().values() for statement in view.statements())
    return _standalone((*declared, *french.views(), *index.macros()))


@cache
def _standalone(statements: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(macros.standalone(statements))


def _read(path: Path, shared: dict[str, dict[str, str]]) -> View:
    declared = _declared(path.name, path.read_text("utf-8"))
    if "template" in declared:
        template = FOLDER / "templates" / f"{declared.pop('template')}.sql"
        text = template.read_text("utf-8").replace("{view}", path.stem)
        declared |= _declared(template.name, text.replace("{column}", declared.pop("column")))
    for part in ("parameters", "columns"):
        declared[part] = tuple(
            Column(name, **(column or shared[name])) for name, column in declared.get(part, {}).items()
        )
    return View(path.stem, **declared)


def _declared(name: str, text: str) -> dict[str, Any]:
    """What a file says of its view, its SELECT as `sql`."""
    matched = _FILE.fullmatch(text)
    if matched is None:
        raise TypeError(f"{name} does not begin with a comment that declares it")
    return {**msgspec.yaml.decode(matched[1]), "sql": matched[2].strip()}
