"""Full-text search: French words, the index of a chunk, the index of a release, and queries."""
