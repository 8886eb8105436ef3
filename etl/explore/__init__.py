"""The explorer: a marimo app on the current release, in French."""
