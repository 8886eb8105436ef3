"""A partition's Parquet files as DuckDB views, in a file that Great Expectations then opens read-only."""

from __future__ import annotations

from pathlib import Path

import duckdb

from etl.check.messages import CheckJob
from etl.errors import AnqError
from etl.schema import Table, tables

_TAG = (
    r"</?(?:[abiuABIU]|(?i:blockquote|body|br|center|div|em|font|h[1-6]|html|img|li|ol|p|span|strong|sub|sup|table|tbody|td|th"
    r"|thead|tr|ul))(?:\s[^<>]*)?/?>|<!--"
)
_ENTITY = r"&(?:[A-Za-z]{2,8}[0-9]{0,2}|#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6});"
_MOJIBAKE = r"\x{FFFD}|\x{C3}[\x{80}-\x{BF}]|\x{E2}\x{20AC}"

CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "memory_limit": "200MB",
    "threads": 2,
    "enable_external_file_cache": False,
}


def database(job: CheckJob, folder: Path) -> Path:
    """Make the file: one view a table, and `texts`.

    `texts` holds what rules ask of the long texts, so that these are read once: per question the length of each text in
    characters (NULL when there is none), the first HTML tag or entity left in it, and the first sign of a wrong
    decoding.

    Raises:
        AnqError: a table that schemas/ does not declare, or a file that is no Parquet.
    """
    path = folder / "partition.duckdb"
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path), config=CONFIG | {"temp_directory": str(folder)}) as connection:
        for name, files in job.files.items():
            declared = tables().get(name)
            if declared is None:
                raise AnqError(f"no table {name} in schemas/")
            try:
                connection.execute(f"CREATE VIEW {name} AS {_rows(declared, files)}")
            except duckdb.Error as error:
                raise AnqError(f"{name}: {error}") from error
        if "questions" in job.files:
            connection.execute(_texts())
    return path


def _rows(table: Table, files: list[str]) -> str:
    if not files:
        nothing = ", ".join(f"CAST(NULL AS {column.sql}) AS {column.name}" for column in table.lake_columns)
        return f"SELECT {nothing} WHERE false"
    paths = ", ".join("'" + path.replace("'", "''") + "'" for path in files)
    return f"SELECT * FROM read_parquet([{paths}], hive_partitioning = false)"


def _texts() -> str:
    return (
        "CREATE TABLE texts AS SELECT question_number, "
        + ", ".join(_of_text(side, f"{side}_text") for side in ("question", "answer"))
        + " FROM questions"
    )


def _of_text(side: str, text: str) -> str:
    # `contains` is many times faster than a regex, and sends few texts to it
    return (
        f"CASE WHEN regexp_matches({text}, '\\S') THEN length({text}) END AS {side}_length, "
        f"coalesce(CASE WHEN contains({text}, '<') THEN {_found(text, _TAG)} END, "
        f"CASE WHEN contains({text}, '&') THEN {_found(text, _ENTITY)} END) AS {side}_markup, "
        f"CASE WHEN contains({text}, '\ufffd') OR contains({text}, '\u00c3') OR contains({text}, '\u00e2\u20ac') "
        f"THEN {_found(text, _MOJIBAKE)} END AS {side}_mojibake"
    )


def _found(text: str, pattern: str) -> str:
    return f"nullif(regexp_extract({text}, '{pattern}'), '')"
