"""The pandas script: `python -m benchmarks.with_pandas SITE HOME`, an upsert of a data frame an archive."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import duckdb
import pandas as pd

from benchmarks.archives import KEY, questions, unseen

_KEY = "legislature SMALLINT, question_type VARCHAR, question_number INTEGER"
TABLES = {
    "questions": (
        [*KEY],
        f"{_KEY}, uid VARCHAR, deputy_id VARCHAR, mandate_id VARCHAR, group_id VARCHAR, group_abbr VARCHAR, "
        "group_name VARCHAR, ministry_asked_id VARCHAR, ministry_asked VARCHAR, ministry_asked_name VARCHAR, "
        "ministry_id VARCHAR, ministry VARCHAR, ministry_name VARCHAR, rubrique VARCHAR, tete_analyse VARCHAR, "
        "analyses VARCHAR, question_date DATE, question_page INTEGER, question_text VARCHAR, answer_date DATE, "
        "answer_page INTEGER, answer_text VARCHAR, signalled_on DATE, renewed_on DATE, closure_code VARCHAR, "
        "closure_label VARCHAR, closed_on DATE",
    ),
    "attributions": (
        [*KEY, "rank"],
        f"{_KEY}, rank SMALLINT, ministry_id VARCHAR, ministry VARCHAR, ministry_name VARCHAR, jo_type VARCHAR, "
        "jo_date DATE",
    ),
}


def main(site: Path, home: Path) -> None:
    """Load what is new."""
    notes = home / "seen.json"
    seen = json.loads(notes.read_text()) if notes.exists() else {}
    with duckdb.connect(str(home / "peer.duckdb")) as connection:
        for name, (key, columns) in TABLES.items():
            connection.execute(f"CREATE TABLE IF NOT EXISTS {name} ({columns}, PRIMARY KEY ({', '.join(key)}))")
        for path in unseen(site, seen):
            records = list(questions(path))
            _upsert(connection, "questions", pd.DataFrame([question for question, _ in records]))
            _upsert(connection, "attributions", pd.DataFrame([row for _, rows in records for row in rows]))
    notes.write_text(json.dumps(seen))


def _upsert(connection: duckdb.DuckDBPyConnection, table: str, frame: pd.DataFrame) -> None:
    frame = frame.drop_duplicates(TABLES[table][0], keep="last")
    connection.register("frame", frame)
    connection.execute(f"INSERT OR REPLACE INTO {table} BY NAME SELECT * FROM frame")
    connection.unregister("frame")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
