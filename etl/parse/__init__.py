"""One module a source form: bytes in, `Record` out, strictly. Nothing here knows of HTTP, Parquet or DuckDB."""
