"""How fast and how big: anq beside other ways from the same archives to a keyed DuckDB table."""
