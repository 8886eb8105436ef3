"""What `anq prune` noted in raw/pruned.jsonl."""

from __future__ import annotations

import msgspec

from etl.fetch import manifest
from etl.fetch.pruned import Pruned
from etl.settings import Settings


def pruned(settings: Settings) -> set[str]:
    """The SHA-256 of the raw files that were pruned and did not come again: they need not be there."""
    path = settings.raw / "pruned.jsonl"
    lines = path.read_bytes().splitlines() if path.exists() else []
    gone = {row.sha256: row.pruned_at for row in (msgspec.json.decode(line, type=Pruned) for line in lines)}
    came = {row.sha256: row.fetched_at for row in manifest.rows(settings)}  # the last time counts
    return {sha256 for sha256, at in gone.items() if sha256 not in came or came[sha256] <= at}
