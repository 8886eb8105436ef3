"""The lake: Parquet, one dataset a table, in chunks that markers name."""
