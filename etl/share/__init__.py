"""Releases laid at an address, from which DuckDB reads them: a folder that a web server serves, or a bucket."""
