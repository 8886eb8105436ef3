"""Macros that work wherever the release is attached.

DuckDB looks up what a macro reads in the catalogue of whoever calls it: after `ATTACH … AS anq`, `anq.overdue(…)` would
look for `main.questions` in the caller's own database. A view is looked up in its own catalogue, and has no need of
this. So a macro is made anew when it is created: calls of other macros become what these are, and each table is read by
`query_table`, under the name that the release has there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from etl.schema.sql import literal

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

CATALOGUE = "anq"
#: The catalogue of the release: the current one if its name is one that releases have, else `anq`. `current` is what
#: clients that do not follow the link call it; `anq serve` numbers the releases that it has attached.
_HERE = (
    f"CASE WHEN regexp_full_match(current_database(), 'current|{CATALOGUE}_[0-9]+') THEN current_database() "
    f"ELSE '{CATALOGUE}' END"
)
_MACRO = re.compile(r"CREATE (?:OR REPLACE )?MACRO (\w+\.\w+)\((.*?)\) AS( TABLE)?\s+(.*)", re.DOTALL)
#: Before the parameter of a lambda: json_deserialize_sql writes `x -> …`, of which the shell warns that it will go.
_LAMBDA = "lambda"
_Tree = dict[str, Any]


class _Macro(NamedTuple):
    """A macro that calls may be replaced by.

    Attributes:
        parameters: by name, the default; None when there is none.
        body: its SELECT or, when it is no table macro, its expression; parsed.
        is_table: whether it is a table macro.
    """

    parameters: dict[str, _Tree | None]
    body: _Tree
    is_table: bool


def reading(table: str) -> str:
    """A table of the release, as it stands after FROM in a macro: `main.questions`."""
    return f"query_table({_HERE} || {literal(f'.{table}')})"


def standalone(statements: Iterable[str]) -> Iterator[str]:
    """Statements, each CREATE MACRO among them so that the macro works in any catalogue.

    Args:
        statements: DDL; a macro comes after those that it calls, and names them and tables with their schema.
    """
    import duckdb

    macros: dict[str, _Macro] = {}
    with duckdb.connect() as parser:
        for statement in statements:
            matched = _MACRO.fullmatch(statement.strip().removesuffix(";"))
            if matched is None:
                yield statement
                continue
            name, given, table, body = matched.groups()
            tree = _expanded(_parsed(parser, body if table else f"SELECT {body}"), macros, parser)
            body = tree["node"] if table else tree["node"]["select_list"][0]
            macros[name] = _Macro(dict(_parameters(parser, given)), body, is_table=bool(table))
            text = _text(parser, tree)
            yield f"CREATE OR REPLACE MACRO {name}({given}) AS " + (
                f"TABLE {text}" if table else f"({text.removeprefix('SELECT ')})"
            )


def _parameters(parser: DuckDBPyConnection, given: str) -> Iterator[tuple[str, _Tree | None]]:
    for parameter in filter(None, given.split(", ")):
        name, _, default = parameter.partition(" := ")
        yield name, _parsed(parser, f"SELECT {default}")["node"]["select_list"][0] if default else None


def _parsed(parser: DuckDBPyConnection, query: str) -> _Tree:
    [(text,)] = parser.execute(f"SELECT json_serialize_sql({literal(query)}::VARCHAR)").fetchall()
    answer = msgspec.json.decode(text)
    if answer["error"]:
        raise ValueError(f"{answer['error_message']}: {query}")
    tree: _Tree = answer["statements"][0]
    return tree


def _text(parser: DuckDBPyConnection, tree: _Tree) -> str:
    whole = msgspec.json.encode({"error": False, "statements": [tree]}).decode()
    [(text,)] = parser.execute(f"SELECT json_deserialize_sql({literal(whole)}::JSON)").fetchall()
    return re.sub(rf'"{_LAMBDA} (\w+)" ->', r"lambda \1:", text)


def _expanded(part: Any, macros: Mapping[str, _Macro], parser: DuckDBPyConnection) -> Any:  # noqa: ANN401
    """The parsed query with the calls of macros replaced, and tables read wherever the release is."""
    if isinstance(part, list):
        return [_expanded(item, macros, parser) for item in part]
    if not isinstance(part, dict):
        return part
    part = {name: _expanded(value, macros, parser) for name, value in part.items()}
    match part.get("type"):
        case "LAMBDA":
            [parameter] = part["lhs"]["column_names"]
            return part | {"lhs": part["lhs"] | {"column_names": [f"{_LAMBDA} {parameter}"]}}
        case "BASE_TABLE" if part["schema_name"]:
            name = f"{part['schema_name']}.{part['table_name']}"
            read = _parsed(parser, f"FROM {reading(name)}")["node"]["from_table"]
            return read | {"alias": part["alias"] or part["table_name"]}
    return _called(part, macros, parser)


def _called(part: _Tree, macros: Mapping[str, _Macro], parser: DuckDBPyConnection) -> _Tree:
    """What stands in place of a part that calls a macro; the part itself if it calls none."""
    call = part["function"] if part.get("type") == "TABLE_FUNCTION" else part
    macro = macros.get(f"{call['schema']}.{call['function_name']}") if call.get("class") == "FUNCTION" else None
    if macro is None or (macro.is_table and call is part):  # of a table macro's call, the part around it is replaced
        return part
    body = _with_arguments(macro, call)
    if not macro.is_table:
        return body | {"alias": part["alias"]}
    subquery: _Tree = _parsed(parser, "FROM (SELECT 1)")["node"]["from_table"]
    query = {"node": body, "named_param_map": []}
    return subquery | {"alias": part["alias"] or call["function_name"], "subquery": query}


def _with_arguments(macro: _Macro, call: _Tree) -> _Tree:
    """What a call of a macro stands for."""
    values = dict(macro.parameters)
    positional = iter(values)
    for argument in call["children"]:
        name = argument["alias"] if argument["alias"] in values else next(positional)
        values[name] = argument | {"alias": ""}
    given = {name: value for name, value in values.items() if value is not None}
    if len(given) < len(values):
        raise ValueError(f"{call['function_name']} is called without {', '.join(values.keys() - given.keys())}")
    tree: _Tree = _replaced(macro.body, given)
    return tree


def _replaced(part: Any, values: Mapping[str, _Tree]) -> Any:  # noqa: ANN401
    """A body with the values in place of its parameters."""
    if isinstance(part, list):
        return [_replaced(item, values) for item in part]
    if not isinstance(part, dict):
        return part
    if part.get("class") == "COLUMN_REF" and len(part["column_names"]) == 1 and part["column_names"][0] in values:
        return values[part["column_names"][0]] | {"alias": part["alias"]}
    return {name: _replaced(value, values) for name, value in part.items()}
