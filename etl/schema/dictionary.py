"""The data dictionary, made from schemas/."""

from __future__ import annotations

from etl.schema.model import LICENCE, released


def dictionary() -> str:
    """The data dictionary, Markdown: every table and column, in English and in French."""
    lines = [
        "# Data dictionary",
        "",
        "Made by `make docs` from schemas/; do not edit.",
        "",
        f"Data: {LICENCE}.",
        "",
    ]
    for table in released():
        key = ", ".join(table.primary_key) or "none"
        lines += [
            f"## {table.full_name}",
            "",
            table.description,
            "",
            f"*{table.description_fr}*",
            "",
            f"Primary key: {key}. In French: `fr.{table.name_fr}`.",
            "",
            "| column | in `fr` | type | since | description | description (français) | source |",
            "|---|---|---|---|---|---|---|",
        ]
        for column in table.columns:
            cells = (
                f"`{column.name}`",
                f"`{column.name_fr}`",
                column.sql,
                str(column.since),
                column.description,
                column.description_fr,
                f"`{column.source}`",
            )
            lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
        lines.append("")
    return "\n".join(lines)
