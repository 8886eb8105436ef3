"""What ten usual queries read of a release over HTTP: `python -m benchmarks.remote HOME`, of any size.

Each is asked by a DuckDB that has just attached the file, and then once more by the same.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import duckdb

from benchmarks.range_server import Server, serving
from etl.warehouse import extensions
from etl.warehouse.release import current_path

DAY = "DATE '2026-09-01'"
QUERIES = {
    "how many, by legislature and type": "SELECT legislature, question_type, count(*) FROM anq.questions GROUP BY ALL",
    "a question with its texts, by its key": """
        FROM anq.questions WHERE legislature = 17 AND question_type = 'QE' AND question_number = 100""",
    "delays by ministry": f"FROM anq.response_delays({DAY})",
    "what is overdue, by ministry": f"SELECT ministry, count(*) FROM anq.overdue({DAY}) GROUP BY ALL",
    "flows by month": "FROM anq.monthly_flows",
    "a deputy's questions": """
        SELECT uid, title, status FROM anq.questions WHERE deputy_id = (SELECT mode(deputy_id) FROM anq.questions)""",
    "headings of a year": """
        SELECT rubrique, count(*) FROM anq.questions WHERE year(question_date) = 2024 GROUP BY ALL""",
    "the last 20 answers, with their texts": """
        SELECT uid, title, answer_text FROM anq.questions WHERE answer_date IS NOT NULL
        ORDER BY answer_date DESC, uid LIMIT 20""",
    "search: two words": "SELECT uid, title FROM anq.search('retraites agricoles') JOIN anq.questions USING "
    "(legislature, question_type, question_number)",
    "a word in all answers, by LIKE": "SELECT count(*) FROM anq.questions WHERE answer_text LIKE '%agricole%'",
}


def main(home: str) -> None:
    """Prints a row a query: seconds, requests and megabytes, the first time and the second."""
    path = current_path(Path(home) / "warehouse").resolve()
    print(f"anq.duckdb has {path.stat().st_size / 1e6:,.0f} MB")
    print(f"{'':<40}{'s':>7}{'requests':>10}{'MB':>8}   then{'s':>7}{'requests':>10}{'MB':>8}")
    with serving(path.parent) as server:
        for name, query in {"attach alone": "SELECT 1", **QUERIES}.items():
            with duckdb.connect() as connection:
                extensions.load(connection, "httpfs")
                first = _asked(connection, server, f"ATTACH '{server.url}/{path.name}' AS anq (READ_ONLY); {query}")
                print(f"{name:<40}{first}       {_asked(connection, server, query)}")


def _asked(connection: duckdb.DuckDBPyConnection, server: Server, query: str) -> str:
    started = time.perf_counter()
    connection.execute(query).fetchall()
    seconds = time.perf_counter() - started
    requests, sent = server.sent()
    return f"{seconds:>7.2f}{requests:>10,}{sent / 1e6:>8.1f}"


if __name__ == "__main__":
    main(sys.argv[1])
