"""A text's passages, by which texts that say the same are known: what stands between two punctuation marks."""

from __future__ import annotations

import re
from hashlib import blake2b

SHORTEST = 40  # characters: less is a turn of phrase, not a passage
_MARKS = re.compile(r"[^\w' -]+")
_LENGTH = 10  # bits


def passages(text: str) -> list[int]:
    """A number for each passage, in order and each once: 53 bits of its hash, then its length in 10, 1,023 at most.

    Letters count without case, and spaces, signs and punctuation not at all.

    Args:
        text: Markdown.
    """
    distinct = dict.fromkeys(
        passage for piece in _MARKS.split(text.replace("’", "'").lower()) if len(passage := piece.strip()) >= SHORTEST
    )
    return [_hash(passage) << _LENGTH | min(len(passage), (1 << _LENGTH) - 1) for passage in distinct]


def _hash(passage: str) -> int:
    return int.from_bytes(blake2b(passage.encode(), digest_size=8).digest(), "big") >> 11
