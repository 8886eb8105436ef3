"""The lake's rows as DuckDB releases; nothing here knows a source."""
