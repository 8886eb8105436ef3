"""What a client of `anq serve` may ask, by the guard alone: the lists let an analyst's SQL through, and nothing else."""

from __future__ import annotations

import duckdb
import pytest

from etl.schema import tables
from etl.schema.ddl import ddl
from etl.schema.french import views as french
from etl.serve.guard import Guard, Refused

ALLOWED = [
    "SELECT ministry, count(*) FILTER (status = 'pending') AS waiting FROM questions GROUP BY ALL ORDER BY waiting DESC LIMIT 3",
    "SELECT legislature, median(answer_date - question_date), quantile_cont(question_number, 0.9) FROM main.questions GROUP BY 1",
    "FROM anq.main.questions AS q JOIN ops.runs ON true ASOF JOIN legislatures AS l ON q.question_date >= l.opened_on",
    "SELECT numero, ministere_attributaire FROM fr.questions WHERE titre ILIKE '%eau%' OR titre ~ 'a|b'",
    "WITH one AS (FROM questions), two AS MATERIALIZED (SELECT * FROM one) SELECT count(*) FROM two WHERE EXISTS (FROM one)",
    "WITH RECURSIVE c AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM c WHERE n < 5) SELECT max(n) FROM c",
    "SELECT row_number() OVER w, lag(uid) OVER w, sum(question_number) OVER w FROM questions WINDOW w AS (ORDER BY uid)",
    "SELECT uid FROM questions QUALIFY rank() OVER (PARTITION BY legislature ORDER BY uid) = 1",
    "SELECT term, count(*) FROM questions, unnest(analyses) AS one(term) GROUP BY term",
    "SELECT unnest(analyses), [upper(a) FOR a IN analyses], list_filter(analyses, lambda a: a > 'b'), analyses[1] FROM questions",
    "SELECT * EXCLUDE (uid) REPLACE (lower(title) AS title), COLUMNS('^q') FROM questions",
    "SELECT date_trunc('month', question_date), question_date + INTERVAL 2 MONTH, extract(year FROM question_date), "
    "coalesce(title, 'x') || nullif(title, ''), CASE WHEN true THEN 1 END, 1 BETWEEN 0 AND 2, strip_accents(title) FROM questions",
    "FROM range(3)",
    "VALUES (1), (2)",
    "PIVOT (FROM questions) ON status IN ('answered', 'pending') USING count(*)",
    "UNPIVOT (SELECT 1 AS a, 2 AS b) ON a, b",
    "SELECT 1 UNION ALL SELECT 2 EXCEPT SELECT 3",
    "SELECT count(*) FROM questions -- a comment; COPY\n ;",
    "/* COPY questions TO 'x' */ SELECT 'COPY; ATTACH ''x'''",
    "DESCRIBE questions",
    "SUMMARIZE legislatures",
    "SHOW TABLES",
    "SHOW ALL TABLES",
    "EXPLAIN SELECT count(*) FROM questions",
    "EXPLAIN ANALYZE SELECT count(*) FROM questions",
    "SELECT column_name, comment FROM duckdb_columns() WHERE table_name = 'questions'",
    "SELECT table_name FROM information_schema.tables",
    "FROM waiting(DATE '2026-09-01')",
    "SELECT days(DATE '2026-09-01')",
]  # fmt: skip
REFUSED = [
    # files, folders, the network
    "FROM read_text('/etc/hostname')", "FROM read_blob('/etc/hostname')", "FROM read_csv('/etc/passwd')", "FROM READ_CSV_AUTO('x')",
    "FROM read_json('x')", "FROM read_parquet('x')", "FROM parquet_metadata('x')", "FROM sniff_csv('x')", "FROM glob('/*')",
    "FROM read_duckdb('x')", "FROM '/etc/passwd.csv'", 'FROM "data.parquet"', "FROM 'https://example.org/x.parquet'",
    "DESCRIBE 'x.csv'", "SUMMARIZE 'x.csv'", "SELECT (SELECT content FROM read_text('/etc/hostname'))",
    "WITH x AS (FROM read_text('/etc/hostname')) FROM x", "SELECT 1 LIMIT (SELECT count(*) FROM glob('/*'))",
    "SELECT 1 ORDER BY (SELECT content FROM read_text('/etc/hostname'))", "FROM range((SELECT count(*) FROM glob('/*')))",
    "SELECT list_transform([1], lambda x: (SELECT count(*) FROM glob('/*')))", "FROM system.main.read_text('/etc/hostname')",
    "WITH \"/etc/passwd.csv\" AS (SELECT 1) FROM '/etc/passwd.csv'",
    "COPY questions TO '/tmp/x'", "COPY (SELECT 1) TO '/tmp/x'", "EXPORT DATABASE '/tmp/x'", "IMPORT DATABASE '/tmp/x'",
    # SQL in a text, another server
    "FROM query('SELECT 1')", "FROM query_table('questions')", "FROM json_execute_serialized_sql('{}')",
    "FROM quack_query('quack:localhost', 'SELECT 1')", "FROM quack_query_by_name('anq', 'SELECT 1')", "FROM x.query('SELECT 1')",
    # several statements, none, statements that are no SELECT, hidden ones
    "SELECT 1; COPY questions TO '/tmp/x'", "SELECT 1; SELECT 2", "", ";", "PREPARE p AS SELECT 1", "EXECUTE p", "SELECT $1",
    "/* SELECT */ COPY questions TO '/tmp/x'", "EXPLAIN COPY questions TO '/tmp/x'", "EXPLAIN ANALYZE COPY questions TO '/tmp/x'",
    "EXPLAIN ANALYZE SELECT content FROM read_text('/etc/hostname')", "BEGIN", "ATTACH 'x'", "DETACH anq", "USE system",
    "INSTALL httpfs", "LOAD httpfs", "SET threads = 1", "RESET threads", "SET VARIABLE x = 1", "PRAGMA version", "CALL pragma_version()",
    "CHECKPOINT", "VACUUM", "CREATE TEMP TABLE x (n INTEGER)", "CREATE MACRO x() AS 1", "CREATE SECRET (TYPE quack, TOKEN 'x')",
    "INSERT INTO questions FROM questions", "DELETE FROM questions", "DROP TABLE questions", "COMMENT ON TABLE questions IS 'x'",
    "SELECT * INTO x FROM questions", "SELEC 1",
    # the server's own
    "FROM duckdb_settings()", "FROM duckdb_secrets()", "FROM duckdb_databases()", "FROM duckdb_databases", "FROM duckdb_logs()",
    "FROM pg_settings", "FROM pg_catalog.pg_settings", "SHOW DATABASES", "SHOW VARIABLES", "FROM which_secret('x', 'y')",
    "SELECT current_setting('home_directory')", "SELECT getvariable('x')", "SELECT getenv('HOME')", "SELECT write_log('x')",
    "SELECT quack_check_token('a', 'b', 'c')", "SELECT anq_guard('a', 'b')", "SELECT sleep_ms(1000)", "SELECT pg_sleep(10)",
    "WITH duckdb_databases AS (SELECT path FROM duckdb_databases) FROM duckdb_databases", "FROM other.main.questions",
    "FROM enable_logging('Quack')", "FROM seq_scan('questions')", "FROM truncate_duckdb_logs()", "FROM test_all_types()",
    # macros that do such things; one that calls itself
    "FROM peek('/etc/hostname')", "SELECT setting('home_directory')",
    "SELECT " + "[" * 900 + "1" + "]" * 900,
]  # fmt: skip


@pytest.fixture(scope="module")
def release():
    with duckdb.connect() as connection:
        connection.execute("ATTACH ':memory:' AS anq; USE anq")
        for statement in (*ddl(), "CREATE SCHEMA fr", *french()):
            connection.execute(statement)
        connection.execute("CREATE MACRO waiting(day) AS TABLE FROM questions WHERE question_date < day")
        connection.execute("CREATE MACRO days(day) AS (SELECT max(day - question_date) FROM questions)")
        connection.execute("CREATE MACRO peek(path) AS TABLE FROM read_text(path)")
        connection.execute("CREATE MACRO setting(name) AS current_setting(name)")
        yield connection


@pytest.fixture(scope="module")
def guard(release):
    return Guard.of(release)


@pytest.mark.parametrize("query", ALLOWED)
def test_what_an_analyst_asks_passes(release, guard, query):
    guard.check(query)
    release.execute(query).fetchall()  # the case is one: DuckDB runs it


@pytest.mark.parametrize("query", REFUSED, ids=lambda query: query[:60])
def test_what_is_no_question_is_refused(guard, query):
    with pytest.raises(Refused):
        guard.check(query)


def test_every_table_and_view_may_be_read(release, guard):
    for schema, name in release.execute(
        "SELECT schema_name, table_name FROM duckdb_tables() UNION ALL "
        "SELECT schema_name, view_name FROM duckdb_views() WHERE NOT internal"
    ).fetchall():
        guard.check(f"FROM {schema}.{name}")
    assert len(tables()) > 10


def test_a_new_table_function_of_duckdb_is_refused_until_it_is_listed(release, guard):
    """Of all that this DuckDB has, the few that a release needs; the guard itself never lists what must not be."""
    names = release.execute(
        "SELECT DISTINCT function_name FROM duckdb_functions() WHERE function_type = 'table'"
    ).fetchall()
    passed = set()
    for (name,) in names:
        try:
            guard.check(f"FROM {name}()")
            passed.add(name)
        except Refused:
            pass
    assert passed == {"range", "generate_series", "unnest", "json_each", "json_tree", "duckdb_tables", "duckdb_columns",
                      "duckdb_views", "duckdb_schemas", "duckdb_constraints", "duckdb_functions"}  # fmt: skip
