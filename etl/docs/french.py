"""The French pages that are made: the dictionary and the views, under the names of the schema `fr`."""

from __future__ import annotations

import io
import re
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING

from etl.schema import LICENCE, released, tables
from etl.schema.french import in_french
from etl.warehouse.query import connect
from etl.warehouse.views import Column, View, views

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_KINDS = {
    "VIEW": "une vue",
    "MACRO TABLE": "une vue paramétrée (macro de table)",
    "MACRO": "une fonction",
}
#: What the examples call their columns, where it is no column's name.
ALIASES = {
    "after": "apres",
    "before": "avant",
    "day_after": "lendemain",
    "day_before": "veille",
    "due": "echeance",
    "due_day": "jour_echeance",
    "first": "premier",
    "found": "retrouvees",
    "known": "connu",
    "last": "dernier",
    "reminders": "rappels",
    "since": "depuis",
    "that_day": "jour_meme",
    "were_answered": "avaient_une_reponse",
    "corrected": "corriges",
    "errata": "errata",
    "max_days": "delai_max_jours",
    "min_days": "delai_min_jours",
    "year": "annee",
}
_WORD = re.compile(r"'(?:[^']|'')*'|\b[a-z][a-z_0-9]*\b")


def dictionary() -> str:
    """docs/fr/dictionnaire.md: every table and column of `fr`."""
    lines = [
        "# Dictionnaire des données",
        "",
        "Écrit par `make docs` à partir de `schemas/` ; ne pas modifier. La [page anglaise](../dictionary.md) donne",
        "aussi le nom anglais de chaque colonne et le chemin dans la source. « Depuis » est la première législature où",
        "la colonne existe.",
        "",
        f"Données : {LICENCE}.",
        "",
    ]
    for table in released():
        french = {column.name: column.name_fr for column in table.columns}
        key = ", ".join(f"`{french[name]}`" for name in table.primary_key) or "aucune"
        lines += [
            f"## fr.{table.name_fr}",
            "",
            in_french(table.description_fr),
            "",
            f"Clé primaire : {key}. En anglais : `{table.full_name}`.",
            "",
            "| colonne | type | depuis | description |",
            "|---|---|---|---|",
            *(
                f"| `{column.name_fr}` | {column.sql} | {column.since} | {_cell(in_french(column.description_fr))} |"
                for column in table.columns
            ),
            "",
        ]
    return "\n".join(lines)


def views_page(warehouse: Path) -> str:
    """docs/fr/vues.md: each view of `fr`, with its example and the answer on a warehouse of the sample."""
    lines = [
        "# Vues",
        "",
        "Écrit par `make docs` à partir de `etl/warehouse/views/` ; ne pas modifier. Les réponses montrées sont celles",
        "de l'échantillon, qui est inventé. [Comment les chiffres sont définis](chiffres.md) en donne les règles.",
        "",
        f"Données : {LICENCE}.",
        "",
        "| vue | répond à |",
        "|---|---|",
        *(f"| [`fr.{call(view)}`](#fr{view.name_fr}) | {view.question_fr} |" for view in views().values()),
        "",
    ]
    with connect(warehouse) as connection:
        for view in views().values():
            lines += [*_section(view), *answered(connection, example(view))]
    return "\n".join(lines)


def answered(connection: DuckDBPyConnection, query: str) -> list[str]:
    """A query and its answer, as Markdown, in either language."""
    with redirect_stdout(io.StringIO()) as answer:
        connection.sql(query).show(max_rows=1_000, max_width=160)
    return ["```sql", query, "```", "", "```text", answer.getvalue().strip(), "```", ""]


def example(view: View) -> str:
    """A view's example under French names: views, tables, columns and aliases; what is between quotes stays."""
    columns = dict(ALIASES)
    if not view.returns:
        columns |= {column.name: column.fr for other in views().values() for column in other.columns}
    for table in tables().values():
        if re.search(rf"\bFROM {table.name}\b", view.example):
            columns |= {column.name: column.name_fr for column in table.columns}
    columns |= {column.name: column.fr for column in (*view.parameters, *view.columns)}
    called = {name: f"fr.{other.name_fr}" for name, other in views().items()}
    read = called | {table.name: f"fr.{table.name_fr}" for table in tables().values()}

    def french(match: re.Match[str]) -> str:
        word, before, after = match[0], view.example[: match.start()], view.example[match.end() :]
        if before.endswith("FROM "):
            return read.get(word, word)
        if after.startswith("("):
            return called.get(word, word)
        return columns.get(word, word)

    return _WORD.sub(french, view.example).strip()


def call(view: View) -> str:
    """As one writes it, after `fr.`: `en_retard(au)`."""
    return view.name_fr + (f"({', '.join(parameter.fr for parameter in view.parameters)})" if view.parameters else "")


def _section(view: View) -> list[str]:
    lines = [
        f"## fr.{view.name_fr}",
        "",
        f"{view.question_fr} `fr.{call(view)}` est {_KINDS[view.kind]}. En anglais : `{view.name}`.",
        "",
    ]
    for title, columns in (("paramètre", view.parameters), ("colonne", view.columns)):
        if columns:
            lines += [f"| {title} | type | description |", "|---|---|---|", *(_row(column) for column in columns), ""]
    return lines


def _row(column: Column) -> str:
    return f"| `{column.fr}` | {column.type} | {_cell(in_french(column.description_fr))} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
