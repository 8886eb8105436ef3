"""What a client of `anq serve` may ask: one SELECT on the release's tables, views and macros, with pure functions.

DuckDB itself parses the query, and each part of the parsed tree has to be on a list; the text is not searched. What
is on no list is refused: so is a table function, statement or expression that a later DuckDB brings, until it is added.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from typing import TYPE_CHECKING, Any, Self

import msgspec

from etl.warehouse.macros import reading

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: Kinds of node, table reference, modifier, order and expression that are safe whatever they hold.
_KINDS = _words("""
    SELECT_NODE SET_OPERATION_NODE RECURSIVE_CTE_NODE CTE_NODE EMPTY EXPRESSION_LIST JOIN SUBQUERY PIVOT LIMIT_MODIFIER
    LIMIT_PERCENT_MODIFIER ORDER_MODIFIER DISTINCT_MODIFIER ORDER_DEFAULT ASCENDING DESCENDING BETWEEN CASE CAST COLLATE
    COLUMN_REF COMPARISON CONJUNCTION LAMBDA OPERATOR POSITIONAL_REFERENCE STAR WINDOW
""")
#: DuckDB's own views and functions, beside information_schema, that describe the release and not the server.
_SYSTEM_VIEWS = _words("duckdb_tables duckdb_columns duckdb_views duckdb_schemas duckdb_constraints")
_TABLE_FUNCTIONS = _SYSTEM_VIEWS | _words("duckdb_functions range generate_series unnest json_each json_tree")
_SHOWN = frozenset(("", '"tables"', '"schemas"', "__show_tables_expanded"))
#: Scalar functions that are not pure, and may be called.
_IMPURE = _words("""
    now today current_date get_current_time get_current_timestamp transaction_timestamp current_database current_schema
    current_schemas random uuid gen_random_uuid error unnest
""")
#: DuckDB calls these pure; they read the server's settings and variables.
_SETTINGS = _words("current_setting getvariable")
_PURE = """
    SELECT DISTINCT lower(function_name) FROM duckdb_functions()
    WHERE function_type IN ('scalar', 'aggregate') AND stability = 'CONSISTENT'
"""
_RELATIONS = """
    SELECT schema_name, table_name FROM duckdb_tables() WHERE NOT internal
    UNION ALL SELECT schema_name, view_name FROM duckdb_views() WHERE NOT internal OR schema_name = 'information_schema'
"""
_INTERNAL = "SELECT lower(view_name) FROM duckdb_views() WHERE internal"
_MACROS = """
    SELECT lower(function_name), CASE function_type WHEN 'macro' THEN 'SELECT ' ELSE '' END || macro_definition
    FROM duckdb_functions()
    WHERE function_type IN ('macro', 'table_macro') AND database_name IN (current_database(), 'system')
"""
_EXPLAIN = re.compile(r"\s*(EXPLAIN\s+(?:ANALYZE\s+)?)(.*)", re.DOTALL | re.IGNORECASE)
_NAME = re.compile(r"[^\W\d]\w*")


class Refused(Exception):
    """A query asks for something that it may not have."""


class Guard:
    """The lists of one release.

    Attributes:
        database: the name that it is attached by.
    """

    def __init__(
        self,
        parser: DuckDBPyConnection,
        database: str,
        functions: Set[str],
        relations: Set[tuple[str, str]],
        internal: Set[str],
        macros: Mapping[str, Sequence[str]],
    ) -> None:
        """Holds the lists, as `of` reads them: functions, tables and views, DuckDB's own views, macros' definitions."""
        self.database = database
        self._parser, self._functions, self._relations, self._internal = parser, functions, relations, internal
        self._macros = macros
        self._own_tables: list[object] = []
        self._good_macros: dict[str, bool] = {}

    @classmethod
    def of(cls, release: DuckDBPyConnection) -> Self:
        """Reads a release's names.

        Args:
            release: a connection whose current database is the release.
        """
        import duckdb

        parser = duckdb.connect()  # of its own: it has DuckDB's functions, and none that the server adds
        [(database,)] = release.execute("SELECT lower(current_database())").fetchall()
        macros: dict[str, list[str]] = {}
        for name, definition in release.execute(_MACROS).fetchall():
            macros.setdefault(name, []).append(definition)
        guard = cls(
            parser,
            database,
            {name for (name,) in parser.execute(_PURE).fetchall()} - _SETTINGS | _IMPURE,
            {(schema.lower(), name.lower()) for schema, name in release.execute(_RELATIONS).fetchall()},
            {name for (name,) in release.execute(_INTERNAL).fetchall()},
            macros,
        )
        guard._own_tables = [
            _without_places(guard._parse(f"FROM {reading(f'{schema}.{name}')}")["node"]["from_table"]["function"])
            for schema, name in guard._relations
        ]
        for name in macros:  # now, by one thread: queries come by several
            guard._good_macro(name)
        return guard

    def check(self, query: str) -> None:
        """Lets a query pass.

        Raises:
            Refused: it is no SELECT (or EXPLAIN of one), or wants something that is on no list.
        """
        explained = _EXPLAIN.fullmatch(query)
        try:
            tree = self._parse(explained[2] if explained else query)
            self._walk(tree, self._named(tree))
        except RecursionError:
            raise Refused("the query is nested too deeply") from None

    def _parse(self, query: str) -> dict[str, Any]:
        [(text,)] = self._parser.cursor().execute("SELECT json_serialize_sql(?::VARCHAR)", [query]).fetchall()
        parsed = msgspec.json.decode(text)
        if parsed["error"]:
            raise Refused(f"only SELECT can be asked ({parsed['error_message']})")
        if len(parsed["statements"]) != 1:
            raise Refused("one statement at a time")
        tree: dict[str, Any] = parsed["statements"][0]
        return tree

    def _walk(self, part: object, ctes: frozenset[str]) -> None:
        if isinstance(part, list):
            for item in part:
                self._walk(item, ctes)
        if not isinstance(part, dict):
            return
        kind = part.get("class") or part.get("type")
        if kind == "CONSTANT":
            return
        if kind == "BASE_TABLE":
            self._table(part, ctes)
        elif kind == "TABLE_FUNCTION":
            self._table_function(part["function"], ctes)
            return
        elif kind == "FUNCTION" or part.get("type") == "WINDOW_AGGREGATE":
            self._function(part["function_name"], self._functions)
        elif kind == "SHOW_REF":
            if part["table_name"] not in _SHOWN:
                raise Refused(f"SHOW {part['table_name']} is not allowed")
        elif isinstance(kind, str) and kind not in _KINDS:
            raise Refused(f"{kind} is not allowed")
        for name, value in part.items():
            if name != "cast_type":
                self._walk(value, ctes)

    def _table(self, part: dict[str, Any], ctes: frozenset[str]) -> None:
        catalog, schema, name = (part[f"{level}_name"].lower() for level in ("catalog", "schema", "table"))
        if not catalog and schema == self.database:
            catalog, schema = schema, "main"
        known = (schema or "main", name) in self._relations
        own = schema in ("", "recurring") and (name in ctes or name in _SYSTEM_VIEWS)
        if not (known or own) or catalog not in ("", self.database):
            raise Refused(f"{part['table_name']} is no table or view of the warehouse")

    def _table_function(self, call: dict[str, Any], ctes: frozenset[str]) -> None:
        if _without_places(call) not in self._own_tables:  # as the release's macros read its tables
            self._function(call["function_name"], _TABLE_FUNCTIONS)
            self._walk(list(call.values()), ctes)

    def _function(self, name: str, allowed: Set[str]) -> None:
        name = name.lower()
        if name not in allowed and not self._good_macro(name):
            raise Refused(f"{name}() cannot be called here")

    def _good_macro(self, name: str) -> bool:
        """Whether all that a macro is made of may be asked; one that calls itself may not."""
        if name not in self._good_macros:
            self._good_macros[name] = False
            self._good_macros[name] = name in self._macros and all(map(self._passes, self._macros[name]))
        return self._good_macros[name]

    def _passes(self, query: str) -> bool:
        try:
            self.check(query)
        except Refused:
            return False
        return True

    def _named(self, tree: object) -> frozenset[str]:
        """The names of common tables; one that could stand for a file, or hide a view of DuckDB's, is refused."""
        names = frozenset(_ctes(tree))
        for name in names:
            if not _NAME.fullmatch(name) or name in self._internal:
                raise Refused(f"a common table cannot be named {name}")
        return names


def _without_places(part: Any) -> Any:  # noqa: ANN401
    """A parsed part without where in the query it stands."""
    if isinstance(part, list):
        return [_without_places(item) for item in part]
    if isinstance(part, dict):
        return {name: _without_places(value) for name, value in part.items() if name != "query_location"}
    return part


def _ctes(part: object) -> Iterator[str]:
    """The names of all common tables in a query."""
    if isinstance(part, dict):
        if isinstance(part.get("cte_map"), dict):
            yield from (cte["key"].lower() for cte in part["cte_map"]["map"])
        for value in part.values():
            yield from _ctes(value)
    elif isinstance(part, list):
        for value in part:
            yield from _ctes(value)
