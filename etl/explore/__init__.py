"""The explorer: the current release as web pages, in French."""
